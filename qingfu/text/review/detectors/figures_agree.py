"""Figures that must agree: parts and their sum, a change and its percentage, one figure told twice; names too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from ..document import SIMPLE, Document, Report, View
from ..finding import Finding, Span
from ..spelling import alike
from ..words import HAN, data, either

_FIGURE = r"\d+(?:\.\d+)?"
_DIGIT = re.compile(r"\d")
_UNIT = data("claims")["units"]
ROUNDING = Decimal("0.6")  # percentage points that rounding of a published share explains
NEARLY = Decimal("0.1")  # of the whole: parts that miss it by less were meant to make it up


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        for _, line in report.lines(SIMPLE):
            if _DIGIT.search(line.text):
                yield from _sums(line)
            if "%" in line.text or "％" in line.text:
                yield from _changes(line)
                yield from _shares(line)
        yield from _told_twice(report)
        yield from _names(report)


@cache
def _whole() -> re.Pattern:
    words = either(data("claims")["wholes"])
    label = r"[^，。；;\d]{0,14}?"
    return re.compile(
        rf"{words}{label}(?P<whole>{_FIGURE})(?P<unit>{_UNIT})[^，。；;\d]{{0,8}}[，,（(](?:其中|包括)?[，,：:]?"
        rf"(?P<parts>{label}{_FIGURE}(?P=unit)[^，。；;\d、]{{0,8}}(?:[，,、和及]{label}{_FIGURE}(?P=unit)[^，。；;\d、]{{0,8}}){{1,30}})"
        rf"(?=[。；;）)]|$)"
    )


def _sums(line: View) -> Iterator[Finding]:
    for match in _whole().finditer(line.text):
        whole = Decimal(match["whole"])
        values = [Decimal(figure) for figure in re.findall(rf"({_FIGURE}){match['unit']}", match["parts"])]
        total = sum(values)
        if total == whole or not _was_meant_to_add_up(whole, total, match["parts"]):
            continue
        note = f"各部分相加是 {total}{match['unit']}，合计写的是 {whole}{match['unit']}"
        span = match.start("whole"), match.end("unit")
        yield line.find("internal_contradiction", "sum_mismatch", *span, note, conf="m", fix=f"{total}{match['unit']}")


def _was_meant_to_add_up(whole: Decimal, total: Decimal, parts: str) -> bool:
    """其中 may name some parts only: a sum far below the whole says nothing, unless the parts exclude each other."""
    if any(all(word in parts for word in pair) for pair in data("claims")["complements"]):
        return True
    return total > whole or whole - total <= max(NEARLY * whole, 1)


@cache
def _change() -> re.Pattern:
    falls, rises = either(data("claims")["falls"]), either(data("claims")["rises"])
    return re.compile(
        rf"(?:从|由)[^，。；;\d]{{0,10}}(?P<before>{_FIGURE})(?P<unit>{_UNIT}|分钟|页|字)?[^，。；;\d]{{0,6}}"
        rf"(?:(?:{falls}|{rises}|调整|变)(?:到|至|为|成))[^，。；;\d]{{0,6}}(?P<after>{_FIGURE})(?:{_UNIT}|分钟|页|字)?"
        rf"[，,（(、]?[^，。；;\d]{{0,6}}(?P<way>{falls}|{rises}|降幅|增幅|精简率)(?:了|达|为|约)?(?P<share>{_FIGURE})[%％]"
    )


def _changes(line: View) -> Iterator[Finding]:
    for match in _change().finditer(line.text):
        before, after, share = (Decimal(match[name]) for name in ("before", "after", "share"))
        if not before:
            continue
        true = abs(after - before) / before * 100
        if abs(true - share) > ROUNDING:
            note = f"从 {before} 到 {after} 是 {true:.1f}%，不是 {share}%"
            span = match.start("share"), match.end()
            yield line.find("internal_contradiction", "percentage", *span, note, fix=f"{_shown(true, match['share'])}%")


@cache
def _share() -> re.Pattern:
    return re.compile(
        rf"(?<!\d)(?P<whole>{_FIGURE})(?P<unit>{_UNIT})[^。；;\d%％]{{0,16}}?(?P<part>{_FIGURE})(?P=unit)[^。；;\d%％]{{0,8}}?"
        rf"(?:占比?(?:达到?|为)?|比例(?:达到?|为)|率(?:达到?|为)|比率为)(?:约)?(?P<share>{_FIGURE})[%％]"
    )


def _shares(line: View) -> Iterator[Finding]:
    for match in _share().finditer(line.text):
        whole, part, share = (Decimal(match[name]) for name in ("whole", "part", "share"))
        if not whole or part > whole:
            continue
        true = part / whole * 100
        if abs(true - share) > ROUNDING:
            note = f"{part} 占 {whole} 的 {true:.1f}%，不是 {share}%"
            span = match.start("share"), match.end()
            yield line.find(
                "internal_contradiction", "percentage", *span, note, conf="m", fix=f"{_shown(true, match['share'])}%"
            )


def _shown(value: Decimal, like: str) -> str:
    """``value`` with as many decimals as ``like`` has."""
    return f"{value:.{len(like.partition('.')[2])}f}"


@cache
def _standing() -> re.Pattern:
    nouns = either(data("claims")["standing"])
    scope = either(data("claims")["scopes"])
    return re.compile(
        rf"{scope}(?:"  # written once, the pattern is tried only where a scope begins
        rf"(?:现有|共有|共|有|一共)?(?P<noun>{nouns})(?:共|有|共计|总数)?(?P<value>\d+)(?:余|多)?[人名个所家]"
        rf"|(?:现有|共有|共|有)?(?P<value2>\d+)[人名个所家位](?P<noun2>{nouns})(?!的))"
    )


def _told_twice(report: Report) -> Iterator[Finding]:
    seen: dict[str, tuple[str, tuple[int, int]]] = {}
    view = report.simple
    for match in _standing().finditer(view.text):
        noun, value = match["noun"] or match["noun2"], match["value"] or match["value2"]
        span = match.span("value") if match["value"] else match.span("value2")
        first, where = seen.setdefault(noun, (value, span))
        if value != first:
            note = f"{noun}数前面写的是 {first}，这里是 {value}"
            pair = Span(*view.raw_span(*where))
            yield view.find("internal_contradiction", "number", *span, note, conf="m", pair=pair)


@cache
def _person() -> re.Pattern:
    lists = data("claims")
    titles, name = either(lists["titles"]), rf"[{lists['surnames']}][{HAN}]{{1,2}}"
    return re.compile(
        rf"(?P<post>{titles})(?P<behind>{name})(?={lists['after_name']})"
        rf"|(?:^|(?<=[^{HAN}])|(?<=[由以]))(?P<before>[{lists['surnames']}][{HAN}]{{2}})(?=(?P<title>{titles}))"
    )


def _names(report: Report) -> Iterator[Finding]:
    """The same post under two spellings of one name: one character is another of the same sound or shape."""
    view = report.simple
    seen: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)  # by title: names with their places
    known: set[str] = set()
    for match in _person().finditer(view.text):
        group = "before" if match["before"] else "behind"
        name, title = match[group], match["title"] or match["post"]
        other = next(((n, where) for n, where in seen[title].items() if _same_but_one(n, name)), None)
        if other:
            note = f"前面写的是{title}{other[0]}，这里是{name}"
            pair = Span(*view.raw_span(*other[1]))
            yield view.find("internal_contradiction", "entity", *match.span(group), note, conf="m", pair=pair)
        elif name not in known:
            known.add(name)
            seen[title][name] = match.span(group)


def _same_but_one(name: str, other: str) -> bool:
    """Whether two names differ in one given character only, and that one sounds or looks alike."""
    if len(name) != len(other) or name[0] != other[0]:
        return False
    differing = [(a, b) for a, b in zip(name, other, strict=True) if a != b]
    return len(differing) == 1 and alike(*differing[0])
