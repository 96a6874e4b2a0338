"""A county with a few evenings of homework, and its lake."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.ledger.actions import post, record, sync_national
from qingfu.ledger.drafts import Draft
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant
from tests.factories import County, make_county

WRITTEN = {"form": "written", "required": True, "place": "家庭"}


@pytest.fixture(scope="module")
def county(cluster) -> County:
    """三(1)班: 20 + 15 minutes tomorrow, 70 recorded the school day after; 三(2)班: 20 minutes in two months' time."""
    county = make_county()
    sync_national()
    wang, li = county.actor("王丽"), county.actor("李强")
    one, two = county.class_("三(1)班").pk, county.class_("三(2)班").pk
    calendar = load_calendar()
    first = calendar.next_school_day(timezone.localdate())
    second = calendar.next_school_day(first)
    later = calendar.next_school_day(first + timedelta(days=62))
    with as_tenant(county.tenant_id):
        for key, who, draft in (
            ("a", wang, Draft(one, first, subject="语文", text="抄写第5课生字", minutes=20, attributes=WRITTEN)),
            ("b", li, Draft(one, first, subject="数学", text="练习册第12页", minutes=15, attributes=WRITTEN)),
            ("d", wang, Draft(two, later, subject="语文", text="小练笔", minutes=20, attributes=WRITTEN)),
        ):
            assert post(who, draft.for_bearers([draft.bearer_id]), key).ok
        long = Draft(one, second, subject="数学", text="整张卷子，\n带\"引号\"", minutes=70, attributes=WRITTEN)
        record(li, long.for_bearers([one]), "c", "补记")
    return county
