"""What the worker does for the ledger by itself. Arguments hold ids only; each tenant is a transaction of its own."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from qingfu.ledger import actions
from qingfu.units.models import Tenant


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="ledger_outbox")
def drain_outbox(timestamp: int) -> None:
    """Every minute: hand on what happened, until nothing is left."""
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        while actions.drain_outbox(tenant_id):
            pass


@app.periodic(cron="20 2 * * *")
@app.task(queueing_lock="ledger_sweep")
def sweep(timestamp: int) -> None:
    """Every night: holds that are over, refusals older than 30 days."""
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        actions.sweep(tenant_id)


@app.periodic(cron="30 1 * * *")
@app.task(queueing_lock="ledger_close_windows")
def close_windows(timestamp: int) -> None:
    """Every night: judge what ended yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        actions.close_windows(tenant_id, yesterday)
