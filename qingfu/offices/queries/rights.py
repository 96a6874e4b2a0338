"""放权赋能: what is handed down, and how allowed and real workdays compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Prefetch, Q, QuerySet

from qingfu.offices.models import CaseCount, HandedDown
from qingfu.units.queries import Actor, Forbidden, scope

TENTH = Decimal("0.1")
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Pace:
    """Cases of some months together: begun, done in time, late, and the workdays that they took on average."""

    begun: int
    in_time: int
    late: int
    average: Decimal | None

    @property
    def done(self) -> int:
        return self.in_time + self.late


def pace_of(counts: Iterable[CaseCount]) -> Pace:
    """Several months as one; the average weighs each month by what was done in it."""
    counts = list(counts)
    in_time, late = sum(one.in_time for one in counts), sum(one.late for one in counts)
    took = sum((one.average * one.done for one in counts if one.average is not None), Decimal())
    average = (took / (in_time + late)).quantize(TENTH, ROUND_HALF_UP) if in_time + late else None
    return Pace(sum(one.begun for one in counts), in_time, late, average)


def handed_down(actor: Actor) -> QuerySet[HandedDown]:
    """What the actor's office handed down or looks after, and what came to her own place; with its months."""
    offices, places = scope(actor, "see_office").values("pk"), scope(actor, "see_below").values("pk")
    months = Prefetch("counts", CaseCount.objects.order_by("-month"))
    rows = HandedDown.objects.filter(Q(unit__in=offices) | Q(receiver__in=places))
    return rows.select_related("unit", "receiver").prefetch_related(months).order_by(
        "item", "unit__path", "receiver__path"
    )  # fmt: skip


def narrowed(rows: QuerySet[HandedDown], words: str = "", what: str = "") -> QuerySet[HandedDown]:
    """The rows that a page's filter leaves: ``bare`` without any support, ``ended`` taken back, else those in force."""
    if words:
        said = Q(item__icontains=words) | Q(unit__name__icontains=words) | Q(receiver__name__icontains=words)
        rows = rows.filter(said)
    rows = rows.exclude(ended_on=None) if what == "ended" else rows.filter(ended_on=None)
    return rows.filter(people=False, money=False, training=False) if what == "bare" else rows


def one_handed(actor: Actor, handed_id: int) -> HandedDown:
    """One of ``handed_down``. Raises Forbidden, never saying whether it exists."""
    found = handed_down(actor).filter(pk=handed_id).first()
    if found is None:
        raise Forbidden("see_below")
    return found


def months_open(found: HandedDown, today: date) -> list[date]:
    """The months that can be counted: from the handing down to the last that is over, the latest first."""
    last = min(today.replace(day=1), (found.ended_on or today).replace(day=28))
    months, month = [], found.since.replace(day=1)
    while month < last and month < today.replace(day=1):
        months.append(month)
        month = (month.replace(day=28) + WEEK).replace(day=1)
    return months[::-1]
