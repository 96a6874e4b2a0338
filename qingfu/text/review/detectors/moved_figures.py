"""Figures that a layout tore from their places and set at the end of the line, or on a line of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .. import lexicon
from ..document import SIMPLE, Document, View
from ..finding import Finding
from ..words import data, either

_AT_END = re.compile(r"(?<=[。；！？])\s*(\d{1,6}(?:\.\d+)?)\s*$")
_ALONE = re.compile(r"^\s*(\d{2,6}(?:[ 　]+\d{1,6})+)\s*$")
_PLACES = (
    (_AT_END, "句号后面多出来的数字，是从句子里掉出来的"),
    (_ALONE, "这一行只有数字，是从别处掉出来的"),
)


def find(document: Document) -> Iterator[Finding]:
    for line in document.written_lines(SIMPLE):
        if line.text.rstrip()[-1:].isdecimal():
            yield from _in_line(line)


def _in_line(line: View) -> Iterator[Finding]:
    for pattern, note in _PLACES:
        for match in pattern.finditer(line.text):
            yield line.find("moved_figure", "torn_out", *match.span(1), note, conf="m")
            if pattern is _AT_END:
                yield from _hole(line, match)


def _hole(line: View, torn: re.Match) -> Iterator[Finding]:
    """The place in the line that the figure came from: the measure that misses a number most."""
    text = line.text[: torn.start()]
    places = list(_bare_measures(text))
    if places:
        at, _, measure = max(places, key=lambda place: (place[1], -place[0]))
        note = f"“{measure}”前面的数字掉到了行末，应是{torn[1]}"
        fix = torn[1] + measure
        yield line.find("moved_figure", "torn_out", at, at + len(measure), note, conf="m", fix=fix)


def _bare_measures(text: str) -> Iterator[tuple[int, int, str]]:
    """(place, how much it misses a number, the measure) of each measure that is a word of its own and has none."""
    lists, at, before = data("figures"), 0, ""
    words = [part for word in lexicon.segment(text) for part in (word if word in lists["hidden_in"] else (word,))]
    for word in words:
        if word in lists["torn_from"] and before and not _no_hole().search(text[:at]):
            expected = 2 * bool(_expecting().search(text[:at]))
            stop = text[at + len(word) :][:1] in ("，", "。", "；", "、", "")
            like = re.search(rf"\d{word}", text) is not None
            yield at, expected + stop + like, word
        at, before = at + len(word), word


@cache
def _no_hole() -> re.Pattern:
    """What stands before a measure that misses nothing: a number, 每, 这."""
    return re.compile(f"[{data('figures')['numbers']}{data('figures')['no_hole']}]$")


@cache
def _expecting() -> re.Pattern:
    lists = data("figures")
    words = [word for name in ("expecting", "people", "counting_verbs", "before_holes") for word in lists[name]]
    return re.compile(either(words) + "$")
