"""基数: frozen from the ledger on 1 January, brought along for years before the product, changed, divided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger import actions as ledger
from qingfu.ledger.actions import Figure
from qingfu.ledger.models import Baseline
from qingfu.offices.actions.posting import NotInPlace
from qingfu.offices.models import Predecessor
from qingfu.offices.queries.baselines import (
    WHOLE,
    State,
    divided,
    history_of,
    lines_of,
    part_of,
    source_of,
    spent,
    units_with_baselines,
)
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, require, system_actor
from qingfu.units.tenancy import as_tenant

Origin = Baseline.Origin


def freeze_from_ledger(tenant_id: int, today: date) -> int:
    """Freeze what the ledger says of the year that is over, wherever it knows all of it and nothing is frozen yet; how
    many figures. One transaction: a run that dies has done nothing, and one that comes late or twice does the rest."""
    with as_tenant(tenant_id):
        county = Unit.objects.get(pk=tenant_id)
        due = [one for one in lines_of(units_with_baselines(county, today), today) if one.state == State.DUE]
        figures = [
            Figure(one.unit.pk, one.limit.id, one.year, one.amount, Origin.LEDGER, source_of(one), one.parts)
            for one in due
        ]
        return len(ledger.freeze_baselines(system_actor(tenant_id), figures)) if figures else 0


def import_baselines(actor: Actor, figures: Sequence[Figure]) -> int:
    """Freeze figures that somebody brings along: all, or none where one has been frozen otherwise. How many are new.

    Raises Forbidden, NotInPlace, ledger.BadFigure.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        made = _frozen(lambda: ledger.freeze_baselines(actor, figures))
        new = {(one.bearer_id, one.limit_id, one.year) for one in made}
        rest = [one for one in figures if (one.bearer_id, one.limit_id, one.year) not in new]
        latest = _latest(rest)
        if any(latest[one.bearer_id, one.limit_id, one.year].amount != one.amount for one in rest):
            raise NotInPlace(gettext("刚才有人冻结了别的数，请重新上传"))
        return len(made)


def change_baseline(actor: Actor, baseline_id: int, amount: int, office: str, reason: str) -> Baseline:
    """A new version of a frozen figure, after the version ``baseline_id`` that the person has seen; returns it.

    Raises Forbidden, NotInPlace, ledger.BadFigure.
    """
    with as_tenant(actor.tenant_id):
        seen = next(one for one in history_of(actor, baseline_id) if one.pk == baseline_id)
        figure = Figure(
            seen.bearer_id, seen.limit_id, seen.year, amount, Origin.CHANGE, seen.source, seen.parts, office.strip(),
            reason.strip(),
        )  # fmt: skip
        version = {(seen.bearer_id, seen.limit_id, seen.year): seen.version}
        _frozen(lambda: ledger.change_baselines(actor, [figure], version))
        return history_of(actor, baseline_id)[-1]


def name_successors(actor: Actor, before: Unit, since: date, shares: Mapping[int, int], office: str) -> None:
    """Say which units carry on what ``before`` did until ``since``, each with its share in percent; the rest stays.

    This year's figures are divided at once, as versions that work forward. What ``before`` has used of them this year
    stays with it, so that nobody has it a second time. What the ledger has of the days before ``since`` is divided when
    it is frozen. Raises Forbidden, NotInPlace.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        require(actor, "freeze_baselines", before)
        units = list(Unit.objects.filter(pk__in=shares, tenant_id=actor.tenant_id))
        for unit in units:
            require(actor, "freeze_baselines", unit)
        Unit.objects.select_for_update(no_key=True).get(pk=before.pk)  # two taps at once
        _check_shares(before, since, shares, units)
        Predecessor.objects.bulk_create(
            Predecessor(unit=unit, before=before, share=shares[unit.pk], since=since, person_id=actor.person_id)
            for unit in units
        )
        audit(actor, "name_successors", kind="unit", object_id=before.pk, unit_id=before.pk, count=len(units))
        _divide(actor, before, since, shares, units, office)


def _check_shares(before: Unit, since: date, shares: Mapping[int, int], units: Sequence[Unit]) -> None:
    today = timezone.localdate()
    if not units or len(units) != len(shares) or before.pk in shares:
        raise NotInPlace(gettext("请选由哪些单位接着做，不能是它自己"))
    if min(shares.values()) < 1 or sum(shares.values()) > WHOLE:
        raise NotInPlace(gettext("每个单位至少 1%，加起来不超过 100%"))
    if since.year != today.year or since > today:
        raise NotInPlace(gettext("请写今年、今天或以前的日子；以前年份的合并，请直接改基数"))
    if Predecessor.objects.filter(before=before).exists():
        raise NotInPlace(gettext("%(unit)s已经说过由谁接着做") % {"unit": before.name})
    if any(unit.kind != before.kind for unit in units):
        raise NotInPlace(gettext("只能分给同一类的单位"))


def _divide(
    actor: Actor, before: Unit, since: date, shares: Mapping[int, int], units: Sequence[Unit], office: str
) -> None:
    """Divide this year's figures of ``before``: added to what successors have, taken from what it keeps.

    What it has used is read before the heads move and once more after: what was posted in between undoes it all.
    """
    today = timezone.localdate()
    year = today.year
    known = _by_place(Baseline.objects.filter(bearer__in=[before, *units], year=year))
    reason = gettext("%(unit)s自 %(day)s 起合并、拆分") % {"unit": before.name, "day": since}
    figures = {limit_id: row.amount for (bearer_id, limit_id, _), row in known.items() if bearer_id == before.pk}
    kept = spent(before, figures, today)
    fresh, changed = [], []
    for (bearer_id, limit_id, _year), row in known.items():
        if bearer_id != before.pk:
            continue
        amounts = divided(row.amount - kept[limit_id], shares)
        for unit in units:
            own = known.get((unit.pk, limit_id, year))
            parts = [*(own.parts if own else ()), part_of(before, shares[unit.pk], amounts[unit.pk])]
            figure = Figure(
                unit.pk, limit_id, year, amounts[unit.pk], Origin.UNITS, reason, parts, office.strip(), reason
            )
            if own is None:
                fresh.append(figure)
            elif amounts[unit.pk]:
                changed.append(replace(figure, amount=own.amount + amounts[unit.pk]))
        stays = kept[limit_id] + amounts[None]
        if stays != row.amount:
            changed.append(
                Figure(before.pk, limit_id, year, stays, Origin.UNITS, reason, row.parts, office.strip(), reason)
            )
    if len(_frozen(lambda: ledger.freeze_baselines(actor, fresh))) < len(fresh):
        raise NotInPlace(gettext("刚才有人改过了，请看过新的数再改"))
    _frozen(lambda: ledger.change_baselines(actor, changed))
    if spent(before, figures, today) != kept:
        raise NotInPlace(gettext("%(unit)s刚才又发了，请再试一次") % {"unit": before.name})


def _frozen(act):
    try:
        return act()
    except ledger.NotFrozen as problem:
        raise NotInPlace(str(problem)) from problem


def _latest(figures: Iterable[Figure]) -> dict[tuple, Baseline]:
    return _by_place(Baseline.objects.filter(bearer_id__in={one.bearer_id for one in figures}))


def _by_place(rows) -> dict[tuple, Baseline]:
    return {(row.bearer_id, row.limit_id, row.year): row for row in rows.order_by("version")}
