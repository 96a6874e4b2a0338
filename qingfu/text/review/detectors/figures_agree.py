"""Figures that must agree: parts and their sum, a change and its percentage; names too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from ..document import Document, Report, View
from ..finding import Finding, Span
from ..signs import sign_of
from ..spelling import alike
from ..words import HAN, data, either

_FIGURE = r"\d+(?:\.\d+)?"
_DIGIT = re.compile(r"\d")
_UP_TO_THREE = "|".join(rf"(?<=[，,（(][^，。；;\d\n]{{{number}}}.)" for number in range(4))
_COMPARES = sign_of("从由比较", rf"[从由][^，。；;\d\n]{{0,10}}\d|[比较](?:{_UP_TO_THREE})")
_PERCENT = re.compile(r"[%％](?<=\d.)")
_UNIT = data("claims")["units"]
ROUNDING = Decimal("0.6")  # percentage points that rounding of a published share explains
FEWEST = 3  # figures of which one can be the sum of the others
NAME = 3  # characters of the names that are looked for before a title
NEARLY = Decimal("0.1")  # of the whole: parts that miss it by less were meant to make it up


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        for sign, find_in in ((_DIGIT, _sums), (_COMPARES, _changes), (_PERCENT, _shares)):
            for _, line in report.lines_with(sign):
                yield from find_in(line)
        yield from _names(report)


class Figure(NamedTuple):
    """A figure with its unit; ``label`` is what stands between it and the figure before."""

    value: Decimal
    unit: str
    label: str
    start: int
    end: int


# A figure from its first digit on; a pattern that begins with a digit is tried at digits alone.
_WHOLE_FIGURE = r"\d(?<![\d.]\d)\d*(?:\.\d+)?"
_COUNT = re.compile(rf"({_WHOLE_FIGURE})({_UNIT})次?")
_WORDS = r"[^，,。；;：:、\d]"
_TOLD_IN_ALL = re.compile(rf"[，,、]{_WORDS}{{0,4}}{either(data('claims')['wholes'])}{_WORDS}{{0,8}}$")
_CLAUSE = re.compile("[，,、；：:（(]")
_PARTS_FOLLOW = re.compile(r"^[^，,。；;：:、\d（(]{0,10}[，,（(：:](?:其中|包括|分别是|含)?[：:]?")
_GOES_ON = re.compile("[^，,。；;：:、\\d（(]{1,10}")  # 42台电脑能用的只有29台
_SAID_SO = re.compile(r"其中|包括|分别是|[：:（(]")


def _sums(line: View) -> Iterator[Finding]:
    places = [line.start + match.start() for match in _COUNT.finditer(line.text)]
    for sentence in line.sentences_at(places) if len(places) >= FEWEST else ():
        figures = list(_figures(sentence.text))
        if len(figures) < FEWEST:
            continue
        done = -1
        for place, figure in enumerate(figures):
            if place <= done:
                continue
            for parts in (_parts_after(figures, place), _parts_before(figures, place)):
                if parts and (finding := _added_up(sentence, figure, parts)):
                    yield finding
                    done = place + len(parts)
                    break


def _figures(text: str) -> Iterator[Figure]:
    end = 0
    for match in _COUNT.finditer(text):
        value, unit = Decimal(match[1]), match[2]
        if unit == "亿元":
            value, unit = value * 10_000, "万元"
        yield Figure(value, unit, text[end : match.start()], *match.span())
        end = match.end()


@cache
def _other_matter() -> re.Pattern:
    return re.compile(either(data("claims")["no_part"]))


def _is_other_matter(figure: Figure) -> bool:
    """Whether the clause that a figure ends compares, or tells a share or a rate: 比去年少11次."""
    return _other_matter().search(_CLAUSE.split(figure.label)[-1]) is not None


def _parts_after(figures: list[Figure], place: int) -> list[Figure]:
    """The parts that a whole announces: 163人，其中镇干部71人、村干部94人; 37次，县级9次、镇级26次.

    Without 其中 or a colon the labels must exclude each other, or a word before the whole must sum up; without a comma
    they must exclude each other.
    """
    whole = figures[place]
    if place + 2 >= len(figures):
        return []
    introduced = _PARTS_FOLLOW.match(figures[place + 1].label)
    if not introduced and not _GOES_ON.fullmatch(figures[place + 1].label):
        return []
    parts = []
    for figure in figures[place + 1 :]:
        if _is_other_matter(figure) or _TOLD_IN_ALL.search(figure.label):
            break
        if figure.unit == whole.unit:
            parts.append(figure)
    if len(parts) < 2 or _is_other_matter(whole):
        return []
    told = introduced and (_SAID_SO.search(introduced[0]) or _summed().search(whole.label))
    return parts if told or _excluding(parts) else []


def _parts_before(figures: list[Figure], place: int) -> list[Figure]:
    """The parts that a whole sums up: 第一轮12所，第二轮15所，共27所."""
    whole, parts = figures[place], []
    if not _TOLD_IN_ALL.search(whole.label):
        return []
    for figure in reversed(figures[:place]):
        if figure.unit != whole.unit or _is_other_matter(figure):
            break
        parts.insert(0, figure)
        if _TOLD_IN_ALL.search(figure.label):
            break
    return parts if len(parts) > 1 else []


@cache
def _summed() -> re.Pattern:
    return re.compile(rf"{either(data('claims')['wholes'])}[^，,。；;]{{0,14}}$")


def _excluding(parts: list[Figure]) -> bool:
    """Whether two of the parts leave nothing over: 公办 and 民办."""
    text = "\n".join(part.label for part in parts)
    return any(one.search(text) and other.search(text) for one, other in _complements())


@cache
def _complements() -> list[tuple[re.Pattern, re.Pattern]]:
    return [(re.compile(one), re.compile(other)) for one, other in data("claims")["complements"]]


def _added_up(sentence: View, whole: Figure, parts: list[Figure]) -> Finding | None:
    """A finding where the parts were meant to make up the whole and do not."""
    sums = list(accumulate(part.value for part in parts))
    total = sums[-1]
    rounded = Decimal(50) if sentence.text[: whole.end].endswith("亿元") else 0  # of 1.42亿元, in 万元
    if any(abs(whole.value - one) <= rounded for one in sums[1:]):
        return None
    if not _was_meant_to_add_up(whole.value, total, parts):
        return None
    note = f"各部分相加是 {total}{whole.unit}，合计写的是 {whole.value}{whole.unit}"
    # Which of the figures is wrong nobody can tell: all of them are marked.
    start, end = min(whole.start, parts[0].start), max(whole.end, parts[-1].end)
    return sentence.find("internal_contradiction", "sum_mismatch", start, end, note, conf="m")


def _was_meant_to_add_up(whole: Decimal, total: Decimal, parts: list[Figure]) -> bool:
    """其中 may name some parts only, and parts may overlap: a sum far from the whole says nothing, unless the parts
    exclude each other."""
    return abs(total - whole) <= max(NEARLY * whole, 1) or whole < 2 * total < 4 * whole and _excluding(parts)


@cache
def _change() -> re.Pattern:
    """由52件减少到39件，减少25%，减少了14件: before, after, and what is said of the difference."""
    falls, rises = either(data("claims")["falls"]), either(data("claims")["rises"])
    unit = rf"(?:{_UNIT}|分钟|小时|页|字|张|天|万元|处|本)"
    return re.compile(
        rf"(?:从|由)(?:20\d\d年)?[^，。；;\d]{{0,10}}(?P<before>{_FIGURE})(?P<unit>{unit})?[^，。；;\d]{{0,6}}"
        rf"(?:(?:{falls}|{rises}|调整|变|降|升|增|整合|合并)(?:到|至|为|成))(?:20\d\d年)?[^，。；;\d]{{0,6}}(?P<after>{_FIGURE})(?:{unit})?"
        rf"(?P<said>(?:[，,（(、]?[^，。；;\d率]{{0,6}}(?:净?(?:{falls}|{rises})|降幅|减幅|增幅|精简率|压减率|压缩率)(?:了|达|为|约)?"
        rf"{_FIGURE}(?:[%％]|{unit})){{1,2}})"
    )


@cache
def _against() -> re.Pattern:
    """86件，较上年104件减少18件，下降17.3%: after, before, and what is said of the difference."""
    ways = either(data("claims")["falls"] + data("claims")["rises"])
    return re.compile(
        rf"(?P<after>{_WHOLE_FIGURE})(?P<unit>{_UNIT}|分钟|小时)[，,（(][^，。；;\d]{{0,3}}[比较](?:去年|上年|上学期|上一?学年|前年|20\d\d年)(?:同期)?的?"
        rf"(?P<before>{_FIGURE})(?P=unit)(?P<said>(?:[，,（(、]?(?:净?{ways}|降幅|增幅)(?:了|达|为|约)?"
        rf"{_FIGURE}(?:[%％]|(?P=unit))){{1,2}})"
    )


def _changes(line: View) -> Iterator[Finding]:
    for pattern in (_change(), _against()):
        for match in pattern.finditer(line.text):
            before, after = Decimal(match["before"]), Decimal(match["after"])
            if before and not _sums_several(line.text, match):
                yield from _differences(line, match, before, after)


def _sums_several(text: str, match: re.Match) -> bool:
    """县委发文156件，县政府发文246件，比去年的530件减少128件: the comparison is of both together."""
    if match.start() != match.start("after"):
        return False
    sentence = text[max(text.rfind(mark, 0, match.start()) for mark in "。；") + 1 : match.start()]
    return re.search(rf"{_FIGURE}{match['unit']}[^。；]{{0,16}}$", sentence) is not None


def _differences(line: View, match: re.Match, before: Decimal, after: Decimal) -> Iterator[Finding]:
    """The differences that are said, in per cent or in the unit, where they are wrong."""
    begin = match.start("said")
    for said in re.finditer(rf"({_FIGURE})([%％]|{match['unit'] or '$'})", match["said"]):
        told, share = Decimal(said[1]), said[2] in "%％"
        true = abs(after - before) / before * 100 if share else abs(after - before)
        if abs(true - told) <= (ROUNDING if share else 0):
            continue
        sub, fix = ("percentage", _shown(true, said[1])) if share else ("sum_mismatch", f"{true}")
        note = f"从 {before} 到 {after} 是 {fix}{said[2]}，不是 {told}{said[2]}"
        span = begin + said.start(), begin + said.end()
        yield line.find("internal_contradiction", sub, *span, note, fix=fix + said[2])


@cache
def _share() -> re.Pattern:
    return re.compile(
        rf"(?P<whole>\d(?<!\d\d)\d*(?:\.\d+)?)(?:(?P<people>[人名位](?!次))|(?P<unit>{_UNIT}))"
        rf"(?P<label>[^。；;\d%％]{{0,16}}?)(?P<part>{_FIGURE})(?(people)[人名位](?!次)|(?P=unit))"
        rf"(?P<of>[^。；;\d%％]{{0,8}}?)(?:占比?(?:达到?|为)?|比例(?:达到?|为)|(?P<rate>[{HAN}]{{2}})?率(?:达到?|为)?|比率为)(?:了|约)?"
        rf"(?P<share>{_FIGURE})[%％]"
    )


_PART_OF_WHOLE = re.compile(
    rf"(?P<part>\d(?<!\d\d)\d*(?:\.\d+)?)(?P<unit>{_UNIT})[，,（(]?[^。；;\d%％，]{{0,6}}占[^。；;\d%％，]{{0,12}}(?P<whole>{_FIGURE})(?P=unit)"
    rf"[^。；;\d%％，]{{0,6}}?的(?P<share>{_FIGURE})[%％]"
)


def _shares(line: View) -> Iterator[Finding]:
    for match in [*_share().finditer(line.text), *(_PART_OF_WHOLE.finditer(line.text) if "占" in line.text else ())]:
        whole, part, share = (Decimal(match[name]) for name in ("whole", "part", "share"))
        if not whole or part > whole or not _is_rate_of(match):
            continue
        true = part / whole * 100
        if abs(true - share) > ROUNDING:
            note = f"{part} 占 {whole} 的 {true:.1f}%，不是 {share}%"
            span = match.start("share"), match.end()
            yield line.find(
                "internal_contradiction", "percentage", *span, note, conf="m", fix=f"{_shown(true, match['share'])}%"
            )


def _is_rate_of(match: re.Match) -> bool:
    """Whether a rate that no 达 or 为 joins to the part is told of it: 收回486份，回收率95.2%, not 满意率95.2%."""
    rate = match.groupdict().get("rate")
    if rate in data("claims")["falls"]:  # 由113家压减为4家，压减率96.5%
        return False
    if not rate or re.search(r"率(?:达到?|为)", match[0]):
        return True
    return any(letter in match["label"] + match["of"] for letter in rate)


def _shown(value: Decimal, like: str) -> str:
    """``value`` with as many decimals as ``like`` has."""
    return f"{value:.{len(like.partition('.')[2])}f}"


@cache
def _person() -> re.Pattern:
    lists = data("claims")
    titles, name = either(lists["titles"]), rf"[{lists['surnames']}][{HAN}]{{1,2}}"
    return re.compile(
        rf"(?P<post>{titles})(?P<behind>{name})(?={lists['after_name']})"
        rf"|(?:^|(?<=[^{HAN}])|(?<=[由以])|(?<=其中))(?P<before>[{lists['surnames']}][{HAN}]{{2}})(?=(?P<title>{titles}))"
    )


@cache
def _title() -> re.Pattern:
    return re.compile(either(data("claims")["titles"]))


def _persons(text: str) -> Iterator[re.Match]:
    """The matches of ``_person``, which is tried at titles alone, and where a name before one would begin."""
    places, at = set(), 0
    while title := _title().search(text, at):
        places |= {title.start(), max(0, title.start() - NAME)}
        at = title.start() + 1
    end = 0
    for at in sorted(places):
        if at >= end and (match := _person().match(text, at)):
            yield match
            end = match.end()


def _names(report: Report) -> Iterator[Finding]:
    """One person under two spellings: one character is another of the same sound or shape. Names of two characters
    are compared where they have one post."""
    view = report.simple
    seen: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)  # by post, "" for any: names with their places
    known: set[str] = set()
    for match in _persons(view.text):
        group = "before" if match["before"] else "behind"
        name, title = match[group], match["title"] or match["post"]
        title = "" if len(name) == NAME else "老师" if title in ("教师", "同志") else title
        other = next(((n, where) for n, where in seen[title].items() if _same_but_one(n, name)), None)
        if other:
            note = f"前面写的是{other[0]}，这里是{name}"
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
