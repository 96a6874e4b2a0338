"""Figures that were taken out and left their measure word behind: 拆除燃煤锅炉台, 下降%, 年月日."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .. import lexicon
from ..document import Document, View
from ..finding import Finding
from ..signs import sign_of
from ..words import HAN, data, either

_NUMBER = data("figures")["numbers"]
_CLAUSE_END = re.compile(rf"[，,。；;：:、{_NUMBER}]")
LONGEST_CLAUSE = 100  # characters before a measure in which its verb is looked for
NEAR = 60  # characters to either side in which the same measure is looked for with a number
_FIGURE = re.compile("[0-9０-９xX×*％%]")
_DATE = re.compile(
    rf"(?<![{_NUMBER}年月])(?:年月日|年月(?=[，,。；;、\s起至]|$))|(?<=年)月日|(?<=[于自在至从到])月日|(?<=[自从])月(?=[起份])"
)
_SIGN = re.compile(rf"(?<=[{HAN}])(?<![{_NUMBER}])[%％](?=[，,。；;、{HAN}])")
_DOCUMENT_NUMBER = re.compile(r"[〔\[（(][ 　]*[〕\])）][ 　]*\d*号|[〕\]]号|(?<=字)第号")

_AND_MORE = re.compile(
    rf"(?<=[{HAN}》”])(?<![{_NUMBER}{data('figures')['no_more']}])余(?:人次|[份户人名个家次件场项条元册篇所])(?![头外上下裕])"
)
_AFTER_HAVE = re.compile("(?<=[^有]有)余[名家户件次场项所篇份]")  # 先后有余名干部
_STOP = r"(?=[，,。；;、）)]|以[内上下]|左右|上下|的?标准)"

_WITHOUT_FIGURES = (
    ("月", _DATE, "日期没有数字"),
    ("%", _SIGN, "百分号前没有数字"),
    ("％", _SIGN, "百分号前没有数字"),
    ("号", _DOCUMENT_NUMBER, "文号没有数字"),
    ("百分之", re.compile("百分之(?=[，,。；;、])"), "“百分之”后面没有数字"),
    ("余", _AND_MORE, "“余”前面没有数字"),
    ("有余", _AFTER_HAVE, "“余”前面没有数字"),
)


@cache
def _end() -> re.Pattern:
    """A measure's last character before a stop, and no digit before it."""
    ends = "".join(sorted({measure[-1] for measure in data("figures")["measures"] + data("figures")["of_people"]}))
    return re.compile(rf"[{ends}](?<![0-9].){_STOP}")


@cache
def _any_bare() -> re.Pattern:
    """What stands in a line in which something has no figure."""
    lists, ways = data("figures"), "".join(way[0] for way in _ways())
    first = "".join(word[-1] for word in lists["measures"] + lists["of_people"]) + "".join(lists["of_nouns"]) + ways
    return sign_of(
        rf"{first}年月于自在至从到有%％〔\[（(〕\]字百余为达占比名总",
        rf"{_end().pattern}|年月|[于自在至从到]月日|[自从]月[起份]|有余[名家户件次场项所篇份]"
        rf"|[%％](?<=[{HAN}].)|[〔\[（(][ 　]*[〕\])）]|[〕\]]号|字第号"
        rf"|百分之(?=[，,。；;、])|余(?<=[{HAN}》”].)(?=[份户人名个家次件场项条元册篇所])"
        rf"|{_noun_follows().pattern}|{_counted_follows().pattern}|{_people_follow().pattern}|{_changes_on().pattern}"
        r"|[为达到占比](?=[，,。；;])|总[数量额人]{1,2}的(?=[，,。；;])",
    )


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        for _, line in report.lines_with(_any_bare()):
            yield from _in_line(line)


