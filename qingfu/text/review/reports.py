"""Where one report ends and the next begins: collections, and documents that were pasted together."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from .document import SIMPLE, Document, Report
from .words import HAN, NUMERALS, chinese_number, data, either

LONGEST_TITLE = 45  # characters; longer lines are paragraphs
SHORTEST_REPORT = 80  # characters of text below a title that make it a document of its own

_NUMBER = rf"(?P<number>\d{{1,3}}|[{NUMERALS}]{{1,3}})"
_TITLES = (
    re.compile(rf"^(?P<base>.*?[{HAN}].*?)\s*[（(【\[]?第?\s*篇\s*{_NUMBER}\s*[】)\]）]?[:：]?$"),
    re.compile(rf"^(?P<base>.*?[{HAN}].*?)\s*[（(【\[]第?\s*{_NUMBER}\s*篇?[】)\]）]$"),
    re.compile(rf"^(?P<base>.*?[{HAN}].*?)\s+{_NUMBER}$"),
    # 15:50 is a time
    re.compile(rf"^[【\[（(]?(?P<base>第?)\s*篇?\s*{_NUMBER}\s*篇?[】\])）]?[:：](?!\d\d(?!\d)).{{0,40}}$"),
    re.compile(rf"^(?P<base>范文|例文|篇)\s*{_NUMBER}[:：]?.{{0,40}}$"),
)
_NUMBER_FIRST = re.compile(rf"[【\[（(]?第?\s*篇?\s*[\d{NUMERALS}]{{1,3}}\s*篇?[】\])）]?[:：]|范文|例文|篇")
_LETTERS = re.compile(rf"[{HAN}a-zA-Z]+")


class Title(NamedTuple):
    """A line that may be the title of the ``number``-th report of a collection."""

    line: int
    base: str
    number: int


def cut_into_reports(document: Document) -> list[Report]:
    """The reports of a document, in order. Without titles of a collection the whole is report 1."""
    last = len(document.starts(SIMPLE)) - 1
    titles = collection_titles(document)
    if not titles:
        return [_report(document, 1, 0, last, document.line(SIMPLE, _first_line(document)).text.strip())]
    reports = []
    if any(document.line(SIMPLE, line).text.strip() for line in range(titles[0].line)):
        reports.append(Report(document, 0, 0, titles[0].line - 1))
    for title, after in pairwise([*titles, None]):
        until = after.line - 1 if after else last
        text = document.line(SIMPLE, title.line).text.strip()
        reports.append(_report(document, title.number, title.line, until, text, title.base))
    return reports


def _first_line(document: Document) -> int:
    count = len(document.starts(SIMPLE))
    return next((n for n in range(count) if document.line(SIMPLE, n).text.strip()), 0)


def _report(document: Document, number: int, first: int, last: int, title: str, base: str = "") -> Report:
    title = title if len(title) <= LONGEST_TITLE else ""
    return Report(document, number, first, last, title, tuple(_glued(document, first, last, base)))


def collection_titles(document: Document) -> list[Title]:
    """The titles of a collection: lines that differ in a rising number only. Empty if there are none."""
    found: dict[tuple[int, str], list[Title]] = {}
    for line in range(len(document.starts(SIMPLE))):
        text = document.line(SIMPLE, line).text.strip()
        if not 2 <= len(text) <= LONGEST_TITLE or not _may_be_a_title(text):
            continue
        for form, pattern in enumerate(_TITLES):
            if match := pattern.match(text):
                base = "".join(_LETTERS.findall(match["base"]))
                found.setdefault((form, base), []).append(Title(line, base, chinese_number(match["number"]) or 0))
                break
    runs = [_rising(titles) for (form, base), titles in found.items() if _can_title(form, base)]
    return max((run for run in runs if len(run) > 1), key=len, default=[])


def _may_be_a_title(text: str) -> bool:
    """Whether the number of a title can stand at the line's end or beginning; few lines need all the patterns."""
    last = text.rstrip(":：").rstrip("】)]）").rstrip().rstrip("篇").rstrip()[-1:]
    return last.isdecimal() or last in NUMERALS or _NUMBER_FIRST.match(text) is not None


def _can_title(form: int, base: str) -> bool:
    """A bare number behind a blank makes a title only of what a document is called."""
    return form != 2 or re.search(f"{_nouns('document_nouns')}$", base) is not None


def _rising(titles: list[Title]) -> list[Title]:
    run: list[Title] = []
    for title in titles:
        if title.number > (run[-1].number if run else 0):
            run.append(title)
    return run


@cache
def _nouns(name: str) -> str:
    return either(data("structure")[name])


def _glued(document: Document, first: int, last: int, base: str):
    """Lines below the first that are the title of another document, pasted in."""
    lines = [
        (number, text) for number in range(first, last + 1) if (text := document.line(SIMPLE, number).text.strip())
    ]
    texts = [text for _, text in lines]
    left = sum(map(len, texts))
    fresh = _fresh_starts(texts)
    for place, (number, text) in enumerate(lines[:-1]):
        left -= len(text)
        # The first two lines are the report's own title and the collection's.
        if place < 2 or not _looks_like_a_title(text) or left < SHORTEST_REPORT:
            continue
        before, after = texts[place - 1], texts[place + 1]
        same = base and "".join(_LETTERS.findall(text)) == base
        if same or _opens(after) or re.search(data("structure")["signature"], before) or place in fresh:
            yield number


def _looks_like_a_title(text: str) -> bool:
    return (
        6 <= len(text) <= LONGEST_TITLE
        and re.search(f"{_nouns('document_nouns')}$", text) is not None
        and not re.match(rf"[（(]?[{NUMERALS}\dL①-⑳]+[、.．,，)）是]|第[{NUMERALS}]", text)
        and not re.search(r"[。！？；;，,:：]", text)
    )


def _opens(text: str) -> bool:
    return re.match(data("structure")["salutation"], text) is not None


def _fresh_starts(texts: list[str]) -> set[int]:
    """Titles above which the numbering 一、二、 had begun and below which it begins again before it goes on."""
    fresh, below = set(), ""
    second = next((place for place, text in enumerate(texts) if text.startswith("二、")), len(texts))
    for place in range(len(texts) - 1, second, -1):
        if below == "一、" and re.search(f"{_nouns('strong_document_nouns')}$", texts[place]):
            fresh.add(place)
        if re.match(rf"[{NUMERALS}]{{1,2}}、", texts[place]):
            below = texts[place][:2]
    return fresh
