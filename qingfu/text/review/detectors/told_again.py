"""What a report tells twice and not alike: a whole, a rate, a change, a count, the year of the founding, who leads, a
place's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from ..document import Document, Report, View
from ..finding import Finding, Span
from ..signs import sign_of
from ..spelling import alike
from ..words import HAN, NUMERALS, data, either

_FIGURE = r"\d+(?:\.\d+)?"
_PLACE_NAME = 2  # characters of a place's name before the word that says what it is


class Told(NamedTuple):
    """A figure or name with what it is told of. Two of one ``matter`` with different values contradict each other."""

    matter: tuple[str, ...]
    value: str
    line: View
    start: int
    end: int


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        yield from _differing(report, _figures_told(report), "number", "前面写的是{}，这里是{}")
        yield from _differing(report, _leaders(report), "entity", "组长前面写的是{}，这里是{}")
        yield from _places(report)


def _differing(report: Report, told: Iterator[Told], sub: str, note: str) -> Iterator[Finding]:
    """Each later value of a matter that is not its first one."""
    first: dict[tuple[str, ...], Told] = {}
    for one in told:
        before = first.setdefault(one.matter, one)
        if one.value != before.value:
            pair = Span(*before.line.raw_span(before.start, before.end))
            yield one.line.find(
                "internal_contradiction", sub, one.start, one.end, note.format(before.value, one.value),
                conf="m", pair=pair,
            )  # fmt: skip


# ---- figures


def _figures_told(report: Report) -> Iterator[Told]:
    for sign, read in _readings():
        for _, line in report.lines_with(sign):
            for sentence in line.sentences_at(line.start + one.start() for one in sign.finditer(line.text)):
                for told in read(sentence):
                    if not _is_of_a_part(told):
                        yield told


@cache
def _readings() -> tuple[tuple[re.Pattern, Callable[[View], Iterator[Told]]], ...]:
    """Each way of telling figures with a sign that stands in whatever it reads and begins with a set of characters."""
    of_all = r"[全我学总][校县镇乡区市旗体][^，。；;\d\n]{0,8}\d|\d[个所名家位人户][^，。；;\d\n]{2,14}[均全都]"
    signs = (
        (sign_of(r"全我学总共现在\d", rf"{of_all}|[共现在][^，。；;\d\n]{{1,8}}\d"), _wholes),
        (r"[率度][^，。；;\d\n]{0,4}\d", _rates),
        (r"[同比较](?:比|去年|上年|上一年)[^，。；;\d\n]{2,8}\d", _changes),
        (r"[累共总合][计共][^，。；;\d\n]{2,14}\d", _counts),
        (r"[创始建][办建校立]于?(?:19|20)\d\d年", _foundings),
    )
    return tuple((re.compile(sign), read) for sign, read in signs)


def _is_of_a_part(told: Told) -> bool:
    """Whether the sentence speaks, up to the figure, of some time, some part or, but for a whole, some place."""
    part = _part("parts") if told.matter[0] == "whole" else _part("parts", "elsewhere")
    return part.search(told.line.text, 0, told.start) is not None


@cache
def _part(*lists: str) -> re.Pattern:
    return re.compile("|".join(words for name in lists for words in data("again")[name]))


@cache
def _whole() -> re.Pattern:
    """全县辖14个乡镇; 我校共有学生1286人; 15个乡镇均已…; 共开设社团28个."""
    said = data("again")
    nouns, scope = either(said["wholes"]), either(said["scopes"])
    have = "(?:(?:现|共|下)?(?:有|辖|设)|所辖|共)"
    opened = f"共(?:{either(said['founded'])})了?"
    count = r"(?P<value{0}>\d+)[余多]?[个所名家位人户]"
    return re.compile(
        rf"{scope}(?:{have}{count.format(1)}(?P<noun1>{nouns})(?=[，。；、]|$)|{count.format(5)}(?P<noun5>{nouns})(?!的))"
        rf"|{scope}{have}?(?P<noun2>{nouns})(?:共|有|共计|总数)?{count.format(2)}"
        rf"|(?:^|[，。；：]|{scope}){count.format(3)}(?P<noun3>{nouns})(?:的[{HAN}]{{2,8}})?[^，。；\d]{{0,4}}?(?:全部|全都|均已?|都已|实现全覆盖)"
        rf"|{opened}(?P<noun4>{nouns}){count.format(4)}"
    )


def _wholes(sentence: View) -> Iterator[Told]:
    for match in _whole().finditer(sentence.text):
        way = next(number for number in "12345" if match[f"value{number}"])
        value = match[f"value{way}"]
        yield Told(("whole", match[f"noun{way}"]), value, sentence, *match.span(f"value{way}"))


@cache
def _rate() -> re.Pattern:
    said = data("again")
    return re.compile(
        rf"(?:^|(?<=[，。；：、]))(?P<label>[{HAN}]{{2,12}}?{either(said['rates'])})(?:已?达到?了?|均?为|是|高达|约为)?"
        rf"(?P<value>{_FIGURE})[%％]"
    )


def _rates(sentence: View) -> Iterator[Told]:
    for match in _rate().finditer(sentence.text):
        label = _plain(match["label"])
        if len(label) >= data("again")["shortest"]["rate"]:
            yield Told(("rate", label), f"{match['value']}%", sentence, match.start("value"), match.end())


@cache
def _change() -> re.Pattern:
    said = data("again")
    ways = either([*data("claims")["falls"], *data("claims")["rises"]])
    return re.compile(
        rf"(?:^|(?<=[，。；：、]))(?P<label>[{HAN}]{{2,10}}?)(?:\d+[件份个次场项]，)?{either(said['compared'])}(?P<way>{ways})了?"
        rf"(?P<value>{_FIGURE}[%％])"
    )


def _changes(sentence: View) -> Iterator[Told]:
    for match in _change().finditer(sentence.text):
        label = _plain(match["label"])
        if len(label) >= data("again")["shortest"]["change"]:
            yield Told(("change", label), match["value"].replace("％", "%"), sentence, *match.span("value"))


@cache
def _count() -> re.Pattern:
    summing, units = either(data("again")["summing"]), data("claims")["units"]
    return re.compile(rf"{summing}已?(?P<label>[{HAN}]{{2,12}}?)(?P<value>{_FIGURE})(?P<unit>{units})")


def _counts(sentence: View) -> Iterator[Told]:
    for match in _count().finditer(sentence.text):
        yield Told(("count", match["label"], match["unit"]), match["value"], sentence, *match.span("value"))


@cache
def _founding() -> re.Pattern:
    said = data("again")
    return re.compile(rf"(?<![{HAN}]{{8}}){either(said['founding'])}于?(?P<value>(?:19|20)\d\d)年")


def _foundings(sentence: View) -> Iterator[Told]:
    for match in _founding().finditer(sentence.text):
        if not re.search(either(data("again")["buildings"]), sentence.text[: match.end() + 8]):
            yield Told(("founding",), match["value"], sentence, *match.span("value"))


def _plain(label: str) -> str:
    """A label without what says when and where all is meant, and without the verb: 全县制发文件 is 文件."""
    said = data("again")
    return re.sub(f"^(?:{either([*said['scopes'], *said['when'], *said['verbs']])})+", "", label)


# ---- names


@cache
def _leader() -> re.Pattern:
    said = data("claims")
    name = rf"(?P<name{{0}}>[{said['surnames']}][{HAN}]{{{{1,2}}}}?)"
    post = rf"(?:[{HAN}]{{0,6}}?{either([*said['titles'], *data('again')['posts']])})?"
    of = rf"(?P<of{{0}}>[{HAN}]{{{{0,10}}}}?)(?:领导小组|工作专班|工作小组)"
    return re.compile(
        rf"[由以]{post}{name.format(1)}(?:同志)?[任为]组长的{of.format(1)}"
        rf"|{of.format(2)}，?[由以]{post}{name.format(2)}(?:同志)?[任为]组长"
        rf"|{of.format(3)}，?组长[由是为：]{post}{name.format(3)}(?:同志)?(?=担任|兼任|[，。；）])"
    )


def _leaders(report: Report) -> Iterator[Told]:
    """Who leads a group, by the group's name."""
    for _, line in report.lines_with(_GROUP):
        for match in _leader().finditer(line.text):
            way = next(number for number in "123" if match[f"name{number}"])
            group = re.sub(f"^.*(?:{either(data('again')['before_groups'])})", "", match[f"of{way}"])
            yield Told(("leader", group), match[f"name{way}"], line, *match.span(f"name{way}"))


