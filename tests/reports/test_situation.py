"""全县情况, 学校情况, 单位情况: the pages say what the indicators say; nothing is ranked, and figures open."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu.findings.models import Finding
from qingfu.lake import manifest
from qingfu.lake.actions import refresh_lake
from qingfu.lake.derived import code_of
from qingfu.lake.indicators import Figure, catalogue
from qingfu.lake.reading import lake_folder
from qingfu.ledger.actions import record, sync_national
from qingfu.ledger.drafts import Draft
from qingfu.reports.queries import situation as queries
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county
from tests.units.browser import signed_in_as

FIRST, SCHOOL = date(2026, 10, 1), "青禾县实验小学"
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


def page(county, name: str, *arguments, who: str = "刘科长", unit=None):
    asked = {"unit": unit.pk} if unit else {}
    return signed_in_as(county, who).get(reverse(f"reports:{name}", args=arguments), asked)


@pytest.mark.parametrize("place", queries.PLACES)
def test_the_stages_hold_indicators_of_the_catalogue_each_once(place):
    stages = queries.pages()[place]["stage"]
    named = [id for stage in stages for id in stage["indicators"]]
    assert set(named) <= set(catalogue()) and len(named) == len(set(named))
    if place == "county":
        assert [stage["name"] for stage in stages] == ["监测", "评估", "反馈", "干预", "保障"]


def test_the_page_says_what_the_indicators_say_and_never_nought_for_nothing(reported):
    html = page(reported, "county").content.decode()
    assert "作业超过规定的班日比例" in html and "<strong class=\"num\">50.00</strong>" in html
    assert "项没有记录或不显示" in html and "发文件数" in html
    with as_tenant(reported.tenant_id):
        found = queries.situation(reported.unit, "county")
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
        lines = queries.situation(reported.unit, "county").stages[0].lines
    assert all(line.now is None for line in lines)  # two days are no month
    html = page(reported, "county").content.decode()
    assert "还没有两个整月可比" in html and "没有不如前一个月的" not in html


def test_everything_can_be_taken_as_a_workbook(reported):
    assert page(reported, "county_download").content[:2] == b"PK"
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(page(reported, "county_indicator_download", "homework_days_over").content)
    )
    assert book.sheet_names == ["指标", "定义和出处", "记录"]
    heads, first, *_others = book.get_sheet_by_name("记录").to_python()
    assert first[heads.index("单位")] == f"{SCHOOL}三(1)班" and first[heads.index("计入")] == "是"


def test_a_school_sees_its_own_page_and_the_county_each_schools(reported):
    school, other = reported.schools[SCHOOL], reported.schools["青禾县第一中学"]
    html = page(reported, "school", who="孙校长").content.decode()
    assert SCHOOL in html and "50.00" in html and "换单位" not in html
    assert page(reported, "school", who="孙校长", unit=other).status_code == 403
    assert page(reported, "county", who="孙校长").status_code == 403
    html = page(reported, "school", unit=other).content.decode()
    assert "换单位" in html and "项没有记录或不显示" in html and "50.00" not in html
    assert page(reported, "school_indicator", "homework_days_over", unit=school).status_code == 200
    assert page(reported, "school_indicator", "documents_issued", who="孙校长").status_code == 404
    assert page(reported, "school", who="王丽").status_code == 403


def test_what_needs_a_person_is_told_with_the_way_there(reported):
    """The 70 minutes opened a finding; its day has passed."""
    with as_tenant(reported.tenant_id):
        Finding.objects.update(due_day=timezone.localdate() - timedelta(days=1))
    html = page(reported, "school", who="孙校长").content.decode()
    assert "到期没有整改的问题" in html
    assert f"tab=open&amp;late=on&amp;school={reported.schools[SCHOOL].pk}" in html
    assert "没有到期的" in page(reported, "school", unit=reported.schools["青禾县第一中学"]).content.decode()


def test_a_figure_says_how_it_was_worked_out(reported):
    html = page(reported, "county_indicator", "homework_days_over").content.decode()
    assert "从“事项”取种类是作业、没有撤销、不是应急的；其中登记时超出的规定里有“没有报批的" in html
    assert "指标编号：homework_days_over" in html and "记录：2 条" in html and "登记时超出的规定</th>" not in html


def test_a_page_of_old_figures_says_how_old_they_are(reported, monkeypatch):
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("qingfu.reports.views.export.timezone.localdate", lambda: tomorrow)
    assert "这里的数不是今天的" in page(reported, "county").content.decode()


def test_an_export_is_asked_for_shown_on_its_way_and_then_there(reported):
    assert signed_in_as(reported, "刘科长").post(reverse("reports:export")).status_code == 403
    client = signed_in_as(reported, "管理员")
    assert [client.post(reverse("reports:export")).status_code for _twice in range(2)] == [302, 302]
    assert "排着队" in client.get(reverse("reports:export")).content.decode()
    folder, code = lake_folder(), code_of(reported.unit)
    with manifest.only_writer(folder, code):
        manifest.tell_progress(folder, code, 3, 17, "问题")
        html = client.get(reverse("reports:export")).content.decode()
        assert "正在导出 问题" in html and "3 / 17" in html and 'hx-trigger="every 2s"' in html
    assert manifest.progress(folder, code) is None  # whatever is left of one that was killed


def test_without_records_the_page_says_what_to_do(fresh_county):
    html = page(fresh_county, "county").content.decode()
    assert "还没有可以算的记录" in html and "请县级管理员" in html
    assert "现在导出" in page(fresh_county, "school", who="管理员").content.decode()
