"""What families are asked, in which bands, and which evening an answer belongs to (``data/answers.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

DATA = Path(__file__).parent / "data"
_said = tomllib.loads((DATA / "answers.toml").read_text("utf-8"))

DAY_STARTS = time.fromisoformat(_said["day_starts"])
FLOOR: int = _said["floor"]
"""Fewer answers than this are shown nowhere; a class with fewer seats is counted in its county."""
TRIES: tuple[int, int] = tuple(_said["tries"])


@dataclass(frozen=True)
class Band:
    """A span of minutes that can be tapped."""

    code: str
    name: str


BANDS: dict[int, tuple[Band, ...]] = {
    grade: tuple(Band(**band) for band in row["list"]) for row in _said["bands"] for grade in row["grades"]
}


def bands_of(grade: int) -> tuple[Band, ...]:
    """The bands for "how long did it take" in a grade (1-12)."""
    return BANDS[grade]


def now() -> datetime:
    """The moment, as public pages see it."""
    return timezone.now()


def evening_of(moment: datetime) -> date:
    """The day that a moment belongs to. A day lasts until eight in the morning.

    So who taps after midnight or before school means the evening before, and reads its homework as today's.
    """
    local = timezone.localtime(moment)
    return local.date() - timedelta(days=local.time() < DAY_STARTS)


def day_begins(day: date) -> datetime:
    """The moment at which a day, as ``evening_of`` counts, begins."""
    return timezone.make_aware(datetime.combine(day, DAY_STARTS))
