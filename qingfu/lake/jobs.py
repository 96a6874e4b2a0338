"""What the worker does for this room by itself."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec

from django.utils import timezone
from procrastinate.contrib.django import app

from qingfu.lake.actions import refresh_lake
from qingfu.lake.importing import actions as importing
from qingfu.lake.trials import actions as trials
from qingfu.units.models import Tenant, Unit
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant

REGISTERS_KEPT = timedelta(days=1)


@app.periodic(cron="40 4 * * *")
@app.task
def export_counties(timestamp: int) -> None:
    """Every night: the lake of this installation is brought up to date, county by county."""
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        export_county(tenant_id)


@app.task
def export_county(tenant_id: int) -> None:
    """Bring the lake up to date with one county. Without the extra ``[lake]`` there is none, and nothing to do."""
    if find_spec("pyarrow") is None:
        return
    with as_tenant(tenant_id):
        county = Unit.objects.get(pk=tenant_id)
    refresh_lake(operator_actor(county), county)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="lake_imports", lock="lake_imports")
def take_registers(timestamp: int) -> None:
    """Every minute: registers of past years that somebody said yes to go into the ledger, or are taken back."""
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        importing.work(tenant_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="lake_trials", lock="lake_trials")
def run_trials(timestamp: int) -> None:
    """Every minute: rules that somebody wants to try are run over the exported records."""
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        trials.work(tenant_id)


@app.periodic(cron="50 2 * * *")
@app.task
def forget_registers(timestamp: int) -> None:
    """Every night: remove registers that nobody said yes to for a day."""
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        with as_tenant(tenant_id):
            importing.forget_registers(timezone.now() - REGISTERS_KEPT)
