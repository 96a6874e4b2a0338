"""A school's notices of one day and week, all classes together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Q
from django.utils.translation import gettext as _

from qingfu.ledger.queries import calendar_for, remaining
from qingfu.notices.queries.notice import HOMEWORK, Notice, by_subject, daily_limit, notices, weekday
from qingfu.rulebook.calendar import Day
from qingfu.rulebook.words import GRADES
from qingfu.units.models import Unit
from qingfu.units.queries import within

SMALL_SCHOOL = 8  # classes that fit on one sheet
LONG_SHEET, WIDE_SHEET = 350, 4  # letters and subjects from which on a sheet is set smaller


@dataclass(frozen=True)
class Week:
    """The school days of the week with their heads for a heat map."""

    days: tuple[date, ...]
    today: date

    @property
    def heads(self) -> list[dict]:
        return [
            {"label": weekday(day), "date": f"{day.month}/{day.day}", "today": day == self.today} for day in self.days
        ]


@dataclass(frozen=True)
class Sheet:
    """Classes beside each other, subject by subject: a sheet of the poster, or a grade."""

    name: str
    notices: tuple[Notice, ...]

    @property
    def subjects(self) -> list[str]:
        """The subjects that any of its classes has today."""
        items = sorted((item for notice in self.notices for item in notice.items), key=by_subject)
        return list(dict.fromkeys(item.subject for item in items))

    @property
    def table(self) -> list[tuple[Notice, list]]:
        """Each class with its items by subject, None where it has none."""
        return [
            (notice, [{s.name: s for s in notice.subjects}.get(name) for name in self.subjects])
            for notice in self.notices
        ]

    @property
    def is_long(self) -> bool:
        """Whether it must be set smaller to stay on its sheet."""
        letters = sum(len(item.text) for notice in self.notices for item in notice.items)
        return letters > LONG_SHEET or len(self.subjects) > WIDE_SHEET

    @property
    def rules(self) -> list[str]:
        """The limits of its classes with their documents, each once."""
        limits = {n.limit.in_force.limit.id: n.limit for n in self.notices if n.limit}
        return [
            _("%(who)s%(title)s不超过 %(cap)s 分钟，%(citation)s。")
            % {
                "who": one.in_force.limit.applies.text,
                "title": one.in_force.limit.title,
                "cap": one.cap,
                "citation": one.in_force.citation,
            }
            for one in limits.values()
        ] + sorted({n.none_written.limit.title + "。" for n in self.notices if n.none_written})


@dataclass(frozen=True)
class GradeToday(Sheet):
    """One grade: the notices of its classes, and the week as rows of a heat map."""

    rows: tuple[dict, ...]

    @property
    def none_written(self) -> bool:
        return any(notice.none_written for notice in self.notices)


@dataclass(frozen=True)
class SchoolToday:
    """What the school's public page shows. ``week`` holds the school days of the week of ``calendar_day``."""

    school: Unit
    calendar_day: Day
    term_week: int
    next_school_day: date
    week: Week
    grades: tuple[GradeToday, ...]

    @property
    def notices(self) -> list[Notice]:
        return [notice for grade in self.grades for notice in grade.notices]

    @property
    def over(self) -> list[Notice]:
        """The classes above a limit today, in the order of the school."""
        return [notice for notice in self.notices if notice.limit and notice.limit.over]

    @property
    def sheets(self) -> list[Sheet]:
        """What the poster prints: a small school on one sheet, else each grade with homework on its own."""
        if len(self.notices) <= SMALL_SCHOOL:
            return [Sheet("", tuple(self.notices))]
        return [grade for grade in self.grades if grade.subjects] or [Sheet("", ())]

    @property
    def with_homework(self) -> int:
        return sum(bool(notice.items) for notice in self.notices)


def school_today(school_id: int, day: date) -> SchoolToday:
    """The notices of all classes of a school of the open tenant. Raises Unit.DoesNotExist."""
    school = Unit.objects.get(pk=school_id)
    calendar = calendar_for(school)
    window = calendar.window("week", day)
    week = Week(tuple(calendar.school_days(window.start, window.end)), day)
    units = list(classes_of(school, day))
    today = notices([unit.pk for unit in units], day, week=False)
    states = remaining([unit.pk for unit in units], week.days, HOMEWORK)
    grades = []
    for grade, several in groupby(units, key=lambda unit: unit.grade):
        several = list(several)
        rows = [
            {"label": unit.name, "cells": [_cell(states[unit.pk, d]) if d <= day else None for d in week.days]}
            for unit in several
        ]
        grades.append(GradeToday(GRADES[grade], tuple(today[unit.pk] for unit in several), tuple(rows)))
    return SchoolToday(
        school, calendar.day(day), calendar.term_week(day), calendar.next_school_day(day), week, tuple(grades)
    )


def classes_of(school: Unit, day: date):
    """The classes of a school that exist on ``day``, by grade and number."""
    return (
        Unit.objects.filter(within([school.path]), kind=Unit.Kind.CLASS)
        .filter(Q(ends=None) | Q(ends__gte=day), Q(starts=None) | Q(starts__lte=day))
        .order_by("grade", "number", "path")
    )


def _cell(states) -> dict | None:
    state = daily_limit(states)
    return state and {"used": state.used, "cap": state.cap + state.waived}
