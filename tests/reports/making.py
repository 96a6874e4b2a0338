"""Figures without a lake."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qingfu.lake.indicators import Figure, catalogue
from qingfu.units.models import Unit


def shown(id: str, value: str, unit: Unit, first: date, last: date, records: int = 120) -> Figure:
    """A figure of a unit that may be shown."""
    return Figure(catalogue()[id], unit.pk, unit.name, first, last, (), Decimal(value), None, None, records, "shown")


def missing(id: str, unit: Unit, day: date) -> Figure:
    """One without records."""
    return Figure(catalogue()[id], unit.pk, unit.name, day, day, (), None, None, None, 0, "missing")
