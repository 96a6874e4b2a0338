"""Documents that came in: what is to be passed round, by when, and the share handled in time (批转率)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from qingfu.ledger.models import Demand
from qingfu.ledger.queries import SHOWN, calendar_for
from qingfu.offices.models import Ask, Receipt
from qingfu.offices.queries.asks import Arrival, with_issuers
from qingfu.offices.queries.documents import settings
from qingfu.rulebook import Calendar
from qingfu.units.models import Unit

DOCUMENT_KINDS = ("document", "letter", "report", "circular", "notice")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Incoming:
    """One document that came to an office. ``readers``: who it is passed to, those who are in first."""

    arrival: Arrival
    came: date
    handle_by: date
    receipt: Receipt | None
    readers: tuple = ()

    @property
    def handled_on(self) -> date | None:
        return self.receipt.handled_on if self.receipt else None

    @property
    def next(self):
        """谁在谁先: of those who have not read it, the first who is in; None where nobody is left."""
        return next((one for one in self.readers if not (one.done or one.away)), None)

    def is_late(self, today: date) -> bool:
        return (self.handled_on or today) > self.handle_by


@dataclass(frozen=True)
class InTime:
    """批转率: of the documents whose day has come, how many were handled by it."""

    due: int
    in_time: int

    @property
    def share(self) -> float | None:
        return self.in_time / self.due if self.due else None


def incoming(unit: Unit, today: date) -> list[Incoming]:
    """What came to the office in the last weeks, the most pressing first, then what is handled."""
    since = today - timedelta(days=settings()["receipt"]["days_shown"])
    rows = Demand.objects.filter(
        bearer_id=unit.pk, kind__in=DOCUMENT_KINDS, state__in=SHOWN, posted_day__gte=since
    ).exclude(attributes__has_key="account")
    arrivals = [one for one in with_issuers(rows.order_by("pk")) if one.ask is not None]
    receipts = {
        one.ask_id: one
        for one in Receipt.objects.filter(unit=unit, ask__in=[one.ask for one in arrivals])
        .prefetch_related("readers__person")
    }  # fmt: skip
    calendar = calendar_for(unit)
    found = [_incoming(arrival, receipts.get(arrival.ask.pk), calendar) for arrival in arrivals]
    return sorted(found, key=lambda one: (one.handled_on is not None, one.handle_by, one.came))


def _incoming(arrival: Arrival, receipt: Receipt | None, calendar: Calendar) -> Incoming:
    readers = sorted(receipt.readers.all(), key=lambda one: (one.done, one.away, one.pk)) if receipt else ()
    by = receipt.handle_by if receipt else handle_by(arrival, calendar)
    return Incoming(arrival, came_on(arrival), by, receipt, tuple(readers))


def in_time(rows: list[Incoming], today: date) -> InTime:
    """Over what is handled, and what should be by now."""
    due = [one for one in rows if one.handled_on or one.handle_by < today]
    return InTime(len(due), sum(not one.is_late(today) for one in due))


def came_on(arrival: Arrival) -> date:
    return timezone.localdate(arrival.ask.created_at)


def handle_by(arrival: Arrival, calendar: Calendar) -> date:
    """Its own deadline, if it has one; else the usual number of working days after it came."""
    if arrival.demand.due_day:
        return max(arrival.demand.due_day, came_on(arrival))
    day, left = came_on(arrival), settings()["receipt"]["working_days"]
    while left:
        day += ONE_DAY
        left -= calendar.day(day).is_workday
    return day


def arrival_at(unit: Unit, ask_id: int) -> Arrival | None:
    """The document that came to the office with this Ask; None where none did."""
    found = Ask.objects.filter(pk=ask_id).first()
    rows = found.demands().filter(bearer_id=unit.pk, kind__in=DOCUMENT_KINDS, state__in=SHOWN) if found else []
    if found:
        rows = rows.exclude(attributes__has_key="account")
    return next(iter(with_issuers(rows)), None)

