"""Slips of language: a wrong character of the same sound or shape, one too many, one lost, a stop left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .. import lexicon
from ..document import SIMPLE, Document, Report, View
from ..finding import Finding
from ..signs import Words, sign_of
from ..spelling import slips
from ..words import HAN, NUMERALS, data, either, pairs

MET = 3  # counts from which a word stands in the way of a slip
# Of numerals and of a unit with its head, 县教体局局长, nothing is doubled.
_DOUBLE = re.compile(rf"(?<![一每])(?![{NUMERALS}百千万])([{HAN}])\1(?!长(?<=[部局校县镇乡区市所院站处科会园厅]长))")
_MANY = re.compile(r"(?<!\d)[1-9]多[万亿千百]")
_ITEM = re.compile(r"(?<=[^，。；：、,;:“（(\s—…！？!?\d])(?=一是[^否非的])")
_GRADES = re.compile(rf"(?<=分钟|小时)(?=[{NUMERALS}][、至到和][{NUMERALS}]年级)")
_OPEN_SUM = re.compile(rf"(?<=[+＋])[{HAN}]{{1,6}}[+＋][”’)）]")
_EMPTY_MEMBER = re.compile(rf"有(?=、有[{HAN}])")
_EMPTY_QUOTE = re.compile(r"“”|《》|（）|\(\)")
_TWICE = re.compile(r"([，。；：、,;])\1+")
_HANGING = re.compile(rf"(?<=[{HAN}])(?<!之)([和与及])(?=[，。；,;])|、(?=[，。；,;])")
_COUNT_ORDER = re.compile(r"(?<=\d)([名人个户家件份项])(余|多)(?!个|种|样|项|处|出|了)")
_SCOPE_ORDER = re.compile(
    rf"(?<![我该本全各名区市兄中母高两此学乡城{NUMERALS}])([县校镇乡])(全)(?=[{HAN}])(?![面体部力程员覆域民年市新天靠文国都])"
)
_DOUBLED = re.compile(rf"([{HAN}])\1")
# What stands in a line in which `_stops` has a match.
_ANY_STOP = sign_of(
    "多二时钟+＋有余全，。；：、,;”》）)",
    rf"[，。；：、,;](?<=[和与及，。；：、,;].)|[”》）)](?<=[“《（(].)|多(?<=[1-9].)|二是|[时钟][{NUMERALS}]|[+＋][{HAN}]{{1,6}}[+＋]"
    r"|有(?<=有、.)|[余多](?<=\d[名人个户家件份项].)|全(?<=[县校镇乡].)",
)


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        yield from _misspelt(report)
        for number in _wrong_words().places(report):
            yield from _wrong(document.line(SIMPLE, number))
        for number in _lost_words().places(report):
            yield from _lost(document.line(SIMPLE, number))
        for _, line in report.lines_with(_DOUBLED):
            yield from _doubled(line)
        for _, line in report.lines_with(_ANY_STOP):
            yield from _stops(line)


def _slip(line: View, sub: str, span: tuple[int, int], note: str, fix: str | None, conf: str = "m") -> Finding:
    return line.find("ocr_slip", sub, *span, note, fix=fix, conf=conf)


@cache
def _wrong_words() -> Words:
    return Words(pairs("wrong_words"))


@cache
def _any_wrong_word() -> re.Pattern:
    return re.compile(either(list(pairs("wrong_words"))))


def _wrong(line: View) -> Iterator[Finding]:
    text = line.text
    for match in _any_wrong_word().finditer(text):
        right = pairs("wrong_words")[match[0]]
        if not _crosses_words(text, match):
            yield _slip(line, _sub(match[0], right), match.span(), f"“{match[0]}”应为“{right}”", right, "h")


def _misspelt(report: Report) -> Iterator[Finding]:
    view, text = report.simple, report.simple.text
    for start, end, fix, sub in slips(text, report.pairs):
        if not _any_wrong_word().search(text, max(0, start - 2), end + 2):
            note = f"“{text[start:end]}”不成词，疑为“{fix}”"
            yield view.find("ocr_slip", sub, start, end, note, fix=fix, conf="m")


def _sub(wrong: str, right: str) -> str:
    if len(wrong) == len(right):
        return "homophone"
    return "dropped_char" if len(right) > len(wrong) else "extra_char"


def _crosses_words(text: str, match: re.Match) -> bool:
    """Whether the two characters belong to different words: 操作|到位, 校长|期待, 经|长时间."""
    if match.end() - match.start() > 2:
        return False
    middle = match.start() + 1
    return lexicon.ends_a_word(text, middle, MET) or lexicon.begins_a_word(text, middle, MET)


@cache
def _lost_patterns() -> list[tuple[str, re.Pattern, str]]:
    """(key, pattern, fix): only a text with the key in it needs the pattern."""
    patterns = []
    for row in data("slips")["lost"]:
        before = either(row["before"]) if any(row["before"]) else ""
        not_after = "".join(f"(?<!{re.escape(word)})" for word in row["not_after"])
        patterns.append((row["key"], re.compile(rf"{not_after}{re.escape(row['key'])}(?={before})"), row["fix"]))
    return patterns


@cache
def _lost_words() -> Words:
    return Words(row["key"] + before for row in data("slips")["lost"] for before in row["before"])


def _lost(line: View) -> Iterator[Finding]:
    for key, pattern, fix in _lost_patterns():
        for match in pattern.finditer(line.text) if key in line.text else ():
            yield _slip(line, "dropped_char", match.span(), f"“{match[0]}”掉了字，应为“{fix}”", fix)


def _doubled(line: View) -> Iterator[Finding]:
    """A character twice where neither a doubling word nor two words that meet explain it."""
    text, lists = line.text, data("slips")["doubled"]
    for match in _DOUBLE.finditer(text):
        double, middle = match[0], match.start() + 1
        around = text[max(0, match.start() - 3) : match.end() + 3]
        beside = text[max(0, match.start() - 2) : match.start()], text[match.end() : match.end() + 2]
        if any(map(_DOUBLED.fullmatch, beside)):
            continue  # 蹦蹦跳跳
        if double in lists["only_in"]:
            if any(word in around for word in lists["only_in"][double]):
                continue
        elif double in lists["right"] or lexicon.words().get(double, 0) >= lexicon.COMMON or text.count(double) > 1:
            continue
        if lexicon.ends_a_word(text, middle, MET) and lexicon.begins_a_word(text, middle, MET):
            continue  # two words meet: 同学|学习
        if lexicon.inside_a_word(text, *match.span()):
            continue
        if match[1] in lists["prepositions"] and lexicon.ends_a_word(text, middle):
            continue  # 反对|对
        yield _slip(line, "extra_char", match.span(), f"“{match[1]}”字重复", match[1])


def _stops(line: View) -> Iterator[Finding]:
    text = line.text
    for match in _MANY.finditer(text) if "多" in text else ():
        fix = match[0][0] + match[0][2] + "多"
        yield _slip(line, "order", match.span(), "“多”应在数位之后", fix)
    if "二是" in text:
        for match in _ITEM.finditer(text):
            if not re.search("[之其第万统单合专唯同进每某][一]?$", text[: match.start()][-1:]):
                span = max(0, match.start() - 1), match.start() + 2
                yield _slip(line, "punct", span, "“一是”前缺冒号", text[span[0]] + "：一是", "h")
    for match in _GRADES.finditer(text) if "年级" in text else ():
        span = match.start() - 2, match.start() + 1
        yield _slip(line, "punct", span, "缺逗号", text[span[0] : match.start()] + "，" + text[match.start()], "h")
    for match in _OPEN_SUM.finditer(text) if "+" in text or "＋" in text else ():
        yield _slip(line, "dropped_word", match.span(), "加号后面少了一项", None)
    for match in _EMPTY_MEMBER.finditer(text) if "有、有" in text else ():
        yield _slip(line, "dropped_word", match.span(), "“有”后面少了词", None)
    for match in _COUNT_ORDER.finditer(text) if "余" in text or "多" in text else ():
        yield _slip(line, "order", match.span(), f"应为“{match[2]}{match[1]}”", match[2] + match[1])
    for match in _SCOPE_ORDER.finditer(text) if "全" in text else ():
        yield _slip(line, "order", match.span(), f"应为“{match[2]}{match[1]}”", match[2] + match[1])
    for match in _TWICE.finditer(text):
        yield _slip(line, "punct", match.span(), "标点重复", match[1], "h")
    for match in _HANGING.finditer(text):
        if not (match[1] and lexicon.ends_a_word(text, match.end(), MET)):
            yield _slip(line, "dropped_word", match.span(), f"“{match[0]}”后面少了一项", None)
    for match in _EMPTY_QUOTE.finditer(text):
        yield _slip(line, "dropped_word", match.span(), "引号、括号里是空的", None)
