"""Headings that stand on one line with the paragraph or the list below them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from ..document import Document, View
from ..finding import Finding
from ..signs import sign_of
from ..words import HAN, NUMERALS
from .numbering import line_marker

UPPER, LOWER = "一、", "（一）"
LONGEST_HEADING = 30  # characters, with its number
LEAST_GLUED = 45  # characters of a line that holds more than a heading
LEAST_BESIDE = 2  # headings with a line of their own, beside which one without is a slip
_ANY_HEADING = sign_of("、)）", rf"、(?:(?<=^[{NUMERALS}].)|(?<=^[{NUMERALS}]{{2}}.))|[)）](?<=^[（(][{NUMERALS}].)")
_STOPS = re.compile("[，。；：:,;]")
_LIST = re.compile(rf"[{HAN}”]{{1,{LONGEST_HEADING}}}?(?<!第)(?P<text>[（(][一1][)）]|1[.．、](?!\d))")
_SENTENCE = re.compile(
    r"^\s*[（(][一二三四五六七八九十]{1,2}[)）][^，。；：:]{4,36}?[，,]?[^，。；：:]{4,24}?"
    r"(?<![为于在对向到是给与由让将把从及和的以照盖实动进据过经])"  # 成为全县样板 goes on
    r"(?P<text>我[市县区镇乡校]|全[市县区镇乡校]|今年|近年来|年初以来)[^。]*。"
)


class _Heading(NamedTuple):
    """A line that begins as a heading does: its number ends at ``end``."""

    line: View
    style: str
    end: int

    @property
    def is_alone(self) -> bool:
        text = self.line.text.strip()
        return len(text) <= LONGEST_HEADING and not _STOPS.search(text[-1])


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        marked = [(line, line_marker(line.text)) for _, line in report.lines_with(_ANY_HEADING)]
        headings = [_Heading(line, at[0], at[3]) for line, at in marked if at and at[0] in (UPPER, LOWER)]
        told = [finding for heading in headings for finding in _begins_a_list_or_sentence(heading)]
        yield from told or _beside_others(headings)


def _begins_a_list_or_sentence(heading: _Heading) -> Iterator[Finding]:
    """What goes on behind a heading as only a list or a new sentence begins."""
    text = heading.line.text
    if match := _LIST.match(text, heading.end) or _SENTENCE.match(text):
        yield _glued(heading.line, match.span("text"), f"\n{match['text']}")


def _beside_others(headings: list[_Heading]) -> Iterator[Finding]:
    """The one heading of a row that goes on, where all others have a line of their own. Where it ends nobody says."""
    for row in _rows(headings):
        longer = [heading for heading in row if not heading.is_alone]
        if len(longer) != 1 or len(row) <= LEAST_BESIDE:
            continue
        [heading], text = longer, longer[0].line.text
        stop = _STOPS.search(text, heading.end)
        # A heading in front of its paragraph ends with a stop: （一）抓常规。每天……
        if len(text) >= LEAST_GLUED and stop and stop[0] in "，,":
            yield _glued(heading.line, (heading.end, min(stop.start(), heading.end + LONGEST_HEADING)), None)


def _rows(headings: list[_Heading]) -> Iterator[list[_Heading]]:
    """Headings of one style under one heading."""
    yield [heading for heading in headings if heading.style == UPPER]
    for is_upper, row in groupby(headings, key=lambda heading: heading.style == UPPER):
        if not is_upper:
            yield list(row)


def _glued(line: View, span: tuple[int, int], fix: str | None) -> Finding:
    return line.find("ocr_slip", "heading_glued", *span, "小标题和正文连在了一行", fix=fix, conf="m")
