"""Figures of a sentence: how much, in what, as a bound or a guess, whether as a change. 1.3万格, 近三成, 减少6次."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from ...numbers import value as number_of
from ..words import data, either

PERCENT, MINUTES, POINTS, COUNT = "percent", "minutes", "points", "count"
EXACT, MORE = "exact", "more"
LEVEL, FELL, ROSE = "level", "fell", "rose"
# Letter by letter, so that every place stays what it was.
_PLAIN = str.maketrans("０１２３４５６７８９．％﹪，：（）～", "0123456789.%%,:()~")
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN = "[零一二两三四五六七八九十百]{1,5}"
_LONGEST_OBJECT = 8  # letters between a verb and its figure: 压减会议12个


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at ``[start, end)`` of its sentence.

    ``low`` to ``high`` (equal but for ranges) count in the family's own unit: percent, minutes, or what is counted, of
    which ``measure`` is the word. ``step`` is the precision that it is written with; ``bound`` says how it is meant:
    "exact", "about", "nearly" (近), "more" (余, 多), "over", "at_least", "at_most", "under". ``way``: "level", or
    "fell", "rose" where it tells a change. ``arabic``: written in digits, with nothing between them and the measure.
    """

    start: int
    end: int
    low: Decimal
    high: Decimal
    step: Decimal
    family: str
    measure: str
    bound: str = EXACT
    way: str = LEVEL
    arabic: bool = False


def plain_figures(text: str) -> str:
    """``text`` with digits, points and per cent signs in their plain form, letter by letter."""
    return text.translate(_PLAIN)


def figures_in(text: str) -> Iterator[Figure]:
    """The figures of one sentence (``plain_figures``), in order. Dates, ordinals and numbers of lists are none."""
    last = 0
    for match in _figure().finditer(text):
        begin = max(last, _clause_start(text, match.start()))
        yield _read(match, text[begin : match.start()], text[match.end() :])
        last = match.end()


def _clause_start(text: str, at: int) -> int:
    return max(text.rfind(mark, 0, at) for mark in ",，;；:。、") + 1


@cache
def _units() -> dict[str, tuple[str, int]]:
    """{measure: (family, how many of the family's unit)}"""
    named = {word: (family, size) for family, words in data("ledger")["units"].items() for word, size in words.items()}
    return {**dict.fromkeys(data("ledger")["counted"]["measures"], (COUNT, 1)), **named}


@cache
def _figure() -> re.Pattern:
    unit, scale = either(list(_units())), either(list(data("ledger")["scales"]))
    no = either(data("ledger")["counted"]["not_before"])
    not_before = rf"(?!\s?{no}|级|年)"
    return re.compile(
        rf"(?<![\d.,:第〔\[A-Za-z/])(?:"
        rf"(?P<hours>\d{{1,2}})个?小时(?P<rest>\d{{1,2}})分钟?"
        rf"|(?P<low>{_ARABIC})(?:%?[-~—至到](?P<high>{_ARABIC}))?(?P<scale>{scale})?"
        rf"(?P<more>余|多)? ?(?P<unit>{unit}){not_before}"
        rf"|(?P<whole>{_HAN})个半小时|(?P<half>半)个?小时"
        rf"|(?P<tenths>[一二两三四五六七八九]|半)成(?P<fives>五)?(?!立|果|效|绩|为|员|本|长|功|就|熟)"
        rf"|百分之(?P<hundredths>{_HAN}(?:点{_HAN})?|{_ARABIC})"
        rf"|(?P<han>{_HAN})(?P<han_more>余|多)?(?P<han_unit>{unit}){not_before})"
    )


def _read(match: re.Match, before: str, after: str) -> Figure:
    low, high, step, family, measure, order = _amount(match.groupdict())
    bound, before = _bound(before, after)
    if bound == EXACT and (match["more"] or match["han_more"]):
        bound, step = MORE, order
    way = _way(before)
    arabic = bool(match["low"]) and not (match["high"] or match["scale"] or match["more"]) and measure != "小时"
    return Figure(match.start(), match.end(), low, high, step, family, measure, bound, way, arabic)


