"""What is judged when a window or a deadline ends: close limits, from what is on record (docs/findings.md).

That nobody entered anything is not nought. A sum or a count is judged where somebody of the same school or office
entered such a thing in the same window, a share by what was said of its part. `lake.audit.closes` says the same over
many records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from qingfu.findings.actions import open_finding
from qingfu.findings.models import Finding
from qingfu.ledger import elsewhere, reckoning
from qingfu.ledger.drafts import in_account
from qingfu.ledger.models import Demand
from qingfu.ledger.reckoning import Reckoning
from qingfu.ledger.standing import Standing
from qingfu.rulebook import Breach, InForce, Limit, Requirement, Verdict, Window
from qingfu.rulebook import Demand as Asked
from qingfu.rulebook.judge import FREE_DAY, SHARES, SUMS, UNDATED, close_due, judge_close
from qingfu.rulebook.model import all_hold
from qingfu.units.models import Unit
from qingfu.units.queries import system_actor
from qingfu.units.tenancy import as_tenant, current_tenant

PUBLISHED = "published"  # the fact that the ledger is the record of
HOMEWORK = "homework"
OWN, DEPARTMENT = "", "department"  # accounts of a unit: what it is asked, and what it asks of others as an office
WINDOW = "window"  # kind of record behind such a finding: the first day of a window, as an ordinal


@dataclass(frozen=True)
class Due:
    """One requirement on an account of a unit whose window ends."""

    bearer: Unit
    account: str
    requirement: Requirement

    @property
    def limit(self) -> Limit:
        return self.requirement.in_force.limit

    @property
    def window(self) -> Window:
        return self.requirement.window


def close_windows(tenant_id: int, day: date) -> int:
    """Judge what ended with ``day`` and open a Finding for each requirement not met; returns how many were not.

    Only limits that warn or refuse, and only what is on record. Repeating it for a day opens nothing twice.
    """
    with as_tenant(tenant_id):
        everybody = list(Unit.objects.filter(tenant_id=tenant_id))
        units = {unit.pk: unit for unit in everybody if _is_there(unit, day)}
        found = reckoning.current([unit.pk for unit in everybody])
        short = [*_windows_short(units, found, day), *_published_late(units, found, day)]
        return _open(tenant_id, short)


def _is_there(unit: Unit, day: date) -> bool:
    return (unit.starts is None or unit.starts <= day) and (unit.ends is None or unit.ends >= day)


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


# ---- sums, counts and shares in a window ----


def _windows_short(units: Mapping[int, Unit], found: Mapping[int, Reckoning], day: date):
    for several in _by_limit(one for unit in units.values() for one in _due(unit, found[unit.pk], day)):
        for due, done, whole in _outcomes(several, found):
            breach = judge_close(due.requirement, done, whole)
            if breach:
                yield due.bearer, breach, WINDOW, due.window.start.toordinal()


def _due(unit: Unit, found: Reckoning, day: date) -> Iterator[Due]:
    """What is required of the accounts of a unit in windows that end with ``day``."""
    for account in (OWN, DEPARTMENT):
        bearer = in_account(found.bearer(unit.pk, day), {"account": account})
        for in_force in found.rulebook.closes(bearer, day):
            limit = in_force.limit
            if limit.form not in (*SUMS, *SHARES) or limit.window in UNDATED or in_force.verdict < Verdict.WARN:
                continue
            window = found.calendar.window(limit.window, day)
            requirement = close_due(in_force, bearer, window, found.calendar) if window.end == day else None
            if requirement is not None:
                yield Due(unit, account, requirement)


def _by_limit(due: Iterable[Due]) -> list[list[Due]]:
    """Together what one limit requires: those of two schools may share an id and be two."""
    found: dict[int, list[Due]] = {}
    for one in due:
        found.setdefault(id(one.limit), []).append(one)
    return list(found.values())


def _outcomes(due: list[Due], found: Mapping[int, Reckoning]) -> Iterator[tuple[Due, int, int | None]]:
    """How much was done of what one limit requires, and of what whole; only where there is a record of it."""
    limit = due[0].limit
    kept = elsewhere.kept(limit.kind)
    if kept:
        attributes, count = kept
        counted = [(one, count(one.bearer, one.window)) for one in due if all_hold(limit.where, attributes)]
        yield from ((one, done, None) for one, done in counted if done is not None)
    elif limit.form in SHARES:
        yield from _shares(due, found)
    else:
        yield from _sums(_recorded(due, found), found)


def _shares(due: list[Due], found: Mapping[int, Reckoning]) -> Iterator[tuple[Due, int, int]]:
    limit, asked = due[0].limit, _asked(due, found)
    for one in due:
        whole = _inside(one, asked)
        part = [demand for demand in whole if all_hold(limit.part, demand.attributes)]
        yield one, _sum(limit, part), _sum(limit, whole)


def _sums(due: list[Due], found: Mapping[int, Reckoning]) -> Iterator[tuple[Due, int, None]]:
    asked = _asked(due, found)
    for one in due:
        inside = _inside(one, asked)
        if one.account == OWN or inside:  # an account beside its own begins with what stands in it
            yield one, _done(one, inside, found[one.bearer.pk]), None


def _done(due: Due, inside: list[Asked], found: Reckoning) -> int:
    if due.limit.kind == FREE_DAY:
        busy = {demand.day for demand in inside}
        return sum(day not in busy for day in found.calendar.school_days(due.window.start, due.window.end))
    return _sum(due.limit, inside)


def _sum(limit: Limit, asked: Iterable[Asked]) -> int:
    measure = "times" if limit.form == "count_at_least" else limit.measure
    return sum(one.amount(measure) or 0 for one in asked)


def _inside(due: Due, asked: Mapping[tuple, list[Asked]]) -> list[Asked]:
    """What the limit looks at in the window."""
    mine = asked.get((due.bearer.pk, due.account), ())
    return [one for one in mine if one.day in due.window and all_hold(due.limit.where, one.attributes)]


def _asked(due: list[Due], found: Mapping[int, Reckoning]) -> dict[tuple[int, str], list[Asked]]:
    """What stands in the accounts and may answer a limit, in all its windows. One query."""
    by_account: dict[tuple[int, str], list[Asked]] = {}
    if due:
        span = min(one.window.start for one in due), max(one.window.end for one in due)
        for row in _answering(due[0].limit, span).filter(bearer_id__in={one.bearer.pk for one in due}):
            account = row.attributes.get("account") or OWN
            asked = Standing(row).asked(found[row.bearer_id].bearer(row.bearer_id, row.day))
            by_account.setdefault((row.bearer_id, account), []).append(asked)
    return by_account


def _recorded(due: list[Due], found: Mapping[int, Reckoning]) -> list[Due]:
    """Those in whose window somebody alike in the same school or office entered what answers the limit: one query for
    each kind of unit and window. An account beside a unit's own begins with what stands in it, whoever else has one.
    """
    windows = {(one.bearer.kind, one.window) for one in due if one.account == OWN}
    entered = {
        (kind, window, found[bearer_id].institution.pk)
        for kind, window in windows
        for bearer_id in _who_entered(due[0].limit, kind, window)
    }
    return [one for one in due if one.account != OWN or
            (one.bearer.kind, one.window, found[one.bearer.pk].institution.pk) in entered]  # fmt: skip


def _who_entered(limit: Limit, unit_kind: str, window: Window) -> Iterable[int]:
    alike = Unit.objects.filter(tenant_id=current_tenant(), kind=unit_kind).values("pk")
    own = Q(account__isnull=True) | Q(account=OWN)
    rows = _answering(limit, (window.start, window.end)).alias(account=KeyTextTransform("account", "attributes"))
    return rows.filter(own, bearer_id__in=alike).values_list("bearer_id", flat=True).distinct()


def _answering(limit: Limit, span: tuple[date, date]) -> QuerySet[Demand]:
    """What stands of the kind of a limit and says something under each attribute that it looks at."""
    kind = HOMEWORK if limit.kind == FREE_DAY else limit.kind
    rows = Demand.objects.filter(kind=kind, day__range=span).exclude(state=Demand.State.WITHDRAWN)
    for number, key in enumerate(limit.must_say):
        if key == "subject":
            rows = rows.exclude(subject="")
        else:
            said = f"said_{number}"
            rows = rows.alias(**{said: KeyTextTransform(key, "attributes")}).filter(**{f"{said}__isnull": False})
    return rows


# ---- published in time ----


def _published_late(units: Mapping[int, Unit], found: Mapping[int, Reckoning], day: date):
    """Homework that entered the ledger on ``day``, after the last day on which it had to be published."""
    rows = Demand.objects.filter(bearer_id__in=units, kind=HOMEWORK, posted_day=day, day__lt=day, late=True)
    for row in rows:
        one = found[row.bearer_id]
        asked = Standing(row).asked(one.bearer(row.bearer_id, row.day))
        for in_force in one.rulebook.limits(HOMEWORK, asked.bearer, row.day):
            if _asks_for_publication(in_force) and all_hold(in_force.limit.where, asked.attributes):
                window = one.calendar.window("day", row.day)
                requirement = close_due(in_force, asked.bearer, window, one.calendar)
                breach = judge_close(requirement, row.posted_day <= requirement.deadline)
                if breach:
                    yield units[row.bearer_id], breach, "demand", row.id


def _asks_for_publication(in_force: InForce) -> bool:
    return (
        in_force.limit.form == "must_follow" and in_force.value.fact == PUBLISHED and in_force.verdict >= Verdict.WARN
    )
