"""Names, numbers and years that nobody filled in, and digits that a year mask ate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from ..document import Document, View
from ..finding import Finding
from ..signs import sign_of
from ..words import HAN, data, either

AROUND = 16  # characters before and behind a mask that say what it stands for
_MASK = "xX×Ｘｘ"
_YEAR = re.compile(rf"(?<![{_MASK}\dA-Za-z])(?:19|20)(?:[{_MASK}*＊]{{2}}|_{{2,}})(?![{_MASK}\d])")
_BARE_YEAR = re.compile(rf"(?<![{_MASK}\dA-Za-z*])(?:[{_MASK}]{{2,4}}|\*{{2,4}})(?=年(?![级轻龄]))")
# "1xx0多张": a page masks every 20 as xx, years or not.
_EATEN = re.compile(rf"(?<![{_MASK}A-Za-z\d+＋×])(?:\d+[xX]{{2}}\d*|[xX]{{2}}\d+)(?![{_MASK}A-Za-z\d])")
_MASKED = re.compile(
    rf"(?<![{_MASK}A-Za-z\d+＋.])(?:[xX]{{1,6}}|[×Ｘｘ]{{1,6}})(?![{_MASK}A-WYZa-wyz\d+＋])"
    rf"|(?<![*＊])[*＊]{{1,4}}(?![*＊])|_{{2,}}|(?:[(（][ 　]{{2,}}[)）])|某某|某[Xx×]+"
)

_ANY_MASK = sign_of(rf"{_MASK}*＊_某(（", rf"[{_MASK}*＊_某]|[(（][ 　]")  # a line without one of these has no mask


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        for _, line in report.lines_with(_ANY_MASK):
            yield from _in_line(line)


def _in_line(line: View) -> Iterator[Finding]:
    text, taken = line.text, set()
    for pattern, describe in ((_YEAR, _year), (_EATEN, _digits), (_BARE_YEAR, _year), (_MASKED, _name_or_number)):
        for match in pattern.finditer(text):
            place = range(*match.span())
            if not taken.isdisjoint(place):
                continue
            if said := describe(text, match):
                taken.update(place)
                sub, note, fix = said
                yield line.find("placeholder", sub, *match.span(), note, fix=fix)


def _year(text: str, match: re.Match) -> tuple[str, str, str | None]:
    return "year", "年份没有填写", None


def _digits(text: str, match: re.Match) -> tuple[str, str, str | None]:
    value = re.sub("[xX]{2}", "20", match[0])
    return "digits_masked", f"数字里的“20”被当作年份遮住了，原来应是 {value}", value


def _name_or_number(text: str, match: re.Match) -> tuple[str, str, str | None] | None:
    before, after = text[max(0, match.start() - AROUND) : match.start()], text[match.end() : match.end() + AROUND]
    if _means_itself(text, match) or not _stands_for_something(match[0], before, after):
        return None
    if _is_number(before, after):
        return "number", "数字没有填写", None
    return "name", "名称没有填写", None


def _means_itself(text: str, match: re.Match) -> bool:
    if any(text.startswith(word, match.start()) for word in data("placeholders")["not_a_mask"]):
        return True
    # 3×4, 5*6: a sign of multiplication between figures; ** around words is emphasis of a chat or of Markdown.
    around = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
    return match[0][0] in "×*＊" and (around.isdigit() or (match[0] == "**" and _in_pairs(text)))


@lru_cache(maxsize=1)  # a line of many stars asks for each of them
def _in_pairs(text: str) -> bool:
    return text.count("**") % 2 == 0


def _stands_for_something(mask: str, before: str, after: str) -> bool:
    """A single letter or star counts only where text goes on behind it without a break."""
    if len(mask) > 1:
        return True
    return re.match(rf"[{HAN}%％‰μ〕\]]", after) is not None


def _is_number(before: str, after: str) -> bool:
    return _unit().match(after) is not None or _before().search(before) is not None


@cache
def _unit() -> re.Pattern:
    return re.compile(rf"\s*{either(data('placeholders')['units'])}")


@cache
def _before() -> re.Pattern:
    return re.compile(rf"{either(data('placeholders')['before_number'])}$")
