"""What is judged when a window or a deadline ends: close limits of what the ledger itself holds (docs/findings.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from qingfu.findings.actions import open_finding
from qingfu.findings.models import Finding
from qingfu.ledger import reckoning
from qingfu.ledger.models import Demand
from qingfu.ledger.reckoning import Reckoning
from qingfu.ledger.standing import Standing
from qingfu.rulebook import Breach, InForce, Requirement, Verdict
from qingfu.rulebook.judge import close_due, judge_close
from qingfu.rulebook.model import all_hold
from qingfu.units.models import Unit
from qingfu.units.queries import system_actor
from qingfu.units.tenancy import as_tenant

PUBLISHED = "published"  # the fact that the ledger is the record of
FREE_DAY = "homework_free_day"  # a school day on which nobody asked anything
SUMS = ("at_least", "count_at_least")
WINDOW = "window"  # kind of record behind such a finding: the first day of a window, as an ordinal


@dataclass(frozen=True)
class Due:
    """One requirement of one bearer whose window ends."""

    bearer: Unit
    requirement: Requirement


def close_windows(tenant_id: int, day: date) -> int:
    """Judge what ended with ``day`` and open a Finding for each requirement not met; returns how many were not.

    Only limits that warn or refuse, and only what the ledger holds: homework by class, days without homework, and
    whether homework was published in time. Repeating it for a day opens nothing twice.
    """
    with as_tenant(tenant_id):
        classes = Unit.objects.filter(tenant_id=tenant_id, kind=Unit.Kind.CLASS).exclude(ends__lt=day)
        units = {unit.pk: unit for unit in classes}
        found = reckoning.current(units)
        short = [*_floors_missed(units, found, day), *_published_late(units, found, day)]
        return _open(tenant_id, short)


def _open(tenant_id: int, short: list[tuple[Unit, Breach, str, int]]) -> int:
    """Open the findings that nobody has opened yet."""
    earlier = Finding.objects.filter(kind=Finding.Kind.CLOSED_SHORT, bearer_id__in={unit.pk for unit, *_ in short})
    seen = {
        (bearer_id, limit_id, one)
        for bearer_id, limit_id, ids in earlier.values_list("bearer_id", "limit_id", "object_ids")
        for one in ids
    }
    count = 0
    for unit, breach, kind, record in short:
        limit_id = breach.in_force.limit.id
        if (unit.pk, limit_id, record) not in seen:
            count += 1
            open_finding(
                system_actor(tenant_id), unit, Finding.Kind.CLOSED_SHORT, breach.reason_zh, limit_id=limit_id,
                object_kind=kind, object_ids=[record],
            )  # fmt: skip
    return count


# ---- at least so much in a window ----


def _floors_missed(units: dict[int, Unit], found: dict[int, Reckoning], day: date):
    due = [one for unit in units.values() for one in _due(unit, found[unit.pk], day)]
    if not due:
        return
    demands = _demands(due)
    for one in due:
        breach = judge_close(one.requirement, _done(one, found[one.bearer.pk], demands.get(one.bearer.pk, ())))
        if breach:
            yield one.bearer, breach, WINDOW, one.requirement.window.start.toordinal()


def _due(unit: Unit, found: Reckoning, day: date) -> Iterable[Due]:
    """The floors of a class whose window ends with ``day``."""
    bearer = found.bearer(unit.pk, day)
    for kind in ("homework", FREE_DAY):
        for in_force in found.rulebook.limits(kind, bearer, day):
            if in_force.limit.form not in SUMS or in_force.verdict < Verdict.WARN:
                continue
            window = found.calendar.window(in_force.limit.window, day)
            if window.end == day:
                requirement = close_due(in_force, bearer, window, found.calendar)
                if requirement is not None:
                    yield Due(unit, requirement)


def _demands(due: list[Due]) -> dict[int, list[Demand]]:
    """The homework of the bearers in all windows. One query."""
    windows = [one.requirement.window for one in due]
    rows = Demand.objects.filter(
        bearer_id__in={one.bearer.pk for one in due}, kind="homework",
        day__range=(min(w.start for w in windows), max(w.end for w in windows)),
    ).exclude(state=Demand.State.WITHDRAWN)  # fmt: skip
    by_bearer: dict[int, list[Demand]] = {}
    for row in rows:
        by_bearer.setdefault(row.bearer_id, []).append(row)
    return by_bearer


def _done(due: Due, found: Reckoning, demands: Iterable[Demand]) -> int:
    limit, window = due.requirement.in_force.limit, due.requirement.window
    inside = [row for row in demands if window.start <= row.day <= window.end]
    if limit.kind == FREE_DAY:
        busy = {row.day for row in inside}
        return sum(d not in busy for d in found.calendar.school_days(window.start, window.end))
    asked = [Standing(row).asked(found.bearer(due.bearer.pk, row.day)) for row in inside]
    measure = "times" if limit.form == "count_at_least" else limit.measure
    return sum(one.amount(measure) or 0 for one in asked if all_hold(limit.where, one.attributes))


# ---- published in time ----


def _published_late(units: dict[int, Unit], found: dict[int, Reckoning], day: date):
    """Homework that entered the ledger on ``day``, after the last day on which it had to be published."""
    rows = Demand.objects.filter(bearer_id__in=units, kind="homework", posted_day=day, day__lt=day, late=True)
    for row in rows:
        one = found[row.bearer_id]
        asked = Standing(row).asked(one.bearer(row.bearer_id, row.day))
        for in_force in one.rulebook.limits("homework", asked.bearer, row.day):
            if _asks_for_publication(in_force) and all_hold(in_force.limit.where, asked.attributes):
                window = one.calendar.window("day", row.day)
                requirement = close_due(in_force, asked.bearer, window, one.calendar)
                breach = judge_close(requirement, row.posted_day <= requirement.deadline)
                if breach:
                    yield units[row.bearer_id], breach, "demand", row.id


def _asks_for_publication(in_force: InForce) -> bool:
    return (
        in_force.limit.form == "must_follow"
        and in_force.value.fact == PUBLISHED
        and in_force.verdict >= Verdict.WARN
    )
