"""Paragraphs that stop in the middle: split by a page, cut at the end, a report that never ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .. import lexicon
from ..document import SIMPLE, Document, Report, View
from ..finding import Finding
from ..words import HAN, data, either
from .numbering import line_marker

SHORTEST_PARAGRAPH = 45  # characters; a shorter line with no stop inside may be a heading, a list item or a signature
LONGEST_VALUE = 40  # characters behind the label of a field
SHORTEST_OF_TWO = 30  # of those with a semicolon; a shorter one may be a couplet
MOST_OPEN, MOST_OPEN_SHARE = 3, 0.35  # lines without a stop; above both a text goes without them
SHORTEST_SENTENCE = 14  # characters of lines that are counted for that
_HEADS = ("一、", "（一）")  # styles of headings, which have no stop anyway
_CLOSED = frozenset("。！？!?；;：:…”’\"')）】》」』.")
_COMMAS = frozenset("，,、")
_TAIL = re.compile(r"[^。！？；;，,、：:]*[，,、：:]?\s*$")
# 指标解释：收文量，指…
_NAMED = re.compile(r"^\s*(?:指标|名词|统计|数据|字数|资料|图表?|表)[^，。：:]{0,4}[:：][^。！？]*$")
_PAGE_NUMBER = re.compile(r"[-—–－]{1,2}\s*\d{1,3}\s*[-—–－]{1,2}\s*$")


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        yield from _in_report(report)


def _in_report(report: Report) -> Iterator[Finding]:
    lines = [(number, line) for number, line in report.lines(SIMPLE)]
    if not lines:
        return
    open_ends = [place for place, (_, line) in enumerate(lines) if _is_open(line.text)]
    if _goes_without_stops([line.text.strip() for _, line in lines]):
        open_ends = [place for place in open_ends if _hangs(lines[place][1].text)]
    for place in open_ends:
        line = lines[place][1]
        last = place + 1 == len(lines) or lines[place + 1][0] in report.glued_lines
        if last or _begins_anew(lines[place + 1][1].text):
            yield _finding(line, "para_end", "段尾没有标点，可能没写完", "m" if last else "l")
        else:
            yield _finding(line, "para_split", "段落在这里被切断，下一段接着写", "h")
    yield from _unfinished_list(report, lines)


def _goes_without_stops(texts: list[str]) -> bool:
    """Whether a text is set so that its sentences end without a stop: with a break at each line's end, in items, as a
    table or a poem."""
    said = [text for text in texts if _is_said(text)]
    left = sum(text[-1] not in _CLOSED for text in said)
    return left > MOST_OPEN and left > MOST_OPEN_SHARE * len(said)


def _is_said(text: str) -> bool:
    """Whether a line says something and heads nothing."""
    marked = line_marker(text)
    return len(text) >= SHORTEST_SENTENCE and not (marked and marked[0] in _HEADS and "。" not in text)


def _hangs(text: str) -> bool:
    """Whether a line ends as no sentence does: with a comma, or with a word that wants another one behind it."""
    text = text.rstrip()
    if text[-1] in _COMMAS:
        return True
    last = _hanging().search(text)
    return last is not None and (len(last[0]) > 1 or not lexicon.ends_a_word(text, len(text)))  # 在, but not 存在


@cache
def _hanging() -> re.Pattern:
    return re.compile(f"{either(data('structure')['hanging'])}$")


def _finding(line: View, sub: str, note: str, conf: str) -> Finding:
    text = line.text
    match = _TAIL.search(_PAGE_NUMBER.sub("", text).rstrip())
    start = match.start() if match[0].strip() else 0
    return line.find("truncated", sub, start, len(text.rstrip()), note, conf=conf)


def _is_paragraph(text: str) -> bool:
    """Prose, not a heading: a sentence has ended inside it, or it is long and has no number."""
    text = text.strip()
    if re.search("[。！？](?=.{2})", text):
        return True
    if re.search("[；;](?=.{2})", text):
        return len(text) >= SHORTEST_OF_TWO
    return len(text) >= SHORTEST_PARAGRAPH and ("，" in text or "," in text) and not line_marker(text)


def _is_open(text: str) -> bool:
    text = text.rstrip()
    if text[-1:] in _CLOSED or "\t" in text.lstrip():  # the cells of a row end as they like
        return False
    text = _PAGE_NUMBER.sub("", text).rstrip()
    if not text or text[-1] in _CLOSED or text.endswith("——"):
        return False
    if re.match(data("structure")["signature"], text) or _is_a_field(text):
        return False
    return _is_paragraph(text) or len(text) > SHORTEST_SENTENCE and not line_marker(text) and _hangs(text)


def _is_a_field(text: str) -> bool:
    """Whether a line, or what stands behind its last stop, is a label with its value, as forms and signatures have
    them: 关键词：睡眠；作业, 联系人：县府办　电话：×××."""
    return not _hangs(text) and any(pattern.search(text) for pattern in (_field(), _NAMED))


@cache
def _field() -> re.Pattern:
    label = either(data("structure")["labels"])
    return re.compile(rf"(?:^|[。！？；;\s　（(，,])\s*{label}[:：][^。！？，]{{0,{LONGEST_VALUE}}}$")


def _begins_anew(text: str) -> bool:
    """Whether a line cannot be the rest of a sentence: a list number, a heading, another document's title."""
    return line_marker(text) is not None or re.match(rf"\s*[{HAN}“0-9]", text) is None


def _unfinished_list(report: Report, lines: list[tuple[int, View]]) -> Iterator[Finding]:
    """A report that ends with the first item of a list has lost the others."""
    last = lines[-1][1]
    marked = line_marker(last.text)
    if marked and marked[:2] == ("1.", 1) and len(lines) > 3:
        yield last.find("truncated", "report_end", marked[2], marked[3], "列表只有第一项，全文就结束了", conf="l")
