"""What the worker does for this room by itself: forgetting."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from qingfu.notices import actions
from qingfu.notices.models import FamilyCount
from qingfu.rulebook import load_calendar
from qingfu.units.models import Tenant
from qingfu.units.tenancy import as_tenant

YEARS_KEPT = 3
"""School years for which counts of minutes are kept, the present one included."""
ONE_TERM = [FamilyCount.Kind.UNPOSTED.value, FamilyCount.Kind.BEDTIME.value]


@app.periodic(cron="1 8 * * *")
@app.task
def destroy_keys(timestamp: int) -> None:
    """Every morning when the evening is over (``day_starts``). By date: a late run destroys as much."""
    actions.destroy_keys()


@app.periodic(cron="50 2 * * *")
@app.task
def forget(timestamp: int) -> None:
    """Every night: remove the counts whose time is over (docs/data-protection.md)."""
    today = timezone.localdate()
    calendar = load_calendar()
    this_year = calendar.window("school_year", today).start
    years = this_year.replace(year=this_year.year - YEARS_KEPT + 1)
    term = calendar.window("term", today).start
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        with as_tenant(tenant_id):
            actions.forget_counts([FamilyCount.Kind.TIME.value], years)
            actions.forget_counts(ONE_TERM, term)