def _amount(found: dict) -> tuple[Decimal, Decimal, Decimal, str, str, Decimal]:
    """Low, high and step in the family's unit, family, measure, and the order of the last digit that says something."""
    one = Decimal(1)
    if found["hours"]:
        minutes = Decimal(60 * int(found["hours"]) + int(found["rest"]))
        return minutes, minutes, one, MINUTES, "分钟", one
    if found["whole"] or found["half"]:
        minutes = Decimal((number_of(found["whole"]) if found["whole"] else 0) * 60 + 30)
        return minutes, minutes, Decimal(30), MINUTES, "小时", Decimal(30)
    if found["tenths"]:
        tenths = Decimal("0.5") if found["tenths"] == "半" else Decimal(number_of(found["tenths"]))
        share = tenths * 10 + (5 if found["fives"] else 0)
        step = Decimal(5 if found["fives"] else 10)
        return share, share, step, PERCENT, "成", step
    if found["hundredths"]:
        share = _decimal(found["hundredths"])
        return share, share, _precision(share), PERCENT, "%", one
    if found["han"]:
        family, size = _units()[found["han_unit"]]
        count = Decimal(number_of(found["han"])) * size
        return count, count, Decimal(size), family, found["han_unit"], _order(int(count))
    family, size = _units()[found["unit"]]
    size = Decimal(size * data("ledger")["scales"].get(found["scale"], 1))
    low = Decimal(found["low"].replace(",", ""))
    high = Decimal((found["high"] or found["low"]).replace(",", ""))
    step = _precision(low) * size
    order = _order(int(low)) * size if step == size else step
    return low * size, high * size, step, family, found["unit"], order


def _precision(number: Decimal) -> Decimal:
    return Decimal(1).scaleb(number.as_tuple().exponent)


def _order(number: int) -> Decimal:
    """1 for 7, 10 for 20, 100 for 3200."""
    order = 1
    while number and number % (order * 10) == 0:
        order *= 10
    return Decimal(order)


def _decimal(words: str) -> Decimal:
    """九十八点六 and 98.6."""
    if words[0].isdigit():
        return Decimal(words.replace(",", ""))
    whole, _, rest = words.partition("点")
    return Decimal(int(number_of(whole))) if not rest else Decimal(f"{int(number_of(whole))}.{_digits(rest)}")


def _digits(words: str) -> str:
    return "".join(str(int(number_of(one))) for one in words)


@cache
def _bounds(side: str) -> re.Pattern:
    rows = "|".join(f"(?P<{bound}>{either(words)})" for bound, words in data("ledger")[side].items())
    return re.compile(rf"(?:{rows})(?:了|为|达|到|在|达到)?$" if side == "before" else rf"^(?:{rows})")


def _bound(before: str, after: str) -> tuple[str, str]:
    """How a figure is meant, and the words before it without those that say so."""
    found = _bounds("before").search(before)
    rest = before[: found.start()] if found else before
    behind = _bounds("after").match(after)
    return (behind or found).lastgroup if behind or found else EXACT, rest


@cache
def _ways() -> tuple[tuple[str, re.Pattern], ...]:
    said = data("ledger")["change"]
    came_to = either(said["came_to"])
    found = []
    for way, side in ((FELL, "fall"), (ROSE, "rise")):
        words, names, verbs = either(said[f"{side}s"]), either(said[f"{side}_names"]), either(said[f"verbs_{side}"])
        reach = r"(?:了|达到?|约)*$"
        found.append((way, re.compile(rf"{words}{reach}|{names}(?:达到?|为|是|约)*$")))
        found.append((way, re.compile(rf"{verbs}了?(?!{came_to})[^,，。；\d]{{1,{_LONGEST_OBJECT}}}$")))
    return tuple(found)


def _way(before: str) -> str:
    """Whether the words before a figure make it a change. 减少到, 降为 tell what it came to."""
    if re.search(rf"{either(data('ledger')['change']['came_to'])}$", before) and not re.search("[幅度率例]为$", before):
        return LEVEL
    return next((way for way, pattern in _ways() if pattern.search(before)), LEVEL)
