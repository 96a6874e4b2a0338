"""本周: classes by day as a heat map, and what needs somebody first, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qingfu.homework.models import Plan, PlanItem
from qingfu.homework.queries import WEEKDAYS, Board, DayBar, bars, monday_of
from qingfu.ledger import queries as ledger
from qingfu.rulebook import Calendar
from qingfu.rulebook.calendar import week_key
from qingfu.rulebook.words import grade_names
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, scope, within

WEEK = timedelta(days=7)
FRIDAY = 5  # ISO weekday
PAGES = (  # where a role's week starts: the nearest unit of the first role that she has
    ("class_teacher", "see_class"),
    ("grade_head", "see_grade"),
    ("dean", "see_school"),
    ("principal", "see_school"),
    ("teacher", "see_class"),
)


@dataclass(frozen=True)
class Square:
    """One class on one day: its bar, minutes still planned, and whether something was recorded over."""

    unit: Unit
    bar: DayBar
    planned: int = 0
    late: int = 0
    recorded_over: int = 0
    waived: int = 0

    @property
    def day(self) -> date:
        return self.bar.day.date

    @property
    def over(self) -> int:
        """Minutes above the limit, waivers counted in."""
        return 0 if self.bar.cap is None else max(0, self.bar.used - self.bar.cap)

    @property
    def lacking(self) -> int:
        """Minutes by which the plans of that day do not fit."""
        return 0 if self.bar.left is None else max(0, self.planned - self.bar.left)

    @property
    def href(self) -> str:
        return reverse("home:class_day", args=[self.unit.pk, self.day.isoformat()])


@dataclass(frozen=True)
class Need:
    """What needs somebody: which class, which day, why, and where the records are. Rank 0 is over.

    ``text`` is the reason with a {} where the class stands: what is said of several classes is said once.
    """

    rank: int
    unit: Unit
    day: date
    verdict: str
    text: str
    href: str

    @property
    def reason(self) -> str:
        return self.text.format(self.unit.name)

    @property
    def word(self) -> str:
        """What it is, in a word: colour and icon never speak alone."""
        return (_("超出"), _("计划放不下"), _("已满"))[self.rank]


@dataclass(frozen=True)
class Alike:
    """Needs of which the same is said, in the order of the school: one sentence, and the classes behind it."""

    needs: tuple[Need, ...]

    @property
    def reason(self) -> str:
        if len(self.needs) == 1:
            return self.needs[0].reason
        several = ngettext("%(count)d 个班", "%(count)d 个班", len(self.needs)) % {"count": len(self.needs)}
        return self.needs[0].text.format(several)


def alike(needs: Iterable[Need]) -> list[Alike]:
    """The needs put together by what is said of them, in the order of the first of each."""
    found: dict[tuple, list[Need]] = defaultdict(list)
    for need in needs:
        found[need.rank, need.day, need.text].append(need)
    return [Alike(tuple(some)) for some in found.values()]


@dataclass
class Week:
    """The classes of one unit in one week."""

    unit: Unit
    school: Unit
    calendar: Calendar
    monday: date
    days: list[date]
    rows: list[tuple[Unit, list[Square]]] = field(default_factory=list)

    @property
    def number(self) -> int:
        """Week of the term."""
        return self.calendar.term_week(self.monday)

    @property
    def squares(self) -> list[Square]:
        return [square for _unit, squares in self.rows for square in squares]

    @cached_property
    def needs(self) -> list[Need]:
        """Over first, then plans that do not fit, then days that are full; in the order of days and classes."""
        today = timezone.localdate()
        found = [need for square in self.squares if (need := _need(square, self, today))]
        return sorted(found, key=lambda need: (need.rank, need.day, need.unit.path))


def monday_from(text: str, today: date) -> date:
    """The Monday of "2026-W47"; of this week where nothing is said. Raises ValueError for anything else."""
    return date.fromisoformat(f"{text}-1") if text else monday_of(today)


def week_name(monday: date) -> str:
    """ "2026-W47", as in addresses."""
    return week_key(monday)


def unit_of(actor: Actor) -> Unit | None:
    """Where the actor's week starts; None for somebody without a class, grade or school."""
    for role, _verb in PAGES:
        posts = [post for post in actor.posts if post.role == role]
        if posts:
            return Unit.objects.get(pk=min(posts, key=lambda post: post.path).unit_id)
    return None


