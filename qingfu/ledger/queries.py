"""Everything that only reads the ledger. All inside ``as_tenant``; the number of queries never grows with bearers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from qingfu.ledger import reckoning
from qingfu.ledger.answers import Refusal
from qingfu.ledger.drafts import Draft, in_account
from qingfu.ledger.models import Attempt, Budget, Demand, Entry, Hold, Waiver
from qingfu.ledger.models import Refusal as Refused
from qingfu.ledger.reckoning import Reckoning
from qingfu.ledger.requests import broken
from qingfu.ledger.standing import Standing, load_standing
from qingfu.rulebook import Breach, Calendar, InForce, Rulebook, Verdict, Window
from qingfu.rulebook.charges import budget_window
from qingfu.rulebook.judge import cap_of
from qingfu.units.models import Person, Unit
from qingfu.units.queries import Actor, Forbidden
from qingfu.units.tenancy import current_tenant

DAYS_AHEAD = 7  # how far "another day" is looked for
SHOWN = (Demand.State.POSTED, Demand.State.WITHDRAWAL_ASKED, Demand.State.CORRECTED)


class Part(NamedTuple):
    """What one subject took from a budget, or (``kind`` "held") has set aside there."""

    subject: str
    amount: int
    kind: str


@dataclass(frozen=True)
class BudgetState:
    """额度: one limit for one bearer in one window, with what is left of it now (for display: post() looks again).

    ``cap``, ``used``, ``held``, ``waived`` and ``left`` are in ``measure``. ``binding`` marks the tightest of a
    bearer's day among those that refuse or need a waiver. ``parts`` is filled where it was asked for.
    """

    bearer_id: int
    in_force: InForce
    window: Window
    cap: int | None
    used: int = 0
    held: int = 0
    waived: int = 0
    binding: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def limit_id(self) -> str:
        return self.in_force.limit.id

    @property
    def title(self) -> str:
        return self.in_force.limit.title

    @property
    def measure(self) -> str:
        return self.in_force.limit.measure

    @property
    def level(self) -> str:
        return self.in_force.level

    @property
    def document(self) -> str:
        return self.in_force.document.title

    @property
    def clause(self) -> str:
        return self.in_force.value.clause

    @property
    def verdict(self) -> Verdict:
        return self.in_force.verdict

    @property
    def taken(self) -> int:
        return self.used + self.held

    @property
    def left(self) -> int | None:
        """What may still be asked; None where the cap is a share of a figure that nobody has set."""
        return None if self.cap is None else max(0, self.cap + self.waived - self.taken)

    @property
    def over(self) -> int:
        """How far it is above its cap: after a recording, or a cap that was lowered."""
        return 0 if self.cap is None else max(0, self.taken - self.cap - self.waived)


@dataclass(frozen=True)
class Taken:
    """What one demand takes from one budget, and the rule that says so."""

    in_force: InForce | None
    limit_id: str
    window_key: str
    amount: int
    apart: bool


@dataclass(frozen=True)
class Colleague:
    """Whom to ask to yield: her demand in the full budget, and what it takes there."""

    person_id: int
    name: str
    subject: str
    demand_id: int
    amount: int


@dataclass(frozen=True)
class Fit:
    """可以这样调: what would fit in place of a draft. ``minutes`` are stated ones on the draft's own day."""

    minutes: int | None
    day: date | None
    colleagues: tuple[Colleague, ...]


Place = tuple[int, str, str]  # bearer, limit, window key


def rulebook_for(unit: Unit) -> Rulebook:
    """The rulebook of a unit: the packs from the nation down to its school, as published now."""
    return reckoning.current([unit.pk])[unit.pk].rulebook


def calendar_for(unit: Unit) -> Calendar:
    """The calendar of a unit, with what its county and its school have declared."""
    return reckoning.current([unit.pk])[unit.pk].calendar


def remaining(
    bearer_ids: Iterable[int], days: Sequence[date], kind: str = "homework", account: str = ""
) -> dict[tuple[int, date], list[BudgetState]]:
    """The budgets that demands of a kind draw on, by bearer and day, in the order of the chain.

    Limits with a budget for each value of an attribute (``per``) are left out: they depend on the demand.
    ``account`` as in ``drafts.in_account``.
    """
    return balances(reckoning.current(bearer_ids), days, kind, account=account)


def balances(
    found: Mapping[int, Reckoning],
    days: Sequence[date],
    kind: str = "homework",
    by_subject: bool = False,
    account: str = "",
) -> dict[tuple[int, date], list[BudgetState]]:
    """``remaining`` under Reckonings that are known to be current; with ``by_subject`` who took what, as ``parts``."""
    budgets = budgets_of(found, days, kind, account)
    return budgets.states(_ask(budgets.windows, by_subject))


