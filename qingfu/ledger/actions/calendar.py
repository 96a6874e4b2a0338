"""A day becomes another kind of day (台风停课、调休), and what was asked for it moves along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from qingfu.findings.actions import open_finding
from qingfu.findings.models import Finding
from qingfu.ledger import reckoning
from qingfu.ledger.actions.posting import open_findings
from qingfu.ledger.asking import ask
from qingfu.ledger.models import CalendarChange, Demand
from qingfu.ledger.reckoning import Reckoning
from qingfu.ledger.requests import Request, hash_of
from qingfu.ledger.standing import Share, Standing, load_standing
from qingfu.rulebook import Calendar, Charge, Term
from qingfu.rulebook.calendar import CLASS_KINDS, days_between
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, may, one_in_scope, within
from qingfu.units.tenancy import as_tenant


@dataclass(frozen=True)
class CalendarMove:
    """A calendar change and the demands whose entries it moved: what those touched are to be shown."""

    change_id: int
    demand_ids: tuple[int, ...]
    bearer_ids: tuple[int, ...]
    proposed: bool = False  # it moves nothing yet: the county is asked to confirm it


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
    asked: what goes over opens a Finding. A school that frees its own school days, or moves its own term, proposes
    it: its days count as school days until the county confirms (``confirm_calendar``), and the county gets a Finding
    to look at it. Raises Forbidden, RulebookError (terms out of order).
    """
    with as_tenant(actor.tenant_id):
        unit = one_in_scope(actor, "change_calendar", unit_id)
        proposed = bool(term_id or day_kind not in CLASS_KINDS) and not _may_confirm(actor, unit)
        # First of all the declaration: it locks the heads, so that nobody changes what we compare with.
        change_id = _declare(
            unit_id, starts, ends, day_kind, term_id, name, source, provisional or proposed, actor
        )  # fmt: skip
        bearer_ids = _bearers(unit)
        reckoning.forget(actor.tenant_id, bearer_ids)
        after = reckoning.reckonings(actor.tenant_id, bearer_ids)
        before = reckoning.before_change(after, change_id)
        audit(actor, "change_calendar", kind="calendar_change", object_id=change_id, unit_id=unit.pk)
        if proposed and term_id:  # it is not laid over anything yet, so nobody else looks whether it could be
            before[unit.pk].calendar.with_changes([Term(term_id, starts, ends)])
        since, until = _span(before[unit.pk].calendar, starts, ends, term_id)
        moving = _moving(bearer_ids, since, until, before, after)
        if moving:
            _move(actor, change_id, moving, before)
        if proposed:
            _show_county(actor, unit, change_id, starts, ends, name)
        return CalendarMove(
            change_id,
            tuple(one.demand.id for one in moving),
            tuple(sorted({one.demand.bearer_id for one in moving})),
            proposed,
        )


def confirm_calendar(actor: Actor, change_id: int) -> CalendarMove:
    """The county agrees to what a school has proposed: the same change once more, and now it counts.

    Raises Forbidden (only whoever changes the calendar of the county may), CalendarChange.DoesNotExist.
    """
    with as_tenant(actor.tenant_id):
        change = CalendarChange.objects.select_related("unit").get(pk=change_id)
        if not _may_confirm(actor, change.unit):
            raise Forbidden("change_calendar", change.unit)
        return change_calendar(
            actor, change.unit_id, change.starts, change.ends, day_kind=change.day_kind, term_id=change.term_id,
            name=change.name, source=change.source,
        )  # fmt: skip


def _may_confirm(actor: Actor, unit: Unit) -> bool:
    """Whether the actor changes the calendar for the whole tenant, and not for the school alone."""
    return may(actor, "change_calendar", Unit.objects.get(pk=unit.tenant_id))


def _show_county(actor: Actor, unit: Unit, change_id: int, starts: date, ends: date, name: str) -> None:
    said = {"school": unit.name, "starts": starts, "ends": ends, "name": name or gettext("未写名称")}
    summary = gettext("%(school)s自行调整%(starts)s至%(ends)s的校历（%(name)s），请县里确认") % said
    county = Unit.objects.get(pk=unit.tenant_id)
    open_finding(
        actor, county, Finding.Kind.CHECK, summary, object_kind="calendar_change", object_ids=[change_id]
    )  # fmt: skip


