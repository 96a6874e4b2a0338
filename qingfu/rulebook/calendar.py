"""The school calendar: what kind of day a day is, and which window it falls in.

Days come from three sources, the later over the earlier: the State Council's yearly arrangement of holidays
and make-up days (package `chinesecalendar`, to the end of the year last announced), the terms in
`data/calendar/`, and what a county or a school lays over them with `with_changes` (a typhoon, a make-up day,
a local holiday, its own terms). Days that nobody has announced yet are `provisional`.

A term's window runs from its first day to the day before the next term begins, so that every day lies in
exactly one term and one school year: what is asked in the vacation counts for the term before it. `term(d)`
gives the dates of teaching.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from chinese_calendar.constants import Holiday, holidays, workdays

from .model import RulebookError, Window
from .words import DATA, VOCABULARY

ONE_DAY = timedelta(days=1)
SATURDAY = 6  # ISO weekday
LAST_ANNOUNCED = max(holidays).year
CLASS_KINDS = ("school_day", "make_up")
HOLIDAY_NAMES = {holiday.value: holiday.chinese for holiday in Holiday}
TERM_ID = re.compile(r"\d{4}-\d{4}-[12]")
STATE_COUNCIL = "国务院办公厅关于{year}年部分节假日安排的通知"
NOT_ANNOUNCED = "{year}年节假日安排尚未公布，按周末推定"


@dataclass(frozen=True, slots=True)
class Day:
    """One day. `school_seq` counts the school days of its school year up to and including this day."""

    date: date
    kind: str  # school_day, make_up, rest_day, holiday, vacation
    is_school_day: bool
    is_workday: bool  # a working day of offices, by the State Council's arrangement
    term_id: str
    week_id: str
    school_seq: int
    name: str
    source: str
    provisional: bool

    @property
    def weekday(self) -> int:
        """1 is Monday, 7 is Sunday."""
        return self.date.isoweekday()

    @property
    def term(self) -> int:
        """1 is the autumn term, 2 the spring term; a vacation counts for the term before it."""
        return int(self.term_id[-1])

    @property
    def week_of_month(self) -> int:
        """The week (Monday to Sunday) of its month; the first is the one with the first of the month."""
        return (self.date.day + self.date.replace(day=1).weekday() - 1) // 7 + 1


@dataclass(frozen=True, slots=True)
class Term:
    """The teaching dates of a term. `id` is "2025-2026-1" for autumn and "2025-2026-2" for spring."""

    id: str
    start: date
    end: date
    source: str = ""
    provisional: bool = False

    @property
    def school_year(self) -> str:
        return self.id[:9]


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day that a county or a school declares to be of another kind, and where that is written."""

    day: date
    kind: str
    name: str = ""
    source: str = ""
    provisional: bool = False


Change = DayChange | Term


