"""Reports that are not about what their title says, and documents that were pasted in below another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from .. import lexicon
from ..document import SIMPLE, Document, Report
from ..finding import Finding
from ..signs import Words
from ..words import data

SHORTEST = 150  # characters; less says nothing about a subject
CARRIES = 0.5  # of the leading subject's weight; with less than this the title's subject does not carry the text
FEWEST = 3  # words of a title; fewer say too little to miss them
NAMED = 3  # times that a text names its title's subject outright: then it is on it, whatever else it speaks of
SUBJECT = 2  # weight from which a text has a subject
RELATED = {"school_burden", "grassroots_burden", "business_burden"}  # burden all the same, but another one


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        for line in report.glued_lines:
            view = document.line(SIMPLE, line)
            end = len(view.text.rstrip())
            note = "从这里起是粘连进来的另一篇，有它自己的标题"
            yield view.find("off_topic_report", "glued_document", 0, end, note)
        yield from _against_title(report)


def _against_title(report: Report) -> Iterator[Finding]:
    if not report.title or len(body := body_of(report)) < SHORTEST:
        return
    view = report.document.line(SIMPLE, report.first_line)
    end = len(view.text.rstrip())
    titled = subject_of_title(report.title)
    if not titled and shares_words(report.title, body) and not _leaves_school(report.title, body):
        return
    weights, names = subject_weights(report), data("topics")
    leading = max(weights, key=weights.get)
    if not titled:
        if leading not in RELATED and weights[leading] >= SUBJECT:
            note = "标题里的词，正文里一个也没有"
            yield view.find("off_topic_report", "off_domain", 0, end, note, conf="m")
        return
    named = sum(body.count(word) for word in names[titled]["title"] if word in report.title)
    announced = any(word in report.title for word in names[leading]["body"]) and titled not in RELATED
    if announced or leading == titled or weights[titled] >= CARRIES * weights[leading] or named >= NAMED:
        return
    related = leading in RELATED and titled in RELATED
    note = f"标题是{names[titled]['name']}，写的却是{names[leading]['name']}"
    sub, conf = ("title_mismatch", "m") if related else ("off_domain", "h")
    yield view.find("off_topic_report", sub, 0, end, note, conf=conf)


def shares_words(title: str, body: str) -> bool:
    """Whether the body uses a word of the title that says what it is about. Set words (工作, 情况) say nothing."""
    telling = [word for word in lexicon.segment(title) if len(word) > 1 and word not in data("structure")["set_words"]]
    return len(telling) < FEWEST or any(pair in body for word in telling for pair in map("".join, pairwise(word)))


def _leaves_school(title: str, body: str) -> bool:
    """Whether the title names a school, and the body nobody and nothing that a school has."""
    named, has = (data("structure")[key] for key in ("schools", "of_schools"))
    return any(word in title for word in named) and not any(word in body for word in has)


def subject_of_title(title: str) -> str | None:
    """The subject that a title names first; None if it names none."""
    named = _subject_word().search(title)
    return _subjects()[named[0]] if named else None


@cache
def _subjects() -> dict[str, str]:
    """{word of a title: its subject}, where two have it the first."""
    subjects: dict[str, str] = {}
    for code, topic in data("topics").items():
        for word in topic["title"]:
            subjects.setdefault(word, code)
    return subjects


@cache
def _subject_word() -> re.Pattern:
    """Where several begin at one place, a word of the first subject."""
    return re.compile("|".join(_subjects()))


def body_of(report: Report) -> str:
    """The text below the title."""
    return report.simple.text[len(report.title) :]


def subject_weights(report: Report) -> Counter[str]:
    """How much each subject's words carry of a text: uses of each word, a word's later uses counting less."""
    body, words = body_of(report), set(_words().likely(report))
    weights = Counter(dict.fromkeys(data("topics"), 0.0))
    for code, topic in data("topics").items():
        for word in topic["body"]:
            if word in words and (times := body.count(word)):
                weights[code] += times**0.75 * len(word) ** 0.5
    return weights


@cache
def _words() -> Words:
    return Words(word for topic in data("topics").values() for word in topic["body"])
