"""Whose children a family code stands for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qingfu.units.models import Seat, Unit


@dataclass(frozen=True)
class Child:
    """One seat of a family; ``number`` counts the family's seats from 1, ``label`` tells them apart."""

    number: int
    seat: Seat
    label: str

    @property
    def unit(self) -> Unit:
        return self.seat.unit


def children_of(family_id: int) -> list[Child]:
    """The seats of a family of the open tenant, by class; none where nobody sits there any more."""
    seats = list(
        Seat.objects.filter(family_id=family_id).select_related("unit").order_by("-unit__grade", "unit__path", "number")
    )
    sitting_in = Counter(seat.unit_id for seat in seats)
    return [Child(n, seat, _label(seat, sitting_in[seat.unit_id] > 1)) for n, seat in enumerate(seats, 1)]


def _label(seat: Seat, twins: bool) -> str:
    if not twins:
        return seat.unit.name
    return _("%(class)s %(number)s 号") % {"class": seat.unit.name, "number": seat.number}