@dataclass(frozen=True)
class Budgets:
    """Budgets by bearer and day as the rulebook has them, before anybody has asked the database what they hold."""

    empty: Mapping[tuple[int, date], tuple[BudgetState, ...]]

    @property
    def windows(self) -> dict[Place, Window]:
        """Each budget once: a week's stands under several days."""
        return {_place(one): one.window for several in self.empty.values() for one in several}

    def columns(self) -> list[list]:
        """What ``ledger.balance`` is asked, for functions that call it: bearers, limits, keys, starts and ends."""
        return _columns(self.windows)

    def states(self, rows: Iterable[Sequence]) -> dict[tuple[int, date], list[BudgetState]]:
        """The budgets with what they hold, and the binding one of each bearer and day marked. ``rows`` is the answer of
        ``ledger.balance``: used, held, waived, parts.
        """
        totals = _totals(self.windows, rows)
        return {key: _with_binding([_fill(one, totals) for one in several]) for key, several in self.empty.items()}


def budgets_of(
    found: Mapping[int, Reckoning], days: Sequence[date], kind: str = "homework", account: str = ""
) -> Budgets:
    """The budgets that demands of a kind draw on. No query."""
    return Budgets({
        (bearer_id, day): _budgets(one, bearer_id, day, kind, account)
        for bearer_id, one in found.items()
        for day in days
    })  # fmt: skip


def taken_by(bearer_id: int, limit_id: str, window_key: str) -> list[dict]:
    """Which subjects and offices took how much of a budget: {"subject", "issuer_unit_id", "amount"}, largest first."""
    sums = (
        Entry.objects.filter(budget_id__in=_budget_ids(bearer_id, limit_id, window_key), apart=False)
        .values_list("demand_id")
        .annotate(amount=Sum("amount"))
    )
    amounts = dict(sums)
    whose = Demand.objects.filter(id__in=list(amounts)).values_list("id", "subject", "issuer_unit_id")
    totals: dict[tuple, int] = {}
    for demand_id, subject, unit_id in whose:
        totals[subject, unit_id] = totals.get((subject, unit_id), 0) + amounts[demand_id]
    rows = [{"subject": s, "issuer_unit_id": u, "amount": n} for (s, u), n in totals.items() if n]
    return sorted(rows, key=lambda row: (-row["amount"], row["subject"]))


def explain(demand: Demand) -> list[Taken]:
    """What a demand takes from each budget now, with the limit that says so where it is still in force."""
    return explain_all([demand])[demand.id]


def explain_all(demands: Iterable[Demand]) -> dict[int, list[Taken]]:
    """``explain`` for many demands at once: a fixed number of queries."""
    standing = load_standing([demand.id for demand in demands])
    found = reckoning.current({one.demand.bearer_id for one in standing.values()})
    return {demand_id: _taken(one, found[one.demand.bearer_id]) for demand_id, one in standing.items()}


def _taken(standing: Standing, found: Reckoning) -> list[Taken]:
    demand = standing.demand
    bearer = in_account(found.bearer(demand.bearer_id, demand.day), demand.attributes)
    limits = found.rulebook.limits(demand.kind, bearer, demand.day)
    in_force = {one.limit.id: one for one in limits}
    return [
        Taken(
            in_force.get(share.budget.limit_id), share.budget.limit_id, share.budget.window_key, share.amount,
            share.apart,
        )
        for share in standing.shares
    ]  # fmt: skip


def demands(bearer_ids: Iterable[int], days: Sequence[date], kind: str = "homework") -> QuerySet[Demand]:
    """What the bearers are asked on these days: posted, recorded and corrected, not what was withdrawn in time."""
    return Demand.objects.filter(
        tenant_id=current_tenant(),
        bearer_id__in=list(bearer_ids),
        day__in=list(days),
        kind=kind,
        state__in=SHOWN,
    ).order_by("bearer_id", "day", "subject", "id")


def what_fits(draft: Draft, refusal: Refusal) -> Fit:
    """What would fit in place of a draft that met ``refusal``: fewer minutes, another day, whom to ask.

    For display: it looks at the limits with a running total; a limit that the draft breaks by itself leaves
    fewer minutes and another day open only if they do not break it.
    """
    found = reckoning.current([draft.bearer_id])[draft.bearer_id]
    colleagues = () if not refusal.window_key else _colleagues(refusal)
    return Fit(_fewer_minutes(found, draft), _other_day(found, draft), colleagues)


def days_that_fit(draft: Draft, days: Sequence[date]) -> list[date]:
    """Of these days, those on which the whole draft would fit; for display, as ``what_fits``."""
    found = reckoning.current([draft.bearer_id])[draft.bearer_id]
    return list(_fitting(found, draft, days))