def classes_below(actor: Actor, unit: Unit) -> list[Unit]:
    """The classes at or below ``unit`` that the actor may see, in the order of the school."""
    today = timezone.localdate()
    visible = scope(actor, "see_class").filter(within([unit.path]), kind=Unit.Kind.CLASS)
    return list(visible.exclude(ends__lt=today).order_by("path"))


def units_to_choose(actor: Actor, school: Unit) -> list[Unit]:
    """The school and its grades and classes as far as the actor may see them whole: where a week can be opened."""
    whole = {"class": "see_class", "grade": "see_grade", "school": "see_school"}
    allowed = Q(pk__in=[])
    for kind, verb in whole.items():
        paths = [post.path for post in actor.posts_for(verb)]
        if paths:
            allowed |= within(paths) & Q(kind=kind)
    below = Unit.objects.filter(allowed & within([school.path]), tenant_id=actor.tenant_id)
    return list(below.order_by("path"))


def week_of(unit: Unit, school: Unit, classes: Sequence[Unit], monday: date) -> Week:
    """The week of ``classes``, which lie in ``school``. A fixed number of queries."""
    calendar = ledger.calendar_for(school)
    days = [day for day in _seven(monday) if day.isoweekday() <= FRIDAY or calendar.day(day).is_school_day]
    week = Week(unit, school, calendar, monday, days)
    found = bars(Board(classes), classes, days) if classes else {}
    planned = _planned(school, [day for day in days if day >= timezone.localdate()])
    counts = _counts(classes, days)
    week.rows = [(one, [_square(one, day, found, planned, counts) for day in days]) for one in classes]
    return week


def _seven(monday: date) -> list[date]:
    return [monday + timedelta(days=n) for n in range(7)]


def _square(unit: Unit, day: date, found, planned, counts) -> Square:
    count = counts.get((unit.pk, day), {})
    return Square(unit, found[unit.pk, day], planned.get((unit.pk, day), 0), **count)


def _planned(school: Unit, days: Sequence[date]) -> dict[tuple[int, date], int]:
    """Minutes of written work that filed plans still mean to set, by class and day. Held ones count as held."""
    items = PlanItem.objects.filter(
        plan__school=school, day__in=days, state=PlanItem.State.PLANNED, form="written", required=True, hold_ids=[]
    ).exclude(plan__state__in=(Plan.State.DRAFT, Plan.State.RETURNED))  # fmt: skip
    totals: dict[tuple[int, date], int] = defaultdict(int)
    for class_ids, day, minutes in items.values_list("classes", "day", "minutes"):
        for class_id in class_ids:
            totals[class_id, day] += minutes
    return totals


def _counts(classes: Iterable[Unit], days: Sequence[date]) -> dict[tuple[int, date], dict]:
    """How much was entered late, recorded over and waived, by class and day."""
    rows = ledger.demands([one.pk for one in classes], days).order_by().values("bearer_id", "day")
    counted = rows.annotate(
        late=Count("id", filter=Q(late=True)),
        recorded_over=Count("id", filter=Q(verdict="recorded")),
        waived=Count("id", filter=Q(verdict="waived")),
    )
    return {(row.pop("bearer_id"), row.pop("day")): row for row in counted}


# ---- what needs somebody first ----


def _need(square: Square, week: Week, today: date) -> Need | None:
    """Rank 0: over. 1: a plan that does not fit. 2: full, and what the next day holds."""
    if square.over:
        return _said(0, square, "warn", _over_text(square))
    if square.recorded_over:
        return _said(0, square, "warn", _recorded_text(square))
    if square.day < today:
        return None
    if square.lacking:
        return _said(1, square, "needs_waiver", _lacking_text(square))
    if square.bar.cap and square.bar.left == 0:
        return _said(2, square, "inform", _full_text(square, week))
    return None


