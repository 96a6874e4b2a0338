"""Burden told as merit: check-ins, traces, publicity scores, pledges, with the rule that they break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..document import SIMPLE, Document, View
from ..finding import Finding
from ..signs import Words
from ..words import asks, data, either
from .numbering import admitted_lines

REACH = 6  # characters before a phrase within which 不 turns it round


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        admitted = None
        for number, near in _words().places(report).items():
            for finding in _in_line(document.line(SIMPLE, number), near):
                admitted = admitted_lines(report) if admitted is None else admitted
                if number not in admitted:
                    yield finding


@cache
def _merits() -> list[tuple[str, str, frozenset[str], re.Pattern]]:
    """(code, rule, near, pattern) of each row: only a sentence with a word of ``near`` in it needs the pattern."""
    return [
        (row["code"], row["rule"], frozenset(row["near"]), re.compile("|".join(map(_written_out, row["patterns"]))))
        for row in data("merit")["merit"]
    ]


def _written_out(pattern: str) -> str:
    """A pattern of the data with its parts (@name) and gaps (~8) written out."""
    parts = data("merit")["parts"]
    return re.sub(r"~(\d+)", r"[^，。；]{0,\1}?", re.sub(r"@([a-z]+)", lambda part: parts[part[1]], pattern))


@cache
def _words() -> Words:
    return Words(word for _, _, near, _ in _merits() for word in near)


@cache
def _against() -> re.Pattern:
    return re.compile(either(data("merit")["against"]["words"]))


@cache
def _duty() -> re.Pattern:
    return re.compile(either(data("merit")["against"]["duty"]))


@cache
def _no_denial() -> re.Pattern:
    return re.compile(either(data("merit")["against"]["no_denial"]))


def _in_line(line: View, near: list[tuple[int, str]]) -> Iterator[Finding]:
    """The merits of a line with these words, each with its place in the layer."""
    for sentence in line.sentences_at(at for at, _ in near):
        said = {word for at, word in near if sentence.start <= at < sentence.end}
        end = 0
        for start, stop, code, rule in sorted(_said(sentence.text, said)):
            if start >= end and not _turned_round(sentence.text, start, stop, code):
                note = f"这是负担，不是成绩。{rule}"
                yield sentence.find("burden_as_merit", code, start, stop, note, conf="m")
                end = stop


def _turned_round(text: str, start: int, stop: int, code: str) -> bool:
    """Whether the clauses of ``text[start:stop]``, the one before or the one behind say that it is over or wrong, or
    that it is a watch that has to be kept."""
    begin = text.rfind("，", 0, max(text.rfind("，", 0, start), 0)) + 1
    behind = text.find("，", text.find("，", stop) + 1 or len(text))
    clauses = text[begin : behind if behind >= 0 else len(text)]
    is_watch = code in data("merit")["against"]["watched"] and _duty().search(clauses)
    return bool(is_watch or asks(text) or _against().search(clauses))


def _said(text: str, words: set[str]) -> Iterator[tuple[int, int, str, str]]:
    for code, rule, near, pattern in _merits():
        for match in pattern.finditer(text) if not near.isdisjoint(words) else ():
            said = text[max(0, match.start() - REACH) : match.end()]
            if "不" not in _no_denial().sub("", said):
                yield *match.span(), code, rule
