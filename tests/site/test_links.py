"""Whoever follows the links of her own pages never stands before a closed door."""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import resolve

from qingfu.homework import actions, queries
from qingfu.homework.actions import PlanLine
from qingfu.ledger.actions import withdraw
from qingfu.units.tenancy import as_tenant
from tests.units.browser import signed_in_as

from .conftest import PRIMARY, new_key, next_school_day

LINK = re.compile(r'<a [^>]*href="([^"#]+)')
MOST_PAGES = 60  # of different kinds, far above what one role has


@pytest.fixture
def busy(county, recorded):
    """A school with a finding, a withdrawal to second, and a plan that waits for approval."""
    recorded(75)
    withdraw(county.actor("王丽"), recorded(20, "三(2)班").demand_ids, new_key(), "记错了班")
    with as_tenant(county.tenant_id):
        actions.switch_approval(county.actor("周涛"), county.schools[PRIMARY], True)
    day = next_school_day()
    line = PlanLine(day, (county.class_("三(1)班").pk,), "抄写生字", "written", True, 12)
    actions.file_plan(county.actor("王丽"), "语文", queries.monday_of(day), [line])
    return county


@pytest.mark.parametrize("name", ["王丽", "李强", "赵敏", "周涛", "孙校长", "刘科长", "管理员"])
def test_no_link_leads_to_a_closed_door(busy, name):
    client, seen, closed = signed_in_as(busy, name), set(), []
    ahead = deque([("/", "")])
    while ahead and len(seen) < MOST_PAGES:
        address, before = ahead.popleft()
        kind = resolve(urlsplit(address).path).view_name
        if kind in seen:
            continue
        seen.add(kind)
        response = client.get(address, follow=True)
        if response.status_code != 200:
            closed.append((response.status_code, address, before))
        elif response.headers["Content-Type"].startswith("text/html"):
            here = response.redirect_chain[-1][0] if response.redirect_chain else address
            links = (urljoin(here, unescape(one)) for one in LINK.findall(response.content.decode()))
            ahead += [(link, here) for link in links if link.startswith("/") and not link.startswith("/static/")]
    assert closed == []
    assert {"home:start", "ledger:rules"} <= seen
