"""Readings in brackets behind everyday characters: 鄉(xiāng)鎮(zhèn)."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import RAW, Document, View
from ..finding import Finding
from ..pinyin import annotations


def find(document: Document) -> Iterator[Finding]:
    raw = document.raw
    whole = View(document, RAW, 0, len(raw))
    for match in annotations(raw):
        note = f"“{raw[match.start() - 1]}”后面夹着它的读音，应删去"
        yield whole.find("pinyin_annotation", "after_char", *match.span(), note, fix="", safe=True)
