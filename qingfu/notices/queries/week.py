"""A school's homework of one week for the poster: classes by day, cut into sheets of A4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from qingfu.ledger.queries import calendar_for, demands, remaining
from qingfu.notices.queries.notice import (
    HOMEWORK,
    LOOK_BACK,
    Item,
    by_subject,
    is_of,
    item_of,
    notices,
    used_of,
    weekday,
)
from qingfu.notices.queries.school import SMALL_SCHOOL, SchoolToday, Sheet
from qingfu.rulebook import Calendar
from qingfu.units.models import Unit

LETTERS_ACROSS = 45  # of a sheet, shared by the days, as poster.css sets them
LINES_A_SHEET = 42  # between its head and its foot


@dataclass(frozen=True)
class Cell:
    """What one class had to do on one day. ``used``: the minutes that the limit counted, None without a limit."""

    items: tuple[Item, ...]
    used: int | None

    def lines(self, across: int) -> int:
        """How many lines it takes on paper where ``across`` letters stand in a line, rather more than less."""
        return sum(-(-_letters(item) // across) for item in self.items) + 1


def _letters(item: Item) -> int:
    marks = 4 * (item.form == "oral") + 4 * (not item.required)  # （口头）（选做）
    return len(item.subject) + 1 + len(item.text) + marks


@dataclass(frozen=True)
class Row:
    """One class: a cell for each day."""

    unit: Unit
    cells: tuple[Cell, ...]

    @property
    def lines(self) -> int:
        across = LETTERS_ACROSS // len(self.cells)
        return max(cell.lines(across) for cell in self.cells) + 1


@dataclass(frozen=True)
class WeekSheet:
    """Rows that fit on one sheet, and the limits of their classes."""

    name: str
    rows: tuple[Row, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class SchoolWeek:
    """``days``: the school days from Monday on, none after the day asked for. No sheets where nothing was asked."""

    days: tuple[date, ...]
    sheets: tuple[WeekSheet, ...]

    @property
    def heads(self) -> list[str]:
        return [f"{weekday(day)} {day.month}/{day.day}" for day in self.days]


def school_week(today: SchoolToday) -> SchoolWeek:
    """The week of a day so far; where it holds no homework (Monday morning, a holiday), the week behind."""
    units = [notice.unit for notice in today.notices]
    for days in _weeks(calendar_for(today.school), today.calendar_day.date):
        rows = _rows(units, days)
        if any(cell.items for row in rows.values() for cell in row.cells):
            return SchoolWeek(days, tuple(_sheets(today, days, rows)))
    return SchoolWeek((), ())


def _weeks(calendar: Calendar, day: date) -> list[tuple[date, ...]]:
    """The school days of the week of the last school day up to ``day``, and of the one before that week."""
    weeks = []
    for _ in range(2):
        while not calendar.day(day).is_school_day:
            day -= timedelta(days=1)
        monday = calendar.window("week", day).start
        weeks.append(tuple(calendar.school_days(monday, day)))
        day = monday - timedelta(days=1)
    return weeks


def _rows(units: Sequence[Unit], days: Sequence[date]) -> dict[int, Row]:
    """The row of each class, by id. Two queries, however many classes."""
    ids = [unit.pk for unit in units]
    states = remaining(ids, days, HOMEWORK)
    found: dict[int, list] = {one: [] for one in ids}
    for demand in _asked(ids, days):
        found[demand.bearer_id].append(demand)
    return {
        unit.pk: Row(unit, tuple(_cell(found[unit.pk], day, states[unit.pk, day]) for day in days)) for unit in units
    }


def _asked(ids: list[int], days: Sequence[date]) -> Iterable:
    """The demands of these days, and earlier ones of which a part falls on them."""
    looked_at = [days[0] - timedelta(days=n) for n in range(1, LOOK_BACK + 1)] + list(days)
    of_the_week = Q(day__in=days) | Q(split__has_any_keys=[day.isoformat() for day in days])
    return demands(ids, looked_at, HOMEWORK).filter(of_the_week)


def _cell(rows: Iterable, day: date, states) -> Cell:
    items = sorted((item_of(row, day) for row in rows if is_of(row, day)), key=by_subject)
    return Cell(tuple(items), used_of(states))


def _sheets(today: SchoolToday, days: Sequence[date], rows: Mapping[int, Row]) -> Iterable[WeekSheet]:
    """Grade by grade (a small school's all together), as many rows on a sheet as fit."""
    on_last = notices(rows, days[-1], week=False)  # the limits of a school day: today may be a Sunday
    grades = [("", today.notices)] if len(rows) <= SMALL_SCHOOL else [(g.name, g.notices) for g in today.grades]
    for name, several in grades:
        having = [rows[n.unit.pk] for n in several]
        if not any(cell.items for row in having for cell in row.cells):
            continue
        for some in _fitting(having):
            rules = Sheet(name, tuple(on_last[row.unit.pk] for row in some)).rules
            yield WeekSheet(name, tuple(some), tuple(rules))


def _fitting(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows in order, cut where a sheet is full."""
    sheets: list[list[Row]] = [[]]
    for row in rows:
        if sheets[-1] and sum(one.lines for one in sheets[-1]) + row.lines > LINES_A_SHEET:
            sheets.append([])
        sheets[-1].append(row)
    return sheets
