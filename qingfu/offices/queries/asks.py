"""What an office has asked, what came to it, and what waits for the two offices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from qingfu.ledger.models import Demand
from qingfu.ledger.queries import SHOWN
from qingfu.offices.models import Ask
from qingfu.rulebook.words import word
from qingfu.units.models import Unit
from qingfu.units.permissions import OFFICE_KINDS
from qingfu.units.queries import Actor, Forbidden, may, scope

DAYS_BACK = 30


@dataclass(frozen=True)
class Arrival:
    """One thing that came to a unit: the demand, who asked it, and the Ask that it belongs to."""

    demand: Demand
    issuer: str
    ask: Ask | None

    @property
    def kind_name(self) -> str:
        return word("kinds", self.demand.kind)

    @property
    def minutes(self) -> int:
        """Estimated, for the unit that bears it."""
        return self.demand.attributes.get("estimated_minutes", 0)


def waiting_of(unit: Unit) -> QuerySet[Ask]:
    """What the unit has put before the two offices and waits for."""
    return Ask.objects.filter(unit=unit, state=Ask.State.WAITING).order_by("created_at")


def waiting_for_review(actor: Actor) -> QuerySet[Ask]:
    """What waits for the actor as a reviewer, the longest first. Raises Forbidden."""
    if not actor.posts_for("review_office_waiver"):
        raise Forbidden("review_office_waiver")
    units = scope(actor, "review_office_waiver").values("pk")
    return Ask.objects.filter(unit__in=units, state=Ask.State.WAITING).select_related("unit").order_by("created_at")


def withdrawals_asked(actor: Actor) -> list[tuple[Ask, str]]:
    """What has begun and is to be taken back, with the reason, for the reviewer to second. Raises Forbidden."""
    if not actor.posts_for("review_office_waiver"):
        raise Forbidden("review_office_waiver")
    asked = Demand.objects.filter(state=Demand.State.WITHDRAWAL_ASKED, kind__in=OFFICE_KINDS)
    reasons = {attempt: said["reason"] for attempt, said in asked.values_list("attempt_id", "withdrawal")}
    units = scope(actor, "review_office_waiver").values("pk")
    found = Ask.objects.filter(attempt_id__in=reasons, unit__in=units).select_related("unit").order_by("day", "pk")
    return [(one, reasons[one.attempt_id]) for one in found]


def asked_lately(unit: Unit) -> QuerySet[Ask]:
    """What the unit itself has asked of others, the latest first."""
    return Ask.objects.filter(unit=unit).exclude(state=Ask.State.RECEIVED).order_by("-created_at")


def parts_of(found: Ask) -> tuple[Demand | None, list[tuple[Demand, str]]]:
    """The demand in the issuer's own account, and each bearer's with the bearer's name."""
    rows = list(found.demands().order_by("id"))
    names = dict(Unit.objects.filter(pk__in={row.bearer_id for row in rows}).values_list("pk", "name"))
    own = next((row for row in rows if "account" in row.attributes), None)
    return own, [(row, names[row.bearer_id]) for row in rows if "account" not in row.attributes]


def arrival_at(found: Ask, unit: Unit) -> Demand | None:
    """The demand of an Ask that ``unit`` bears; None where it did not come there, or was taken back."""
    came = found.demands().filter(bearer_id=unit.pk, state=Demand.State.POSTED)
    return came.exclude(attributes__has_key="account").first()


def bearer_names(found: Ask) -> list[str]:
    """Of whom something that still waits is to be asked."""
    ids = {draft["bearer_id"] for draft in found.drafts if "account" not in draft["attributes"]}
    return list(Unit.objects.filter(pk__in=ids).order_by("path").values_list("name", flat=True))


def one_ask(actor: Actor, ask_id: int) -> Ask:
    """An Ask that the actor may open: of her office, of one that she looks after, or one that came to her.

    Raises Forbidden, never saying whether it exists.
    """
    found = Ask.objects.filter(pk=ask_id).select_related("unit", "asker", "reviewer").first()
    if found is not None and may(actor, "see_office", found.unit):
        return found
    if found is not None and found.demands().filter(bearer_id__in=scope(actor, "see_below").values("pk")).exists():
        return found
    raise Forbidden("see_office")


def came_in(unit_ids: Iterable[int], since: date, until: date) -> QuerySet[Demand]:
    """What others ask of units on these days, latest first; what stands in an office's own account is left out."""
    rows = Demand.objects.filter(bearer_id__in=list(unit_ids), day__range=(since, until), state__in=SHOWN)
    return rows.exclude(attributes__has_key="account").order_by("-day", "-id")


def inbox_of(unit: Unit, today: date, days: int = DAYS_BACK) -> list[Arrival]:
    """What came to the unit in the last days and what it is asked to do in days to come."""
    return with_issuers(came_in([unit.pk], today - timedelta(days=days), today + timedelta(days=366)))


def with_issuers(demands: Iterable[Demand]) -> list[Arrival]:
    """Demands with the name of who asked: the unit, or the source that an arrival names. Three queries."""
    rows = list(demands)
    names = dict(Unit.objects.filter(pk__in={row.issuer_unit_id for row in rows}).values_list("pk", "name"))
    asks = {one.attempt_id: one for one in Ask.objects.filter(attempt_id__in={row.attempt_id for row in rows})}
    return [
        Arrival(row, row.attributes.get("from_above") or names.get(row.issuer_unit_id, ""), asks.get(row.attempt_id))
        for row in rows
    ]
