"""Repairs that a reader accepted: which go together, and the text with them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from .finding import Finding


class Change(NamedTuple):
    """Characters ``start:end`` of the raw text become ``new``."""

    start: int
    end: int
    new: str


def safe(findings: Iterable[Finding]) -> list[Finding]:
    """The findings whose repair may be accepted unseen."""
    return [finding for finding in findings if finding.safe and finding.fix is not None]


def apart(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of which none touches an earlier one's characters: of two that overlap the first stays."""
    chosen: list[Finding] = []
    taken: list[tuple[int, int]] = []  # in order; since they lie apart only a neighbour can be touched
    for finding in findings:
        span = finding.start, finding.end
        place = bisect_left(taken, span)
        if finding.fix is not None and not any(_overlap(span, other) for other in taken[max(0, place - 1) : place + 1]):
            chosen.append(finding)
            taken.insert(place, span)
    return chosen


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one == other or (one[0] < other[1] and other[0] < one[1])


def changes(text: str, findings: Iterable[Finding]) -> list[Change]:
    """What accepting ``findings`` (which lie apart) does to ``text``, in order. A line taken out leaves no blank."""
    ordered = sorted(findings, key=lambda finding: (finding.start, finding.end))
    return [_change(text, finding.start, finding.end, finding.fix) for finding in ordered]


def _change(text: str, start: int, end: int, new: str) -> Change:
    whole = start < end and not new and text[end : end + 1] == "\n" and (start == 0 or text[start - 1] == "\n")
    return Change(start, end + whole, new)


def repaired(text: str, findings: Iterable[Finding]) -> str:
    """``text`` with the repairs of ``findings``, which lie apart."""
    parts, done = [], 0
    for start, end, new in changes(text, findings):
        parts += [text[done:start], new]
        done = end
    return "".join([*parts, text[done:]])
