"""Characters of the other script, and those that a converter chose wrongly: 于 for 於, 范 for 範."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import REPAIRED, Document, Report, View
from ..finding import Finding
from ..script import as_in_hong_kong, as_in_taiwan, to_simplified
from ..words import data


def find(document: Document) -> Iterator[Finding]:
    for report in document.reports:
        yield from _in_report(report)


def _in_report(report: Report) -> Iterator[Finding]:
    view = report.view(REPAIRED)
    text = view.text
    simple = to_simplified(text)
    taiwan, hong_kong = as_in_taiwan(simple), as_in_hong_kong(simple)
    if not len(text) == len(simple) == len(taiwan) == len(hong_kong):
        return
    rules = data("script")
    # 于 stands in both scripts: only what is of one script alone tells.
    traditional = sum(was != now for was, now in zip(text, simple, strict=True))
    simplified = sum(_simplified_only(was) and was != now for was, now in zip(text, taiwan, strict=True))
    telling = traditional + simplified
    if telling < rules["fewest"]:
        return
    if traditional / telling >= rules["majority"]:
        yield from _wrongly_converted(view, text, taiwan, hong_kong)
    elif simplified / telling >= rules["majority"]:
        yield from _left_traditional(view, text, simple)


def _simplified_only(char: str) -> bool:
    return not char.encode("big5", "ignore")


def _wrongly_converted(view: View, text: str, taiwan: str, hong_kong: str) -> Iterator[Finding]:
    both = set(data("script")["both_in_use"])
    for at, (was, now, also) in enumerate(zip(text, taiwan, hong_kong, strict=True)):
        if was != now == also and was + now not in both:
            note = f"繁体文中此处应作“{now}”，“{was}”是转换时留下的"
            yield view.find("mixed_script", "one_to_many", at, at + 1, note, conf="m", fix=now)


def _left_traditional(view: View, text: str, simple: str) -> Iterator[Finding]:
    for at, (was, now) in enumerate(zip(text, simple, strict=True)):
        if was != now and not was.encode("gb2312", "ignore"):
            note = f"简体文中夹着繁体字，应作“{now}”"
            yield view.find("mixed_script", "traditional", at, at + 1, note, conf="m", fix=now)
