"""Figures that a layout tore from their places and set at the end of the line, or on a line of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import SIMPLE, Document
from ..finding import Finding

_AT_END = re.compile(r"(?<=[。；！？])\s*(\d{1,6}(?:\.\d+)?)\s*$")
_ALONE = re.compile(r"^\s*(\d{2,6}(?:[ 　]+\d{1,6})+)\s*$")


def find(document: Document) -> Iterator[Finding]:
    for report in document.reports:
        if report.number == 0:
            continue
        for _, line in report.lines(SIMPLE):
            for pattern, sub, note in (
                (_AT_END, "torn_out", "句号后面多出来的数字，是从句子里掉出来的"),
                (_ALONE, "torn_out", "这一行只有数字，是从别处掉出来的"),
            ):
                for match in pattern.finditer(line.text):
                    yield line.find("moved_figure", sub, *match.span(1), note, conf="m")
