"""The period that a report is about, by its title, its first lines and its day: 2025-2026学年第一学期, 上半年, 9月."""

from __future__ import annotations

import re
from datetime import date, timedelta

from qingfu.rulebook import Calendar

from ...fields.periods import Period, parse
from ..detectors.policy import signed_day
from ..document import SIMPLE, Document
from .figures import plain_figures

LINES_READ = 4  # below the title
_NEAR = timedelta(days=60)  # a term by the calendar may begin or end so far beside the one that words mean
_SHORTEST_TERM = timedelta(days=120)
_TERMS_BEGIN = (2, 3, 8, 9)  # months
_THIS_YEAR = re.compile("今年|本年度?|年内")
_YEARLESS = re.compile(r"(?<![\d年至到~—-])(?=(?:上半年|下半年|第?[一二三四]季度|\d{1,2}月))")
_SECOND_DAY = re.compile(r"(?<=日[至到~—-])(?=\d{1,2}月\d{1,2}日)")
_TWO_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")
_DAYS = re.compile(r"20\d\d年\d{1,2}月\d{1,2}日[至到~—-](?:20\d\d年)?\d{1,2}月\d{1,2}日")
_THIS_TERM = re.compile("[本这]学期")
TIMES = re.compile(
    r"20\d\d[-~—至到]20\d\d学年|20\d\d年|20\d\d学年|(?<!\d)\d{1,2}月|[上下]半年|[一二三四]季度|今年|[本这]学期"
)


def period_of(document: Document, calendar: Calendar, today: date) -> Period | None:
    """The period of the first report of a document; None where its head names none.

    Words without a year mean the year of the document's day: ``on`` of the document, its signature, or ``today``.
    """
    report = next(document.written(), None)
    if report is None:
        return None
    day = document.on or signed_day(report) or today
    lines = [plain_figures(line.text) for _, line in report.lines(SIMPLE)[: LINES_READ + 1]]
    by_days = [match[0] for line in lines for match in _DAYS.finditer(line)]  # they say more than a title does
    for text in filter(None, [*by_days, report.title, *lines]):
        found = read_period(plain_figures(text), day, calendar)
        if found and not found.point:
            return found
    return None


def read_period(text: str, day: date, calendar: Calendar) -> Period | None:
    """The period that some words name, seen from a day; terms as the calendar has them. None where there is none."""
    days = _TWO_DAYS.fullmatch(text.strip())
    if days:
        return _between(days)
    if not TIMES.search(text):
        return None
    if _THIS_TERM.search(text):
        term = calendar.term(day)
        return Period(term.start, min(term.end, day))
    text = _SECOND_DAY.sub(_year_in(text, day), text)
    text = _YEARLESS.sub(f"{day.year}年", _THIS_YEAR.sub(f"{day.year}年", text))
    found, _rest = parse(re.sub("年年", "年", text))
    if found is None or found.first is None:
        return None
    return _by_calendar(found, calendar)


def _between(days: re.Match) -> Period | None:
    try:
        first, last = map(date.fromisoformat, days.groups())
    except ValueError:
        return None
    return Period(first, last) if first <= last else None


def _year_in(text: str, day: date) -> str:
    found = re.search(r"20\d\d(?=年)", text)
    return f"{found[0] if found else day.year}年"


def _by_calendar(found: Period, calendar: Calendar) -> Period:
    """A term, or two of a school year, from the first day to the last by the calendar; anything else as it is."""
    if found.first.month not in _TERMS_BEGIN or (found.last - found.first) < _SHORTEST_TERM:
        return found
    first, last = calendar.term(found.first + _NEAR), calendar.term(found.last - _NEAR)
    near = max(abs(first.start - found.first), abs(last.end - found.last)) <= _NEAR
    return Period(first.start, last.end) if near else found
