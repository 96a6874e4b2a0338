"""What the worker does for this room by itself. Arguments of jobs are ids only: their rows lie outside the walls."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from qingfu.units import actions
from qingfu.units.models import Tenant
from qingfu.units.tenancy import as_tenant

SESSIONS_KEPT = timedelta(days=30)
UPLOADS_KEPT = timedelta(days=1)


@app.periodic(cron="17 * * * *")
@app.task
def seal_trails(timestamp: int) -> None:
    """Every hour: seal what has been added to each tenant's audit trail."""
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        with as_tenant(tenant_id):
            while actions.seal_audit():
                pass


@app.periodic(cron="5 6 * * *")
@app.task
def publish_heads(timestamp: int) -> None:
    """Every morning: show the head of each tenant's trail where everybody can copy it (``/heads/``)."""
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        with as_tenant(tenant_id):
            actions.publish_head()


@app.periodic(cron="40 2 * * *")
@app.task
def forget(timestamp: int) -> None:
    """Every night: remove what is kept no longer (docs/data-protection.md)."""
    now = timezone.now()
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        with as_tenant(tenant_id):
            actions.forget_sessions(now - SESSIONS_KEPT)
            actions.forget_uploads(now - UPLOADS_KEPT)
            actions.forget_left_people(timezone.localdate())
            actions.forget_graduated(timezone.localdate())


@app.periodic(cron="*/15 * * * *")
@app.task
def forget_tries(timestamp: int) -> None:
    """Every quarter of an hour: remove counters of tries whose time is over."""
    actions.forget_tries()
