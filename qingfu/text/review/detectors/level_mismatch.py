"""A report that speaks from another level than its title: a school's text under a county's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import SIMPLE, Document, Report
from ..finding import Finding
from .off_topic import SHORTEST, subject_of_title, subject_weights

MOST = 3  # times as often as the title's own level: then the text speaks from another
MOST_FOREIGN = 2  # more of them are the report's own voice, which the title's check judges
_SPEAKS = {
    "学校": re.compile(r"我校|本校|全校|学校(?=的|在|将|把|成立|建立|组织|召开|制定|要求)"),
    "乡镇": re.compile(r"我[镇乡]|全[镇乡]|我街道|各村"),
    "县区": re.compile(r"我[县区局]|全[县区]|各乡镇|各镇|各学校|各校"),
    "市": re.compile(r"我市|全市|各县区|各县"),
}
# First persons that a school, or an office, cannot use; a school may well speak of 我县, not of its townships.
_FOREIGN = {
    "学校": re.compile(r"(?:我|全)[县区市](?:各乡镇|各镇|各村|各部门|县直|各县)|我[镇乡](?:各村|机关)"),
    "机关": re.compile(r"(?<![“\"])(?:我校|本校)(?:各班主任|各班级|各班|全体师生)?"),
}
_SCHOOL = re.compile("小学|中学|初中|学校|教学点|幼儿园")
_OFFICE = re.compile("局|政府|委员会|办公室|街道|党委|村委|镇党|乡党|管理所|两办|[县区市镇乡村](?=[^小中学校]*$)")
_TITLED = {
    "学校": _SCHOOL,
    "乡镇": re.compile("[^城]镇|乡|街道"),
    "县区": re.compile("县|区"),
    "市": re.compile("市"),
}


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


def _foreign_sentences(report: Report) -> Iterator[Finding]:
    """Sentences in the first person of another level: 我县各乡镇 in a school's report, 我校 in an office's."""
    title = report.title
    level = "学校" if _SCHOOL.search(title) else "机关" if _OFFICE.search(title) else None
    if level is None:
        return
    view = report.simple
    spans = [match.span() for match in _FOREIGN[level].finditer(view.text)]
    if 0 < len(spans) <= MOST_FOREIGN:
        note = "学校的报告里出现了县、镇的口气" if level == "学校" else "机关的报告里出现了学校的口气"
        for span in spans:
            yield view.find("level_mismatch", "paragraph", *span, note, conf="m")