def _in_line(line: View) -> Iterator[Finding]:
    text = line.text
    found = {}
    for sign, pattern, note in _WITHOUT_FIGURES:
        if sign in text:
            found |= {match.span(): note for match in pattern.finditer(text)}
    ends = [match.end() for match in _end().finditer(text)]
    for match in _before(ends, _expecting(), text):
        # 只有名 is no 有名: behind these words the measure begins anew.
        if match["before"][-1] in data("figures")["ends"] or _is_bare(text, *match.span("measure")):
            found[match.span("measure")] = f"“{match['measure']}”前面没有数字"
    for match in _before([end for end in ends if text[end - 1] in "人名"], _people(), text):
        found[match.span("measure")] = f"“{match['measure']}”前面没有数字"
    for match in _before_noun().finditer(text) if _noun_follows().search(text) else ():
        start, end = match.span("measure")
        if not (lexicon.begins_a_word(text, start, 1) or lexicon.ends_a_word(text, end)):
            found[start, end] = f"“{match['measure']}”前面没有数字"
    for match in _people_follow().finditer(text):
        begins = match["people"] is None and lexicon.begins_a_word(text, match.start(), 1)  # 名|家长, not 名家|长
        if not (begins or lexicon.ends_a_word(text, match.end())):
            found[match.span()] = f"“{match[0]}”前面没有数字"
    for match in _counted_follows().finditer(text):
        if not lexicon.ends_a_word(text, match.end()):
            found[match.span()] = f"“{match[0]}”前面没有数字"
    for match in _changing().finditer(text) if _changes_on().search(text) else ():
        if _is_bare(text, *match.span("measure")):
            found[match.span("measure")] = f"“{match['measure']}”前面没有数字"
    standing = [match for match in _before(ends, _standing(), text) if _is_bare(text, *match.span())]
    for match in standing:
        if _is_due(text, match) or _is_one_of_several(text, match, standing):
            found[match.span()] = f"“{match[0]}”前面没有数字"
    for (start, end), note in sorted(found.items()):
        yield line.find("empty_figure", "number_removed", start, end, note, conf="m")
    for match in _no_share().finditer(text):  # figure and measure are gone: a word is lost
        yield line.find("ocr_slip", "dropped_word", *match.span(), f"“{match[0]}”后面没有数字", conf="m")


def _before(ends: list[int], pattern: re.Pattern, text: str) -> Iterator[re.Match]:
    """The matches of a pattern that end where a measure does; it is tried on the few characters before."""
    for end in ends:
        yield from pattern.finditer(text, max(0, end - _longest()), end + len("的标准"))


@cache
def _longest() -> int:
    """Characters of the longest measure behind the longest word that expects one, and 了."""
    lists = data("figures")
    return max(map(len, lists["expecting"] + lists["people"])) + 1 + max(map(len, lists["measures"]))


def _is_due(text: str, match: re.Match) -> bool:
    """Whether a measure before a stop must have had a number, by what stands around it."""
    measure, start, end = match[0], *match.span()
    before, after = text[max(0, start - LONGEST_CLAUSE) : start], text[end : end + NEAR]
    lists = data("figures")
    if measure in lists["of_people"] and text[end] == "、":  # 传承人、运动员
        return False
    if measure[0] in "万亿" and before[-1] in lists["nearly"]:  # 近万亩 is a number
        return False
    if _share().match(after) or _like(measure, before).search(before[-NEAR:] + "\n" + after):
        return True
    if measure in lists["of_people"] or _summing().search(before):
        return measure not in lists["of_people"]
    if _item_before().search(before):
        return True
    if measure in lists["also_nouns"] and not _FIGURE.search(before[-NEAR:] + after):
        return False
    sure = measure in lists["sure"] and lexicon.ends_a_word(text, start)
    return sure or _counting_verb().search(_CLAUSE_END.split(before)[-1]) is not None


def _is_one_of_several(text: str, match: re.Match, standing: list[re.Match]) -> bool:
    """Whether a measure behind a verb that counts and a noun has others of its kind in its sentence: where one figure
    was taken out, so were the others. 发展合作社家，带动农户户."""
    before = text[max(0, match.start() - LONGEST_CLAUSE) : match.start()]
    if len(standing) < 2 or not _counted_noun().search(_CLAUSE_END.split(before)[-1]):
        return False
    begin = max(text.rfind(mark, 0, match.start()) for mark in "。；") + 1
    end = min((at for at in (text.find(mark, match.end()) for mark in "。；") if at >= 0), default=len(text))
    return sum(begin <= other.start() < end for other in standing) > 1


@cache
def _counted_noun() -> re.Pattern:
    """A verb that counts and what it counts, up to the measure: 带动农户."""
    return re.compile(rf"{either(data('figures')['counting_verbs'])}[{HAN}]{{2,8}}$")


def _like(measure: str, before: str) -> re.Pattern:
    """The same measure with a number, behind the like of what stands before this one."""
    if before.endswith("的"):  # 满意的55户，基本满意的户
        return re.compile(rf"的\d+{measure}[，,。；;、]")
    if measure in data("figures")["also_nouns"]:  # 小学所、初中19所
        return re.compile(rf"[^的\d，,。；;、]\d+{measure}[，,。；;、]")
    return re.compile(rf"\d+{measure}")


@cache
def _share() -> re.Pattern:
    """What follows a count: ，占53.2%, ，报名率86.4%."""
    return re.compile("[，,][^，,。；;]{0,6}?(?:占|率)[^，,。；;]{0,4}?[0-9]")


