"""Figures that a layout tore from their places and set at the end of the line, or on a line of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import SIMPLE, Document
from ..finding import Finding

_AT_END = re.compile(r"(?<=[。；！？])\s*(\d{1,6}(?:\.\d+)?)\s*$")
_ALONE = re.compile(r"^\s*(\d{2,6}(?:[ 　]+\d{1,6})+)\s*$")
_PLACES = (
    (_AT_END, "句号后面多出来的数字，是从句子里掉出来的"),
    (_ALONE, "这一行只有数字，是从别处掉出来的"),
)


def find(document: Document) -> Iterator[Finding]:
    for line in document.written_lines(SIMPLE):
        for pattern, note in _PLACES:
            for match in pattern.finditer(line.text):
                yield line.find("moved_figure", "torn_out", *match.span(1), note, conf="m")
