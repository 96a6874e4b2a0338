"""What a teacher sees: her classes with what is left, her plan, her postings, what colleagues ask of her."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingfu.homework.items import ALL_SUBJECTS, SUBJECTS, Item, Posting, Target
from qingfu.homework.models import Material, Plan, PlanItem, YieldRequest
from qingfu.ledger import queries as ledger
from qingfu.ledger import reckoning
from qingfu.ledger.models import Demand, Waiver
from qingfu.ledger.queries import BudgetState
from qingfu.ledger.reckoning import Reckoning
from qingfu.rulebook import Calendar, InForce, Verdict, load_calendar
from qingfu.text.homework import WRITTEN
from qingfu.units.models import GroupClass, Membership, Person, Unit
from qingfu.units.queries import Actor, may, scope, who_may, within

WEEKDAYS = (
    gettext_lazy("周一"), gettext_lazy("周二"), gettext_lazy("周三"), gettext_lazy("周四"), gettext_lazy("周五"),
    gettext_lazy("周六"), gettext_lazy("周日"),
)  # fmt: skip
DAYS_OFFERED = 7  # before and after today, to choose the day of a homework from
LESSONS_END = "lessons_end"


# ---- whom she teaches ----


def targets(
    actor: Actor,
    today: date | None = None,
    known: Mapping[int, Reckoning] | None = None,
    grouped: bool = True,
) -> list[Target]:
    """Whom the actor can give homework to: classes in the order of the school, then groups.

    A grade of a 复式班 stands as a target of its own and its class no longer alone; a 教学班 is one target, and
    charges every class with a seat in it, so she must teach its subject in all of them. ``known`` are the current
    Reckonings of her classes, ``grouped`` says whether one of these may be in a group, where the caller knows.
    """
    subjects = _subjects_by_class(actor)
    known = reckoning.current(subjects) if known is None else known
    classes = {unit.pk: unit for unit in _open_classes(known, today or timezone.localdate())}
    groups = _groups(classes) if grouped else []
    found = [target for group, units in groups for target in _group_targets(group, units, subjects)]
    combined = {target.classes[0].pk for target in found if target.combined}
    alone = [
        Target(f"c{unit.pk}", unit.name, (unit,), subjects[unit.pk])
        for unit in classes.values()
        if unit.pk not in combined
    ]
    return alone + found


def _subjects_by_class(actor: Actor) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for post in actor.posts:
        if post.role == Membership.Role.TEACHER and post.kind == Unit.Kind.CLASS:
            found[post.unit_id].add(post.subject)
    return {unit_id: frozenset(subjects) for unit_id, subjects in found.items()}


def class_ids(actor: Actor) -> list[int]:
    """The classes that the actor teaches something in, also such as have ended."""
    return list(_subjects_by_class(actor))


def _open_classes(known: Mapping[int, Reckoning], today: date) -> list[Unit]:
    units = [found.unit(pk) for pk, found in known.items()]
    return sorted((unit for unit in units if not (unit.ends and unit.ends < today)), key=lambda unit: unit.path)


def _groups(classes: Mapping[int, Unit]) -> list[tuple]:
    """The groups all of whose classes are among ``classes``, with them."""
    rows = GroupClass.objects.filter(group__classes__in=list(classes)).select_related("group", "unit")
    members: dict[int, dict[int, Unit]] = defaultdict(dict)
    groups = {}
    for row in rows.order_by("group__name", "unit__path"):
        groups[row.group_id] = row.group
        members[row.group_id][row.unit_id] = row.unit
    return [(group, list(members[pk].values())) for pk, group in groups.items() if set(members[pk]) <= set(classes)]


def _group_targets(group, units: Sequence[Unit], subjects: Mapping[int, frozenset[str]]) -> list[Target]:
    if group.combined:
        return [
            Target(
                f"g{group.pk}c{unit.pk}", f"{group.name} · {unit.name}", (unit,), subjects[unit.pk], group.pk, True
            )
            for unit in units
        ]  # fmt: skip
    shared = frozenset.intersection(*(subjects[unit.pk] for unit in units))
    if group.subject:
        shared = frozenset({group.subject}) if shared & {group.subject, ALL_SUBJECTS} else frozenset()
    return [Target(f"g{group.pk}", group.name, tuple(units), shared, group.pk)] if shared else []


def subjects_of(several: Iterable[Target]) -> list[str]:
    """The subjects that are taught there, in the order of the curriculum."""
    taught = frozenset().union(*(target.subjects for target in several))
    if ALL_SUBJECTS in taught:
        return list(SUBJECTS)
    order = {subject: place for place, subject in enumerate(SUBJECTS)}
    return sorted(taught, key=lambda subject: (order.get(subject, len(order)), subject))


def classes_of(several: Iterable[Target]) -> list[Unit]:
    """Each class of the targets once."""
    return list({unit.pk: unit for target in several for unit in target.classes}.values())


# ---- rules, calendar and materials of these classes ----


class Board:
    """Rules, calendar and listed material of some classes: loaded once for a page."""

    def __init__(self, units: Iterable[Unit], known: Mapping[int, Reckoning] | None = None):
        self.units = list(units)
        self.found = reckoning.current([unit.pk for unit in self.units]) if known is None else known

    def of(self, unit: Unit) -> Reckoning:
        return self.found[unit.pk]

    @property
    def calendar(self) -> Calendar:
        """The calendar of the first class; the nation's for somebody without classes."""
        return self.of(self.units[0]).calendar if self.units else load_calendar()

    @cached_property
    def _listed(self) -> dict[tuple[int, str, int], list[Material]]:
        schools = {one.institution.pk for one in self.found.values()}
        listed: dict = defaultdict(list)
        for material in Material.objects.filter(school_id__in=schools):
            listed[material.school_id, material.subject, material.grade].append(material)
        return listed

    def materials(self, unit: Unit, subject: str, day: date) -> tuple[str, ...]:
        """Names of the teaching aids that the school has listed for a class and subject on a day."""
        listed = self._listed.get((self.of(unit).institution.pk, subject, unit.grade), ())
        return tuple(one.name for one in listed if one.starts <= day and (one.ends is None or day <= one.ends))

    def is_late(self, unit: Unit, day: date, now: datetime | None = None) -> bool:
        """Whether homework for ``day`` comes after the last lesson (where the school says when that is)."""
        now = timezone.localtime(now)
        end = self.of(unit).rulebook.local_time(LESSONS_END, self.of(unit).bearer(unit.pk, day), day)
        if day != now.date() or end is None:
            return day < now.date()
        return now.time() > time.fromisoformat(end)


