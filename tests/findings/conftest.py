"""Findings are tried on the county of the ledger's tests, with homework recorded over the limit."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.ledger.actions import record
from qingfu.ledger.drafts import Draft
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant
from tests.ledger.conftest import WRITTEN, county, national, new_key, rows  # noqa: F401


def school_days_back(number: int) -> date:
    """The school day that lies so many school days before today."""
    day = timezone.localdate()
    for _ in range(number):
        day -= timedelta(days=1)
        while not load_calendar().day(day).is_school_day:
            day -= timedelta(days=1)
    return day


@pytest.fixture
def over(county):  # noqa: F811
    """Record written homework over the sixty minutes: ``over()``, ``over("三(2)班", 80, back=2)``."""

    def make(class_name: str = "三(1)班", minutes: int = 75, back: int = 1, who: str = "王丽") -> Finding:
        class_ = county.class_(class_name)
        day = school_days_back(back)
        draft = Draft(class_.pk, day, subject="语文", minutes=minutes, text="抄写词语", attributes=WRITTEN)
        record(county.actor(who), [draft], new_key(), "课后补登")
        with as_tenant(county.tenant_id):
            return Finding.objects.select_related("bearer", "responsible_unit").filter(bearer=class_).latest("pk")

    return make


@pytest.fixture
def late(county):  # noqa: F811
    """Make a finding so many days late."""

    def make(finding: Finding, days: int) -> None:
        with as_tenant(county.tenant_id):
            Finding.objects.filter(pk=finding.pk).update(due_day=timezone.localdate() - timedelta(days=days))

    return make


@pytest.fixture
def again(county):  # noqa: F811
    """A finding as it stands now."""

    def read(finding: Finding) -> Finding:
        with as_tenant(county.tenant_id):
            return Finding.objects.select_related("bearer", "responsible_unit").get(pk=finding.pk)

    return read
