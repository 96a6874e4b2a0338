"""Meetings of an office, who is busy when, what a planned one would take, and the calendar of those invited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext
from icalendar import Calendar, Event

from qingfu.ledger import queries as ledger
from qingfu.ledger.models import Demand
from qingfu.ledger.queries import SHOWN
from qingfu.offices.asking import Asking
from qingfu.offices.convening import Convening, figures, halves
from qingfu.offices.hours import estimate
from qingfu.offices.models import Ask, Meeting, PlannedMeeting
from qingfu.offices.proposals import Half, Other, Proposal, Wanted, clashes, propose
from qingfu.rulebook import Breach
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, may, scope

PRESENT = ("meeting", "visit")
"""Kinds of demand that take people's presence for a half-day."""

State = Ask.State


def meetings_of(unit: Unit) -> QuerySet[Meeting]:
    """The meetings that the unit has called and not taken back, the latest first."""
    rows = Meeting.objects.filter(ask__unit=unit, ask__state__in=(State.POSTED, State.WAITING))
    return rows.select_related("ask", "plan").order_by("-ask__day", "-starts")


def one_meeting(actor: Actor, meeting_id: int) -> Meeting:
    """A meeting whose title and place the actor may know: she called it, is invited, or looks after offices.

    Raises Forbidden, never saying whether it exists.
    """
    found = Meeting.objects.select_related("ask__unit", "plan").filter(pk=meeting_id).first()
    if found is not None and (may(actor, "see_office", found.ask.unit) or _is_invited(actor, found)):
        return found
    raise Forbidden("see_below")


def _is_invited(actor: Actor, found: Meeting) -> bool:
    return found.ask.demands().filter(bearer_id__in=scope(actor, "see_below").values("pk")).exists()


def planned_of(unit: Unit, year: int) -> QuerySet[PlannedMeeting]:
    """The year's plan, by month."""
    rows = PlannedMeeting.objects.filter(unit=unit, year=year, dropped_at=None)
    return rows.prefetch_related("meetings__ask").order_by("month", "pk")


# ---- who is busy ----


@dataclass(frozen=True)
class BusyRow:
    """One unit on the days of a meeting: how many things take its half-day, and what it bears in all, in minutes.
    Never what they are or where."""

    unit: Unit
    morning: int
    afternoon: int
    load: int
    week_load: int


def busy_halves(unit_ids: Iterable[int], since: date, until: date) -> dict[Half, frozenset[int]]:
    """Which units are taken in which half-day. One query."""
    found: dict[Half, set[int]] = {}
    for row in _present(unit_ids, since, until):
        for half in halves(row.starts, row.ends):
            found.setdefault((row.day, half), set()).add(row.bearer_id)
    return {half: frozenset(units) for half, units in found.items()}


def busy_rows(units: Iterable[Unit], day: date) -> list[BusyRow]:
    """Those invited on a day, in the order given. Two queries."""
    units = list(units)
    ids = [unit.pk for unit in units]
    monday = day - timedelta(days=day.weekday())
    halves_of: dict[tuple[int, str], int] = {}
    for row in _present(ids, day, day):
        for half in halves(row.starts, row.ends):
            halves_of[row.bearer_id, half] = halves_of.get((row.bearer_id, half), 0) + 1
    loads: dict[int, int] = {}
    week: dict[int, int] = {}
    rows = Demand.objects.filter(bearer_id__in=ids, day__range=(monday, monday + timedelta(days=6)), state__in=SHOWN)
    for bearer_id, its_day, attributes in rows.values_list("bearer_id", "day", "attributes"):
        minutes = attributes.get("estimated_minutes", 0)
        week[bearer_id] = week.get(bearer_id, 0) + minutes
        if its_day == day:
            loads[bearer_id] = loads.get(bearer_id, 0) + minutes
    return [
        BusyRow(unit, halves_of.get((unit.pk, "am"), 0), halves_of.get((unit.pk, "pm"), 0), loads.get(unit.pk, 0),
                week.get(unit.pk, 0))
        for unit in units
    ]  # fmt: skip


def _present(unit_ids: Iterable[int], since: date, until: date) -> QuerySet[Demand]:
    rows = Demand.objects.filter(bearer_id__in=list(unit_ids), kind__in=PRESENT, day__range=(since, until))
    return rows.filter(state__in=SHOWN).only("bearer_id", "day", "starts", "ends")


# ---- a planned one ----


@dataclass(frozen=True)
class Look:
    """What a planned meeting would take and meet: minutes of all, who is busy, the proposals, the rules it breaks."""

    minutes: int
    way: int
    rows: list[BusyRow]
    clashes: frozenset[int]
    proposals: list[Proposal]
    breaches: list[Breach]


def look(unit: Unit, convening: Convening, today: date) -> Look:
    """Look at a planned meeting before it is called. For display: calling it looks again."""
    county = Unit.objects.get(pk=unit.tenant_id)
    asking = convening.asking(unit, county)
    drafts = asking.drafts(unit)
    ids = frozenset(one.unit.pk for one in asking.bearers)
    days = _days_ahead(unit, convening.day, today)
    near = timedelta(days=figures()["proposals"]["near_days"])
    since, until = min([convening.day - near, *days]), max([convening.day + near, *days])
    busy = busy_halves(ids, max(since, today), until)
    wanted = _wanted(convening, asking)
    free = [(day, half) for day in ledger.days_that_fit(drafts[0], days) for half in ("am", "pm")]
    others = _others(unit, ids, max(convening.day - near, today), convening.day + near)
    return Look(
        asking.minutes, sum(wanted.way.values()), busy_rows([one.unit for one in asking.bearers], convening.day),
        clashes(wanted, busy), propose(wanted, others, free, busy),
        [breach for draft in drafts[: 1 + len(asking.own)] for breach in ledger.broken_by_itself(draft)],
    )  # fmt: skip


