"""What the worker does for the site by itself."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from qingfu.site.usage.actions import charge_weeks
from qingfu.units.models import Tenant


@app.periodic(cron="20 3 * * 1")
@app.task
def charge_own_cost(timestamp: int) -> None:
    """Every Monday: what Qingfu took of its users' time last week goes into the ledger."""
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        charge_weeks(tenant_id, timezone.localdate())