@dataclass(frozen=True)
class Calendar:
    """Answers for any day. Immutable: `with_changes` gives a new one.

    `expected` are the holidays of years that the State Council has not arranged yet.
    """

    terms: tuple[Term, ...]
    expected: Mapping[date, DayChange] = field(default_factory=dict)
    changes: Mapping[date, DayChange] = field(default_factory=dict)
    _days: dict = field(default_factory=dict, init=False, repr=False, compare=False)
    _windows: dict = field(default_factory=dict, init=False, repr=False, compare=False)
    _terms: dict = field(default_factory=dict, init=False, repr=False, compare=False)

    def with_changes(self, changes: Iterable[Change]) -> "Calendar":
        """This calendar with days and terms laid over it. A Term replaces the term with its id.

        Raises RulebookError where a term is not well formed or overlaps another.
        """
        terms = {term.id: term for term in self.terms}
        days = dict(self.changes)
        for change in changes:
            if isinstance(change, Term):
                terms[change.id] = change
            else:
                days[change.day] = change
        return Calendar(_in_order(terms.values()), self.expected, days)

    def day(self, d: date) -> Day:
        """What kind of day this is, and where that is written."""
        if d not in self._days:
            self._number_days(self.window("school_year", d))
        return self._days[d]

    def window(self, kind: str, d: date) -> Window:
        """The window of a kind that holds this day. Raises RulebookError for a kind without dates."""
        found = self._windows.get((kind, d))
        if found is None:
            found = self._windows[kind, d] = self._make_window(kind, d)
        return found

    def term(self, d: date) -> Term:
        """The term that this day counts for; in a vacation, the term before it."""
        terms = self._terms_around(d.year)
        return terms[bisect_right(terms, d, key=lambda term: term.start) - 1]

    def in_term(self, d: date) -> bool:
        """Whether the day lies between a term's first and last day."""
        return d <= self.term(d).end

    def next_school_day(self, d: date) -> date:
        """The first school day after this one."""
        d += ONE_DAY
        while not self.day(d).is_school_day:
            d += ONE_DAY
        return d

    def school_days(self, start: date, end: date) -> list[date]:
        """The school days from start to end, both included."""
        return [d for d in days_between(start, end) if self.day(d).is_school_day]

    def workdays(self, start: date, end: date) -> list[date]:
        """The working days of offices from start to end, both included."""
        return [d for d in days_between(start, end) if self.day(d).is_workday]

    def add_school_days(self, d: date, number: int) -> date:
        """The day that is a number of school days after this one."""
        for _ in range(number):
            d = self.next_school_day(d)
        return d

    def term_week(self, d: date) -> int:
        """The week of the term, 1 for the week with its first day; counts on through the vacation."""
        first = self.term(d).start
        monday = first - timedelta(days=first.weekday())
        return (d - monday).days // 7 + 1

    def is_in(self, when: Mapping, d: date) -> bool:
        """Whether a day meets all conditions of a value's `when`."""
        day = self.day(d)
        return all(getattr(day, "kind" if key == "day_kind" else key) in few for key, few in when.items())

    def _number_days(self, school_year: Window) -> None:
        seq = 0
        for d in days_between(school_year.start, school_year.end):
            term = self.term(d)
            what = self._kind_of(d, term)
            is_school_day = what.kind in CLASS_KINDS
            seq += is_school_day
            self._days[d] = Day(
                date=d,
                kind=what.kind,
                is_school_day=is_school_day,
                is_workday=self._is_workday(d),
                term_id=term.id,
                week_id=week_key(d),
                school_seq=seq,
                name=what.name,
                source=what.source,
                provisional=what.provisional,
            )

    def _kind_of(self, d: date, term: Term) -> DayChange:
        """The kind of a day: as declared here, else a holiday, else vacation, else by the week."""
        if d in self.changes:
            return self.changes[d]
        if d in self.expected:
            return self.expected[d]
        if d in holidays:
            return DayChange(d, "holiday", HOLIDAY_NAMES[holidays[d]], _arrangement(d))
        if d > term.end:
            return DayChange(d, "vacation", _vacation_name(term), term.source, term.provisional)
        if d in workdays:
            return DayChange(d, "make_up", "调休", _arrangement(d), term.provisional)
        kind = "rest_day" if d.isoweekday() >= SATURDAY else "school_day"
        source = term.source if d.year <= LAST_ANNOUNCED else _arrangement(d)
        return DayChange(d, kind, "", source, term.provisional or d.year > LAST_ANNOUNCED)

    def _is_workday(self, d: date) -> bool:
        if d in holidays or d in self.expected:
            return False
        return d in workdays or d.isoweekday() < SATURDAY

    def _make_window(self, kind: str, d: date) -> Window:
        if kind in ("day", "school_day", "rest_day"):
            return Window(kind, d.isoformat(), d, d)
        if kind == "week":
            monday = d - timedelta(days=d.weekday())
            return Window(kind, week_key(d), monday, monday + timedelta(days=6))
        if kind == "month":
            first = d.replace(day=1)
            return Window(kind, d.strftime("%Y-%m"), first, _next_month(first) - ONE_DAY)
        if kind == "year":
            return Window(kind, f"{d.year:04}", date(d.year, 1, 1), date(d.year, 12, 31))
        if kind == "term":
            return self._span_of_terms(kind, d, lambda term: term.id)
        if kind == "school_year":
            return self._span_of_terms(kind, d, lambda term: term.school_year)
        raise RulebookError(f"周期“{kind}”没有自己的起止日期，请用 school_day、week、term 等", field="window")

    def _span_of_terms(self, kind: str, d: date, key) -> Window:
        """From the first day of the terms that share a key to the day before the next ones begin."""
        own = key(self.term(d))
        terms = self._terms_around(d.year)
        start = min(term.start for term in terms if key(term) == own)
        end = min(term.start for term in terms if key(term) > own) - ONE_DAY
        return Window(kind, own, start, end)

    def _terms_around(self, year: int) -> list[Term]:
        """The terms of the school years around a year: as laid down, else by the usual pattern."""
        if year not in self._terms:
            known = {term.id: term for term in self.terms}
            usual = [term for first in range(year - 2, year + 2) for term in _usual_terms(first)]
            found = [known.get(term.id, term) for term in usual]
            self._terms[year] = sorted(found, key=lambda term: term.start)
        return self._terms[year]


def load_calendar(*paths: str | Path) -> Calendar:
    """The national default calendar, with the calendar files of a county or a school laid over it.

    Raises RulebookError naming the file and what to do.
    """
    calendar = _national_calendar()
    for path in paths:
        calendar = calendar.with_changes(parse_changes(Path(path).read_text("utf-8"), Path(path).name))
    return calendar


@cache
def _national_calendar() -> Calendar:
    changes = []
    for path in sorted((DATA / "calendar").glob("cn-*.toml")):
        changes += parse_changes(path.read_text("utf-8"), path.name)
    terms = [change for change in changes if isinstance(change, Term)]
    expected = {
        change.day: change
        for change in changes
        if isinstance(change, DayChange) and change.day.year > LAST_ANNOUNCED
    }
    return Calendar(_in_order(terms), expected)


