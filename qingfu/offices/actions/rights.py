"""放权赋能: hand approvals down, count their months, take them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.offices.actions.posting import NotInPlace
from qingfu.offices.models import CaseCount, HandedDown
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, require, require_ask
from qingfu.units.tenancy import as_tenant


@dataclass(frozen=True)
class Counted:
    """The cases of a month. ``average`` is in workdays, of those that were done; None where none was."""

    begun: int
    in_time: int
    late: int
    average: Decimal | None = None


def hand_down(
    actor: Actor, unit: Unit, receivers: Sequence[Unit], item: str, since: date, workdays: int, *, people: bool = False,
    money: bool = False, training: bool = False,
) -> list[HandedDown]:  # fmt: skip
    """Hand one approval down to each of ``receivers``, with its time limit and the support given with it.

    Raises Forbidden, NotInPlace (also where one of them has it already: then nobody gets it).
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        require(actor, "hand_down", unit)
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # two taps at once
        if not receivers or not item.strip() or workdays < 1:
            raise NotInPlace(gettext("请写下放什么、给谁、几个工作日办结"))
        for receiver in receivers:
            require_ask(actor, "hand_down", receiver)
        have = HandedDown.objects.filter(unit=unit, receiver__in=receivers, item=item.strip(), ended_on=None)
        names = have.values_list("receiver__name", flat=True)
        if names:
            raise NotInPlace(gettext("已经下放给%(names)s") % {"names": "、".join(names)})
        made = HandedDown.objects.bulk_create(
            HandedDown(
                unit=unit, receiver=receiver, item=item.strip(), since=since, workdays=workdays, people=people,
                money=money, training=training,
            )
            for receiver in receivers
        )  # fmt: skip
        for one in made:
            audit(actor, "hand_down", kind="handed_down", object_id=one.pk, unit_id=unit.pk)
        return made


def count_cases(actor: Actor, handed_id: int, month: date, counted: Counted) -> CaseCount:
    """The figures of one month, by whoever handles the cases; a later entry replaces it.

    Raises Forbidden (also for what is not there), NotInPlace for a month that is not over or not within the time for
    which the approval is handed down, and for figures that cannot be.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = _locked(actor, handed_id, "count_cases", "receiver")
        month = month.replace(day=1)
        first = found.since.replace(day=1)
        if not first <= month < timezone.localdate().replace(day=1) or (found.ended_on and month > found.ended_on):
            raise NotInPlace(gettext("只能填下放以后、已经过完的月份"))
        _check(found, counted)
        made, _new = CaseCount.objects.update_or_create(handed=found, month=month, defaults=dict(vars(counted)))
        audit(actor, "count_cases", kind="handed_down", object_id=found.pk, unit_id=found.receiver_id)
        return made


def take_back(actor: Actor, handed_id: int, why: str) -> HandedDown:
    """收回 from today on, with a reason. Its figures stay. Raises Forbidden, NotInPlace."""
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = _locked(actor, handed_id, "hand_down", "unit")
        if found.ended_on or not why.strip():
            raise NotInPlace(gettext("收回要写明理由；已经收回的不用再收"))
        found.ended_on, found.ended_why = timezone.localdate(), why.strip()
        found.save(update_fields=["ended_on", "ended_why"])
        audit(actor, "take_back", kind="handed_down", object_id=found.pk, unit_id=found.unit_id)
        return found


def _check(found: HandedDown, counted: Counted) -> None:
    """Raise NotInPlace for figures that contradict each other."""
    done = counted.in_time + counted.late
    if min(counted.begun, counted.in_time, counted.late) < 0:
        raise NotInPlace(gettext("件数不能是负数"))
    if (counted.average is None) != (done == 0):
        raise NotInPlace(gettext("有办结的才写平均用时；有办结的一定要写"))
    if counted.average is None:
        return
    if counted.average < 0 or not counted.late and counted.average > found.workdays:
        raise NotInPlace(gettext("全部按时办结，平均用时不会超过 %(days)s 个工作日") % {"days": found.workdays})
    if not counted.in_time and counted.average <= found.workdays:
        raise NotInPlace(gettext("全部超时办结，平均用时应超过 %(days)s 个工作日") % {"days": found.workdays})


def _locked(actor: Actor, handed_id: int, verb: str, where: str) -> HandedDown:
    rows = HandedDown.objects.select_for_update(of=("self",)).select_related("unit", "receiver")
    found = rows.filter(pk=handed_id).first()
    require(actor, verb, getattr(found, where) if found else Unit.objects.get(pk=actor.tenant_id))
    if found is None:
        raise NotInPlace(gettext("没有这一项"))
    return found
