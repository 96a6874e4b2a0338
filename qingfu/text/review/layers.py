"""Raw text to a readable document: pinyin out, bytes repaired, characters simplified, cut into reports."""

from __future__ import annotations

from datetime import date

from .document import Document
from .reports import cut_into_reports


def read_document(text: str, *, file: str = "", on: date | None = None) -> Document:
    """``text`` with all layers and its reports."""
    document = Document(text, file=file, on=on)
    document.add_layer([])
    document.add_layer([])
    document.add_layer([])
    document.reports = cut_into_reports(document)
    return document
