"""转发: passing on to one's own units what came from above. It stays one thing, with all its hours added up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext

from qingfu.ledger.models import Demand
from qingfu.offices.actions.meetings import call_meeting
from qingfu.offices.actions.posting import NotInPlace, Result, ask
from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.convening import Convening
from qingfu.offices.models import Ask, Meeting
from qingfu.offices.queries import arrival_at
from qingfu.units.models import Unit
from qingfu.units.queries import Actor
from qingfu.units.tenancy import as_tenant

OF_THE_BEARER = ("estimated_minutes", "people", "from_above", "origin", "has_due", "due_on")
"""What a demand says of its bearer and its way there, and not of the thing asked."""


NOT_PASSED_ON = ("form", "visit")
"""A form has fields to register, a visit a list to be on: whoever wants them asks in her own name."""


def pass_on(
    actor: Actor, unit: Unit, ask_id: int, bearers: Sequence[Bearer], key: str, *, day: date, starts: str = "",
    reason: str = "", review: bool = False,
) -> Result:  # fmt: skip
    """Ask ``bearers`` the same that came to ``unit`` as ``ask_id``, as it came: kind, length, attributes, due day. A
    meeting is called again at ``starts``. See ``posting.ask`` for what may come of it.

    Raises Forbidden, NotInPlace for what did not come to the unit.
    """
    with as_tenant(actor.tenant_id):
        origin = Ask.objects.filter(pk=ask_id).first()
        demand = arrival_at(origin, unit) if origin else None
        if demand is None:
            raise NotInPlace(gettext("只能转发本单位收到的事项"))
        if demand.kind in NOT_PASSED_ON:
            raise NotInPlace(gettext("报表要登记字段，检查要列入清单，不能转发"))
        if demand.kind == "meeting":
            return call_meeting(actor, unit, _meeting(origin, demand, bearers, day, starts, reason), key, review=review)
        return ask(actor, unit, _asking(origin, demand, bearers, day, reason), key, review=review)


def _asking(origin: Ask, demand: Demand, bearers: Sequence[Bearer], day: date, reason: str) -> Asking:
    amounts = dict(demand.amounts)
    if demand.stated_minutes is not None:
        amounts["minutes"] = demand.stated_minutes
    amounts.pop("workdays", None)  # counted anew from the day of passing on
    due = demand.due_day if demand.due_day and demand.due_day >= day else None
    attributes = {name: value for name, value in demand.attributes.items() if name not in OF_THE_BEARER}
    return Asking(
        demand.kind, day, tuple(bearers), amounts, attributes, due, title=demand.text, reason=reason,
        origin_id=origin.pk,
    )  # fmt: skip


def _meeting(
    origin: Ask, demand: Demand, bearers: Sequence[Bearer], day: date, starts: str, reason: str
) -> Convening:
    told = Meeting.objects.filter(ask=origin).first()
    title = told.title if told else demand.text or gettext("贯彻上级会议精神")
    return Convening(
        title, day, starts or demand.starts or "09:00", demand.stated_minutes or 60, tuple(bearers),
        meeting_type=demand.attributes.get("meeting_type", "general"), video=demand.attributes.get("mode") == "video",
        discussion=demand.attributes.get("group_discussion", False), hosts=1, reason=reason, origin_id=origin.pk,
    )  # fmt: skip
