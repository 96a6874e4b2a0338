"""本周: classes by day as far as each role may see, and what needs somebody first, with the reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qingfu.homework.models import Plan, PlanItem
from qingfu.homework.queries import monday_of
from qingfu.ledger.actions import hold
from qingfu.ledger.drafts import Draft
from qingfu.rulebook import load_calendar
from qingfu.units.actions import add_units
from qingfu.units.models import Unit
from qingfu.units.tenancy import as_tenant
from tests.ledger.conftest import WRITTEN, new_key
from tests.units.browser import signed_in_as

from .conftest import PRIMARY, next_school_day, school_days_back, week_of


def classes_on(page) -> list[str]:
    return [unit.name for unit, _squares in page.context["week"].rows]


def reasons(page) -> list[str]:
    return [need.reason for need in page.context["week"].needs]


def weekday(day) -> str:
    return "周" + "一二三四五六日"[day.weekday()]


@pytest.fixture
def coming():
    """A school day to come, and the week in which it lies with a school day after it."""
    day = next_school_day()
    while monday_of(next_school_day_after(day)) != monday_of(day):
        day = next_school_day_after(day)
    return day


def next_school_day_after(day):
    return load_calendar().next_school_day(day)


def look(county, who: str, day=None, query: str = ""):
    week = f"week={week_of(day)}&" if day else ""
    return signed_in_as(county, who).get(f"/week/?{week}{query}")


@pytest.mark.parametrize(
    "who, expected",
    [
        ("李强", ["三(1)班"]),
        ("赵敏", ["三(1)班", "三(2)班"]),
        ("王丽", ["三(1)班"]),
        ("周涛", [f"{'一二三四五六'[g]}({n})班" for g in range(6) for n in (1, 2)]),
    ],
)
def test_everybody_starts_with_her_own(county, who, expected):
    assert classes_on(look(county, who)) == expected


def test_a_class_teacher_opens_no_other_class(county):
    assert look(county, "李强", query=f"unit={county.class_('四(1)班').pk}").status_code == 403
    assert look(county, "李强", query=f"unit={county.schools[PRIMARY].pk}").status_code == 403


def test_a_figure_opens_its_records(county, posted, coming):
    posted("语文", 20, day=coming)
    html = look(county, "赵敏", coming).content.decode()
    assert f"/classes/{county.class_('三(1)班').pk}/{coming}/" in html


def test_a_full_day_says_what_the_next_day_holds(county, posted, coming):
    """周三 三(1)班 已满 60/60，周四还剩 35 分钟."""
    posted("语文", 30, day=coming)
    posted("数学", 30, day=coming)
    after = next_school_day_after(coming)
    posted("英语", 25, day=after)
    assert reasons(look(county, "赵敏", coming)) == [
        f"{weekday(coming)} 三(1)班 已满 60/60，{weekday(after)}还剩 35 分钟"
    ]


def plan(county, class_name: str, day, minutes: int, state: str = "filed") -> None:
    with as_tenant(county.tenant_id):
        its = Plan.objects.create(
            school=county.schools[PRIMARY], author=county.people["陈静"], subject="英语", week_starts=monday_of(day),
            state=state,
        )  # fmt: skip
        PlanItem.objects.create(
            plan=its, day=day, classes=[county.class_(class_name).pk], text="单词各写一遍", form="written",
            minutes=minutes, place="家庭",
        )  # fmt: skip


def test_a_full_day_says_what_is_planned_for_the_next(county, posted, coming):
    """周三 三(2)班 已满 60/60，周四计划还有 25 分钟."""
    posted("语文", 30, "三(2)班", coming)
    posted("数学", 30, "三(2)班", coming)
    after = next_school_day_after(coming)
    plan(county, "三(2)班", after, 25)
    assert reasons(look(county, "赵敏", coming)) == [
        f"{weekday(coming)} 三(2)班 已满 60/60，{weekday(after)}计划还有 25 分钟"
    ]


def test_a_plan_that_does_not_fit_comes_before_a_full_day(county, posted, coming):
    posted("语文", 45, "三(1)班", coming)
    plan(county, "三(1)班", coming, 25)
    posted("语文", 60, "三(2)班", coming)
    first, second = reasons(look(county, "赵敏", coming))
    assert first == f"{weekday(coming)} 三(1)班 已用 45/60，计划还有 25 分钟，多出 10 分钟"
    assert "三(2)班 已满" in second


def test_what_is_true_of_several_classes_is_said_once_with_the_classes_behind_it(county, posted, coming):
    for name in ("三(1)班", "三(2)班"):
        posted("语文", 60, name, coming)
    page = look(county, "赵敏", coming)
    after = next_school_day_after(coming)
    sentence = f"{weekday(coming)} 2 个班 已满 60/60，{weekday(after)}还剩 60 分钟"
    assert [group.reason for group in page.context["needs"]] == [sentence]
    html = page.content.decode()
    assert html.count("已满 60/60") == 1
    behind = html.split(sentence)[1].split("</li>")[0]
    for name in ("三(1)班", "三(2)班"):
        assert f'<a href="/classes/{county.class_(name).pk}/{coming}/">{name}</a>' in behind


def test_a_draft_of_a_plan_is_nobodys_business(county, coming):
    plan(county, "三(1)班", coming, 90, state="draft")
    assert reasons(look(county, "赵敏", coming)) == []


def test_what_is_held_is_shown_as_held(county, coming):
    draft = Draft(county.class_("三(1)班").pk, coming, subject="语文", minutes=40, attributes=WRITTEN)
    hold(county.actor("王丽"), [draft], new_key(), timezone.now() + timedelta(days=1))
    assert "其中预留 40" in look(county, "赵敏", coming).content.decode()


def test_over_comes_first(county, recorded):
    recorded(75)
    page = look(county, "赵敏", school_days_back(1))
    day = school_days_back(1)
    assert reasons(page)[0] == f"{weekday(day)} 三(1)班 书面作业 75 分钟，超出 15 分钟"
    assert "超出 15 分钟" in page.content.decode().split("<h1>")[1].split("</h1>")[0]


def test_the_lowest_grades_are_told_in_a_sentence(county):
    page = look(county, "周涛")
    assert page.context["free"] == "一、二年级"
    assert [grid["corner"] for grid in page.context["grids"]] == ["三年级", "四年级", "五年级", "六年级"]


@pytest.mark.parametrize("week", ["2026-W60", "nonsense", "2026-W47-1-1", "0000-W01"])
def test_a_week_that_is_none_is_no_page(county, week):
    assert signed_in_as(county, "周涛").get(f"/week/?week={week}").status_code == 404


def test_a_week_of_holidays_has_a_word_for_each_day(county):
    html = signed_in_as(county, "赵敏").get("/week/?week=2026-W40").content.decode()
    assert "国庆节" in html


def test_forty_eight_classes_ask_no_more_queries_than_twelve(county, posted):
    client = signed_in_as(county, "周涛")

    def queries() -> int:
        client.get("/week/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/week/").status_code == 200
        return len(captured)

    posted("语文", 20)
    few = queries()
    with as_tenant(county.tenant_id):
        grade = Unit.objects.get(name="三年级", tenant_id=county.tenant_id)
        row = {"kind": "class", "grade": 3, "seats": 40}
        add_units(grade, [{**row, "name": f"三({n})班", "number": n} for n in range(3, 39)])
    assert queries() == few


def test_a_school_without_classes_says_what_to_do(county):
    with as_tenant(county.tenant_id):
        (school,) = add_units(county.unit, [{"kind": "school", "name": "南岭教学点"}])
    page = look(county, "刘科长", query=f"unit={school.pk}")
    assert "导入班级以后" in page.content.decode()
