"""Announced numbers against the lists that follow or precede them: "四个方面" with three."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import takewhile

from ..document import SIMPLE, Document, View
from ..finding import Finding
from ..signs import sign_of
from ..words import HAN, NUMERALS, chinese_number, data, either
from .numbering import line_marker, marker_value

_QUOTED = re.compile(rf"[“「][{NUMERALS}][个大项]")
_VALUE = rf"[{NUMERALS}两]{{1,2}}|\d{{1,2}}"
FARTHEST = 40  # characters between an announcement and the first item of its list
LONGEST_ITEM_MARK = 8
LONGEST_LIST = 200  # lines
_ITEMS = {
    "一是": re.compile(rf"(?:^|(?<=[。；;：:，,、”]))([{NUMERALS}]{{1,2}})(?:是|要)"),
    "第一": re.compile(rf"(?:^|(?<=[。；;：:，,]))第([{NUMERALS}])[，,、]"),
    "1.": re.compile(r"(?:^|(?<=[。；;：:，,\s]))(\d{1,2})[.．、](?=\D)"),
    "（1）": re.compile(r"[（(](\d{1,2})[)）]"),
    "①": re.compile("([①-⑳])"),
}


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        claiming = {number for number, _ in report.lines_with(_any_claim())}
        lines = [line for _, line in report.lines(SIMPLE)] if claiming else []
        places = [place for place, (number, _) in enumerate(report.lines(SIMPLE)) if number in claiming]
        for place in places:
            yield from _announced(lines, place)
            yield from _listed_before(lines[place])
            yield from _told_behind(lines[place])
            yield from _enumerated(lines[place])
            yield from _by_letter(lines[place])
            yield from _by_word(lines[place])


@cache
def _any_claim() -> re.Pattern:
    """A number and a word of things that are counted, which stand in every line that makes a claim."""
    counted = [word for name in ("announced", "counted_behind", "enumerated") for word in data("claims")[name]]
    claims = (
        rf"[{NUMERALS}两\d]{either(counted)}|{_QUOTED.pattern}|[{NUMERALS}][个项][{HAN}]{{2,3}}[”」]?："
        rf"|[{NUMERALS}][{_LISTED}][{HAN}]{{0,4}}[。：:，,]|{_LETTERS.pattern}"
    )
    return sign_of(rf"“「{NUMERALS}两\d", claims)


_LISTED = "条点类种项门大招"  # 有三点。一是…; 六类课程：…
# 两减一增, 五个不: what is counted are the clauses that begin with these characters.
_LED = "(?:活动|行动|工作|制度|机制|要求|原则|模式|做法)?[，,]?(?:即|就是)?[：:]?(?<=[即是：:])"
_LETTERS = re.compile(rf"[二两三四五六七八九十]个?[{HAN}]{{1,2}}(?:[一二两三四五六七八九]个?[{HAN}])?[”」]?{_LED}")


def _announced(lines: list[View], place: int) -> Iterator[Finding]:
    text = lines[place].text
    for match in _announcement().finditer(text):
        claimed = _number(match["value"])
        word = re.sub("^[个项点条种大]", "", match[0][len(match["value"]) :])
        counted = _list_after(lines, place, match.end()) or _members_after(text, word, match.end())
        if claimed and claimed > 1 and counted > 1 and counted != claimed:  # 当作一件大事 announces nothing
            yield _mismatch(lines[place], match, claimed, counted)


def _members_after(text: str, word: str, end: int) -> int:
    """人员到位、经费到位、时间到位 behind "三个到位": how many there are; 0 if no such list follows."""
    match = re.match(r"[”」]?[，,]?(?:即|就是|分别是)?[：:](?P<list>[^。；;：:]*)", text[end:])
    members = [member for member in re.split("[、，,]", match["list"]) if word in member] if match else []
    return len(members)


def _mismatch(line: View, match: re.Match, claimed: int, counted: int) -> Finding:
    fix = _like(match["value"], counted) + match[0][len(match["value"]) :]
    note = f"说是{claimed}项，列出来的是{counted}项"
    return line.find("internal_contradiction", "count_mismatch", *match.span(), note, fix=fix)


def _number(text: str) -> int | None:
    return 2 if text == "两" else chinese_number(text)


def _like(text: str, value: int) -> str:
    """``value`` written as ``text`` is, in digits or in characters."""
    if text.isdigit():
        return str(value)
    return "两" if value == 2 else NUMERALS[value - 1] if value <= 10 else f"十{NUMERALS[value - 11]}"


@cache
def _announcement() -> re.Pattern:
    words = either(data("claims")["announced"])
    begins = rf"[：:。，,](?:[{NUMERALS}](?:是|要)|第一[，,、]|1[.．、]|[（(][1一][)）]|①)"
    return re.compile(rf"(?<![第{NUMERALS}\d.])(?P<value>{_VALUE})(?:{words}|[条点个项类种](?={begins}))")


def _list_after(lines: list[View], place: int, end: int) -> int:
    """How many items the list right after an announcement has; 0 if none begins there."""
    text = lines[place].text
    ahead = text[end : end + FARTHEST + LONGEST_ITEM_MARK]
    for style, pattern in _ITEMS.items():
        first = pattern.search(ahead)
        near = first and marker_value(first[1]) == 1 and first.start() <= FARTHEST
        if near and re.search("[：:。，,]", ahead[: first.end()]):
            return _go_on(lines, place, style, pattern, text[end:])
    heading = re.fullmatch("[”」]?[：:。]?\\s*", ahead)  # 一、做到“三个统一”
    if len(text) - end <= FARTHEST and (heading or re.search(r"[：:。]\s*$", ahead)) and place + 1 < len(lines):
        marked = line_marker(lines[place + 1].text)
        if marked and marked[1] == 1:
            return _go_on(lines, place, marked[0], _ITEMS.get(marked[0]), "")
    return 0


def _go_on(lines: list[View], place: int, style: str, pattern: re.Pattern | None, rest: str) -> int:
    count = _counted(pattern, rest, 0) if pattern else 0
    before = lines[max(0, place + 1 - LONGEST_LIST) : place + 1]
    above = {marked[0] for line in before if (marked := line_marker(line.text))} - {style}
    for line in lines[place + 1 : place + 1 + LONGEST_LIST]:
        marked = line_marker(line.text)
        if marked and marked[0] in above:
            break
        if marked and marked[0] == style:
            if marked[1] != count + 1:
                break
            count += 1
        if pattern and style in ("一是", "第一") and not (marked and marked[0] != style):
            count = _counted(pattern, line.text, count)
        elif not marked and count == 0:
            break
    return count


def _counted(pattern: re.Pattern, text: str, count: int) -> int:
    """The number reached when the items of ``text`` carry a list of ``count`` on."""
    for match in pattern.finditer(text):
        value = marker_value(match[1])
        if value == count + 1:
            count += 1
        elif value == 1 and count and match.start():
            break
    return count


@cache
def _behind() -> re.Pattern:
    words = either(data("claims")["counted_behind"])
    item = rf"(?:“[^”“]{{1,8}}”[{HAN}]{{0,4}}|[{HAN}]{{1,6}})"
    return re.compile(
        rf"(?:^|(?<=[，,。；;：:（(为即有设]))(?P<list>{item}(?:、{item}){{1,9}}(?:[和及与]{item})?)"
        rf"等?(?P<value>[二两三四五六七八九十]|\d{{1,2}})(?P<word>{words})"
    )


def _listed_before(line: View) -> Iterator[Finding]:
    """语文、数学、英语四科: the things are named right before their number."""
    for match in _behind().finditer(line.text):
        claimed, listed = _number(match["value"]), match["list"]
        counted = len(listed.split("、"))
        joined = len(re.findall("[和及与]", listed.split("、")[-1]))
        if "等" in match[0] or claimed in (counted, counted + joined) or _has_initials(listed):
            continue
        note = f"说是{claimed}{match['word']}，前面列了{counted + joined}个"
        fix = _like(match["value"], counted + joined) + match["word"]
        start = match.start("value")
        yield line.find("internal_contradiction", "count_mismatch", start, match.end(), note, fix=fix, conf="m")


_TOLD_BEHIND = re.compile(
    rf"(?P<list>(?:[{HAN}]{{1,6}}、){{1,8}}[{HAN}]{{1,6}})(?:等|这|的)?[“「](?P<value>[{NUMERALS}])[个大项](?P<word>[{HAN}]{{1,2}})[”」]"
)


def _told_behind(line: View) -> Iterator[Finding]:
    """场地不足、经费不足、师资不足“四个不足”: each thing that is named has the word in it."""
    for match in _TOLD_BEHIND.finditer(line.text) if _QUOTED.search(line.text) else ():
        members, claimed = match["list"].split("、"), chinese_number(match["value"])
        if len(members) != claimed and all(match["word"] in member for member in members):
            yield _unlike(line, match, claimed, len(members))


@cache
def _list_ahead() -> re.Pattern:
    return re.compile(
        rf"(?<![第{NUMERALS}\d.])(?P<value>{_VALUE})(?P<word>{either(data('claims')['enumerated'])})[”」]?[：:]"
        rf"(?P<list>[^，。；;：:等]{{4,120}})(?=[；;。])"
    )


def _enumerated(line: View) -> Iterator[Finding]:
    """七道关：初验、复验、验收、测绘、评审、审计: the commas count them."""
    for match in _list_ahead().finditer(line.text) if "：" in line.text and "、" in line.text else ():
        listed, claimed = match["list"].split("、"), _number(match["value"])
        joined = _joined(listed)
        if len(listed) > 2 and claimed != len(listed) + joined and (joined or not re.search("[和及与]", listed[-1])):
            yield _unlike(line, match, claimed, len(listed) + joined)
    for match in _ALIKE_LONG.finditer(line.text) if "：" in line.text and "、" in line.text else ():
        listed, claimed = match["list"].split("、"), _number(match["value"])
        told = match["word"] in _announced_words() or all(match["word"] in one for one in listed)
        if not told and len({len(one) for one in listed}) == 1 and claimed != len(listed):
            yield _unlike(line, match, claimed, len(listed))
    for match in _OF_ONE_WORD.finditer(line.text) if "：" in line.text and "个" in line.text else ():
        listed, claimed = re.split("[、，]", match["list"]), chinese_number(match["value"])
        if claimed != len(listed) and match["word"] not in _announced_words():
            yield _unlike(line, match, claimed, len(listed))


_ALIKE_LONG = re.compile(
    rf"(?<![第{NUMERALS}\d.])(?P<value>{_VALUE})[{_LISTED}个](?P<word>[{HAN}]{{2,4}})[”」]?[：:](?P<list>[{HAN}]{{2,6}}(?:、[{HAN}]{{2,6}}){{2,11}})(?=[。；;])"
)
_BY_LETTER = re.compile(
    rf"(?<![第{NUMERALS}])(?P<claim>(?P<value>[二两三四五六七八九十])个?(?P<letter>[{HAN}])(?:(?P<value2>[一二两三四五六七八九])个?(?P<letter2>[{HAN}]))?)"
    rf"[”」]?{_LED}(?P<list>[^。；;：:]{{4,120}})"
)


def _led_by(letters: Iterable[str], members: list[str]) -> list[str]:
    """The members up to the first that begins with none of the letters."""
    return list(takewhile(lambda member: member[:1] in letters, members))


def _by_letter(line: View) -> Iterator[Finding]:
    """两减一增：减作业、减考试、增活动; 五个不：不排名、…: the clauses that begin with each character."""
    for match in _BY_LETTER.finditer(line.text) if _LETTERS.search(line.text) else ():
        letters = {match["letter"]: match["value"]} | ({match["letter2"]: match["value2"]} if match["letter2"] else {})
        members = _led_by(letters, re.split("[、，,]", match["list"]))
        claimed = {letter: _number(value) for letter, value in letters.items()}
        counted = {letter: sum(member[0] == letter for member in members) for letter in letters}
        if len(members) > 1 and all(counted.values()) and counted != claimed:
            told = "、".join(f"“{letter}”{counted[letter]}项" for letter in letters)
            note = f"说是{match['claim']}，列出来的是{told}"
            yield line.find("internal_contradiction", "count_mismatch", *match.span("claim"), note, conf="m")


# “三结合”，即课内与课外结合、…: each clause has the word in it.
_BY_WORD = re.compile(
    rf"[“「](?P<value>[二两三四五六七八九十])(?:个(?P<one>一)|(?P<word>[{HAN}]{{2}}))[”」]{_LED}(?P<list>[^。；;：:]{{4,120}})(?=[。；;])"
)


def _by_word(line: View) -> Iterator[Finding]:
    for match in _BY_WORD.finditer(line.text) if _LETTERS.search(line.text) else ():
        members, claimed = re.split("[、，,]", match["list"]), _number(match["value"])
        word = match["word"] or match["one"]
        if len(members) != claimed and all(word in member for member in members):
            yield _unlike(line, match, claimed, len(members))


def _joined(listed: list[str]) -> int:
    """1 if 和 joins two names of one kind at the end of a list: 甲小学、乙小学、丙中学和丁小学."""
    halves = re.split("[和及与]", listed[-1])
    return int(len(halves) == 2 and len(halves[0]) > 2 and all(half.endswith(listed[0][-1]) for half in halves))


# 三个不变：目标不变、力度不变、标准不变: each thing that is named has the word in it.
_OF_ONE_WORD = re.compile(
    rf"(?<![第{NUMERALS}])(?P<value>[{NUMERALS}])[个项](?P<word>[{HAN}]{{2,3}}?)[”」]?："
    rf"(?P<list>[{HAN}]{{0,6}}(?P=word)[{HAN}]{{0,6}}(?:[、，][{HAN}]{{0,6}}(?P=word)[{HAN}]{{0,6}}){{1,9}})(?=[。；，])"
)


@cache
def _announced_words() -> frozenset[str]:
    """What ``_announced`` counts already."""
    return frozenset(word[1:] for word in data("claims")["announced"])


def _unlike(line: View, match: re.Match, claimed: int, counted: int) -> Finding:
    fix, note = _like(match["value"], counted), f"说是{claimed}项，列出来的是{counted}项"
    return line.find("internal_contradiction", "count_mismatch", *match.span("value"), note, fix=fix, conf="m")


def _has_initials(listed: str) -> bool:
    """音体美, 语数英: several subjects in one word cannot be counted by the commas."""
    return any(re.fullmatch(data("claims")["initials"], item) for item in re.split("[、和及与]", listed))
