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


@app.periodic(cron="20 0 * * *")
@app.task(queueing_lock="offices_baselines")
def freeze_baselines(timestamp: int) -> None:
    """On 1 January: freeze the figures of the year that is over. Every night, so that a worker that slept, a limit
    published later and a unit founded later are made up for; what is frozen stays."""
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        actions.freeze_from_ledger(tenant_id, timezone.localdate())


@app.periodic(cron="40 2 * * *")
@app.task(queueing_lock="offices_taps")
def sweep_taps(timestamp: int) -> None:
    """Every night: what is remembered of forms that were sent, once nobody sends them a second time."""
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        actions.sweep_taps(tenant_id, timezone.localdate())
