"""Reports that are not about what their title says, and documents that were pasted in below another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ..document import SIMPLE, Document, Report
from ..finding import Finding
from ..words import data

SHORTEST = 150  # characters; less says nothing about a subject
CARRIES = 0.5  # of the leading subject's weight; with less than this the title's subject does not carry the text
RELATED = {"school_burden", "grassroots_burden", "business_burden"}  # burden all the same, but another one


def find(document: Document) -> Iterator[Finding]:
    for report in document.reports:
        if report.number == 0:
            continue
        for line in report.glued_lines:
            view = document.line(SIMPLE, line)
            end = len(view.text.rstrip())
            note = "从这里起是粘连进来的另一篇，有它自己的标题"
            yield view.find("off_topic_report", "glued_document", 0, end, note)
        yield from _against_title(report)


def _against_title(report: Report) -> Iterator[Finding]:
    titled = subject_of_title(report.title)
    body = report.simple.text[len(report.title) :]
    if not titled or len(body) < SHORTEST:
        return
    weights = subject_weights(body)
    leading = max(weights, key=weights.get)
    if leading == titled or weights[titled] >= CARRIES * weights[leading]:
        return
    sub = "title_mismatch" if leading in RELATED and titled in RELATED else "off_domain"
    names = data("topics")
    note = f"标题是{names[titled]['name']}，写的却是{names[leading]['name']}"
    view = report.document.line(SIMPLE, report.first_line)
    conf = "m" if sub == "title_mismatch" else "h"
    yield view.find("off_topic_report", sub, 0, len(view.text.rstrip()), note, conf=conf)


def subject_of_title(title: str) -> str | None:
    """The subject that a title names first; None if it names none."""
    places = {
        code: min((title.find(word) for word in topic["title"] if word in title), default=len(title))
        for code, topic in data("topics").items()
    }
    code = min(places, key=places.get)
    return code if places[code] < len(title) else None


def subject_weights(text: str) -> Counter[str]:
    """How much each subject's words carry of a text: uses of each word, a word's later uses counting less."""
    weights: Counter[str] = Counter()
    for code, topic in data("topics").items():
        for word in topic["body"]:
            weights[code] += len(re.findall(re.escape(word), text)) ** 0.75 * len(word) ** 0.5
    return weights
