"""公示: the homework of a class on one day, as parents, children and the public read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingfu.ledger import reckoning
from qingfu.ledger.models import Demand, Waiver
from qingfu.ledger.queries import BudgetState, demands, remaining, waivers_in_force
from qingfu.ledger.reckoning import Reckoning
from qingfu.notices.evening import HOME_TIME, free_minutes
from qingfu.rulebook import Bearer, Calendar, InForce
from qingfu.rulebook.calendar import Day
from qingfu.rulebook.model import all_hold
from qingfu.units.models import Unit
from qingfu.units.tenancy import current_tenant

HOMEWORK, BEDTIME = "homework", "bedtime"
HOME = "家庭"
WEEK = 5  # school days of the strip
LOOK_BACK = 30  # days for which an item that is not due yet stays on the page
WEEKDAYS = [
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
]
FIRST_SUBJECTS = ["语文", "数学", "英语"]
WRITTEN_AT_HOME = {"form": "written", "place": HOME, "required": True}
ORAL_AT_HOME = {**WRITTEN_AT_HOME, "form": "oral"}


@dataclass(frozen=True)
class Item:
    """One homework. ``minutes`` are this day's (all days', for an item that goes on); None: not estimated."""

    id: int
    subject: str
    text: str
    minutes: int | None
    form: str
    required: bool
    place: str
    due: date | None
    late: bool
    struck: bool
    reason: str
    attributes: Mapping

    @property
    def counts_as_written(self) -> bool:
        return self.form == "written" and self.required and not self.struck

    def get(self, name: str, default=None):
        """As a mapping, for the component ``homework_item``."""
        return getattr(self, name, default)

    @property
    def key(self) -> str:
        """The id as a form sends it back."""
        return str(self.id)

    @property
    def note(self) -> str:
        """What must be said beside the text."""
        words = [_("补登")] if self.late else []
        if self.struck:
            words.append(_("已更正：%(reason)s") % {"reason": self.reason} if self.reason else _("已更正"))
        return " · ".join(words)


@dataclass(frozen=True)
class Subject:
    """The items of one subject."""

    name: str
    items: tuple[Item, ...]

    @property
    def minutes(self) -> int:
        """Minutes of the written, required items that stand."""
        return sum(item.minutes or 0 for item in self.items if item.counts_as_written)


@dataclass(frozen=True)
class PublicLimit:
    """The tightest limit on the day's minutes, and how much of it is taken. ``parts`` as for the bar."""

    in_force: InForce
    cap: int
    used: int
    waived: int
    parts: tuple[Mapping, ...]

    @property
    def over(self) -> int:
        return max(self.used - self.cap - self.waived, 0)


@dataclass(frozen=True)
class Notice:
    """The notice of one class on one day.

    ``calendar_day`` says what kind of day it is. ``subjects`` are today's items, ``going_on`` those of
    earlier days that are not due yet. ``none_written`` is the rule that allows no written homework at home
    (grades 1-2), ``waivers`` are those in force today; of them only office and reason may be shown. ``free``
    are the minutes of the evening that belong to the child (None: nobody can say). ``week`` are the last school
    days with what the limit counted on them, ``week_cap`` the cap of the last of them (None: no limit counts minutes).
    """

    unit: Unit
    school: Unit
    bearer: Bearer
    calendar_day: Day
    next_school_day: date
    subjects: tuple[Subject, ...]
    going_on: tuple[Item, ...]
    limit: PublicLimit | None
    none_written: InForce | None
    bedtime_rule: InForce | None
    waivers: tuple[Waiver, ...]
    week: tuple[tuple[date, int | None], ...]
    week_cap: int | None
    free: int | None

    @property
    def day(self) -> date:
        return self.calendar_day.date

    @property
    def strip(self) -> list[dict]:
        """The days behind, as the component ``week_strip`` takes them."""
        return [
            {"label": _("今天") if day == self.day else weekday(day), "used": used, "today": day == self.day}
            for day, used in self.week
        ]

    @property
    def weekdays(self) -> list[str]:
        """周一 … 周五, for a paper strip."""
        return [str(name) for name in WEEKDAYS[:WEEK]]

    @property
    def items(self) -> list[Item]:
        return [item for subject in self.subjects for item in subject.items]

    @property
    def open_items(self) -> list[Item]:
        """What a child may still be sitting at tonight."""
        return [item for item in [*self.items, *self.going_on] if not item.struck]

    @property
    def minutes(self) -> int:
        """Expected minutes of today's written, required homework: what the limits count."""
        return sum(subject.minutes for subject in self.subjects)

    @property
    def other_minutes(self) -> int:
        """Expected minutes of required oral and practical homework."""
        others = (i for i in self.items if i.required and not i.struck and not i.counts_as_written)
        return sum(item.minutes or 0 for item in others)

    @property
    def optional_minutes(self) -> int:
        return sum(item.minutes or 0 for item in self.items if not item.required and not item.struck)

    @property
    def not_estimated(self) -> int:
        """How many items say no minutes."""
        return sum(item.minutes is None and not item.struck for item in self.items)

    @property
    def bedtime(self) -> str:
        """ "21:20"; empty where no rule says."""
        return str(self.bedtime_rule.cap) if self.bedtime_rule else ""


