"""Figures that were taken out and left their measure word behind: 拆除燃煤锅炉台, 下降%, 年月日."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .. import lexicon
from ..document import SIMPLE, Document, View
from ..finding import Finding
from ..words import HAN, data, either

_NUMBER = r"0-9０-９零〇一二两三四五六七八九十百千万亿几数多余半每各整全单双首若干xX×*％%.第这那某哪本该同"
_CLAUSE_END = re.compile(rf"[，,。；;：:、{_NUMBER}]")
LONGEST_CLAUSE = 100  # characters before a measure in which its verb is looked for
_DATE = re.compile(rf"(?<![{_NUMBER}年月])(?:年月日|年月(?=[，,。；;、\s起至]|$))|(?<=年)月日|(?<=[于自在至])月日")
_SIGN = re.compile(rf"(?<=[{HAN}])[%％](?=[，,。；;、以])")
_DOCUMENT_NUMBER = re.compile(r"[〔\[（(][ 　]*[〕\])）][ 　]*\d*号|[〕\]]号|(?<=字)第号")

_WITHOUT_FIGURES = (
    ("月", _DATE, "日期没有数字"),
    ("%", _SIGN, "百分号前没有数字"),
    ("％", _SIGN, "百分号前没有数字"),
    ("号", _DOCUMENT_NUMBER, "文号没有数字"),
)


def find(document: Document) -> Iterator[Finding]:
    for line in document.written_lines(SIMPLE):
        yield from _in_line(line)


def _in_line(line: View) -> Iterator[Finding]:
    text = line.text
    found = {}
    for sign, pattern, note in _WITHOUT_FIGURES:
        if sign in text:
            found |= {match.span(): note for match in pattern.finditer(text)}
    for match in _expecting().finditer(text):
        if _is_bare(text, *match.span("measure")):
            found[match.span("measure")] = f"“{match['measure']}”前面没有数字"
    for match in _people().finditer(text):
        found[match.span("measure")] = "“人”前面没有数字"
    for match in _standing().finditer(text):
        counted = _counts(text[max(0, match.start() - LONGEST_CLAUSE) : match.start()])
        sure = match[0] in data("figures")["sure"] and lexicon.ends_a_word(text, match.start())
        if (counted or sure) and _is_bare(text, *match.span()):
            found[match.span()] = f"“{match[0]}”前面没有数字"
    for (start, end), note in sorted(found.items()):
        yield line.find("empty_figure", "number_removed", start, end, note, conf="m")


def _counts(before: str) -> bool:
    """Whether the clause before a measure has a verb that counts things, and no number since."""
    return _counting_verb().search(_CLAUSE_END.split(before)[-1]) is not None


@cache
def _counting_verb() -> re.Pattern:
    return re.compile(either(data("figures")["counting_verbs"]))


@cache
def _expecting() -> re.Pattern:
    """A measure straight behind a word that expects a figure."""
    lists = data("figures")
    every = lists["measures"] + lists["of_people"]
    return re.compile(rf"{either(lists['expecting'])}(?:了)?(?P<measure>{either(every)})(?=[，,。；;、）)])")


@cache
def _people() -> re.Pattern:
    return re.compile(rf"{either(data('figures')['people'])}(?P<measure>人)(?=[，,。；;])")


@cache
def _standing() -> re.Pattern:
    """A measure before a stop with no number, no 这 and no 各 before it."""
    return re.compile(rf"(?<![{_NUMBER}的家件户期人批户场]){either(data('figures')['measures'])}(?=[，,。；;、])")


def _is_bare(text: str, start: int, end: int) -> bool:
    """Whether a measure stands by itself: no word of the language ends with it."""
    if any(lexicon.words().get(text[place:end], 0) >= lexicon.COMMON for place in range(max(0, end - 4), start)):
        return False
    return not any(text.endswith(word, 0, end) for word in data("figures")["words"])
