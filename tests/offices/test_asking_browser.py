"""In a real browser: asked, stopped by a rule, asked otherwise, passed on, seen from below; and a meeting planned."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from qingfu.ledger.queries import calendar_for
from qingfu.units.tenancy import as_tenant
from tests.browser import chromium, live_site, page, sign_in  # noqa: F401

pytestmark = pytest.mark.browser

FARM = "县农业农村局"


def test_what_a_rule_stops_is_asked_otherwise_passed_on_and_seen_from_below(county, live_site, page):  # noqa: F811
    sign_in(page, live_site, county, f"文秘{FARM}")
    page.goto(f"{live_site}/offices/other/")
    page.get_by_label("要他们做什么").select_option("creation")
    page.get_by_label("清水镇", exact=True).check()
    page.get_by_role("button", name="发出", exact=True).click()
    expect(page.get_by_text("还不能发出")).to_be_visible()
    expect(page.get_by_text("不得").first).to_be_visible()
    expect(page.get_by_label("清水镇", exact=True)).to_be_checked()  # what was chosen stays
    page.get_by_label("要他们做什么").select_option("notice")
    page.get_by_role("button", name="发出", exact=True).click()
    expect(page.get_by_text("已发出。")).to_be_visible()
    expect(page.get_by_role("heading", name="群通知")).to_be_visible()

    sign_in(page, live_site, county, "文秘清水镇")
    page.goto(f"{live_site}/offices/")
    page.get_by_role("link", name=re.compile(rf"{FARM}\s+群通知")).click()
    page.get_by_role("link", name="转发，仍算一件").click()
    page.get_by_label("柳湾村").check()
    page.get_by_role("button", name="转发", exact=True).click()
    expect(page.get_by_text("已转发，仍算一件。")).to_be_visible()

    sign_in(page, live_site, county, "书记柳湾村")
    page.goto(f"{live_site}/offices/below/")
    expect(page.get_by_role("heading", name="1 件要做")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"清水镇\s+群通知"))).to_be_visible()
    page.get_by_role("button", name="重复").first.click()
    expect(page.get_by_text("已记下，只给减负专班")).to_be_visible()


def test_a_meeting_is_put_into_the_plan_and_called_from_it(county, live_site, page):  # noqa: F811
    with as_tenant(county.tenant_id):
        calendar, day = calendar_for(county.unit), timezone.localdate() + timedelta(days=1)
    while not calendar.day(day).is_workday:
        day += timedelta(days=1)
    sign_in(page, live_site, county, f"文秘{FARM}")
    page.goto(f"{live_site}/offices/meetings/plan/")
    page.get_by_label("会议名称").fill("秋粮收购部署会")
    page.get_by_role("button", name="列入", exact=True).click()
    expect(page.get_by_text("已列入计划。")).to_be_visible()
    page.get_by_role("link", name="召开").click()
    expect(page.get_by_label("会议名称")).to_have_value("秋粮收购部署会")
    page.get_by_label("哪天").fill(f"{day}")
    page.get_by_label("几点开始").fill("09:00")
    page.get_by_label("清水镇", exact=True).check()
    page.get_by_role("button", name="看一看").click()
    expect(page.get_by_role("heading", name="这个会要基层约")).to_be_visible()
    page.get_by_role("button", name="发出通知").click()
    expect(page.get_by_text("已通知 1 个单位。")).to_be_visible()
    page.goto(f"{live_site}/offices/meetings/plan/")
    expect(page.get_by_text("已召开")).to_be_visible()