def _said(rank: int, square: Square, verdict: str, text: str) -> Need:
    return Need(rank, square.unit, square.day, verdict, text, square.href)


def _about(square: Square) -> dict:
    return {
        "day": WEEKDAYS[square.day.weekday()], "name": "{}", "used": square.bar.used,
        "cap": square.bar.cap, "over": square.over, "planned": square.planned, "lacking": square.lacking,
    }  # fmt: skip


def _over_text(square: Square) -> str:
    return _("%(day)s %(name)s 书面作业 %(used)d 分钟，超出 %(over)d 分钟") % _about(square)


def _recorded_text(square: Square) -> str:
    return _("%(day)s %(name)s 登记了 %(count)d 项不合规定的作业") % {**_about(square), "count": square.recorded_over}


def _lacking_text(square: Square) -> str:
    return _("%(day)s %(name)s 已用 %(used)d/%(cap)d，计划还有 %(planned)d 分钟，多出 %(lacking)d 分钟") % _about(
        square
    )


def _full_text(square: Square, week: Week) -> str:
    text = _("%(day)s %(name)s 已满 %(used)d/%(cap)d") % _about(square)
    later = [one for one in week.squares if one.unit == square.unit and one.day > square.day and one.bar.cap]
    if not later:
        return text
    after = min(later, key=lambda one: one.day)
    if after.planned:
        more = _("，%(day)s计划还有 %(planned)d 分钟")
    else:
        more = _("，%(day)s还剩 %(left)d 分钟")
    return text + more % {**_about(after), "left": after.bar.left}


# ---- as the heat map takes it ----


def heat_days(week: Week) -> list[dict]:
    today = timezone.localdate()
    return [
        {"label": WEEKDAYS[day.weekday()], "date": f"{day.month}/{day.day}", "today": day == today} for day in week.days
    ]


def heat_rows(rows: Iterable[tuple[Unit, list[Square]]], calendar: Calendar) -> list[dict]:
    return [
        {"label": unit.name, "cells": [heat_cell(square, calendar) for square in squares]} for unit, squares in rows
    ]


def heat_cell(square: Square, calendar: Calendar) -> dict | None:
    """A figure where a limit counts; a word where nothing is to be asked; None on days without either."""
    bar, day = square.bar, calendar.day(square.day)
    if not day.is_school_day and not bar.used:
        return {"used": 0, "cap": 0, "note": day.name or _("休息")}
    if bar.cap is None:
        return None
    if not bar.cap:
        return {"used": 0, "cap": 0, "href": square.href, "note": _("不留")}
    held = bar.state.held if bar.state else 0
    return {"used": bar.used, "cap": bar.cap, "held": held, "planned": square.planned, "href": square.href}


def by_grade(week: Week) -> dict[int, list[tuple[Unit, list[Square]]]]:
    """The rows of the week by grade."""
    found: dict[int, list] = defaultdict(list)
    for unit, squares in week.rows:
        found[unit.grade].append((unit, squares))
    return found


def is_free(rows: Iterable[tuple[Unit, list[Square]]]) -> bool:
    """Whether no written work is allowed in these rows, and none was recorded."""
    return not any(square.bar.cap or square.recorded_over for _unit, squares in rows for square in squares)


def free_grades(week: Week) -> str:
    """The grades that are told in a sentence in place of a heat map: 一、二年级."""
    return grade_names(grade for grade, rows in by_grade(week).items() if is_free(rows))


def grids(week: Week) -> list[dict]:
    """One heat map for each grade that has figures: caption, corner and rows."""
    return [
        {
            "corner": grade_names([grade]),
            "caption": _("%(grade)s各班这一周的书面作业") % {"grade": grade_names([grade])},
            "rows": heat_rows(rows, week.calendar),
        }
        for grade, rows in by_grade(week).items()
        if not is_free(rows)
    ]