# ---- days ----


@dataclass(frozen=True)
class DayName:
    """A day as pages say it."""

    date: date
    label: str
    is_school_day: bool

    @property
    def past(self) -> bool:
        return self.date < timezone.localdate()

    @property
    def says_date(self) -> bool:
        """Whether the label itself tells the date, as it does for days far off."""
        return date_format(self.date, _("n 月 j 日")) in self.label


def day_name(calendar: Calendar, day: date, today: date | None = None) -> DayName:
    """今天, 明天, else the weekday; with the date where that would not be clear."""
    today = today or timezone.localdate()
    near = {0: _("今天"), 1: _("明天"), -1: _("昨天")}.get((day - today).days)
    weekday = str(WEEKDAYS[day.weekday()])
    plain = weekday if 0 < (day - today).days < DAYS_OFFERED else f"{date_format(day, _('n 月 j 日'))} {weekday}"
    return DayName(day, near or plain, calendar.day(day).is_school_day)


def working_days(calendar: Calendar, today: date) -> tuple[date, date]:
    """The school day that the page is about, today or the next one, and the one after it."""
    first = today if calendar.day(today).is_school_day else calendar.next_school_day(today)
    return first, calendar.next_school_day(first)


def days_to_choose(calendar: Calendar, today: date) -> list[DayName]:
    """The days that homework can be entered for: the week to come, then the school days behind us (补登)."""
    ahead = [today + timedelta(days=n) for n in range(DAYS_OFFERED + 1)]
    first, second = working_days(calendar, today)
    ahead = sorted({*ahead, first, second})
    behind = [today - timedelta(days=n) for n in range(1, DAYS_OFFERED + 1)]
    behind = [day for day in behind if calendar.day(day).is_school_day]
    return [day_name(calendar, day, today) for day in (*ahead, *behind)]


def school_week(calendar: Calendar, week_starts: date) -> list[DayName]:
    """The school days from Monday to Sunday of a week, as weekdays."""
    days = [week_starts + timedelta(days=n) for n in range(7)]
    return [DayName(day, str(WEEKDAYS[day.weekday()]), True) for day in days if calendar.day(day).is_school_day]


