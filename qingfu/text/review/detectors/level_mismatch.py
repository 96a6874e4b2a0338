"""A report that speaks from another level than its title: a school's text under a county's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import SIMPLE, Document, Report
from ..finding import Finding
from .off_topic import SHORTEST, subject_of_title, subject_weights

MOST = 3  # times as often as the title's own level: then the text speaks from another
_SPEAKS = {
    "学校": re.compile(r"我校|本校|全校|学校(?=的|在|将|把|成立|建立|组织|召开|制定|要求)"),
    "乡镇": re.compile(r"我[镇乡]|全[镇乡]|我街道|各村"),
    "县区": re.compile(r"我[县区局]|全[县区]|各乡镇|各镇|各学校|各校"),
    "市": re.compile(r"我市|全市|各县区|各县"),
}
# First persons that only the level itself uses; a school may well speak of 我县.
_OWN = {
    "学校": re.compile(r"我校(?:各|的|要|将|在)?|本校|全校"),
    "乡镇": re.compile(r"我[镇乡](?:各村)?|我街道"),
    "县区": re.compile(r"我[县区](?:各乡镇|各镇|各学校|各部门)?|我局"),
}
_TITLED = {
    "学校": re.compile("小学|中学|初中|学校|幼儿园"),
    "乡镇": re.compile("[^城]镇|乡|街道"),
    "县区": re.compile("县|区"),
    "市": re.compile("市"),
}


def find(document: Document) -> Iterator[Finding]:
    for report in document.reports:
        if report.number and (said := _mismatch(report)):
            titled, speaks = said
            view = document.line(SIMPLE, report.first_line)
            note = f"标题是{titled}一级的，正文是{speaks}的口气"
            yield view.find("level_mismatch", "title", 0, len(view.text.rstrip()), note, conf="m")
        elif report.number:
            yield from _foreign_sentences(report)


def _mismatch(report: Report) -> tuple[str, str] | None:
    """(the title's level, the text's level) where they differ; a school's title may stand over a whole county's."""
    levels = [level for level, pattern in _TITLED.items() if pattern.search(report.title)]
    body = report.simple.text[len(report.title) :]
    if len(levels) != 1 or levels[0] == "学校" or len(body) < SHORTEST:
        return None
    subject = subject_of_title(report.title)
    weights = subject_weights(body)
    if subject and max(weights, key=weights.get) != subject:
        return None  # the text is about something else altogether, which off_topic says
    voices = {level: len(pattern.findall(body)) for level, pattern in _SPEAKS.items()}
    loudest = max(voices, key=voices.get)
    if loudest == levels[0] or voices[loudest] < MOST * max(voices[levels[0]], 1):
        return None
    return levels[0], loudest


FEWEST = 2  # times that a report says 我校 or 我县 before that is its voice


def _foreign_sentences(report: Report) -> Iterator[Finding]:
    """Sentences in another level's first person within a report that speaks from one: 我县 in a school's."""
    view = report.simple
    voices = {level: [match.span() for match in pattern.finditer(view.text)] for level, pattern in _OWN.items()}
    loudest = max(voices, key=lambda level: len(voices[level]))
    if len(voices[loudest]) < FEWEST:
        return
    for level, spans in voices.items():
        if level != loudest and len(spans) == 1:
            note = f"全文是{loudest}的口气，这里却是{level}的"
            yield view.find("level_mismatch", "paragraph", *spans[0], note, conf="m")