_GROUP = re.compile("组长(?<![副双校级研课]组长)")


@cache
def _place() -> re.Pattern:
    said = data("again")
    name = rf"(?![{HAN}]?[{said['no_name']}{NUMERALS}])[{HAN}]{{{_PLACE_NAME}}}"
    first = "".join(place[0] for place in said["places"])
    return re.compile(rf"[{first}](?<=({name}).)(?<=(?=({either(said['places'])})).)")


def _places(report: Report) -> Iterator[Finding]:
    """A place's name that stands once and differs by a character of like sound or shape from one that stands often."""
    view = report.simple
    places = [(match[1], match[2], match.start() - _PLACE_NAME) for match in _place().finditer(view.text)]
    times = Counter((name, kind) for name, kind, _ in places)
    often = {place for place, count in times.items() if count > 1}
    for name, kind, start in places:
        if times[name, kind] > 1:
            continue
        for other, other_kind in often:
            if kind == other_kind and _is_slip(name, other):
                note = f"别处写的是{other}{kind}，这里是{name}{kind}"
                span = start, start + len(name + kind)
                yield view.find("internal_contradiction", "entity", *span, note, conf="m", fix=other + kind)
                break


def _is_slip(name: str, other: str) -> bool:
    differing = [pair for pair in zip(name, other, strict=True) if pair[0] != pair[1]]
    return len(differing) == 1 and alike(*differing[0])