def next_workday(unit: Unit, today: date) -> date:
    """The next day on which offices work."""
    calendar = ledger.calendar_for(unit)
    return next(day for n in range(1, 30) if calendar.day(day := today + timedelta(days=n)).is_workday)


def _days_ahead(unit: Unit, day: date, today: date) -> list[date]:
    """The working days around a day on which it could be held instead."""
    calendar, span = ledger.calendar_for(unit), figures()["proposals"]["days_ahead"]
    around = [day + timedelta(days=n) for n in range(-span, 2 * span + 1) if n]
    return [one for one in around if one > today and calendar.day(one).is_workday][: 2 * span]


def _wanted(convening: Convening, asking: Asking) -> Wanted:
    on_the_spot = {
        one.unit.pk: estimate("meeting", asking.amounts, {}, one.unit.kind, people=one.people) for one in asking.bearers
    }
    whole = asking.estimates()
    around = {pk: found.minutes - found.people * convening.minutes for pk, found in on_the_spot.items()}
    way = {pk: whole[pk].minutes - on_the_spot[pk].minutes for pk in whole}
    return Wanted(
        tuple((convening.day, half) for half in halves(convening.starts, convening.ends)), frozenset(whole),
        asking.minutes, around, way, _as_a_note(convening, asking),
    )  # fmt: skip


def _as_a_note(convening: Convening, asking: Asking) -> int | None:
    """What the same would take as a written note; None for one that is long, or at which people discuss."""
    said = figures()["proposals"]
    if convening.minutes > said["note_up_to"] or convening.discussion:
        return None
    amounts = {"characters": said["note_characters"]}
    return sum(estimate("document", amounts, {}, one.unit.kind).minutes for one in asking.bearers)


def _others(unit: Unit, ids: frozenset[int], since: date, until: date) -> list[Other]:
    """Standing meetings that call some of the same units. Of other offices' only half-days and who is called."""
    attempts = set(
        Demand.objects.filter(
            kind="meeting", bearer_id__in=ids, day__range=(since, until), state__in=SHOWN
        ).values_list("attempt_id", flat=True)
    )  # fmt: skip
    rows: dict[int, list[Demand]] = {}
    for row in Demand.objects.filter(attempt_id__in=attempts, kind="meeting").exclude(attributes__has_key="account"):
        rows.setdefault(row.attempt_id, []).append(row)
    mine = dict(Ask.objects.filter(attempt_id__in=attempts, unit=unit).values_list("attempt_id", "pk"))
    return [
        Other(
            tuple((several[0].day, half) for half in halves(several[0].starts, several[0].ends)),
            frozenset(row.bearer_id for row in several), several[0].attributes.get("mode") != "video",
            mine.get(attempt),
        )
        for attempt, several in rows.items()
    ]  # fmt: skip


# ---- the calendar of those invited ----


def feed(unit: Unit, today: date) -> bytes:
    """The meetings that a unit calls or is called to, as iCalendar (RFC 5545): for whoever has its address."""
    calendar = Calendar()
    calendar.add("prodid", "-//Qingfu//offices//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", gettext("%(unit)s：会议") % {"unit": unit.name})
    since = today - timedelta(days=figures()["feed"]["days_back"])
    demands = Demand.objects.filter(bearer_id=unit.pk, kind="meeting", day__gte=since).order_by("day", "id")
    rows = list(demands)
    attempts = {row.attempt_id for row in rows}
    meetings = {
        one.ask.attempt_id: one
        for one in Meeting.objects.filter(ask__attempt_id__in=attempts).select_related("ask__unit")
    }
    for row in rows:
        calendar.add_component(_event(row, meetings.get(row.attempt_id)))
    return calendar.to_ical()


def _event(row: Demand, meeting: Meeting | None) -> Event:
    event = Event()
    event.add("uid", f"meeting-{row.tenant_id}-{row.attempt_id}@qingfu")
    event.add("dtstamp", row.posted_at)
    event.add("summary", meeting.title if meeting else _of_above(row))
    if meeting and meeting.place:
        event.add("location", meeting.place)
    if row.starts:
        event.add("dtstart", _moment(row.day, row.starts))
        event.add("dtend", _moment(row.day, row.ends or row.starts))
    else:
        event.add("dtstart", row.day)
    event.add("status", "CONFIRMED" if row.state in SHOWN and row.state != "corrected" else "CANCELLED")
    return event


def _of_above(row: Demand) -> str:
    source = row.attributes.get("from_above", "")
    return gettext("%(source)s的会议") % {"source": source} if source else gettext("会议")


def _moment(day: date, time: str) -> datetime:
    """In UTC, so that no reader needs a table of time zones."""
    local = datetime.combine(day, datetime.strptime(time, "%H:%M").time(), ZoneInfo(settings.TIME_ZONE))
    return local.astimezone(UTC)