def touched_by(
    actor: Actor, unit_id: int, starts: date, ends: date, *, day_kind: str = "", term_id: str = "", name: str = ""
) -> list[Demand]:
    """The demands that ``change_calendar`` would move, without changing anything.

    Raises Forbidden, RulebookError (terms out of order).
    """
    with as_tenant(actor.tenant_id):
        unit = one_in_scope(actor, "change_calendar", unit_id)
        bearer_ids = _bearers(unit)
        before = reckoning.current(bearer_ids)
        since, until = _span(before[unit.pk].calendar, starts, ends, term_id)
        change = CalendarChange(
            unit=unit, starts=starts, ends=ends, day_kind=day_kind, term_id=term_id, name=name,
            provisional=not _may_confirm(actor, unit),
        )  # fmt: skip
        after = reckoning.under_change(before, change)
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
    before: dict[int, Reckoning],
    after: dict[int, Reckoning],
) -> list[Standing]:
    """The demands that take from other windows under the new calendar than under the old."""
    standing = load_standing(_in_span(bearer_ids, since, until).values_list("id", flat=True)).values()
    return [one for one in standing if any(_changes(one, before, after))]


def _in_span(bearer_ids: list[int], since: date, until: date) -> QuerySet[Demand]:
    """Demands for one of these days, also those that are spread over several evenings."""
    days = [str(day) for day in days_between(since, until)]
    for_a_day = Q(day__range=(since, until)) | Q(day__lt=since, due_day__gt=since) | Q(split__has_any_keys=days)
    return Demand.objects.filter(for_a_day, bearer_id__in=bearer_ids).exclude(state=Demand.State.WITHDRAWN)


def _changes(
    one: Standing, before: dict[int, Reckoning], after: dict[int, Reckoning]
) -> tuple[list[Share], list[Charge]]:
    """(what it gives back, what it takes instead), starting from what stands.

    Only limits whose windows the new calendar changes; one that was published after the demand charges nothing of it.
    """
    charged_for = {share.budget.limit_id for share in one.shares}
    old, new = _charges(one, before), _charges(one, after)
    changed = {place[0] for place in old.keys() | new.keys() if _amount(old, place) != _amount(new, place)}
    changed -= {place[0] for place in old} - charged_for
    standing = {(share.budget.limit_id, share.budget.window_key): share.amount for share in one.shares}
    gone = [
        share for share in one.shares
        if share.budget.limit_id in changed
        and share.amount != _amount(new, (share.budget.limit_id, share.budget.window_key))
    ]  # fmt: skip
    come = [charge for place, charge in new.items() if place[0] in changed and charge.amount != standing.get(place, 0)]
    return gone, come


def _charges(one: Standing, found: dict[int, Reckoning]) -> dict[tuple[str, str], Charge]:
    """What it costs under a calendar, by limit and window."""
    its = found[one.demand.bearer_id]
    charges = its.rulebook.charges(one.asked(its.bearer(one.demand.bearer_id, one.demand.day)), its.calendar)
    return {(charge.limit_id, charge.window.key): charge for charge in charges}


def _amount(charges: dict[tuple[str, str], Charge], place: tuple[str, str]) -> int:
    return charges[place].amount if place in charges else 0


def _move(actor: Actor, change_id: int, moving: list[Standing], before: dict[int, Reckoning]) -> None:
    """Reverse and re-enter, under the lock of every budget concerned."""

    def build(request: Request, found: dict[int, Reckoning]) -> None:
        for one in load_standing([standing.demand.id for standing in moving]).values():
            gone, come = _changes(one, before, found)
            for share in gone:
                school_id = found[one.demand.bearer_id].institution.pk
                request.take_back(one.demand, share.budget, share.amount, share.apart, school_id)
            for charge in come:
                request.recharge(one.demand, charge, one.demand.emergency, found[one.demand.bearer_id])
            request.corrections.append({"demand_id": one.demand.id, "revision": one.demand.revision})

    bearer_ids = {one.demand.bearer_id for one in moving}
    fingerprint = hash_of("move", (), change=change_id)
    open_findings(actor, "moved_over", ask(actor, "move", f"calendar-{change_id}", fingerprint, bearer_ids, build))
