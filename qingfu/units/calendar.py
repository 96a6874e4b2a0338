"""School years, and what a grade and a class are called. Terms and holidays are the rulebook's."""

from __future__ import annotations

from datetime import date

from qingfu.units.models import Unit
from qingfu.units.years import grade_on

NUMERALS = "零一二三四五六七八九"
PRIMARY_ENDS = {Unit.System.SIX_THREE: 6, Unit.System.FIVE_FOUR: 5}


def year_of_entry(grade: int, system: str, school_year: int) -> int:
    """When those who are in ``grade`` in ``school_year`` entered the primary or junior stage."""
    last_of_primary = PRIMARY_ENDS[system]
    return school_year - (grade - 1 if grade <= last_of_primary else grade - last_of_primary - 1)


def first_grade(unit: Unit) -> int | None:
    """The grade in which the stage of a class began; None for units that have no year of entry."""
    if unit.grade is None or unit.entered is None:
        return None
    last_of_primary = PRIMARY_ENDS[unit.system]
    return 1 if unit.grade <= last_of_primary else last_of_primary + 1


def grade_of(unit: Unit, day: date) -> int | None:
    """The grade that a class had on a day (``years.grade_on``)."""
    return grade_on(unit.grade, first_grade(unit), unit.entered, day)


def stage_of(grades: tuple[int, ...], system: str) -> str:
    """primary, junior or nine_year, by the grades that a school has."""
    last_of_primary = PRIMARY_ENDS[system]
    if grades[-1] <= last_of_primary:
        return "primary"
    return "junior" if grades[0] > last_of_primary else "nine_year"


def grade_name(grade: int) -> str:
    return f"{NUMERALS[grade]}年级"


def class_name(grade: int, number: int) -> str:
    return f"{NUMERALS[grade]}({number})班"