# ---- what is left ----


@dataclass
class DayBar:
    """What a class has on one day, as a bar: ``used`` and ``cap`` in minutes of written work that everybody does.

    ``cap`` is 0 where written homework is not allowed at all, None where no rule counts that day.
    """

    day: DayName
    used: int = 0
    cap: int | None = None
    parts: list[dict] = field(default_factory=list)
    state: BudgetState | None = None

    @property
    def left(self) -> int | None:
        return None if self.cap is None else max(0, self.cap - self.used)

    def add(self, minutes: int) -> None:
        """Show ``minutes`` that are about to be asked."""
        if minutes:
            self.used += minutes
            self.parts.append({"label": _("这次"), "amount": minutes, "kind": "new"})


@dataclass
class ClassBars:
    """One class (or one grade of a 复式班) with its bars."""

    unit: Unit
    name: str
    code: str
    bars: list[DayBar]


def bars(board: Board, units: Sequence[Unit], days: Sequence[date]) -> dict[tuple[int, date], DayBar]:
    """The bar of each class and day. One query."""
    found = ledger.balances({unit.pk: board.of(unit) for unit in units}, days, by_subject=True)
    return _bars(board, units, days, found)


def _bars(
    board: Board, units: Sequence[Unit], days: Sequence[date], found: Mapping[tuple[int, date], list[BudgetState]]
) -> dict[tuple[int, date], DayBar]:
    binding = {key: next((one for one in states if one.binding), None) for key, states in found.items()}
    names = {day: day_name(board.calendar, day) for day in days}
    return {
        (unit.pk, day): _bar(board, unit, names[day], binding[unit.pk, day])
        for unit in units
        for day in days
    }


def _bar(board: Board, unit: Unit, day: DayName, state: BudgetState | None) -> DayBar:
    if state is None:
        return DayBar(day, cap=0 if _no_written_work(board.of(unit), unit, day.date) else None)
    return DayBar(day, state.taken, state.cap + state.waived, _parts(state), state)


def _no_written_work(found: Reckoning, unit: Unit, day: date) -> bool:
    limits = found.rulebook.limits("homework", found.bearer(unit.pk, day), day)
    return any(
        one.limit.form == "never" and any(it.key == "form" and WRITTEN in it.any_of for it in one.limit.where)
        for one in limits
    )


def _parts(state: BudgetState) -> list[dict]:
    """Which subjects took and hold how much of a budget, as the bar shows it."""
    return [{"label": one.subject or _("其他"), "amount": one.amount, "kind": one.kind} for one in state.parts]


def class_bars(
    board: Board, several: Sequence[Target], days: Sequence[date], states: Mapping[tuple[int, date], list[BudgetState]]
) -> list[ClassBars]:
    """The cards of 今天: each class once, a 复式班 as its grades. ``states`` are the budgets of these."""
    found = _bars(board, classes_of(several), days, states)
    cards, seen = [], set()
    for target in several:
        for unit in target.classes:
            if unit.pk not in seen:
                seen.add(unit.pk)
                name = target.name if target.combined else unit.name
                cards.append(ClassBars(unit, name, target.code, [found[unit.pk, day] for day in days]))
    return cards


def bars_after(board: Board, posting: Posting) -> dict[int, DayBar]:
    """The bar of each class of a posting, with what the posting would add."""
    units = posting.classes()
    found = bars(board, units, [posting.day])
    for unit in units:
        found[unit.pk, posting.day].add(_added(board, posting, unit, found[unit.pk, posting.day]))
    return {unit.pk: found[unit.pk, posting.day] for unit in units}


def _added(board: Board, posting: Posting, unit: Unit, bar: DayBar) -> int:
    """The minutes that a posting takes from the budget which the bar shows."""
    one = board.of(unit)
    asked = [
        item.draft(unit, None, posting.day, ()).asked(one.bearer(unit.pk, posting.day))
        for item in posting.items
        if any(unit.pk == other.pk for other, _group in item.classes())
    ]
    return sum(
        charge.amount
        for demand in asked
        for charge in one.rulebook.charges(demand, one.calendar)
        if bar.state and (charge.limit_id, charge.window.key) == (bar.state.limit_id, bar.state.window.key)
    )


# ---- her own postings ----


@dataclass
class Posted:
    """One homework that stands, with all its classes."""

    subject: str
    text: str
    minutes: int | None
    form: str
    required: bool
    place: str
    day: DayName
    late: bool
    state: str
    state_name: str
    demand_ids: list[int]
    classes: list[str]