def notices(class_ids: Iterable[int], day: date, week: bool = True) -> dict[int, Notice]:
    """The notices of classes of the open tenant on ``day``, by class id, in a fixed number of queries.

    Without ``week`` the strip is left empty. Raises reckoning.Unknown for what is no unit of this tenant.
    """
    class_ids = list(class_ids)
    found = reckoning.current(class_ids)
    before = {c: _school_day_before(one.calendar, day) for c, one in found.items()}
    rows = _by_class(_on_the_page(class_ids, day, set(before.values()) - {None}))
    strips = {c: _school_days_to(one.calendar, day) if week else [day] for c, one in found.items()}
    states = remaining(class_ids, sorted({d for days in strips.values() for d in days} | {day}), HOMEWORK)
    waivers = _by_class(waivers_in_force(class_ids, day))
    return {
        c: _notice(
            one,
            c,
            day,
            [r for r in rows.get(c, []) if r.due_day or r.day in (day, before[c])],
            states,
            waivers.get(c, []),
            strips[c] if week else [],
        )
        for c, one in found.items()
    }


VERSION = """
SELECT (SELECT array_agg(h.version ORDER BY h.unit_id) FROM ledger_head h
        WHERE h.tenant_id = %(tenant)s AND h.unit_id = ANY (%(heads)s)),
       (SELECT row(count(*), max(d.id), sum(d.revision))::text FROM ledger_demand d
        WHERE d.tenant_id = %(tenant)s AND d.bearer_id = u.id AND d.day BETWEEN %(first)s AND %(last)s),
       (SELECT row(count(*), max(w.id))::text FROM ledger_waiver w
        WHERE w.tenant_id = %(tenant)s AND w.bearer_id = u.id AND %(last)s BETWEEN w.starts AND w.ends
          AND w.revoked_at IS NULL AND w.expires_at > now()),
       row(u.name, u.seats, u.attributes)::text
FROM units_unit u WHERE u.id = %(unit)s
"""


def version_of(class_id: int, day: date) -> tuple | None:
    """What changes whenever a class's notice does: rules and calendar, items, waivers, the class. One query."""
    tenant_id = current_tenant()
    given = {
        "tenant": tenant_id,
        "unit": class_id,
        "heads": list(reckoning.reckonings(tenant_id, [class_id])[class_id].heads),
        "first": day - timedelta(days=LOOK_BACK),
        "last": day,
    }
    with connection.cursor() as cursor:
        cursor.execute(VERSION, given)
        heads, *rest = cursor.fetchone()
        return tuple(heads or ()), *rest


def _notice(
    found: Reckoning,
    class_id: int,
    day: date,
    rows: list[Demand],
    states: Mapping[tuple[int, date], list[BudgetState]],
    waivers: list[Waiver],
    strip: Sequence[date],
) -> Notice:
    bearer, calendar = found.bearer(class_id, day), found.calendar
    today = sorted((item_of(row, day) for row in rows if is_of(row, day)), key=by_subject)
    bedtime_rule = earliest(found.rulebook.limits(BEDTIME, bearer, day))
    home = found.rulebook.local_time(HOME_TIME, bearer, day)
    at_home = sum(i.minutes or 0 for i in today if i.place == HOME and i.required and not i.struck)
    return Notice(
        unit=found.unit(class_id),
        school=found.institution,
        bearer=bearer,
        calendar_day=calendar.day(day),
        next_school_day=calendar.next_school_day(day),
        subjects=tuple(Subject(name, tuple(some)) for name, some in groupby(today, key=lambda i: i.subject)),
        going_on=tuple(item_of(row, None) for row in rows if not is_of(row, day)),
        limit=_limit(states[class_id, day], today),
        none_written=_none_written(found.rulebook.limits(HOMEWORK, bearer, day)),
        bedtime_rule=bedtime_rule,
        waivers=tuple(waivers),
        week=tuple((d, used_of(states[class_id, d])) for d in strip),
        week_cap=_cap(states[class_id, strip[-1]]) if strip else None,
        free=free_minutes(bearer, str(bedtime_rule.cap), at_home, home) if bedtime_rule else None,
    )  # fmt: skip


