"""What the worker does for this room by itself."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from qingfu.findings import actions
from qingfu.units.models import Tenant


@app.periodic(cron="10 6 * * *")
@app.task
def climb(timestamp: int) -> None:
    """Every morning before school: late findings go to the level above."""
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        actions.climb(tenant_id, timezone.localdate())