@dataclass(frozen=True)
class Seen:
    """What a teacher's page shows, from one query. ``rules`` are the Reckonings of her classes, which hold; ``planned``
    and ``posted`` are rows from today on, and ``balances`` what ``budgets`` hold, all as JSON. Where a flag is False
    there is nothing of that kind, and nothing need be asked.
    """

    rules: Mapping[int, Reckoning]
    budgets: ledger.Budgets
    heads: str
    planned: str
    posted: str
    groups: bool
    asked_of: bool
    asked_by: bool
    to_second: bool
    balances: str

    def states(self) -> dict[tuple[int, date], list[BudgetState]]:
        """The budgets of her classes on the school day that the page is about and on the next one."""
        return self.budgets.states(json.loads(self.balances))


def see(actor: Actor, today: date) -> Seen:
    """What the actor's desk holds now."""
    classes = class_ids(actor)
    seen = _see(actor, reckoning.reckonings(actor.tenant_id, classes), today)
    if dict(json.loads(seen.heads)) == reckoning.heads_of(seen.rules):
        return seen
    reckoning.forget(actor.tenant_id, classes)
    return _see(actor, reckoning.reckonings(actor.tenant_id, classes), today)


def _see(actor: Actor, rules: Mapping[int, Reckoning], today: date) -> Seen:
    budgets, asked = _question(tuple(rules.items()), today)
    with connection.cursor() as cursor:
        values = [actor.tenant_id, actor.person_id, today, asked]
        cursor.execute("SELECT * FROM homework.desk(%s, %s, %s, %s)", values)
        return Seen(rules, budgets, *cursor.fetchone())


@lru_cache(maxsize=4096)  # the same for a teacher all day long, until a rule or a class changes
def _question(rules: tuple[tuple[int, Reckoning], ...], today: date) -> tuple[ledger.Budgets, str]:
    """The budgets of these classes on the school day that the page is about and on the next one, and what the database
    is asked of them and of the classes, as JSON.
    """
    found = dict(rules)
    days = {day for one in set(found.values()) for day in working_days(one.calendar, today)}
    budgets = ledger.budgets_of(found, sorted(days))
    columns = zip(("bearers", "limits", "keys", "since", "until"), budgets.columns(), strict=True)
    asked = {"classes": list(found), "heads": list(reckoning.heads_of(found)), **dict(columns)}
    return budgets, json.dumps(asked, default=date.isoformat)


def posted_for(rows: str, day: date, calendar: Calendar) -> list[Posted]:
    """What she has posted for ``day``, or entered today for another; one line for all classes of a posting."""
    found: dict[tuple, Posted] = {}
    for row in json.loads(rows):
        its_day = date.fromisoformat(row["day"])
        if its_day == day or row["entered_today"]:  # not a log that was imported today
            key = tuple(row[name] for name in ("attempt", "subject", "text", "day", "minutes", "state"))
            if key not in found:
                found[key] = _posted(row, day_name(calendar, its_day))
            found[key].demand_ids.append(row["id"])
            found[key].classes.append(row["class"])
    return list(found.values())


def _posted(row: dict, day: DayName) -> Posted:
    asked = row["asked"]
    return Posted(
        row["subject"], row["text"], row["minutes"], asked.get("form", WRITTEN), asked.get("required", True),
        asked.get("place", ""), day, row["late"], row["state"], Demand.State(row["state"]).label, [], [],
    )  # fmt: skip


def withdrawals_to_second(actor: Actor) -> list[tuple[Demand, str, str]]:
    """Withdrawals that wait for the actor as the second person: (demand, class, who asked).

    Who seconds for offices alone sees no class, and so nothing of it.
    """
    classes = (scope(actor, "second_withdrawal") & scope(actor, "see_class")).filter(kind=Unit.Kind.CLASS)
    names = dict(classes.values_list("pk", "name")) if actor.posts_for("second_withdrawal") else {}
    waiting = Demand.objects.filter(
        bearer_id__in=list(names), kind="homework", state=Demand.State.WITHDRAWAL_ASKED
    ).order_by("day", "id")
    rows = [row for row in waiting if row.withdrawal["by"] != actor.person_id]
    people = dict(Person.objects.filter(pk__in={row.withdrawal["by"] for row in rows}).values_list("pk", "name"))
    return [(row, names[row.bearer_id], people.get(row.withdrawal["by"], "")) for row in rows]


