"""容错: the years as they may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qingfu.offices.blame import Shown, appeals, distinctions, settings, shown
from qingfu.offices.models import BlameYear


@dataclass(frozen=True)
class YearShown:
    """One year of the county: held to account and spared by distinction, appeals by outcome."""

    year: int
    held: list[Shown]
    spared: list[Shown]
    appeals: list[Shown]


def blame_years(today: date) -> list[YearShown]:
    """The last years that are over, the latest first."""
    rows = BlameYear.objects.filter(year__lt=today.year).order_by("-year")[: settings()["years"]]
    return [
        YearShown(
            row.year, shown(row.held, distinctions()), shown(row.spared, distinctions()), shown(row.appeals, appeals())
        )
        for row in rows
    ]
