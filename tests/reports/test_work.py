"""Work reports: what they may say, where each figure comes from, and who takes which step."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from io import BytesIO
from struct import unpack
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.lake import charts
from qingfu.lake.indicators import catalogue
from qingfu.lake.indicators import figures as figures_of
from qingfu.lake.reading import lake_folder, open_lake
from qingfu.ledger.actions import publish_pack
from qingfu.reports import actions
from qingfu.reports.actions import Unfit
from qingfu.reports.composing import (
    Facts,
    Problem,
    compose,
    cuts_named,
    figures_named,
    issuer_of,
    template_for,
    templates,
)
from qingfu.reports.models import ReportStep, WorkReport
from qingfu.reports.queries import work
from qingfu.reports.queries.work import names_of_limits
from qingfu.rulebook import Rulebook, load_national
from qingfu.rulebook.loader import parse_pack
from qingfu.text.files import open_file
from qingfu.text.official import check_draft
from qingfu.text.review.reader import review_text
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.ledger.packs import county_pack
from tests.reports.county import SCHOOL, export, span
from tests.reports.making import missing

WORDS = {
    "understanding": "全县把减轻作业负担当作一件大事，逐校明确责任。",
    "causes": "部分教师布置作业以前没有先看额度。",
}


@pytest.fixture(scope="module")
def report(reporting) -> WorkReport:
    made = actions.compose_report(reporting.actor("刘科长"), reporting.unit.pk, *span())
    return actions.write(reporting.actor("刘科长"), made.pk, WORDS)


@pytest.fixture(scope="module")
def school_report(reporting) -> WorkReport:
    made = actions.compose_report(reporting.actor("周涛"), reporting.schools[SCHOOL].pk, *span())
    return actions.write(reporting.actor("周涛"), made.pk, WORDS)


@pytest.fixture
def draft(reporting, school_report) -> WorkReport:
    """A draft of the school, as it comes from the dean: a copy, so that each test has its own."""
    with as_tenant(reporting.tenant_id):
        copy = WorkReport.objects.get(pk=school_report.pk)
        copy.pk = None
        copy.save()
        return copy


def word(report):
    with as_tenant(report.tenant_id):
        return open_file(work.word_of(report, work.laid_out(report)), "报告.docx")


def text_of(report) -> str:
    with as_tenant(report.tenant_id):
        return work.laid_out(report).text


def test_every_figure_of_the_text_is_marked_and_every_mark_has_its_row(report):
    body, appendix = word(report).text.split("\n附件\n")
    assert len(re.findall(r"\[\d+\]", body)) >= 8
    unmarked = [one for line in body.split("\n") for one in figures_without_a_mark(line, report)]
    assert unmarked == []
    rows = re.findall(r"^(\d+)\t", appendix, re.M)
    marks = [int(one) for one in re.findall(r"\[(\d+)\]", body)]
    assert [int(one) for one in rows] == list(range(1, len(rows) + 1)) == sorted(set(marks))


def figures_without_a_mark(line: str, report) -> list[str]:
    """Numbers of a line that no mark follows in the same clause, and that are no date or name of the period."""
    for plain in report.content["plain"]:
        line = line.replace(plain, "")
    line = re.sub(r"\d{4}年\d{1,2}月\d{1,2}日", "", line)
    clauses = re.split(r"(?<=\])|(?<=[。；])", line)
    return [one for one in clauses if re.search(r"\d", re.sub(r"\[\d+\]", "", one)) and not re.search(r"\[\d+\]", one)]


def test_the_reader_and_the_layout_check_find_nothing_in_it(report):
    source = word(report)
    found = review_text(source.text, on=timezone.localdate()).findings
    assert [one.note for one in found if one.severity != "hint"] == []
    found = check_draft(source, on=timezone.localdate())
    assert found.layout == ()
    assert [one["severity"] for one in report.read["noted"] if one["severity"] != "hint"] == []


def test_what_a_person_writes_is_read_before_it_is_saved(reporting, draft):
    words = WORDS | {"understanding": "全校(xiào)上下把减轻作业负担当作一件大事。"}
    read = actions.write(reporting.actor("周涛"), draft.pk, words).read
    assert [(one["kind"], one["quote"]) for one in read["noted"]] == [("pinyin_annotation", "(xiào)")]


def test_the_chart_stands_in_the_document_at_twice_the_size_with_each_of_its_characters(report):
    with as_tenant(report.tenant_id):
        found = work.laid_out(report)
        [drawn], words = work.pictures_of(found).values(), work.word_of(report, found)
    assert ZipFile(BytesIO(words)).read("word/media/picture1.png") == drawn
    assert unpack(">I", drawn[16:20])[0] > 2 * charts.WIDTH
    # Characters without a glyph would all be drawn as the same box.
    assert charts.bars("年级", (("三", 1, "一"),)) != charts.bars("年级", (("四", 1, "一"),))


def test_the_figures_are_those_of_the_indicators(report):
    text = text_of(report)
    assert "一天书面作业用时的中位数为23分钟" in text  # of 15 five times, 20 to 25, 30 six times, 90
    assert "占5.56%" in text  # one class-day of eighteen


def test_what_has_no_records_is_left_out_and_never_nought(report):
    text = text_of(report)
    assert "家庭反馈" not in text and "0件" not in text
    assert "文件、会议和检查尚无记录。" in text


def test_problems_are_open_findings_and_next_steps_their_days(report):
    text = text_of(report)
    assert "检查发现的问题有2个待整改，涉及2所学校" in text
    assert "课间没有到室外活动" not in text and "对已整改的1个问题组织回头看" in text
    assert "对已过整改期限的1个问题" in text


def test_limits_of_one_title_are_told_apart_by_whom_they_are_for_and_are_no_copy_of_each_other(reporting):
    junior = reporting.class_("七(1)班", "青禾县第一中学")
    with as_tenant(reporting.tenant_id):
        over = Finding.objects.create(
            bearer=junior, kind="over", limit_id="cn.homework.written.g7-9", responsible_unit=junior,
            role="class_teacher", due_day=timezone.localdate(),
        )  # fmt: skip
    made = actions.compose_report(reporting.actor("刘科长"), reporting.unit.pk, *span())
    with as_tenant(reporting.tenant_id):
        Finding.objects.filter(pk=over.pk).update(state=Finding.State.CLOSED)  # no open problem of other tests
    text = text_of(made)
    for grades in ("三至六年级", "七至九年级"):
        assert f"“每天书面作业总时长（{grades}）”方面有1个问题待整改，涉及1所学校" in text
    assert [one.note for one in review_text(text, on=timezone.localdate()).findings if one.severity != "hint"] == []


def test_no_two_limits_have_one_name():
    own = county_pack(50).replace("本县", "").replace("bearer", "applies = { grades = [3, 4, 5, 6] }\nbearer")
    names = names_of_limits(Rulebook([*load_national(), parse_pack(own)]))
    assert [name for name, count in Counter(names.values()).items() if count > 1] == []
    assert names["county.homework.written"] == "县：每天书面作业总时长（三至六年级）"


@pytest.mark.parametrize(("kinds", "said"), [(("school",), "涉及2所学校"), (("bureau", "school"), "涉及2个单位")])
def test_what_a_problem_is_about_is_called_what_it_is(kinds, said):
    today = timezone.localdate()
    figures = {one: missing(one, SimpleNamespace(pk=1, name="青禾县"), today) for one in figures_named("county")}
    problem = Problem("limit:x", "借调", (1, 2), 2, today, kinds=kinds)
    facts = Facts(figures, {}, [problem], [], [], timezone.localtime(), "QH 2026-11-28T04:40:00+08:00 0123")
    names = {"unit": "青禾县", "kind": "county", "above": "临江市", "period": "2026年"}
    [problem] = compose("county", names, today, today, facts)["problems"]
    assert problem["pieces"][0][0].endswith(said)


def test_a_school_says_nothing_of_another_school(reporting, draft):
    text = text_of(draft)
    assert "黑板上没有写当天作业的公示" in text and "作业公示晚于放学" not in text
    with pytest.raises(Forbidden):
        actions.compose_report(reporting.actor("周涛"), reporting.schools["青禾县第一中学"].pk, *span())
    with as_tenant(reporting.tenant_id):
        for stranger in ("吴校长", "刘科长", "王丽"):  # another school, the county, a teacher
            assert not work.visible(reporting.actor(stranger)).filter(pk=draft.pk).exists()


def test_a_problem_left_out_takes_its_source_along_and_its_reason_stays_inside(reporting, draft):
    key = next(one["key"] for one in draft.content["problems"] if one["key"].startswith("check"))
    with pytest.raises(Unfit, match="为什么"):
        actions.leave_out(reporting.actor("周涛"), draft.pk, key, " ")
    actions.leave_out(reporting.actor("周涛"), draft.pk, key, "当天已经补写，不再单列")
    assert "黑板上" not in word(draft).text and "不再单列" not in word(draft).text
    with as_tenant(reporting.tenant_id):
        assert work.left_out_of(draft)[key].reason == "当天已经补写，不再单列"
    actions.put_back(reporting.actor("周涛"), draft.pk, key)
    assert "黑板上" in word(draft).text


@pytest.mark.parametrize(
    ("words", "said"),
    [("今年减少了30%", "数字"), ("减少了百分之三十", "数字"), ("近九成家长满意", "数字"),
     ("感谢王丽老师", "不写姓名"), ("长" * 900, "最多"), ("绝密\n部署如下", "涉密")],
)  # fmt: skip
def test_what_a_person_writes_holds_no_figure_no_name_and_no_secret(reporting, draft, words, said):
    with pytest.raises(Unfit, match=said):
        actions.write(reporting.actor("周涛"), draft.pk, {"understanding": words})
    with as_tenant(reporting.tenant_id):
        assert WorkReport.objects.get(pk=draft.pk).written == {**WORDS, "plans": ""}


def test_drafted_checked_signed_by_different_people(reporting, draft):
    dean, head = reporting.actor("周涛"), reporting.actor("孙校长")
    actions.submit(dean, draft.pk)
    with pytest.raises(Forbidden):
        actions.check(dean, draft.pk)  # her own
    with pytest.raises(Unfit, match="待审核"):
        actions.write(dean, draft.pk, WORDS)
    actions.give_back(head, draft.pk, "原因再写实一些")
    actions.submit(dean, draft.pk)
    actions.check(head, draft.pk)
    with pytest.raises(Forbidden):
        actions.sign(dean, draft.pk)
    actions.sign(head, draft.pk)
    with as_tenant(reporting.tenant_id):
        draft.refresh_from_db()
        assert (draft.state, draft.signed_day) == ("signed", timezone.localdate())
        steps = list(ReportStep.objects.filter(report=draft).order_by("pk").values_list("what", flat=True))
    assert steps == ["submitted", "returned", "submitted", "checked", "signed"]


def test_nothing_goes_to_be_checked_before_a_person_has_written_her_part(reporting):
    made = actions.compose_report(reporting.actor("周涛"), reporting.schools[SCHOOL].pk, *span())
    with pytest.raises(Unfit, match="思想认识、原因分析"):
        actions.submit(reporting.actor("周涛"), made.pk)


def test_a_county_without_exported_records_says_so(fresh_county):
    with pytest.raises(work.NoRecords, match="还没有导出"):
        actions.compose_report(fresh_county.actor("刘科长"), fresh_county.unit.pk, *span())


def test_figures_by_a_link_instead_of_a_report(reporting):
    made, secret = actions.spare(reporting.actor("孙校长"), reporting.schools[SCHOOL].pk, "青禾县教育局", *span(), 30)
    assert made.expires_on == timezone.localdate() + timedelta(days=30)
    values = {one["id"]: one["value"] for one in made.figures}
    assert values["homework_minutes_median"].endswith("分钟") and values["real_minutes_median"] == ""
    assert len(secret) == 24
    with pytest.raises(Unfit, match="有效期"):
        actions.spare(reporting.actor("孙校长"), reporting.schools[SCHOOL].pk, "青禾县教育局", *span(), 1000)


def test_how_often_figures_stood_for_a_report_is_an_indicator(reporting):
    """Twice, and once more that was taken back."""
    head, unit = reporting.actor("吴校长"), reporting.schools["青禾县第一中学"]
    links = [actions.spare(head, unit.pk, "青禾县教育局", *span(), 30)[0] for _ in range(3)]
    actions.withdraw_link(head, links[0].pk)
    export(reporting)
    [found] = figures_of(open_lake(lake_folder(), (reporting.unit.code,)), ["reports_spared"], unit.pk, *span())
    assert found.value == 2


def test_the_command_writes_the_same_report_and_stores_nothing(reporting, tmp_path, capsys):
    from qingfu.cli import main

    first, last = (str(one) for one in span())
    out = tmp_path / "报告.docx"
    with as_tenant(reporting.tenant_id):
        before = WorkReport.objects.count()
    asked = ["report", "compose", reporting.unit.code, "--from", first, "--to", last, "--out", str(out)]
    assert main(asked) == 0 and "青禾县" in capsys.readouterr().out
    assert "（此处由撰稿人写原因分析。）" in open_file(out.read_bytes(), out.name).text
    with as_tenant(reporting.tenant_id):
        assert WorkReport.objects.count() == before
    assert main([*asked[:2], "NOBODY", *asked[3:]]) == 2


@pytest.mark.parametrize(
    ("kind", "name", "signs"),
    [("county", "青禾县", "青禾县教育局"), ("township", "清水镇", "清水镇人民政府"), ("bureau", "县统计局", "县统计局"),
     ("township", "城关街道", "城关街道办事处"), ("school", "县第一中学", "县第一中学")],
)  # fmt: skip
def test_each_signs_by_the_name_of_its_office(kind, name, signs):
    assert issuer_of(template_for(kind), {"kind": kind, "unit": name}) == signs


def test_the_templates_ask_for_indicators_that_there_are():
    named = {id for one in templates() for id in (*figures_named(one), *(id for id, _by in cuts_named(one)))}
    assert named <= set(catalogue())


SHORT = """
[pack]
id = "junior.reports"
level = "school"
title = "本校报告篇幅"
[documents.own]
title = "本校报告篇幅"
issued = 2026-09-01
[[limit]]
id = "junior.reports.length"
title = "报告字数"
kind = "report"
bearer = "department"
form = "each_at_most"
measure = "characters"
force = "must"
[[limit.value]]
from = 2026-09-01
cap = 50
document = "own"
clause = "第一条"
confidence = "verbatim"
"""


def test_the_units_own_limit_on_reports_holds_for_ours_too(reporting):
    head, junior = reporting.actor("吴校长"), reporting.schools["青禾县第一中学"].pk
    publish_pack(head, junior, SHORT)
    made = actions.write(head, actions.compose_report(head, junior, *span()).pk, WORDS)
    assert [(one["title"], one["cap"], one["state"]) for one in made.read["limits"]] == [("报告字数", 50, "broken")]
    with pytest.raises(Unfit, match="报告字数"):
        actions.submit(head, made.pk)
