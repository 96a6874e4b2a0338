"""Raw text to a readable document: pinyin out, bytes repaired, characters simplified, cut into reports."""

from __future__ import annotations

from datetime import date

from .damage import SURE, repairs
from .document import Document, Layer
from .offsets import Edit
from .pinyin import annotations
from .reports import cut_into_reports
from .script import as_in_print, simplifications


def read_document(text: str, *, file: str = "", on: date | None = None) -> Document:
    """``text`` with all layers and its reports."""
    document = Document(text, file=file, on=on)
    document.add_layer([Edit(*match.span(), "") for match in annotations(text)])
    document.damage = repairs(document.layers[-1].text)
    document.add_layer([Edit(*repair[:3]) for repair in document.damage if repair.confidence > SURE])
    document.add_layer(simplifications(document.layers[-1].text))
    simple = document.layers[-1]
    document.layers[-1] = Layer(as_in_print(simple.text), simple.below)
    document.reports = cut_into_reports(document)
    return document
