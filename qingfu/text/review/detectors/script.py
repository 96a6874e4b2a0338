"""Characters of the other script, and those that a converter chose wrongly: 于 for 於, 范 for 範."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress, count
from operator import ne

from ..document import REPAIRED, SIMPLE, Document, Report, View
from ..finding import Finding
from ..script import as_in_hong_kong, as_in_print, as_in_taiwan
from ..words import data


def find(document: Document) -> Iterator[Finding]:
    for report in document.reports:
        yield from _in_report(report)


def _in_report(report: Report) -> Iterator[Finding]:
    view = report.view(REPAIRED)
    text, simple = as_in_print(view.text), report.view(SIMPLE).text
    if text == simple:
        return
    traditional = list(compress(count(), map(ne, text, simple)))
    rules = data("script")
    simplified = _count_simplified(text, simple, len(traditional))
    telling = len(traditional) + simplified
    if telling < rules["fewest"]:
        return
    if len(traditional) / telling >= rules["majority"]:
        yield from _wrongly_converted(view, text, simple)
    elif simplified / telling >= rules["majority"]:
        yield from _left_traditional(view, text, simple, traditional)


def _count_simplified(text: str, simple: str, traditional: int) -> int:
    """Characters of simplified script alone (于 stands in both), counted until they are the majority for certain."""
    rules = data("script")
    found = 0
    for line, simple_line in zip(text.split("\n"), simple.split("\n"), strict=True):
        taiwan = as_in_taiwan(simple_line)
        found += sum(was != now and _simplified_only(was) for was, now in zip(line, taiwan, strict=False))
        telling = traditional + found
        if telling >= rules["fewest"] and found / telling >= rules["majority"]:
            break
    return found


def _simplified_only(char: str) -> bool:
    return not char.encode("big5", "ignore")


def _wrongly_converted(view: View, text: str, simple: str) -> Iterator[Finding]:
    taiwan, hong_kong = as_in_taiwan(simple), as_in_hong_kong(simple)
    if not len(text) == len(taiwan) == len(hong_kong):
        return  # a phrase of another length: the characters do not stand beside each other
    both = set(data("script")["both_in_use"])
    both |= _kept_to(text)
    lone = {pair for pair in data("script")["one_word"] if text.count(pair[0]) == 1 and pair[1] in text}
    for at, (was, now, also) in enumerate(zip(text, taiwan, hong_kong, strict=True)):
        if was + now in lone or was != now == also and was + now not in both:
            note = f"繁体文中此处应作“{now}”，“{was}”是转换时留下的"
            yield view.find("mixed_script", "one_to_many", at, at + 1, note, conf="m", fix=now)


def _kept_to(text: str) -> set[str]:
    """The forms that a text uses in place of those that the converter knows, where it keeps to them: 户, 内, 説."""
    rules = data("script")
    kept = {pair for pair in rules["kept_to"] if pair[0] in text and pair[1] not in text}
    return kept if sum(text.count(pair[0]) for pair in kept) >= rules["keeping"] else set()


def _left_traditional(view: View, text: str, simple: str, places: list[int]) -> Iterator[Finding]:
    for at in places:
        if not text[at].encode("gb2312", "ignore"):
            note = f"简体文中夹着繁体字，应作“{simple[at]}”"
            yield view.find("mixed_script", "traditional", at, at + 1, note, conf="m", fix=simple[at])