def parse_changes(text: str, file: str = "") -> list[Change]:
    """Reads a calendar file: `[calendar]` title, source, provisional; `[[term]]`; `[[holiday]]`; `[[day]]`.

    Raises RulebookError.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(f"不是合格的 TOML，请改正这一处：{error}", file=file) from error
    at = _Reader(file, raw.get("calendar", {}))
    at.only(raw, {"calendar", "term", "holiday", "day"})
    changes: list[Change] = [at.term(table) for table in raw.get("term", [])]
    for table in raw.get("holiday", []):
        changes += at.holiday(table)
    changes += [at.day(table) for table in raw.get("day", [])]
    return changes


class _Reader:
    """Reads the tables of one calendar file; what a table does not say, the head of the file says."""

    def __init__(self, file: str, head: Mapping):
        self.file, self.head = file, head
        self.only(head, {"id", "title", "source", "provisional"})

    def only(self, table: Mapping, allowed: set[str]) -> None:
        for key in table:
            if key not in allowed:
                self.fail(key, f"不认识这个字段，请删去，或改成其中之一：{'、'.join(sorted(allowed))}")

    def fail(self, field: str, message: str):
        raise RulebookError(message, file=self.file, field=field)

    def date(self, table: Mapping, key: str) -> date:
        if not isinstance(table.get(key), date):
            self.fail(key, "请写日期，不加引号，如 2026-09-01")
        return table[key]

    def said(self, table: Mapping) -> dict:
        return {
            "source": table.get("source", self.head.get("source", "")),
            "provisional": table.get("provisional", self.head.get("provisional", False)),
        }

    def term(self, table: Mapping) -> Term:
        self.only(table, {"id", "start", "end", "source", "provisional"})
        return Term(
            table.get("id", ""), self.date(table, "start"), self.date(table, "end"), **self.said(table)
        )

    def holiday(self, table: Mapping) -> list[DayChange]:
        self.only(table, {"name", "start", "end", "source", "provisional"})
        span = days_between(self.date(table, "start"), self.date(table, "end"))
        return [DayChange(d, "holiday", table.get("name", ""), **self.said(table)) for d in span]

    def day(self, table: Mapping) -> DayChange:
        self.only(table, {"date", "kind", "name", "source", "provisional"})
        if table.get("kind") not in VOCABULARY["day_kinds"]:
            self.fail("kind", f"可以写：{'、'.join(VOCABULARY['day_kinds'])}")
        return DayChange(self.date(table, "date"), table["kind"], table.get("name", ""), **self.said(table))


def _in_order(terms: Iterable[Term]) -> tuple[Term, ...]:
    ordered = sorted(terms, key=lambda term: term.start)
    for term in ordered:
        if not TERM_ID.fullmatch(term.id):
            raise RulebookError(f"学期编号“{term.id}”应写成 2025-2026-1 或 2025-2026-2", field="term.id")
        if term.end < term.start:
            raise RulebookError(f"学期 {term.id} 的结束日早于开始日，请改正", field="term.end")
    for earlier, later in zip(ordered, ordered[1:], strict=False):
        if later.start <= earlier.end or later.id <= earlier.id:
            raise RulebookError(
                f"学期 {earlier.id} 和 {later.id} 的日期重叠或颠倒，请改正", field="term.start"
            )
    return tuple(ordered)


@cache
def _usual_terms(year: int) -> tuple[Term, Term]:
    """The terms of the school year that begins in a year, by the usual pattern."""
    pattern = tomllib.loads((DATA / "calendar" / "pattern.toml").read_text("utf-8"))["pattern"]
    school_year = f"{year:04}-{year + 1:04}"
    source = pattern["source"]

    def day(number: int, text: str) -> date:
        return date.fromisoformat(f"{number:04}-{text}")

    autumn, spring = pattern["autumn"], pattern["spring"]
    return (
        Term(f"{school_year}-1", day(year, autumn["start"]), day(year + 1, autumn["end"]), source, True),
        Term(f"{school_year}-2", day(year + 1, spring["start"]), day(year + 1, spring["end"]), source, True),
    )


def days_between(start: date, end: date) -> list[date]:
    """All days from start to end, both included."""
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def week_key(d: date) -> str:
    """The ISO week of a day, such as "2025-W46"."""
    year, week, _ = d.isocalendar()
    return f"{year:04}-W{week:02}"


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _vacation_name(term: Term) -> str:
    return "寒假" if term.id.endswith("1") else "暑假"


def _arrangement(d: date) -> str:
    """Where the holidays and make-up days of a day's year are written."""
    return (STATE_COUNCIL if d.year <= LAST_ANNOUNCED else NOT_ANNOUNCED).format(year=d.year)
