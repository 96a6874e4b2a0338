"""Everything that changes the sums of use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import F

from qingfu.ledger.actions import meter
from qingfu.ledger.answers import Answer
from qingfu.site.models import Usage
from qingfu.site.usage.queries import holders
from qingfu.units.tenancy import as_tenant


def add_usage(sums: Mapping[tuple[int, int, str, date], int]) -> None:
    """Add seconds to the rows of (tenant, school, role, day). No person is known here, so there is no actor."""
    by_tenant: dict[int, list] = defaultdict(list)
    for (tenant_id, school_id, role, day), seconds in sorted(sums.items()):
        by_tenant[tenant_id].append((school_id, role, day, seconds))
    for tenant_id, rows in by_tenant.items():
        with as_tenant(tenant_id):
            for school_id, role, day, seconds in rows:
                place = {"school_id": school_id, "role": role, "day": day}
                Usage.objects.get_or_create(**place)
                Usage.objects.filter(**place).update(seconds=F("seconds") + seconds)


def charge_weeks(tenant_id: int, today: date) -> list[Answer]:
    """Charge the weeks before today's to the ledger, the mean of a role at a school, and forget their sums."""
    monday = today - timedelta(days=today.weekday())
    with as_tenant(tenant_id):
        past = Usage.objects.filter(day__lt=monday)
        weeks: dict[tuple, int] = defaultdict(int)
        for row in past:
            sunday = row.day + timedelta(days=6 - row.day.weekday())
            weeks[row.school_id, row.role, sunday] += row.seconds
        answers = [
            meter(tenant_id, school_id, role, sunday, round(seconds / 60), holders(school_id, role, sunday))
            for (school_id, role, sunday), seconds in sorted(weeks.items())
        ]
        past.delete()
    return answers