def broken_by_itself(draft: Draft) -> list[Breach]:
    """The limits that a draft breaks whatever else is asked, and those for which a figure is missing: for a page that
    says so while it is written; post() looks again."""
    found = reckoning.current([draft.bearer_id])[draft.bearer_id]
    return broken(draft.asked(found.bearer(draft.bearer_id, draft.day)), found)


def hold_drafts(actor: Actor, hold_id: int) -> list[Draft]:
    """What a hold set aside, to be posted in its issuer's name. Raises Forbidden unless it is hers or asks her."""
    hold = Hold.objects.filter(tenant_id=actor.tenant_id, id=hold_id).first()
    if hold is None or actor.person_id not in (hold.issuer_id, hold.asked_id):
        raise Forbidden("post_homework")
    return [Draft.from_json(stored) for stored in hold.drafts]


def live_holds(**where) -> QuerySet[Hold]:
    """Holds that count now, such as ``asked_id=…`` or ``issuer_id=…``."""
    return Hold.objects.filter(
        tenant_id=current_tenant(), state=Hold.State.LIVE, expires_at__gt=timezone.now(), **where
    ).order_by("id")


def refusal_counts(school_id: int, since: date, until: date) -> dict[str, int]:
    """How often each limit stopped something at a school: counts are all that leaves it, for 30 days."""
    rows = Refused.objects.filter(tenant_id=current_tenant(), school_id=school_id, day__range=(since, until))
    return dict(rows.values_list("limit_id").annotate(total=Count("id")).order_by("limit_id"))


def waivers_in_force(bearer_ids: Iterable[int], day: date) -> QuerySet[Waiver]:
    """Waivers that hold on a day for whoever asks: outside, only office and reason are shown."""
    return Waiver.objects.filter(
        bearer_id__in=list(bearer_ids),
        starts__lte=day,
        ends__gte=day,
        revoked_at=None,
        expires_at__gt=timezone.now(),
    ).order_by("starts", "pk")


@lru_cache(maxsize=8192)  # a Reckoning never changes: the same page asks for the same budgets
def _budgets(found: Reckoning, bearer_id: int, day: date, kind: str, account: str) -> tuple[BudgetState, ...]:
    """The accumulating limits of a kind for one bearer and day, as budgets with nothing in them."""
    budgets = []
    bearer = in_account(found.bearer(bearer_id, day), {"account": account})
    for in_force in found.rulebook.limits(kind, bearer, day):
        if in_force.limit.accumulates and not in_force.limit.per:
            window = budget_window(in_force, day, found.calendar)
            if window is not None:
                budgets.append(BudgetState(bearer_id, in_force, window, _cap(found, bearer_id, in_force, day)))
    return tuple(budgets)


