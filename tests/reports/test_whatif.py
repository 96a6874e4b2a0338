"""先看影响: a limit with another number over the exported past, as a page, a chart, a workbook, before it is signed."""

from __future__ import annotations

import io
import re

import pytest
from python_calamine import CalamineWorkbook

from qingfu.lake.models import Trial
from qingfu.lake.trials import actions, queries
from qingfu.lake.trials.actions import Unfit, ask_trial
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.reports.county import SCHOOL, span
from tests.units.browser import signed_in_as


def daily(county, unit):
    """The limit on minutes of homework a day that holds in grades 3 to 6."""
    with as_tenant(county.tenant_id):
        found = queries.choices_at(unit)
    return next(one for one in found if one.limit.kind == "homework" and one.number == 60 and one.unit == "分钟")


@pytest.fixture(scope="module")
def trial(reporting) -> Trial:
    """三(1)班 had 20 to 25 minutes a day, 三(2)班 15 and once 90: what had 22 done?"""
    unit = reporting.unit
    made = ask_trial(reporting.actor("管理员"), unit.pk, daily(reporting, unit).limit.id, 22, [3, 4], *span())
    actions.work(reporting.tenant_id)
    with as_tenant(reporting.tenant_id):
        return Trial.objects.get(pk=made.pk)


def test_what_would_not_have_passed_is_told_by_school_subject_and_week(trial):
    assert (trial.state, trial.problem) == ("done", "")
    found = trial.result
    assert (found["stopped"], found["schools"], found["issuers"]) == (3, 1, 1)  # 23, 24, 25; the 90 was over before
    assert found["by_school"] == [[SCHOOL, 3]] and found["by_subject"] == [["语文", 3]]
    assert sum(week[1] for week in found["by_week"]) == 3
    assert [post[1:] for post in found["posts"]] == [[f"{SCHOOL}三(1)班", "语文", over] for over in (3, 2, 1)]
    assert found["before"][2] == found["after"][2] == 90 and found["before"][0] >= found["after"][0]


def test_nobody_is_named(trial):
    assert "王丽" not in str(trial.result) + trial.chart


def test_the_page_shows_it_with_a_chart_that_has_its_table_and_an_excel(reporting, trial):
    client = signed_in_as(reporting, "管理员")
    page = re.sub(r"\s+", " ", client.get(f"/reports/whatif/{trial.pk}/").content.decode())
    assert "三、四年级" in page and "60分钟 → 22分钟" in page and "chart.svg" in page and "九成的班级日以内" in page
    chart = client.get(f"/reports/whatif/{trial.pk}/chart.svg")
    assert chart.headers["Content-Type"] == "image/svg+xml" and chart.content.startswith(b"<svg")
    excel = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/reports/whatif/{trial.pk}/excel/").content))
    assert excel.get_sheet_by_name("学科").to_python()[1] == ["语文", 3]
    listed = excel.get_sheet_by_name("放不下的").to_python()
    assert f"{SCHOOL}三(1)班" in page and listed[1][1:] == [f"{SCHOOL}三(1)班", "语文", 3]


def test_a_school_sees_its_own_part_and_nobody_elses(reporting):
    junior = reporting.schools["青禾县第一中学"]
    made = ask_trial(reporting.actor("吴校长"), junior.pk, daily(reporting, junior).limit.id, 22, [], *span())
    actions.work(reporting.tenant_id)
    with as_tenant(reporting.tenant_id):
        found = Trial.objects.get(pk=made.pk).result
    assert found["stopped"] == 0 and found["asked"] == 6
    with as_tenant(reporting.tenant_id), pytest.raises(Forbidden):
        queries.one_trial(reporting.actor("孙校长"), made.pk)


def test_the_same_question_over_the_same_records_is_not_worked_out_again(reporting, trial, monkeypatch):
    monkeypatch.setattr("qingfu.lake.trials.summing.what_if", None)
    again = ask_trial(
        reporting.actor("管理员"), trial.unit_id, trial.limit_id, trial.number, trial.grades, trial.first, trial.last
    )
    actions.work(reporting.tenant_id)
    with as_tenant(reporting.tenant_id):
        assert Trial.objects.get(pk=again.pk).result == trial.result


def test_what_makes_no_sense_is_told_and_who_signs_no_rule_tries_none(reporting):
    unit, (first, last) = reporting.unit, span()
    limit = daily(reporting, unit).limit.id
    for wrong in (("cn.nothing", 45, [], first, last), (limit, 45, [9], first, last), (limit, 45, [], last, first)):
        with pytest.raises(Unfit):
            ask_trial(reporting.actor("管理员"), unit.pk, *wrong)
    with pytest.raises(Forbidden):
        ask_trial(reporting.actor("刘科长"), unit.pk, limit, 45, [], first, last)
