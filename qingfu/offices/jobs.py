"""What the worker does for this room by itself."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from qingfu.offices import actions
from qingfu.units.models import Tenant


@app.periodic(cron="30 6 1 * *")
@app.task
def release_complaints(timestamp: int) -> None:
    """On the first of a month: release what those below said in the months before, where enough of them did."""
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        actions.release_complaints(tenant_id, timezone.localdate())