def broken_baselines() -> set[int]:
    """Versions of baselines in the open tenant whose signature does not cover them and the version before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.broken_baselines()")
        return {row[0] for row in cursor.fetchall()}


def _cap(found: Reckoning, bearer_id: int, in_force: InForce, day: date) -> int | None:
    cap = cap_of(in_force, found.baselines.get((bearer_id, in_force.limit.id, day.year)))
    return None if cap is None else math.floor(cap)


def _fill(budget: BudgetState, totals: dict[Place, tuple[int, int, int, tuple]]) -> BudgetState:
    used, held, waived, parts = totals[_place(budget)]
    lifted = waived if budget.in_force.waiver != "no" else 0
    return replace(budget, used=used, held=held, waived=lifted, parts=parts)


def _with_binding(budgets: list[BudgetState]) -> list[BudgetState]:
    gates = [one for one in budgets if one.left is not None and one.verdict >= Verdict.NEEDS_WAIVER]
    if not gates:
        return budgets
    tightest = min(gates, key=lambda one: one.left)
    return [replace(one, binding=one is tightest) for one in budgets]


def _place(budget: BudgetState) -> Place:
    return budget.bearer_id, budget.limit_id, budget.window.key


def _columns(windows: Mapping[Place, Window]) -> list[list]:
    bearers, limits, keys = ([place[n] for place in windows] for n in range(3))
    return [bearers, limits, keys, [one.start for one in windows.values()], [one.end for one in windows.values()]]


def _ask(windows: Mapping[Place, Window], by_subject: bool = False) -> list[tuple]:
    """(used, held, waived, parts) of each budget, whether it has a row yet or not. One query."""
    if not windows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT used, held, waived, parts FROM ledger.balance(%s, %s, %s, %s, %s::date[], %s::date[], %s)",
            [current_tenant(), *_columns(windows), by_subject],
        )
        return [(*amounts, json.loads(parts)) for *amounts, parts in cursor.fetchall()]


def _totals(windows: Mapping[Place, Window], rows: Iterable[Sequence]) -> dict[Place, tuple[int, int, int, tuple]]:
    return {
        place: (used, held, waived, tuple(Part(*part) for part in parts))
        for place, (used, held, waived, parts) in zip(windows, rows, strict=True)
    }


def _budget_ids(bearer_id: int, limit_id: str, window_key: str) -> list[int]:
    rows = Budget.objects.filter(
        tenant_id=current_tenant(), bearer_id=bearer_id, limit_id=limit_id, window_key=window_key
    )
    return list(rows.values_list("id", flat=True))


def _fewer_minutes(found: Reckoning, draft: Draft) -> int | None:
    """The most stated minutes of the draft that fit on its day, if more than none."""
    if not draft.minutes or _breaks_by_itself(found, draft):
        return None
    charges = _room(found, [draft])[0]
    if any(charge.in_force.limit.measure != "minutes" and charge.amount > left for charge, left in charges):
        return None
    share = min((left / charge.amount for charge, left in charges if charge.amount > left), default=1.0)
    minutes = math.floor(draft.minutes * share)
    return minutes if 0 < minutes < draft.minutes else None


def _other_day(found: Reckoning, draft: Draft) -> date | None:
    """The first day of the same sort, within a week, on which the whole draft fits."""
    if draft.split:
        return None
    school_day = found.calendar.day(draft.day).is_school_day
    days = [draft.day + timedelta(days=n) for n in range(1, DAYS_AHEAD + 1)]
    days = [day for day in days if found.calendar.day(day).is_school_day == school_day]
    return next(_fitting(found, draft, days), None)


def _fitting(found: Reckoning, draft: Draft, days: Sequence[date]) -> Iterator[date]:
    """The days on which the whole draft fits. One query."""
    moved = [_moved(draft, day) for day in days]
    for one, room in zip(moved, _room(found, moved), strict=True):
        if all(charge.amount <= left for charge, left in room) and not _breaks_by_itself(found, one):
            yield one.day


def _moved(draft: Draft, day: date) -> Draft:
    due = draft.due_day and draft.due_day + (day - draft.day)
    return replace(draft, day=day, due_day=due)


def _breaks_by_itself(found: Reckoning, draft: Draft) -> bool:
    breaches = found.rulebook.judge_single(draft.asked(found.bearer(draft.bearer_id, draft.day)), found.calendar)
    return any(breach.verdict >= Verdict.NEEDS_WAIVER for breach in breaches)


def _room(found: Reckoning, drafts: Sequence[Draft]) -> list[list[tuple]]:
    """For each draft its (charge, what is left) under limits that refuse or need a waiver. One query."""
    bearers = [found.bearer(draft.bearer_id, draft.day) for draft in drafts]
    several = [
        found.rulebook.charges(one.asked(bearer), found.calendar)
        for one, bearer in zip(drafts, bearers, strict=True)
    ]
    states = [
        [
            (charge, BudgetState(
                charge.bearer_id, charge.in_force, charge.window,
                _cap(found, charge.bearer_id, charge.in_force, draft.day),
            ))
            for charge in charges
            if charge.in_force.verdict >= Verdict.NEEDS_WAIVER
        ]
        for draft, charges in zip(drafts, several, strict=True)
    ]  # fmt: skip
    windows = {_place(state): state.window for pairs in states for _, state in pairs}
    totals = _totals(windows, _ask(windows))
    filled = [[(charge, _fill(state, totals)) for charge, state in pairs] for pairs in states]
    return [[(charge, state.left) for charge, state in pairs if state.left is not None] for pairs in filled]


def _colleagues(refusal: Refusal) -> tuple[Colleague, ...]:
    """The issuers of what stands in the full budget, the largest first."""
    ids = _budget_ids(refusal.bearer_id, refusal.limit_id, refusal.window_key)
    sums = Entry.objects.filter(budget_id__in=ids, apart=False).values_list("demand_id").annotate(amount=Sum("amount"))
    amounts = {demand_id: amount for demand_id, amount in sums if amount > 0}
    rows = list(Demand.objects.filter(id__in=list(amounts), state=Demand.State.POSTED))
    names = dict(Person.objects.filter(pk__in={row.issuer_id for row in rows}).values_list("pk", "name"))
    found = [
        Colleague(row.issuer_id, names[row.issuer_id], row.subject, row.id, amounts[row.id])
        for row in rows
        if row.issuer_id in names
    ]
    return tuple(sorted(found, key=lambda one: (-one.amount, one.demand_id)))


def attempt_demands(attempt_id: int) -> QuerySet[Demand]:
    """The demands that an attempt wrote or corrected: what a subscriber of the outbox is told of."""
    answer = Attempt.objects.values_list("answer", flat=True).get(tenant_id=current_tenant(), id=attempt_id)
    ids = [*answer.get("demands", ()), *answer.get("corrected", ())]
    return Demand.objects.filter(tenant_id=current_tenant(), id__in=ids).order_by("id")
