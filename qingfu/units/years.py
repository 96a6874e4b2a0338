"""Which school year a day lies in. Nothing here needs an installation: the lake counts by it too."""

from __future__ import annotations

from datetime import date

FIRST_MONTH = 8
"""From August on, what is set up is meant for the school year that begins in September."""


def school_year_of(day: date) -> int:
    """The year in which the school year of ``day`` began: 2026 for November 2026 and for May 2027."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1
