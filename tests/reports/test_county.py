"""全县情况: what the county's page says is what the indicators say; nothing is ranked, and figures open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from qingfu.lake.actions import refresh_lake
from qingfu.lake.indicators import Figure, catalogue
from qingfu.ledger.actions import record, sync_national
from qingfu.ledger.drafts import Draft
from qingfu.reports.queries import county as queries
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county
from tests.units.browser import signed_in_as

FIRST = date(2026, 10, 1)
WRITTEN = {"form": "written", "required": True, "place": "家庭"}


@pytest.fixture(scope="module")
def reported(cluster, tmp_path_factory):
    """A county whose last two school days before today are in the lake: 30 minutes, then 70 that were too much."""
    county = make_county()
    sync_national()
    calendar, today = load_calendar(), timezone.localdate()
    term = calendar.term(today)
    days = calendar.school_days(term.start, today)[-2:]
    one = county.class_("三(1)班").pk
    with as_tenant(county.tenant_id):
        for day, minutes in zip(days, (30, 70), strict=True):
            draft = Draft(one, day, subject="数学", text="整张卷子", minutes=minutes, attributes=WRITTEN)
            record(county.actor("李强"), draft.for_bearers([one]), f"d-{day}", "补记")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.LAKE_FOLDER", tmp_path_factory.mktemp("lake"))
        refresh_lake(county.actor("管理员"), county.unit)
        yield county


def page(county, name: str, *arguments, who: str = "刘科长"):
    return signed_in_as(county, who).get(reverse(f"reports:{name}", args=arguments))


def test_the_five_stages_hold_indicators_of_the_catalogue_each_once():
    named = [id for stage in queries.stages() for id in stage["indicators"]]
    assert [stage["name"] for stage in queries.stages()] == ["监测", "评估", "反馈", "干预", "保障"]
    assert set(named) <= set(catalogue()) and len(named) == len(set(named))


def test_the_page_says_what_the_indicators_say_and_never_nought_for_nothing(reported):
    html = page(reported, "county").content.decode()
    assert "作业超过规定的班日比例" in html and "<strong class=\"num\">50.00</strong>" in html
    assert "项没有记录或不显示" in html and "发文件数" in html
    with as_tenant(reported.tenant_id):
        found = queries.situation(reported.unit)
    shown = {line.one.id for stage in found.stages for line in stage.lines}
    assert "homework_days_over" in shown and "documents_issued" not in shown


def test_a_figure_opens_its_months_its_units_in_their_order_and_its_records(reported):
    html = page(reported, "county_indicator", "homework_days_over").content.decode()
    assert html.index("青禾县实验小学") < html.index("青禾县第一中学")
    assert "按单位的次序，不排名" in html and "整张卷子" not in html and "李强" not in html
    assert html.count("三(1)班") == 2  # two records, the one that counted first
    assert page(reported, "county_indicator", "happiness").status_code == 404


@pytest.mark.parametrize(
    ("id", "then", "now", "changed"),
    [("homework_days_over", "0.10", "0.20", "worse"), ("homework_days_over", "0.20", "0.10", "better"),
     ("findings_in_time", "90.0", "80.0", "worse"), ("homework_days_over", "0.10", "0.10", ""),
     ("inspections_unannounced", "10.0", "20.0", "")],
)  # fmt: skip
def test_heavier_or_lighter_goes_by_the_direction_of_the_indicator(id, then, now, changed):
    before, after = (
        Figure(catalogue()[id], 1, "青禾县", FIRST, FIRST, (), Decimal(value), None, None, 9, "shown")
        for value in (then, now)
    )
    assert queries.Line(after, after, before).changed == changed
    assert queries.Line(after).changed == ""


def test_only_whole_months_that_are_over_are_set_against_each_other(reported):
    with as_tenant(reported.tenant_id):
        lines = queries.situation(reported.unit).stages[0].lines
    assert all(line.now is None for line in lines)  # two days are no month


def test_everything_can_be_taken_as_a_workbook(reported):
    answer = page(reported, "county_download")
    assert answer.content[:2] == b"PK" and "indicators.xlsx" in answer.headers["Content-Disposition"]


def test_only_the_county_sees_it_and_only_its_administrator_asks_for_an_update(reported):
    assert page(reported, "county", who="孙校长").status_code == 403
    address = reverse("reports:county_refresh")
    assert signed_in_as(reported, "刘科长").post(address).status_code == 403
    client = signed_in_as(reported, "管理员")
    assert client.post(address).status_code == client.post(address).status_code == 302


def test_without_records_the_page_says_what_to_do(fresh_county):
    html = page(fresh_county, "county").content.decode()
    assert "还没有可以算的记录" in html and "请县级管理员" in html
