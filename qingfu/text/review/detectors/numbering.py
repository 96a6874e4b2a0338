"""Lists whose numbers jump, repeat or stop: 1, 3, 4 and 一、二、四."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from ..document import SIMPLE, Document, Report, View
from ..finding import Finding
from ..signs import sign_of
from ..words import NUMERALS, chinese_number, data, either

_CN = rf"[{NUMERALS}]{{1,3}}"
_GRADES = rf"{_CN}(?:[、至到和]{_CN})*[年班月季组村]"  # 一、二年级 numbers no item
# Scanners read 1. as L and 三 as S; a list is followed through such slips, which are another detector's.
_STYLES = (
    ("一、", re.compile(rf"^\s*(?P<value>{_CN})\s*(?:、(?!{_GRADES})|[.．，,:：](?!\d))")),
    ("（一）", re.compile(rf"^\s*[（(]\s*(?P<value>{_CN}|S)\s*[)）]")),
    ("1.", re.compile(r"^\s*(?P<value>\d{1,2})\s*[.．、,，](?!\d)")),
    ("1.", re.compile(r"^\s*(?P<value>[Ll])(?=[.．、,，]?[^\sA-Za-z0-9形型])")),
    ("（1）", re.compile(r"^\s*[（(]\s*(?P<value>\d{1,2})\s*[)）]")),
    ("①", re.compile(r"^\s*(?P<value>[①-⑳])")),
    ("第一", re.compile(rf"^\s*第(?P<value>{_CN})(?=[、，,:：是])")),
    ("一是", re.compile(rf"^\s*(?P<value>{_CN})(?=是(?!否|非))")),
    ("第一条", re.compile(rf"^\s*第(?P<value>{_CN})[条章节](?=[\s　：:])")),
)
_SOME_IS = re.compile(f"[{NUMERALS}]是")
_ONE_IS = re.compile(rf"(?:^|(?<=[。；;：:，,、”]))({_CN})是(?=[^非否])")
_FIRST = re.compile(rf"(?:^|(?<=[。；;：:]))第({_CN})[，,、]")
_INLINE = (
    ("1.", re.compile(r"(?:^\s*|[。；;：:，,\s])(\d{1,2})\s*[.．、](?=[^\d\s])")),
    ("（1）", re.compile(r"[（(](\d{1,2})[)）](?=[^\d\s])")),
    ("①", re.compile("([①-⑳])")),
    ("一是", _ONE_IS),
)
_OF_SENTENCES = ("一是",)
# What stands where one of these matches.
_ANY_INLINE = sign_of(
    "是.．、)）①-⑳", rf"是(?<=[{NUMERALS}].)|[.．、](?<=[\d\s].)(?!\d)|[)）](?<=\d.)|[①-⑳]"
)
_ANY_OF_SENTENCES = re.compile(rf"是(?<=[{NUMERALS}].)|第[{NUMERALS}]{{1,3}}[，,、]")
_BEGINS_A_NUMBER = re.compile(rf"[{NUMERALS}（(\dLl①-⑳第]")
_OTHERWISE = re.compile("其次|再次|再者|此外|另外|然后")  # 第一 … 其次 … 第三
_SLIPS = {"L": 1, "l": 1, "S": 3}


class Open(NamedTuple):
    """A list that goes on: its style, its last value, and how many a repeat has left out: behind 2, 2 come 3 or 4."""

    style: str
    last: int
    spare: int = 0


class Marker(NamedTuple):
    """The number of a list item: its style, its value, and where it stands."""

    style: str
    value: int
    view: View


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        yield from _of_lines(report)
        yield from _of_sentences(report)


@lru_cache(maxsize=4_096)  # three detectors ask for each line
def line_marker(text: str) -> tuple[str, int, int, int] | None:
    """(style, value, start, end) of the list number that a line begins with; None if it has none."""
    if not _BEGINS_A_NUMBER.match(text.lstrip()):
        return None
    for style, pattern in _STYLES:
        if match := pattern.match(text):
            value = marker_value(match["value"])
            if value:
                return style, value, match.start("value"), match.end()
    return None


def marker_value(text: str) -> int | None:
    """What the number of a list item counts: 一, 1, ①, L where a scanner took 1. for it; None for anything else."""
    if text in _SLIPS:
        return _SLIPS[text]
    if "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    return chinese_number(text)


def _of_lines(report: Report) -> Iterator[Finding]:
    open_lists: list[Open] = []  # outermost first
    inline = {number for number, _ in report.lines_with(_ANY_INLINE)}
    for number, line in report.lines(SIMPLE):
        if number in report.glued_lines:
            open_lists.clear()
        if marked := line_marker(line.text):
            style, value, start, end = marked
            marker = Marker(style, value, line.part(start, end))
            if finding := _step(open_lists, marker):
                yield finding
        if number in inline:
            _note_inline(open_lists, line.text)


def _step(open_lists: list[Open], marker: Marker) -> Finding | None:
    """Goes on in the innermost open list of this style, or begins one; a jump is a finding."""
    place = next((n for n in reversed(range(len(open_lists))) if open_lists[n].style == marker.style), None)
    if place is None:
        open_lists.append(Open(marker.style, marker.value))
        return None
    last, spare = open_lists[place][1:]
    # 一、 … 一、 at the top, and 1. … 1. with nothing between, begin no new list.
    if marker.value == last == 1 and (place == 0 or place == len(open_lists) - 1):
        return marker.view.find("numbering_error", "repeat", 0, len(marker.view.text), "序号重复，应是第2")
    del open_lists[place:]
    open_lists.append(Open(marker.style, marker.value, int(marker.value == last)))
    return None if marker.value == last + 1 + spare else _judged(marker, last)


def _judged(marker: Marker, last: int) -> Finding | None:
    due = last + 1
    if marker.value in (due, 1):
        return None
    sub, said = ("gap", "缺") if marker.value > due else ("repeat", "应是")
    note = f"上一项是第{last}，这里是第{marker.value}，{said}第{due}"
    return marker.view.find("numbering_error", sub, 0, len(marker.view.text), note, conf="h" if last else "m")


def _note_inline(open_lists: list[Open], text: str) -> None:
    """Numbers inside a line carry its list on: "L星期一 … 2 .根据学校实际". A jump there is told by the sentences."""
    for style, pattern in _INLINE:
        if style in _OF_SENTENCES and (not _SOME_IS.search(text) or _is_inner(open_lists, style, pattern, text)):
            continue
        for match in pattern.finditer(text):
            value = marker_value(match[1]) or 0
            for place, (open_style, last, _) in enumerate(open_lists):
                if open_style == style and (value == last + 1 or style in _OF_SENTENCES and value > last):
                    open_lists[place] = Open(style, value)
            if value == 1 and match.start() and all(open_style != style for open_style, *_ in open_lists):
                open_lists.append(Open(style, 1))


def _is_inner(open_lists: list[Open], style: str, pattern: re.Pattern, text: str) -> bool:
    """Whether a list of this style begins anew inside an item of one that is open."""
    is_open = any(open_list.style == style for open_list in open_lists)
    return is_open and any(match.start() and marker_value(match[1]) == 1 for match in pattern.finditer(text))


def _of_sentences(report: Report) -> Iterator[Finding]:
    """一是 … 三是 within a paragraph. A list inside an item begins at 一 again and is followed to its end."""
    for _, line in report.lines_with(_ANY_OF_SENTENCES):
        text = line.text
        styles = [("一是", _ONE_IS)] if _SOME_IS.search(text) else []
        styles += [("第一", _FIRST)] if "第" in text else []
        for style, pattern in styles:
            stack: list[int] = []
            before = 0
            for match in pattern.finditer(text):
                value = chinese_number(match[1])
                if not value or match.start() == 0:
                    continue  # a line that begins so is one of a list of lines
                if value == 1:
                    stack.append(1)
                    before = match.end()
                    continue
                while len(stack) > 1 and stack[-1] + 1 != value and any(v + 1 == value for v in stack[:-1]):
                    stack.pop()
                if _OTHERWISE.search(text, before, match.start()):
                    continue
                if stack and (finding := _judged(Marker(style, value, line.part(*match.span())), stack[-1])):
                    yield finding
                stack[-1:] = [value]
                before = match.end()


@cache
def _of_problems() -> re.Pattern:
    return re.compile(either(data("structure")["problem_headings"]))


def admitted_lines(report: Report) -> set[int]:
    """The lines below headings such as 三、发现的问题, each up to the next number of its own list.

    There a burden or a breach is admitted and not praised.
    """
    lines: set[int] = set()
    style = None  # of the heading that the line stands below
    for number, line in report.lines(SIMPLE):
        marked = line_marker(line.text)
        short = len(line.text) <= data("structure")["longest_heading"]
        if marked and marked[0] == style:
            style = None
        if marked and style is None and short and _of_problems().search(line.text):
            style = marked[0]
        elif style:
            lines.add(number)
    return lines
