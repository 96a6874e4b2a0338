"""What people said without a name, put together so that nobody can be found in a figure, nor by subtraction.

A figure of anonymous answers is a sum of *cells*, and every cell is safe by itself: five answers or more, and of the
answer that it is about nobody or five at least, and nobody or five who said otherwise. A cell is what one unit said in
one week (reports from below: in one month). What is too little in a class goes to its grade's cell of that week, what
is still too little there to the school's, and so on up; what is too little in the unit that is asked for is left out.
So whatever figures are set against each other, for whatever units and days, the difference is made of safe cells. A
span takes a week or month whole, if its middle lies in the span, and only those that were over when the lake was
written. A group that so loses more than a tenth of its answers is hidden.

The floor is the house's (``notices.answers.FLOOR``, docs/data-protection.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from qingfu.lake.indicators.ground import STEP, Ground
from qingfu.notices.answers import FLOOR

LEFT_OUT = (1, 10)  # the most of its answers that a group may lose and still be shown

MIDDLES = {"week": 3, "month": 14}  # days from the first of a cell to its middle

TOLD = ("none", "part", "both")
"""What a figure of anonymous answers tells besides their number: nothing, how many are of the kind in question, or with
that also how many are not."""


@dataclass
class Cell:
    """What was said in one unit in one week or month: how many answers, how many were of the kind in question, how
    often each number was said."""

    answers: int = 0
    part: int = 0
    spread: Counter = field(default_factory=Counter)

    def add(self, other: Cell) -> None:
        self.answers += other.answers
        self.part += other.part
        if other.spread:
            self.spread += other.spread

    def is_safe(self, told: str) -> bool:
        """Whether it may be shown by itself; ``told`` is one of TOLD."""
        counts = (self.part, self.answers - self.part)[: TOLD.index(told)]
        return self.answers >= FLOOR and all(not 0 < count < FLOOR for count in counts)


def cell_starts(kind: str, day: date) -> date:
    """The first day of the week or month of a day."""
    return day.replace(day=1) if kind == "month" else day - timedelta(days=day.weekday())


def cell_ends(kind: str, start: date) -> date:
    """The last day of the week or month that begins on a day."""
    return (start + timedelta(days=31)).replace(day=1) - timedelta(days=1) if kind == "month" else start + timedelta(6)


def middle_of(kind: str, start: date) -> date:
    """The day by which a week or month that begins on a day belongs to a span."""
    return start + timedelta(days=MIDDLES[kind])


def cells_between(kind: str, first: date, last: date, written: date) -> list[date]:
    """The first days of the weeks or months whose middle lies between two days and that were over when the lake was
    written."""
    found, start = [], cell_starts(kind, first)
    while start <= last:
        if first <= middle_of(kind, start) <= last and cell_ends(kind, start) < written:
            found.append(start)
        start = cell_ends(kind, start) + timedelta(days=1)
    return found


def pooled(ground: Ground, cells: dict[int, Cell], told: str) -> dict[int, Cell]:
    """The safe cells of one week, by the unit that they end up in. ``cells`` is by the unit that was answered for."""
    waiting: dict[str, Cell] = {}
    for unit_id, cell in cells.items():
        waiting.setdefault(ground.places[unit_id].path, Cell()).add(cell)
    found = {}
    depth = max((len(path) for path in waiting), default=0)
    top = len(ground.unit.path)
    while depth >= top:
        for path in [path for path in waiting if len(path) == depth]:
            cell = waiting.pop(path)
            if cell.is_safe(told):
                found[ground.ids[path]] = cell
            elif depth > top:
                waiting.setdefault(path[:-STEP], Cell()).add(cell)
        depth -= STEP
    return found


def lost_too_much(cells: Iterable[Cell], kept: Iterable[Cell]) -> bool:
    """Whether so many answers were left out of a group that its figure would not say what it was asked."""
    said, shown = sum(one.answers for one in cells), sum(one.answers for one in kept)
    part, whole = LEFT_OUT
    return (said - shown) * whole > said * part