def _on_the_page(class_ids: list[int], day: date, before: set[date]) -> Iterable[Demand]:
    """What is to be done on ``day``, what was asked earlier and is not due yet, and, of the days ``before``, what
    names no day to be handed in on: over a weekend that is the next school day."""
    days = [day - timedelta(days=n) for n in range(LOOK_BACK + 1)]
    on_the_page = Q(day=day) | Q(due_day__gt=day) | Q(due_day=None, day__in=before)
    return demands(class_ids, days, HOMEWORK).filter(on_the_page)


def _school_day_before(calendar: Calendar, day: date) -> date | None:
    """On a rest day or holiday the school day whose homework is still at home; else None."""
    if calendar.day(day).kind not in ("rest_day", "holiday"):
        return None
    days = (day - timedelta(days=n) for n in range(1, LOOK_BACK + 1))
    return next((one for one in days if calendar.day(one).is_school_day), None)


def _by_class(rows: Iterable) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in rows:
        found.setdefault(row.bearer_id, []).append(row)
    return found


def is_of(row: Demand, day: date) -> bool:
    """Whether a demand is homework of this very evening: of its own day, or of one of its split."""
    return row.day == day or day.isoformat() in (row.split or {})


def by_subject(item: Item) -> tuple:
    """语文, 数学, 英语, then the others."""
    first = item.subject in FIRST_SUBJECTS
    return (FIRST_SUBJECTS.index(item.subject) if first else len(FIRST_SUBJECTS), item.subject, item.id)


def item_of(row: Demand, day: date | None) -> Item:
    attributes = {**row.attributes, **({"subject": row.subject} if row.subject else {})}
    minutes = row.charged_minutes
    if day and row.split:
        minutes = row.split.get(day.isoformat(), 0)
    return Item(
        id=row.id,
        subject=row.subject,
        text=row.text,
        minutes=minutes,
        form=attributes.get("form") or "",
        required=attributes.get("required") is not False,
        place=attributes.get("place") or "",
        due=row.due_day,
        late=row.late,
        struck=row.state == Demand.State.CORRECTED,
        reason=(row.withdrawal or {}).get("reason", ""),
        attributes=attributes,
    )


def daily_limit(states: Iterable[BudgetState]) -> BudgetState | None:
    """Of a bearer's budgets of one day, the tightest that counts the minutes of that day alone."""
    daily = [
        one for one in states
        if one.cap is not None and one.measure == "minutes" and one.window.start == one.window.end
    ]  # fmt: skip
    return min(daily, key=lambda one: (one.cap + one.waived - one.used, one.cap), default=None)


def _limit(states: Iterable[BudgetState], items: Sequence[Item]) -> PublicLimit | None:
    state = daily_limit(states)
    if state is None:
        return None
    counted = [i for i in items if all_hold(state.in_force.limit.where, i.attributes)]
    parts = [
        {"label": subject or _("其他"), "amount": sum(i.minutes or 0 for i in several)}
        for subject, several in groupby(counted, key=lambda i: i.subject)
    ]
    parts = tuple(part for part in parts if part["amount"])
    if sum(part["amount"] for part in parts) != state.used:
        parts = ()  # a budget that more than today's items draw on: its sum stands for itself
    return PublicLimit(state.in_force, state.cap, state.used, state.waived, parts)


def _none_written(limits: Iterable[InForce]) -> InForce | None:
    """The rule that allows this class no written homework at home, if there is one."""
    bans = [one for one in limits if one.limit.form == "never" and all_hold(one.limit.where, WRITTEN_AT_HOME)]
    return next((one for one in bans if not all_hold(one.limit.where, ORAL_AT_HOME)), None)


def earliest(limits: Iterable[InForce]) -> InForce | None:
    """Of rules that say "not after", the one with the earliest time of day."""
    timed = [one for one in limits if one.limit.form == "not_after" and ":" in str(one.cap)]
    return min(timed, key=lambda one: one.cap, default=None)


def _school_days_to(calendar: Calendar, day: date) -> list[date]:
    """The last school days up to ``day``, itself included if it is one."""
    found, at = [], day
    while len(found) < WEEK and (day - at).days <= LOOK_BACK:
        if calendar.day(at).is_school_day:
            found.append(at)
        at -= timedelta(days=1)
    return found[::-1]


def used_of(states: Iterable[BudgetState]) -> int | None:
    state = daily_limit(states)
    return state.used if state else None


def _cap(states: Iterable[BudgetState]) -> int | None:
    state = daily_limit(states)
    return state.cap if state else None


def weekday(day: date) -> str:
    """周一 … 周日."""
    return str(WEEKDAYS[day.weekday()])


def day_text(day: date) -> str:
    """11 月 12 日 周三."""
    return _("%(month)d 月 %(day)d 日 %(weekday)s") % {
        "month": day.month,
        "day": day.day,
        "weekday": weekday(day),
    }
