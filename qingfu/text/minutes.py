"""Proposed minutes for an item whose author states none, from its kind and amount (data/minutes.toml).

The table is an engineering estimate until measured values replace it; the reason says so to the teacher.
"""

import math
import re
from dataclasses import dataclass

from .amounts import Amount
from .homework import Item
from .plain import plain
from .vocabulary import any_of, load

TABLE = load("minutes.toml")
_UNIT_NAMES = {
    "pages": "页", "lines": "行", "questions": "题", "words": "个词", "signs": "个字", "characters": "字",
    "lessons": "课", "chapters": "章", "passages": "篇", "sheets": "张", "groups": "组", "times": "遍",
}


@dataclass(frozen=True)
class _Estimate:
    minutes: float
    why: str


def propose(item: Item, grade: int) -> tuple[int, str]:
    """Minutes that the average pupil of `grade` (1-9) needs for the item, and why (Chinese, for the teacher).

    Stated or shared minutes are kept as they are.
    """
    if item.minutes:
        return item.minutes, "老师写明的时间"
    band = _band(grade)
    kind = _kind(item)
    estimate = _by_amounts(kind, item.amounts, band) if kind else None
    if estimate is None and kind:
        estimate = _Estimate(kind["alone"][band], f"{kind['name']}，没有写数量，按一次计")
    if estimate is None:
        estimate = _Estimate(TABLE["default"][item.form][band], "按作业形式的一般用时")
    step = TABLE["step"]
    minutes = math.ceil(estimate.minutes / step) * step
    return min(max(minutes, TABLE["least"]), TABLE["most"]), f"{estimate.why}（估计值，可改）"


def _band(grade: int) -> int:
    """The index of the grade's band; grades outside the table take the nearest."""
    bands = TABLE["bands"]
    return next((index for index, (_, last) in enumerate(bands) if grade <= last), len(bands) - 1)


_WORDS = {kind["name"]: re.compile(any_of(kind["words"])) for kind in TABLE["kind"]}


def _kind(item: Item) -> dict | None:
    words = plain(item.text).text
    fitting = [kind for kind in TABLE["kind"] if kind["form"] == item.form]
    return next((kind for kind in fitting if _WORDS[kind["name"]].search(words)), None)


def _by_amounts(kind: dict, amounts: tuple[Amount, ...], band: int) -> _Estimate | None:
    """Minutes from the first rate of the kind whose amount is stated; copying 3 times takes three times
    as long.
    """
    stated = {amount.kind: amount.number for amount in amounts}
    times = stated.get(kind.get("multiplied_by"), 1)
    unit = next((unit for unit in kind["rates"] if unit in stated), None)
    if unit is None and times == 1:
        return None
    said = f"，{times}遍" if times > 1 else ""
    if unit is None:
        return _Estimate(kind["once"][band] * times, f"{kind['name']}{said}")
    seconds = stated[unit] * kind["rates"][unit][band] * times
    return _Estimate(seconds / 60, f"{kind['name']}{stated[unit]}{_UNIT_NAMES[unit]}{said}")
