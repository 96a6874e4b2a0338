"""借调: who is away by place of origin, what ends soon, who has not returned."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from qingfu.offices.lending import AWAY, Where, where
from qingfu.offices.models import Secondment
from qingfu.units.queries import Actor, Forbidden, scope

ALL = "all"


def secondments() -> QuerySet[Secondment]:
    """Every one with what is needed to say where it stands; the latest first."""
    rows = Secondment.objects.select_related("ask__unit", "lender").prefetch_related("extensions__ask")
    return rows.order_by("-starts", "-pk")


def seen_by(actor: Actor) -> QuerySet[Secondment]:
    """Those that the actor's office registered or looks after, and those from her own place."""
    offices, places = scope(actor, "see_office").values("pk"), scope(actor, "see_below").values("pk")
    return secondments().filter(Q(ask__unit__in=offices) | Q(lender__in=places))


def narrowed(rows: QuerySet[Secondment], today: date, words: str = "", state: str = ALL) -> list[Secondment]:
    """The rows that a page's filter leaves; each with ``stands``, where it stands today."""
    if words:
        rows = rows.filter(Q(lender__name__icontains=words) | Q(ask__unit__name__icontains=words))
    found = list(rows)
    for one in found:
        one.stands = where(one, today)
    wanted = {ALL: tuple(Where), "away": AWAY}.get(state, (state,))
    return [one for one in found if one.stands in wanted]


def one_secondment(actor: Actor, secondment_id: int) -> Secondment:
    """One of ``seen_by``. Raises Forbidden, never saying whether it exists."""
    found = seen_by(actor).filter(pk=secondment_id).first()
    if found is None:
        raise Forbidden("see_below")
    return found
