"""What is left of a child's evening after homework. Estimates, documented in ``data/evening.toml``."""

from __future__ import annotations

import tomllib
from datetime import time

from qingfu.notices.answers import DATA
from qingfu.rulebook import Bearer

_rows = tomllib.loads((DATA / "evening.toml").read_text("utf-8"))["evening"]
_evenings = {grade: row for row in _rows for grade in row["grades"]}

ROUND_TO = 5  # minutes: the estimate is no finer
HOME_TIME = "home_time"
"""The local time of the rulebook that says when the children of a school come home."""


def free_minutes(bearer: Bearer, bedtime: str, homework: int, home: str | None = None) -> int | None:
    """Minutes between coming home and bed that belong to the child, less ``homework`` minutes done at home.

    ``home`` is when children come home where the school says it. Rounded down to five. None for boarders and
    for grades whose evening nobody has estimated.
    """
    row = _evenings.get(bearer.grade)
    if row is None or not bedtime or is_boarding(bearer):
        return None
    free = _minutes(bedtime) - _minutes(home or row["home"]) - sum(one["minutes"] for one in row["spent"]) - homework
    return max(free // ROUND_TO * ROUND_TO, 0)


def is_boarding(bearer: Bearer) -> bool:
    """Whether the children of this class spend the evening at school."""
    return "boarding" in bearer.all_kinds or bool(bearer.attributes.get("boarding"))


def _minutes(clock: str) -> int:
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute
