"""Paragraphs that stop in the middle: split by a page, cut at the end, a report that never ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import SIMPLE, Document, Report, View
from ..finding import Finding
from ..words import HAN, data
from .numbering import line_marker

SHORTEST_PARAGRAPH = 45  # characters; a shorter line with no stop inside may be a heading, a list item or a signature
MOST_OPEN_SHARE = 0.35  # of the paragraphs; above it the text is set with a break at each line's end
_CLOSED = frozenset("。！？!?；;：:…”’\"')）】》」』.")
_COMMAS = frozenset("，,、")
_TAIL = re.compile(r"[^。！？；;，,、：:]*[，,、：:]?\s*$")
_PAGE_NUMBER = re.compile(r"[-—–－]{1,2}\s*\d{1,3}\s*[-—–－]{1,2}\s*$")


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        yield from _in_report(report)


def _in_report(report: Report) -> Iterator[Finding]:
    lines = [(number, line) for number, line in report.lines(SIMPLE)]
    if not lines:
        return
    open_ends = [place for place, (_, line) in enumerate(lines) if _is_open(line.text)]
    if len(open_ends) > 3 and len(open_ends) > MOST_OPEN_SHARE * sum(_is_paragraph(line.text) for _, line in lines):
        return
    for place in open_ends:
        line = lines[place][1]
        last = place + 1 == len(lines) or lines[place + 1][0] in report.glued_lines
        if last or _begins_anew(lines[place + 1][1].text):
            yield _finding(line, "para_end", "段尾没有标点，可能没写完", "m" if last else "l")
        else:
            yield _finding(line, "para_split", "段落在这里被切断，下一段接着写", "h")
    yield from _unfinished_list(report, lines)


def _finding(line: View, sub: str, note: str, conf: str) -> Finding:
    text = line.text
    match = _TAIL.search(_PAGE_NUMBER.sub("", text).rstrip())
    start = match.start() if match[0].strip() else 0
    return line.find("truncated", sub, start, len(text.rstrip()), note, conf=conf)


def _is_paragraph(text: str) -> bool:
    """Prose, not a heading: a sentence has ended inside it, or it is long and has no number."""
    text = text.strip()
    inner = re.search(r"[。！？；;](?=.{2})", text) is not None
    return inner or len(text) >= SHORTEST_PARAGRAPH and ("，" in text or "," in text) and not line_marker(text)


def _is_open(text: str) -> bool:
    text = text.rstrip()
    if text[-1:] in _CLOSED or "\t" in text.lstrip():  # the cells of a row end as they like
        return False
    text = _PAGE_NUMBER.sub("", text).rstrip()
    if not text or text[-1] in _CLOSED or re.match(data("structure")["signature"], text):
        return False
    return _is_paragraph(text) or text[-1] in _COMMAS and len(text) > 12


def _begins_anew(text: str) -> bool:
    """Whether a line cannot be the rest of a sentence: a list number, a heading, another document's title."""
    return line_marker(text) is not None or re.match(rf"\s*[{HAN}“0-9]", text) is None


def _unfinished_list(report: Report, lines: list[tuple[int, View]]) -> Iterator[Finding]:
    """A report that ends with the first item of a list has lost the others."""
    last = lines[-1][1]
    marked = line_marker(last.text)
    if marked and marked[:2] == ("1.", 1) and len(lines) > 3:
        yield last.find("truncated", "report_end", marked[2], marked[3], "列表只有第一项，全文就结束了", conf="l")