# ---- colleagues ----


def asked_of(actor: Actor) -> list[YieldRequest]:
    """What colleagues ask the actor to yield, still open by the clock."""
    return list(_open_requests().filter(asked_id=actor.person_id).select_related("asker", "class_unit"))


def asked_by(actor: Actor) -> list[YieldRequest]:
    """The actor's own requests: open ones, and those answered in the last day."""
    since = timezone.now() - timedelta(days=1)
    mine = YieldRequest.objects.filter(asker_id=actor.person_id, created_at__gte=since)
    return list(mine.select_related("asked", "class_unit").order_by("-created_at"))


def _open_requests():
    return YieldRequest.objects.filter(
        state=YieldRequest.State.ASKED, expires_at__gt=timezone.now()
    ).order_by("created_at")


# ---- plans ----


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def plan_of(actor: Actor, subject: str, week_starts: date) -> Plan | None:
    """The actor's plan in a subject for the week that starts on a Monday."""
    mine = Plan.objects.filter(author_id=actor.person_id, subject=subject, week_starts=week_starts)
    return mine.prefetch_related("items").order_by("pk").first()


@dataclass(frozen=True)
class Planned:
    """One item of her plans that waits for her tap, or first for the school's approval (``waits``)."""

    pk: int
    subject: str
    text: str
    form: str
    required: bool
    minutes: int
    place: str
    classes: list[int]
    waits: bool


def planned_for(rows: str, day: date) -> list[Planned]:
    """The items of ``day`` among the rows of ``see``."""
    shown = ("pk", "subject", "text", "form", "required", "minutes", "place", "classes")
    return [
        Planned(*(row[name] for name in shown), bool(row["approval"]) and row["plan_state"] != Plan.State.APPROVED)
        for row in json.loads(rows)
        if row["day"] == day.isoformat()
    ]


def needs_approval(school: Unit) -> bool:
    """Whether a school has switched the approval of week plans on. Off by default: filing is enough."""
    return bool(school.attributes.get("plan_approval"))


def school_to_switch(actor: Actor) -> Unit | None:
    """The school in which the actor decides whether week plans need approval."""
    return scope(actor, "approve_plan").filter(kind=Unit.Kind.SCHOOL).order_by("path").first()


def waits_for_approval(plan: Plan) -> bool:
    """Whether the school wants to approve a plan before anything of it is posted, and has not yet."""
    return needs_approval(plan.school) and plan.state != Plan.State.APPROVED


def plans_to_approve(actor: Actor) -> list[Plan]:
    """Filed plans of schools with approval, for classes that the actor may approve plans of, the oldest first."""
    if not actor.posts_for("approve_plan"):
        return []
    classes = set(scope(actor, "approve_plan").filter(kind=Unit.Kind.CLASS).values_list("pk", flat=True))
    filed = Plan.objects.filter(
        state=Plan.State.FILED, school__attributes__plan_approval=True, week_starts__gte=monday_of(timezone.localdate())
    )
    plans = filed.select_related("author", "school").prefetch_related("items").order_by("created_at")
    return [plan for plan in plans if plan_classes(plan) & classes]


def plan_classes(plan: Plan) -> set[int]:
    """The ids of the classes that a plan names."""
    return {unit_id for item in plan.items.all() for unit_id in item.classes}


def items_of_plan(rows: Iterable[PlanItem], several: Sequence[Target]) -> list[Item]:
    """Plan items as they will be posted."""
    by_class = {target.classes[0].pk: target for target in several if len(target.classes) == 1}
    return [
        Item(
            row.plan.subject, row.text, row.form, row.required, row.minutes, row.place, row.due_day,
            tuple(by_class[pk] for pk in row.classes if pk in by_class),
        )
        for row in rows
    ]  # fmt: skip


# ---- materials and waivers ----


def materials_of(school: Unit) -> list[Material]:
    return list(Material.objects.filter(school=school).order_by("grade", "subject", "name"))


def who_may_waive(found: Reckoning, unit: Unit, in_force: InForce) -> list[str]:
    """The names of those who may lift a limit for a class, nearest first, with their role: for a local 应当 or 不得
    who may for the unit that issued it. Nobody for what is the nation's, or comes from above this tenant.
    """
    if in_force.waiver == "no":
        return []
    at = unit if in_force.waiver == "named" else _issuer(found, in_force.limit.id)
    may_there = who_may("grant_waiver", at) if at else ()
    return [f"{row.person.name}（{row.get_role_display()}）" for row in may_there]


