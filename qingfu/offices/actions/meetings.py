"""减会: calling a meeting, how long it took, and the plan of the year."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.offices.actions.posting import NotInPlace, Result, ask
from qingfu.offices.actions.tapping import once
from qingfu.offices.convening import Convening
from qingfu.offices.models import Ask, Meeting, PlannedMeeting
from qingfu.units.actions import audit, issue_link, replace_link
from qingfu.units.models import Token, Unit
from qingfu.units.queries import Actor, Forbidden, require
from qingfu.units.tenancy import as_tenant


class NoSuchMeeting(Forbidden):
    """A meeting or planned meeting that is not there, or not hers: nobody learns which."""

    def __init__(self):
        super().__init__("post_meeting")


def call_meeting(
    actor: Actor, unit: Unit, convening: Convening, key: str, *, review: bool = False, emergency: str = ""
) -> Result:
    """Ask the invited units to come, under all rules on meetings and speeches; see ``posting.ask``.

    What waits for the two offices keeps its title and place too. Raises as ``ask``, NoSuchMeeting for a plan that is
    not the unit's.
    """
    with as_tenant(actor.tenant_id):
        if not convening.title.strip():
            raise NotInPlace(gettext("请写会议名称：请来的人要知道是什么会"))
        plan = _plan(unit, convening.plan_id) if convening.plan_id else None
        county = Unit.objects.get(pk=unit.tenant_id)
        result = ask(actor, unit, convening.asking(unit, county), key, review=review, emergency=emergency)
        if result.ask is not None:
            Meeting.objects.get_or_create(
                ask=result.ask,
                defaults={
                    "plan": plan, "title": convening.title, "place": convening.place, "starts": convening.starts,
                    "ends": convening.ends, "minutes": convening.minutes, "people": convening.people,
                    "video": convening.video,
                },
            )  # fmt: skip
        return result


def record_length(actor: Actor, meeting_id: int, minutes: int) -> Meeting:
    """After it: how long it really took. Once it is over, by the office that called it; a later figure replaces it.

    Raises NoSuchMeeting, NotInPlace for one that has not been yet, or whose length is none.
    """
    with as_tenant(actor.tenant_id):
        rows = Meeting.objects.select_for_update(of=("self",)).select_related("ask__unit")
        found = rows.filter(pk=meeting_id).first()
        if found is None:
            raise NoSuchMeeting
        require(actor, "post_meeting", found.ask.unit)
        if found.ask.state != Ask.State.POSTED or found.ask.day > timezone.localdate():
            raise NotInPlace(gettext("还没有开的会，不能填实际时长"))
        if not 0 < minutes <= MOST_MINUTES:
            raise NotInPlace(gettext("实际时长应在 1 到 %(most)s 分钟之间") % {"most": MOST_MINUTES})
        found.actual_minutes, found.actual_at = minutes, timezone.now()
        found.save(update_fields=["actual_minutes", "actual_at"])
        audit(actor, "record_length", kind="meeting", object_id=found.pk, unit_id=found.ask.unit_id)
        return found


MOST_MINUTES = 5 * 24 * 60  # longer is a slip of the hand


def plan_meeting(actor: Actor, unit: Unit, key: str = "", **said) -> PlannedMeeting:
    """A line of the year's plan: year, month, title, meeting_type, minutes, people. ``key`` makes a repetition
    harmless. Raises Forbidden."""

    def make() -> list[int]:
        made = PlannedMeeting.objects.create(unit=unit, **said)
        audit(actor, "plan_meeting", kind="planned_meeting", object_id=made.pk, unit_id=unit.pk)
        return [made.pk]

    with as_tenant(actor.tenant_id):
        require(actor, "post_meeting", unit)
        [made] = once(actor, key, "plan_meeting", [unit.pk, *said.values()], make)
        return PlannedMeeting.objects.get(pk=made)


def drop_planned(actor: Actor, plan_id: int) -> None:
    """A planned meeting will not be held: it is saved for those below. Raises NoSuchMeeting."""
    with as_tenant(actor.tenant_id):
        found = PlannedMeeting.objects.select_related("unit").filter(pk=plan_id, dropped_at=None).first()
        if found is None:
            raise NoSuchMeeting
        require(actor, "post_meeting", found.unit)
        found.dropped_at = timezone.now()
        found.save(update_fields=["dropped_at"])
        audit(actor, "drop_planned_meeting", kind="planned_meeting", object_id=found.pk, unit_id=found.unit_id)


def calendar_link(actor: Actor, unit: Unit, *, fresh: bool = False) -> str:
    """The secret part of the unit's calendar address; with ``fresh`` a new one, and the old opens nothing."""
    with as_tenant(actor.tenant_id):
        require(actor, "see_below", unit)
        if fresh:
            return replace_link(actor, Token.Kind.CALENDAR, unit, "see_below")
        return issue_link(Token.Kind.CALENDAR, unit.tenant_id, unit.pk)


def _plan(unit: Unit, plan_id: int) -> PlannedMeeting:
    found = PlannedMeeting.objects.filter(pk=plan_id, unit=unit, dropped_at=None).first()
    if found is None:
        raise NoSuchMeeting
    return found
