"""Weeks, months and years as the view from below counts them, and the same span a year before. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "below.toml"
WEEK, MONTH, YEAR = "week", "month", "year"


@cache
def figures() -> dict:
    """``data/below.toml``."""
    return tomllib.loads(DATA.read_text("utf-8"))


@dataclass(frozen=True)
class Span:
    """From one day to another, both inclusive."""

    since: date
    until: date

    def year_before(self) -> Span:
        """The same days of the year before; of a week the one with the same number of days before."""
        return Span(_year_before(self.since), _year_before(self.until))


def span_of(period: str, today: date) -> Span:
    """This week, month or year until today. Raises KeyError for another word."""
    starts = {
        WEEK: today - timedelta(days=today.weekday()),
        MONTH: today.replace(day=1),
        YEAR: today.replace(month=1, day=1),
    }
    return Span(starts[period], today)


def month_of(day: date) -> str:
    """A month as complaints and samples name it: 2026-11."""
    return f"{day:%Y-%m}"


def month_before(month: str) -> Span:
    """The whole month before a month."""
    first = date.fromisoformat(f"{month}-01")
    last = first - timedelta(days=1)
    return Span(last.replace(day=1), last)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