def _issuer(found: Reckoning, limit_id: str) -> Unit | None:
    """The unit that issued a limit, if it is one of this tenant."""
    return Unit.objects.filter(pk=found.issuers[limit_id], tenant_id=found.institution.tenant_id).first()


def schools_to_waive_in(actor: Actor) -> list[Unit]:
    """The schools in whose classes the actor may lift a limit, by pinyin."""
    there = scope(actor, "grant_waiver").filter(kind=Unit.Kind.SCHOOL)
    return list(there.exclude(ends__lt=timezone.localdate()).order_by("pinyin", "pk"))


def classes_to_waive_in(actor: Actor, school: Unit) -> list[Unit]:
    """The classes of a school that are not over, in its order."""
    there = scope(actor, "grant_waiver").filter(within([school.path]), kind=Unit.Kind.CLASS)
    return list(there.exclude(ends__lt=timezone.localdate()).order_by("path"))


def limits_to_waive(actor: Actor, classes: Sequence[Unit]) -> list[tuple[str, str]]:
    """The limits on homework that the actor may lift for one of these classes: (id, title and document)."""
    found, limits = _waivable(classes)
    issuers = {one: _issuer(found[one], one) for one, in_force in limits.items() if in_force.waiver == "issuer"}
    hers = {one for one, issuer in issuers.items() if issuer and may(actor, "grant_waiver", issuer)}
    mine = [(one, _title(limits[one])) for one in limits if one in hers or limits[one].waiver == "named"]
    return sorted(mine, key=lambda pair: pair[1])


def _waivable(classes: Sequence[Unit]) -> tuple[dict[str, Reckoning], dict[str, InForce]]:
    """The limits on homework that somebody could lift for one of these classes, and where each was found."""
    today = timezone.localdate()
    found, limits = {}, {}
    for unit_id, rules in reckoning.current([unit.pk for unit in classes]).items():
        for one in rules.rulebook.limits("homework", rules.bearer(unit_id), today):
            if one.waiver != "no" and one.verdict >= Verdict.NEEDS_WAIVER:
                found[one.limit.id], limits[one.limit.id] = rules, one
    return found, limits


def _title(in_force: InForce) -> str:
    return f"{in_force.limit.title}（{in_force.citation}）"


def waivers_of(classes: Sequence[Unit]) -> list[tuple[Waiver, str, bool]]:
    """The latest waivers for these classes: (waiver, title of its limit, whether it still holds)."""
    rows = Waiver.objects.filter(bearer__in=classes, attempt_key="")
    rows = rows.select_related("bearer").order_by("-granted_at")[:SHOWN_WAIVERS]
    titles = {one: _title(in_force) for one, in_force in _waivable(classes)[1].items()}
    now = timezone.now()
    return [
        (row, titles.get(row.limit_id, row.limit_id), row.revoked_at is None and row.expires_at > now) for row in rows
    ]


SHOWN_WAIVERS = 50


@dataclass(frozen=True)
class NamedItem:
    """A plan item with the names of its classes."""

    item: PlanItem | Planned
    classes: str


def named_items(rows: Iterable[PlanItem | Planned], several: Sequence[Target]) -> list[NamedItem]:
    names = {target.classes[0].pk: target.name for target in reversed(several) if len(target.classes) == 1}
    return [NamedItem(row, "、".join(names[pk] for pk in row.classes if pk in names)) for row in rows]


@dataclass(frozen=True)
class AskedOf:
    """A colleague's request with the item that it is about."""

    request: YieldRequest
    demand: Demand
    day: DayName
    drafts: list[dict]

    @property
    def left(self) -> int:
        """Minutes of the item after yielding."""
        return (self.demand.stated_minutes or 0) - self.request.minutes


def asked_of_with_items(actor: Actor, calendar: Calendar) -> list[AskedOf]:
    """What colleagues ask of the actor, each with her own item that would be trimmed."""
    rows = asked_of(actor)
    found = {one.id: one for one in Demand.objects.filter(id__in=[row.demand_id for row in rows])}
    return [
        AskedOf(row, found[row.demand_id], day_name(calendar, found[row.demand_id].day), row.draft)
        for row in rows
        if row.demand_id in found
    ]
