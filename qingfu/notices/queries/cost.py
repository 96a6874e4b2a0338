"""本系统占用了多少时间: what Qingfu took of the people of a school, from its own entries in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from qingfu.ledger import reckoning
from qingfu.ledger.queries import demands
from qingfu.rulebook import InForce
from qingfu.rulebook.model import all_hold

KIND = "system_use"
WEEKS = 6


@dataclass(frozen=True)
class Cost:
    """What one limit allows Qingfu itself, and the mean minutes of a person by week: (Monday, minutes)."""

    in_force: InForce
    weeks: tuple[tuple[date, int], ...]

    @property
    def cap(self) -> int:
        return int(self.in_force.cap)


def cost_of(school_id: int, day: date) -> list[Cost]:
    """Qingfu's own limits for a school of the open tenant, and what it took in the last weeks that are over."""
    found = reckoning.current([school_id])[school_id]
    limits = found.rulebook.limits(KIND, found.bearer(school_id), day)
    monday = day - timedelta(days=day.weekday())
    mondays = [monday - timedelta(weeks=n) for n in range(WEEKS, 0, -1)]
    days = [mondays[0] + timedelta(days=n) for n in range(7 * WEEKS)]
    rows = [(row.day - timedelta(days=row.day.weekday()), row) for row in demands([school_id], days, KIND)]
    return [
        Cost(
            one,
            tuple(
                (week, sum(row.charged_minutes or 0 for at, row in rows if at == week and _counts(one, row)))
                for week in mondays
            ),
        )
        for one in limits
        if one.limit.accumulates
    ]


def _counts(in_force: InForce, row) -> bool:
    return all_hold(in_force.limit.where, row.attributes)
