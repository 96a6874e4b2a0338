"""A day becomes another kind of day (台风停课、调休), and what was asked for it moves along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from qingfu.ledger import reckoning
from qingfu.ledger.actions.posting import open_findings
from qingfu.ledger.asking import ask
from qingfu.ledger.models import CalendarChange, Demand
from qingfu.ledger.reckoning import Reckoning
from qingfu.ledger.requests import Request, hash_of
from qingfu.ledger.standing import Standing, load_standing
from qingfu.rulebook import Calendar, Charge
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, one_in_scope, within
from qingfu.units.tenancy import as_tenant


@dataclass(frozen=True)
class CalendarMove:
    """A calendar change and the demands whose entries it moved: what those touched are to be shown."""

    change_id: int
    demand_ids: tuple[int, ...]
    bearer_ids: tuple[int, ...]


def change_calendar(
    actor: Actor,
    unit_id: int,
    starts: date,
    ends: date,
    *,
    day_kind: str = "",
    term_id: str = "",
    name: str = "",
    source: str,
    provisional: bool = False,
) -> CalendarMove:
    """Declare days to be of another kind, or the dates of a term, for a unit and all below it; cite ``source``.

    Entries of demands that now count in another window are reversed and entered there. That is recorded, not
    asked: what goes over opens a Finding. Raises Forbidden, RulebookError (terms out of order).
    """
    with as_tenant(actor.tenant_id):
        unit = one_in_scope(actor, "change_calendar", unit_id)
        bearer_ids = _bearers(unit)
        before = {one: found.calendar for one, found in reckoning.current(bearer_ids).items()}
        since, until = _span(before[unit.pk], starts, ends, term_id)
        change_id = _declare(unit_id, starts, ends, day_kind, term_id, name, source, provisional, actor)
        reckoning.forget(actor.tenant_id, bearer_ids)
        after = reckoning.reckonings(actor.tenant_id, bearer_ids)
        audit(actor, "change_calendar", kind="calendar_change", object_id=change_id, unit_id=unit.pk)
        moving = _moving(bearer_ids, since, until, before, after)
        if moving:
            _move(actor, change_id, moving, before)
        return CalendarMove(
            change_id,
            tuple(one.demand.id for one in moving),
            tuple(sorted({one.demand.bearer_id for one in moving})),
        )


def touched_by(
    actor: Actor, unit_id: int, starts: date, ends: date, *, day_kind: str = "", term_id: str = "", name: str = ""
) -> list[Demand]:
    """The demands that ``change_calendar`` would move, without changing anything.

    Raises Forbidden, RulebookError (terms out of order).
    """
    with as_tenant(actor.tenant_id):
        unit = one_in_scope(actor, "change_calendar", unit_id)
        bearer_ids = _bearers(unit)
        found = reckoning.current(bearer_ids)
        before = {one: reckoned.calendar for one, reckoned in found.items()}
        since, until = _span(before[unit.pk], starts, ends, term_id)
        change = CalendarChange(unit=unit, starts=starts, ends=ends, day_kind=day_kind, term_id=term_id, name=name)
        after = reckoning.under_change(found, change)
        return [one.demand for one in _moving(bearer_ids, since, until, before, after)]


def _bearers(unit: Unit) -> list[int]:
    """The unit and all below it."""
    return list(Unit.objects.filter(within([unit.path]), tenant_id=unit.tenant_id).values_list("pk", flat=True))


def _span(calendar: Calendar, starts: date, ends: date, term_id: str) -> tuple[date, date]:
    """The days whose windows may change: those named, and for a term those that it had before."""
    if not term_id:
        return starts, ends
    old = calendar.term(starts)
    return min(starts, old.start), max(ends, old.end)


def _declare(unit_id, starts, ends, day_kind, term_id, name, source, provisional, actor: Actor) -> int:
    arguments = [unit_id, starts, ends, day_kind, term_id, name, source, provisional, actor.person_id]
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.change_calendar(%s, %s, %s, %s, %s, %s, %s, %s, %s)", arguments)
        return cursor.fetchone()[0]


def _moving(
    bearer_ids: list[int],
    since: date,
    until: date,
    before: dict[int, Calendar],
    after: dict[int, Reckoning],
) -> list[Standing]:
    """The demands that take from other windows under the new calendar than under the old."""
    rows = Demand.objects.filter(bearer_id__in=bearer_ids, day__range=(since, until), state__in=("posted", "asked"))
    standing = load_standing(rows.values_list("id", flat=True)).values()
    return [one for one in standing if any(_changes(one, before, after))]


def _changes(
    one: Standing, before: dict[int, Calendar], after: dict[int, Reckoning]
) -> tuple[list[Charge], list[Charge]]:
    """(what it no longer takes, what it takes instead), among the limits that it was charged for."""
    found = after[one.demand.bearer_id]
    asked = one.asked(found.bearer(one.demand.bearer_id))
    charged_for = {share.budget.limit_id for share in one.shares}
    old = {_place(c): c for c in found.rulebook.charges(asked, before[one.demand.bearer_id])}
    new = {_place(c): c for c in found.rulebook.charges(asked, found.calendar)}
    gone = [charge for place, charge in old.items() if place not in new and charge.limit_id in charged_for]
    come = [charge for place, charge in new.items() if place not in old]
    return gone, come


def _place(charge: Charge) -> tuple[str, str, int]:
    return charge.limit_id, charge.window.key, charge.amount


def _move(actor: Actor, change_id: int, moving: list[Standing], before: dict[int, Calendar]) -> None:
    """Reverse and re-enter, under the lock of every budget concerned."""

    def build(request: Request, found: dict[int, Reckoning]) -> None:
        for one in load_standing([standing.demand.id for standing in moving]).values():
            gone, come = _changes(one, before, found)
            places = {(charge.limit_id, charge.window.key) for charge in gone}
            for share in one.shares:
                if (share.budget.limit_id, share.budget.window_key) in places:
                    school_id = found[one.demand.bearer_id].institution.pk
                    request.take_back(one.demand, share.budget, share.amount, share.apart, school_id)
            for charge in come:
                request.recharge(one.demand, charge, one.demand.emergency, found[one.demand.bearer_id])
            request.corrections.append({"demand_id": one.demand.id, "revision": one.demand.revision})

    bearer_ids = {one.demand.bearer_id for one in moving}
    fingerprint = hash_of("move", (), change=change_id)
    open_findings(actor, "moved_over", ask(actor, "move", f"calendar-{change_id}", fingerprint, bearer_ids, build))
