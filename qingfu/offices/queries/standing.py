"""What an office may still ask of others: its budgets, with the pace of the year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.timezone import localdate

from qingfu.ledger import queries as ledger
from qingfu.ledger.queries import BudgetState
from qingfu.offices.asking import OWN
from qingfu.offices.models import Ask
from qingfu.offices.periods import figures
from qingfu.rulebook.words import word
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, asked_by, below, live, scope

KINDS = ("document", "meeting", "visit", "creation", "app", "report")
"""What an office keeps an account of, in the order of its page."""

FIRST_MONTH_OF_PLAN = 9
"""From September on the page proposes how to spread the rest of the year."""

ASKED_KINDS = (Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE, Unit.Kind.SCHOOL)
"""Whom an office asks something of."""


@dataclass(frozen=True)
class Allowance:
    """One budget of an office, as its page shows it. Amounts in the budget's measure.

    ``paced`` is what would be used by today if the year were spent evenly; ``by_the_end`` what the window comes to if
    it goes on like this. None where there is no cap, or nothing to go by yet. ``backward`` is the 倒排 plan of a year,
    from September on: (month, at most), so that nothing is used up in a hurry.
    """

    kind: str
    budget: BudgetState
    paced: int | None
    by_the_end: int | None
    backward: tuple[tuple[int, int], ...] = ()

    @property
    def saved(self) -> int:
        """What those below were spared so far: what an even year would have used by today and was not; at the end of
        the window all that is left. Never called what is still there to be used."""
        if self.budget.left is None:
            return 0
        return self.budget.left if self.paced is None else max(0, self.paced - self.budget.taken)

    @property
    def measure(self) -> str:
        """What it counts in, as people say it."""
        return word("measures", self.budget.measure)

    @property
    def ahead(self) -> bool:
        """Whether it is used faster than the window passes, and would not last."""
        return self.by_the_end is not None and self.budget.cap is not None and self.by_the_end > self.budget.cap


def units_of(actor: Actor, verb: str = "see_office") -> list[Unit]:
    """The bureaus, townships and the county in whose name the actor asks, her own first."""
    ids = {post.unit_id for post in actor.posts_for(verb)}
    return sorted(scope(actor, verb).filter(pk__in=ids), key=lambda unit: (unit.pk != actor.unit_id, unit.path))


def unit_of(actor: Actor, verb: str = "see_office") -> Unit:
    """The office in whose name the actor asks. Raises Forbidden."""
    units = units_of(actor, verb)
    if not units:
        raise Forbidden(verb)
    return units[0]


def bearers_for(
    actor: Actor, unit: Unit, verb: str, today: date, kinds: tuple[str, ...] = ASKED_KINDS
) -> QuerySet[Unit]:
    """Whom ``unit`` may ask something under ``verb``, in the order of the tree."""
    there = asked_by(actor, verb).filter(live(today), kind__in=kinds).exclude(pk=unit.pk)
    reach = unit.path[: -Unit.steplen] if unit.kind == Unit.Kind.BUREAU else unit.path
    return there.filter(path__startswith=reach).order_by("path")


def allowances(unit: Unit, today: date) -> list[Allowance]:
    """The running budgets of an office's own account, kind by kind."""
    found = []
    for kind in KINDS:
        states = ledger.remaining([unit.pk], [today], kind, account=OWN["account"])[unit.pk, today]
        found += [_paced(kind, state, today) for state in states]
    return found


def offices_of(county: Unit) -> list[Unit]:
    """Every unit of a county that asks of others: the county itself, bureaus and townships."""
    kinds = (Unit.Kind.COUNTY, Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP)
    return list(Unit.objects.filter(below(county), tenant_id=county.tenant_id, kind__in=kinds))


@dataclass(frozen=True)
class Emergencies:
    """What an office sent as emergency or statutory duty in a year: how many, how many of them were registered later
    than the days allowed, and how much it asked in all. Shown, so that abuse shows."""

    name: str
    count: int
    late: int
    asked: int


def emergencies(units: Iterable[Unit], year: int) -> list[Emergencies]:
    """Of each unit that sent any, in the order of names. One query."""
    names = {unit.pk: unit.name for unit in units}
    allowed = timedelta(days=figures()["emergency"]["days"])
    rows = Ask.objects.filter(unit_id__in=names, day__year=year, state=Ask.State.POSTED)
    found: dict[int, list[int]] = {}
    for unit_id, emergency, day, created_at in rows.values_list("unit_id", "emergency", "day", "created_at"):
        counts = found.setdefault(unit_id, [0, 0, 0])
        counts[0] += emergency
        counts[1] += emergency and localdate(created_at) > day + allowed
        counts[2] += 1
    made = [Emergencies(names[pk], *counts) for pk, counts in found.items() if counts[0]]
    return sorted(made, key=lambda one: one.name)


def _paced(kind: str, state: BudgetState, today: date) -> Allowance:
    window = state.window
    if state.cap is None or window.kind == "standing":
        return Allowance(kind, state, None, None)
    length = (window.end - window.start).days + 1
    gone = (today - window.start).days + 1
    backward = _backward(state.left, today) if window.kind == "year" else ()
    return Allowance(kind, state, state.cap * gone // length, round(state.taken * length / gone), backward)


def _backward(left: int, today: date) -> tuple[tuple[int, int], ...]:
    """What is left, spread over the months to come of the year; the later ones get what does not divide."""
    if today.month < FIRST_MONTH_OF_PLAN:
        return ()
    months = range(today.month, 13)
    each, more = divmod(left, len(months))
    return tuple((month, each + (12 - month < more)) for month in months)
