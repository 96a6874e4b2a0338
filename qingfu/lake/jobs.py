"""What the worker does for this room by itself."""

from __future__ import annotations

from importlib.util import find_spec

from procrastinate.contrib.django import app

from qingfu.lake.actions import refresh_lake
from qingfu.units.models import Tenant, Unit
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant


@app.periodic(cron="40 4 * * *")
@app.task
def export_counties(timestamp: int) -> None:
    """Every night: the lake of this installation is brought up to date, county by county. Without the extra ``[lake]``
    there is none, and nothing to do."""
    if find_spec("pyarrow") is None:
        return
    for tenant_id in Tenant.objects.filter(kind="county").values_list("id", flat=True):
        with as_tenant(tenant_id):
            county = Unit.objects.get(pk=tenant_id)
        refresh_lake(operator_actor(county), county)
