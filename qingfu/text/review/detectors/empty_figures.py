"""Figures that were taken out and left their measure word behind: 拆除燃煤锅炉台, 下降%, 年月日."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..document import SIMPLE, Document, View
from ..finding import Finding
from ..words import HAN, data, either

_NUMBER = r"0-9０-９零〇一二两三四五六七八九十百千万亿几数多余半每各整全单双首若干xX×*％%.第这那某哪本该同"
_DATE = re.compile(rf"(?<![{_NUMBER}年月])(?:年月日|年月(?=[，,。；;、\s起至]|$))|(?<=年)月日|(?<=[于自在至])月日")
_SIGN = re.compile(rf"(?<=[{HAN}])[%％](?=[，,。；;、以])")
_DOCUMENT_NUMBER = re.compile(r"[〔\[（(][ 　]*[〕\])）][ 　]*\d*号|[〕\]]号|(?<=字)第号")


def find(document: Document) -> Iterator[Finding]:
    for report in document.reports:
        if report.number:
            for _, line in report.lines(SIMPLE):
                yield from _in_line(line)


def _in_line(line: View) -> Iterator[Finding]:
    text = line.text
    found = {}
    for pattern, note in ((_DATE, "日期没有数字"), (_SIGN, "百分号前没有数字"), (_DOCUMENT_NUMBER, "文号没有数字")):
        found |= {match.span(): note for match in pattern.finditer(text)}
    for match in _sure().finditer(text):
        if not _ends_a_word(text, match.end("measure")):
            found[match.span("measure")] = f"“{match['measure']}”前面没有数字"
    for match in _doubtful().finditer(text):
        if not _ends_a_word(text, match.end("measure")):
            found[match.span("measure")] = f"“{match['measure']}”前面没有数字"
    for (start, end), note in sorted(found.items()):
        yield line.find("empty_figure", "number_removed", start, end, note, conf="m")


@cache
def _sure() -> re.Pattern:
    """A measure straight behind a word that expects a figure."""
    lists = data("figures")
    every = lists["sure_measures"] + lists["doubtful_measures"]
    return re.compile(rf"{either(lists['expecting'])}(?:了)?(?P<measure>{either(every)})(?=[，,。；;、）)])")


@cache
def _doubtful() -> re.Pattern:
    """A verb of counting, what is counted, and its measure before a stop, with no number on the way."""
    lists = data("figures")
    every = lists["sure_measures"] + lists["doubtful_measures"]
    counted = rf"(?:(?![{_NUMBER}])[{HAN}“”]){{1,10}}?"
    return re.compile(
        rf"{either(lists['counting_verbs'])}(?:了)?(?:{counted})(?P<measure>{either(every)})(?=[，,。；;])"
    )


def _ends_a_word(text: str, end: int) -> bool:
    return any(text.endswith(word, 0, end) for word in data("figures")["words"])
