"""Marks and lines that do not belong to the report: site furniture, page numbers, a stop stuck in after 的."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..document import SIMPLE, Document, Report, View
from ..finding import Finding
from ..signs import Words, sign_of
from ..words import HAN, data

# Sites put one of these marks after a 的 so that copies can be told.
_AFTER_DE = re.compile(rf"(?<=的)[.'`](?=[{HAN}“《(])")
_MARK = re.compile("[.'`]")
# What stands in a line with a mark or a page number.
_ANY_MARK = sign_of("的'`页篇—–－-", r"的\.|['`]|页|篇[)）]|[-—–－]\s*$")
_BETWEEN = re.compile(rf"(?<=[{HAN}])['`](?=[{HAN}])")


def find(document: Document) -> Iterator[Finding]:
    for report in document.reports:
        for line in _lines(report):
            yield from _in_line(report, line)


def _lines(report: Report) -> list[View]:
    """The lines that may have a mark or belong to the site: all of what is above the first report."""
    if not report.number:
        return [line for _, line in report.lines(SIMPLE)]
    numbers = {number for number, _ in report.lines_with(_ANY_MARK)} | _words().places(report).keys()
    return [report.document.line(SIMPLE, number) for number in sorted(numbers)]


@cache
def _words() -> Words:
    return Words(data("structure")["furniture_words"])


def _in_line(report: Report, line: View) -> Iterator[Finding]:
    text = line.text
    if report.number == 0 or _furniture().match(text.strip()):
        start = len(text) - len(text.lstrip()) if report.number else 0
        yield line.find("stray_mark", "site_boilerplate", start, len(text), "网站的文字，不属于报告", fix="", safe=True)
        return
    for start, end in inserted_marks(text):
        yield line.find("stray_mark", "inserted_mark", start, end, "“的”后面插进来的符号", fix="", safe=True)
    for pattern in _page_numbers():
        for match in pattern.finditer(text):
            yield line.find("stray_mark", "page_number", *match.span(), "原稿的页码留在了正文里", fix="", safe=True)


@cache
def _furniture() -> re.Pattern:
    """Any of the patterns of lines that belong to the site."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in data("structure")["furniture"]))


@cache
def _page_numbers() -> list[re.Pattern]:
    return [re.compile(pattern) for pattern in data("structure")["page_numbers"]]


def inserted_marks(text: str) -> list[tuple[int, int]]:
    """Where a mark stands between two characters that nothing explains; quotes in pairs are left alone."""
    if not _MARK.search(text):
        return []
    spans = {match.span() for match in _AFTER_DE.finditer(text)}
    lonely = {match.span() for match in _BETWEEN.finditer(text)}
    if len(lonely) == 1 and text.count("'") + text.count("`") - len(spans - lonely) == 1:
        spans |= lonely
    return sorted(spans)
