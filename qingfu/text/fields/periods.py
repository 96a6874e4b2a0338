"""The time that a field speaks of: 2025年末, 截至2025年12月31日, 2025年秋季学期, 1-9月, 上半年."""

import re
from calendar import monthrange
from datetime import date
from typing import NamedTuple

from .lexicon import MEASURES, fold

_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_YEAR = r"((?:19|20)\d\d)"
_TO = "[-~至到/]"
_END = r"(?P<end>末|底|止|终)?"
_A_YEAR = re.compile(_YEAR)
_TERM = re.compile(_YEAR + _TO + _YEAR + r"学年度?(?:第?([一二上下])学期)?")
_SCHOOL_YEAR = re.compile(_YEAR + r"学年度?(?:第?([一二上下])学期)?")
_SEASON = re.compile(_YEAR + r"年?([春秋])(?:季)?(?:学期)?")
_ONE_DAY = _YEAR + r"(?:年(\d{1,2})月(\d{1,2})日?|[-/.](\d{1,2})[-/.](\d{1,2})(?!\d))"
_DAY = re.compile(_ONE_DAY)
_DAYS = re.compile(_ONE_DAY + _TO + _ONE_DAY)
_MONTHS = re.compile(_YEAR + r"年?(\d{1,2})月?" + _TO + r"(\d{1,2})月份?" + _END)
_MONTH = re.compile(_YEAR + r"(?:年(\d{1,2})月份?|[-/.](\d{1,2})(?!\d))" + _END)
_QUARTER = re.compile(_YEAR + r"年?第?([一二三四1-4])季度" + _END + r"|" + _YEAR + r"年?q([1-4])")
_HALF = re.compile(_YEAR + r"年?([上下])半年" + _END)
_WHOLE = re.compile(_YEAR + r"年?(?:全年|年度|度)?" + _END)
_UNTIL = re.compile(r"截[至止]到?")


class Period(NamedTuple):
    """From `first` (None: since the beginning) to `last`; `point`: as it stood on `last`."""

    first: date | None
    last: date
    point: bool = False

    def as_stock(self) -> "Period":
        return Period(self.last, self.last, True)

    def as_flow(self) -> "Period":
        """A flow told as of a day is counted from the first of January."""
        return Period(date(self.last.year, 1, 1), self.last) if self.point else self


def parse(text: str) -> tuple[Period | None, str]:
    """(the period that stands in `text`, the text without it); (None, text) where none is read."""
    text = fold(text)
    if not _A_YEAR.search(text):
        return None, text
    for reader in _READERS:
        read = reader(text)
        if read:
            period, found = read
            before, after = text[:found.start()], text[found.end():]
            until = _UNTIL.search(before)
            if until:
                before = before[:until.start()] + before[until.end():]
                period = period._replace(point=True)
            return period, before + after
    return None, text


def a_year_before(period: Period) -> Period:
    """The same time of the year before."""
    first, last = (day and day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)
                   for day in (period.first, period.last))
    return period._replace(first=first, last=last)


def month_of(period: Period) -> Period:
    """The last month of the period."""
    return period._replace(first=period.last.replace(day=1))


def _term(year: int, number: int) -> Period:
    term = MEASURES["terms"]["first" if number == 1 else "second"]
    (first_month, first_day), (last_month, last_day) = term["from"], term["to"]
    return Period(date(year + (number == 2), first_month, first_day), date(year + 1, last_month, last_day))


def _school_year(year: int, term: str | None) -> Period:
    if term:
        return _term(year, _DIGITS[term])
    return Period(_term(year, 1).first, _term(year, 2).last)


def _months(year: int, first: int, last: int, end: str | None) -> Period | None:
    if not 1 <= first <= last <= 12:
        return None
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]), bool(end))


def _of_terms(text: str):
    found = _TERM.search(text)
    return (_school_year(int(found[1]), found[3]), found) if found and int(found[2]) == int(found[1]) + 1 else None


def _of_school_year(text: str):
    found = _SCHOOL_YEAR.search(text)
    return (_school_year(int(found[1]), found[2]), found) if found else None


def _of_season(text: str):
    found = _SEASON.search(text)
    if not found:
        return None
    year = int(found[1])
    return (_term(year, 1) if found[2] == "秋" else _term(year - 1, 2)), found


def _of_days(text: str):
    found = _DAYS.search(text)
    first, last = (_date(found.groups()[:5]), _date(found.groups()[5:])) if found else (None, None)
    return (Period(first, last), found) if first and last and first <= last else None


def _of_day(text: str):
    found = _DAY.search(text)
    day = _date(found.groups()) if found else None
    return (Period(day, day, True), found) if day else None


def _date(groups: tuple[str | None, ...]) -> date | None:
    try:
        return date(*(int(one) for one in groups if one))
    except ValueError:
        return None


def _of_months(text: str):
    found = _MONTHS.search(text)
    return _with(found, found and _months(int(found[1]), int(found[2]), int(found[3]), found["end"]))


def _of_month(text: str):
    found = _MONTH.search(text)
    return _with(found, found and _months(int(found[1]), *[int(found[2] or found[3])] * 2, found["end"]))


def _of_quarter(text: str):
    found = _QUARTER.search(text)
    if not found:
        return None
    written = found[2] or found[5]
    number = _DIGITS.get(written) or int(written)
    return _with(found, _months(int(found[1] or found[4]), number * 3 - 2, number * 3, found["end"]))


def _of_half(text: str):
    found = _HALF.search(text)
    if not found:
        return None
    return _with(found, _months(int(found[1]), *((1, 6) if found[2] == "上" else (7, 12)), found["end"]))


def _of_year(text: str):
    found = _WHOLE.search(text)
    return _with(found, found and _months(int(found[1]), 1, 12, found["end"]))


def _with(found, period: Period | None):
    return (period, found) if found and period else None


_READERS = (
    _of_terms, _of_school_year, _of_season, _of_days, _of_day, _of_months, _of_month, _of_quarter, _of_half, _of_year,
)