@cache
def _summing() -> re.Pattern:
    """A word that sums up and a noun: 共有学生名, 先后印发简报期."""
    lists = data("figures")
    verbs = either(lists["counting_verbs"])
    return re.compile(rf"(?:{either(lists['summing'])}|(?:共|累计|先后|总共){verbs}了?)[{HAN}]{{2,6}}$")


@cache
def _item_before() -> re.Pattern:
    """The items of a list before this one have numbers: 篮球架4副、乒乓球台张."""
    return re.compile(rf"\d{either(data('figures')['measures'] + data('figures')['of_things'])}、[{HAN}]{{1,8}}$")


@cache
def _counting_verb() -> re.Pattern:
    return re.compile(either(data("figures")["counting_verbs"]))


@cache
def _expecting() -> re.Pattern:
    """A measure straight behind a word that expects a figure."""
    lists = data("figures")
    every = lists["measures"] + lists["of_people"]
    return re.compile(rf"(?P<before>{either(lists['expecting'])})了?(?P<measure>{either(every)}){_STOP}")


@cache
def _people() -> re.Pattern:
    people = either(data("figures")["people"])
    return re.compile(rf"{people}(?P<measure>人(?=[，,。；;、])|名(?=[，。；]))")


@cache
def _noun_follows() -> re.Pattern:
    """A measure between the last character of a word that expects a figure and a noun: what ``_before_noun`` needs."""
    lists = data("figures")
    last = "".join(sorted({word[-1] for word in lists["before_nouns"]}))
    return re.compile(rf"[{''.join(lists['of_nouns'])}](?<=[{last}了].)(?=[{HAN}])")


@cache
def _before_noun() -> re.Pattern:
    lists = data("figures")
    before = rf"(?<![发出呈体展涌]){either(lists['before_nouns'])}了?"  # 发现有个 is no 现有
    return re.compile(rf"{before}(?P<measure>{either(lists['of_nouns'])})(?=[{HAN}])")


@cache
def _counted_follows() -> re.Pattern:
    """A measure before a noun that is counted, with no number where one must be: 对所学校, 楼宇内的家机构."""
    lists = data("figures")
    return re.compile(
        rf"[{''.join(lists['of_nouns'])}](?<=[{lists['before_counted']}].)(?={either(lists['counted_nouns'])})"
    )


@cache
def _people_follow() -> re.Pattern:
    """名 before those who are counted: 由名家长代表组成, 为名困难学生免费."""
    lists = data("figures")
    people = either(lists["counted_people"])
    return re.compile(rf"名(?<=[{lists['before_counted']}校].)(?=(?P<people>{people})|[{HAN}]{{1,4}}{people})")


@cache
def _ways() -> list[str]:
    said = data("claims")
    return [*said["falls"], *said["rises"], "减", "降", "升", "增", "调整", "合并", "整合"]


@cache
def _changes_on() -> re.Pattern:
    """A word of change behind a measure: what ``_changing`` needs."""
    first = "".join(sorted({way[0] for way in _ways()}))
    last = "".join(sorted({measure[-1] for measure in data("figures")["measures"]}))
    return re.compile(rf"[{first}](?<=[{last}].)")


@cache
def _changing() -> re.Pattern:
    """What something fell or rose from, or to, and has no number: 由每天分钟压缩到, 降到现在的分钟."""
    measure = rf"(?P<measure>{either(data('figures')['measures'])})"
    return re.compile(rf"[从由的每](?<![{_NUMBER}].)(?:[天周月人]|学期|学年)?{measure}(?={either(_ways())}[到至为成])")


@cache
def _no_share() -> re.Pattern:
    """A share or a rate before a stop: 占比达到。"""
    lists = data("figures")
    return re.compile(
        rf"(?:{either(lists['shares'])}|率{either(lists['rates'])}|占[^，,。；;：\d]{{2,12}}总[数量额人]{{1,2}}的)(?=[，,。；;])"
    )


@cache
def _standing() -> re.Pattern:
    """A measure before a stop with no number, no 这 and no 各 before it."""
    measures = data("figures")["measures"] + data("figures")["of_people"]
    first, every = "".join(measure[0] for measure in measures), either(measures)
    no_number = rf"(?<![{_NUMBER}家件户期人批场个之])(?<![0-9０-９十百千多]来)"
    return re.compile(rf"(?=[{first}])(?<=[{HAN}]){no_number}{every}(?=[，,。；;、])")


def _is_bare(text: str, start: int, end: int) -> bool:
    """Whether a measure stands by itself: no word of the language ends with it."""
    if any(lexicon.words().get(text[place:end], 0) >= lexicon.COMMON for place in range(max(0, end - 4), start)):
        return False
    return not text.endswith(_ending_words(), 0, end)


@cache
def _ending_words() -> tuple[str, ...]:
    return tuple(data("figures")["words"])
