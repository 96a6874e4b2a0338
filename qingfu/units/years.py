"""Which school year a day lies in, and which grade a class had on a day. Nothing here needs an installation: the ledger
and the lake count by it alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

FIRST_MONTH = 8
"""From August on, what is set up is meant for the school year that begins in September."""


def school_year_of(day: date) -> int:
    """The year in which the school year of ``day`` began: 2026 for November 2026 and for May 2027."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def grade_on(grade: int | None, first: int | None, entered: int | None, day: date) -> int | None:
    """The grade that a class had on a day of an earlier school year; its grade of now for other days and other units.

    ``grade`` is that of now, ``first`` the one in which its stage begins, ``entered`` the school year in which the
    class entered it. A class moves up; what it was asked stays with the grade that it had.
    """
    if grade is None or first is None or entered is None:
        return grade
    then = first + school_year_of(day) - entered
    return then if first <= then < grade else grade


def grade_on_rows(grade, first, entered, day):
    """``grade_on`` for columns of an Ibis table: whole numbers and a date, each of which may be null."""
    year = day.year() - (day.month() < FIRST_MONTH).cast("int64")
    then = first + year - entered
    earlier = (then >= first) & (then < grade)
    return earlier.fill_null(False).ifelse(then, grade).cast("int64")


def grades_between(
    grade: int | None, first: int | None, entered: int | None
) -> Iterator[tuple[int | None, date | None, date | None]]:
    """Each grade of ``grade_on`` with its first and its last day; None for a side that is open."""
    if grade is None or first is None or entered is None or grade <= first:
        yield grade, None, None
        return
    begins = [date(entered + number, FIRST_MONTH, 1) for number in range(grade - first + 1)]
    ends = [begin - timedelta(days=1) for begin in begins]
    yield grade, None, ends[0]  # before it was founded nothing was asked of it
    for number, (begin, end) in enumerate(zip(begins, [*ends[1:], None], strict=True)):
        yield first + number, begin, end
