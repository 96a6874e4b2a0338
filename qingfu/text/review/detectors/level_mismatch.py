"""A report that speaks from another level than its title: a school's text under a county's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..document import SIMPLE, Document, Report
from ..finding import Finding
from ..words import data
from .off_topic import SHORTEST, body_of, subject_of_title, subject_weights

MOST = 3  # times as often as the title's own level: then the text speaks from another
MOST_FOREIGN = 2  # more of them are the report's own voice, which the title's check judges
SIGNATURE = 3  # lines at the end of a report in which its unit signs
_AT_A_MEETING = re.compile("在.*会议?上的?")  # whose meeting it is says nothing of the speaker
LONGEST_SIGNATURE = 24  # characters of such a line


@cache
def _patterns(group: str) -> dict[str, re.Pattern]:
    """{level: pattern} of a group of data/levels.toml."""
    return {level: re.compile(pattern) for level, pattern in data("levels")[group].items()}


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        if said := _mismatch(report):
            titled, speaks = said
            view = document.line(SIMPLE, report.first_line)
            note = f"标题是{titled}一级的，正文是{speaks}的口气"
            yield view.find("level_mismatch", "title", 0, len(view.text.rstrip()), note, conf="m")
        else:
            yield from _foreign_sentences(report)


def _mismatch(report: Report) -> tuple[str, str] | None:
    """(the title's level, the text's level) where they differ; a school's title may stand over a whole county's."""
    levels = [level for level, pattern in _patterns("titled").items() if pattern.search(report.title)]
    body = body_of(report)
    if len(levels) != 1 or levels[0] == "学校" or len(body) < SHORTEST:
        return None
    voices = {level: len(pattern.findall(body)) for level, pattern in _patterns("speaks").items()}
    loudest = max(voices, key=voices.get)
    if loudest == levels[0] or voices[loudest] < MOST * max(voices[levels[0]], 1):
        return None
    subject, weights = subject_of_title(report.title), subject_weights(report)
    if subject and max(weights, key=weights.get) != subject:
        return None  # the text is about something else altogether, which off_topic says
    return levels[0], loudest


def _unit(report: Report) -> str | None:
    """Whose report it is: by the title, else by a short line at its end, where it is signed."""
    last = [line for line in report.simple.text.rstrip().split("\n")[-SIGNATURE:] if len(line) <= LONGEST_SIGNATURE]
    for text in (report.title, *last):
        for level, pattern in _patterns("unit").items():
            if pattern.search(_AT_A_MEETING.sub("", text)):
                return level
    return None


def _foreign_sentences(report: Report) -> Iterator[Finding]:
    """Sentences in the first person of another level: 我县各乡镇 in a school's report, 我校 in an office's."""
    level = _unit(report)
    if level is None:
        return
    view = report.simple
    spans = [match.span() for match in _patterns("foreign")[level].finditer(view.text)]
    if 0 < len(spans) <= MOST_FOREIGN:
        note = "学校的报告里出现了县、镇的口气" if level == "学校" else "机关的报告里出现了学校的口气"
        for span in spans:
            yield view.find("level_mismatch", "paragraph", *span, note, conf="m")
