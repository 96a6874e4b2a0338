"""What was done that is no demand. Rooms above say how much of it there was; this room knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qingfu.rulebook import Window
from qingfu.units.models import Unit

Count = Callable[[Unit, Window], int | None]

_counts: dict[str, tuple[Mapping, Count]] = {}


def register(kind: str, attributes: Mapping, count: Count) -> None:
    """``count(unit, window)`` is how often what the rulebook calls ``kind``, with ``attributes``, was done by a unit in
    a window, inside the tenant; None where there is no record of it."""
    _counts[kind] = attributes, count


def kept(kind: str) -> tuple[Mapping, Count] | None:
    """The attributes and the count of a kind that a room above keeps the record of."""
    return _counts.get(kind)
