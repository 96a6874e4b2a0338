"""The calendar as the lake holds it: each day with the windows that it lies in."""

from __future__ import annotations

from datetime import date

from qingfu.rulebook import Calendar


def day_row(calendar: Calendar, day: date) -> dict:
    """One day as the table ``days`` holds it, but for county and calendar."""
    found = calendar.day(day)
    week, term, year = (calendar.window(kind, day) for kind in ("week", "term", "school_year"))
    return {
        "day": day, "kind": found.kind, "is_school_day": found.is_school_day, "is_workday": found.is_workday,
        "weekday": found.weekday, "week_of_month": found.week_of_month, "school_seq": found.school_seq,
        "week": week.key, "monday": week.start, "term": term.key, "school_year": year.key, "year": f"{day.year:04}",
        "term_starts": term.start, "term_ends": term.end, "school_year_starts": year.start,
        "school_year_ends": year.end,
    }  # fmt: skip
