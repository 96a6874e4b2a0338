"""The week plan: filed by its author, confirmed with one tap, approved only where the school wants it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from qingfu.homework import actions, queries
from qingfu.homework.actions import PlanLine
from qingfu.homework.items import Item, Posting
from qingfu.homework.models import Plan, PlanItem
from qingfu.homework.reading import minutes_for
from qingfu.ledger import queries as ledger
from qingfu.ledger.actions import release
from qingfu.ledger.models import Attempt
from qingfu.rulebook import load_calendar
from qingfu.units.models import Membership
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.factories import TERM_STARTS
from tests.homework.conftest import new_key, targets_of
from tests.units.browser import signed_in_as


@pytest.fixture
def monday(evening):
    return queries.monday_of(evening)


@pytest.fixture
def line(county, evening):
    """``line("抄写生字", 12)``: written work for both classes of 王丽."""

    def make(text: str, minutes: int, day=None, classes=("三(1)班", "三(2)班"), **more) -> PlanLine:
        ids = tuple(county.class_(name).pk for name in classes)
        return PlanLine(day or evening, ids, text, "written", True, minutes, **more)

    return make


def file(county, monday, *lines, name="王丽", subject="语文") -> Plan:
    return actions.file_plan(county.actor(name), subject, monday, lines)


def items(county, plan) -> list[PlanItem]:
    with as_tenant(county.tenant_id):
        return list(PlanItem.objects.filter(plan=plan).order_by("pk"))


def switch_approval_on(county):
    school = county.schools["青禾县实验小学"]
    with as_tenant(county.tenant_id):
        school.attributes["plan_approval"] = True
        school.save(update_fields=["attributes"])


def held(county, day) -> int:
    unit = county.class_("三(1)班")
    with as_tenant(county.tenant_id):
        return sum(state.held for state in ledger.remaining([unit.pk], [day])[unit.pk, day])


def confirm(county, plan, name="王丽"):
    ids = [item.pk for item in items(county, plan)]
    return signed_in_as(county, name).post("/homework/confirm/", {"item": ids, "key": new_key()})


def test_filing_is_enough_and_takes_nothing(county, monday, line, evening):
    plan = file(county, monday, line("抄写生字", 12))
    assert plan.state == Plan.State.FILED
    assert held(county, evening) == 0


def test_one_tap_posts_to_all_its_classes(county, monday, line, stands):
    plan = file(county, monday, line("抄写生字", 12))
    confirm(county, plan)
    assert stands("三(1)班") == stands("三(2)班") == [("语文", "抄写生字", 12)]
    assert [item.state for item in items(county, plan)] == [PlanItem.State.POSTED]


def test_a_second_tap_posts_nothing_more(county, monday, line, stands):
    plan = file(county, monday, line("抄写生字", 12))
    confirm(county, plan)
    confirm(county, plan)
    assert stands() == [("语文", "抄写生字", 12)]


def test_a_colleague_cannot_confirm_it(county, monday, line, stands):
    plan = file(county, monday, line("抄写生字", 12))
    assert confirm(county, plan, "陈静").status_code == 404
    assert stands() == []


def test_withdrawing_puts_it_back_into_the_plan(county, monday, line, next_evening):
    if queries.monday_of(next_evening) != monday:
        monday = queries.monday_of(next_evening)
    plan = file(county, monday, line("抄写生字", 12, day=next_evening))
    confirm(county, plan)
    actions.withdraw_homework(county.actor("王丽"), items(county, plan)[0].demand_ids, new_key())
    assert [item.state for item in items(county, plan)] == [PlanItem.State.PLANNED]


def test_filing_twice_leaves_each_line_once(county, monday, line):
    file(county, monday, line("抄写生字", 12), line("练习册", 10))
    plan = file(county, monday, line("抄写生字", 12), line("练习册", 10))
    assert [item.text for item in items(county, plan)] == ["抄写生字", "练习册"]
    with as_tenant(county.tenant_id):
        assert Plan.objects.filter(author_id=county.people["王丽"].pk).count() == 1


def test_what_is_posted_stays_when_the_plan_is_changed(county, monday, line):
    plan = file(county, monday, line("抄写生字", 12))
    confirm(county, plan)
    file(county, monday, line("练习册", 10))
    assert [(item.text, item.state) for item in items(county, plan)] == [("抄写生字", "posted"), ("练习册", "planned")]


def test_a_plan_that_does_not_fit_leads_to_the_page_of_refusal(county, monday, line, posting, stands):
    both = ["三(1)班", "三(2)班"]
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 50, to=both), new_key())
    plan = file(county, monday, line("抄写生字", 12))
    said = confirm(county, plan).content.decode()
    assert "放不下，可以这样调" in said
    assert "改成 10 分钟" in said
    assert f'name="plan_items" value="{items(county, plan)[0].pk}"' in said


def test_the_way_out_of_that_page_confirms_the_item_too(county, monday, line, posting, stands):
    from qingfu.homework.forms import fields_of
    from qingfu.homework.items import Posting

    both = ["三(1)班", "三(2)班"]
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 50, to=both), new_key())
    plan = file(county, monday, line("抄写生字", 12))
    row = items(county, plan)[0]
    made = posting("王丽", "抄写生字", 12, to=both)
    sent = dict(fields_of(Posting(made.day, made.items, plan_items=(row.pk,))))
    to = [value for name, value in fields_of(made) if name == "to"]
    signed_in_as(county, "王丽").post("/homework/post/", {**sent, "to": to, "key": new_key(), "minutes": "0:10"})
    assert ("语文", "抄写生字", 10) in stands()
    assert items(county, plan)[0].state == PlanItem.State.POSTED


@pytest.mark.parametrize("field", ["day", "classes"])
def test_a_line_outside_its_week_or_without_classes_is_refused_whole(county, monday, line, evening, field):
    bad = line("抄写生字", 12, day=evening + timedelta(days=7)) if field == "day" else line("抄写生字", 12, classes=())
    with pytest.raises(actions.BadPlan):
        file(county, monday, line("练习册", 5), bad)
    with as_tenant(county.tenant_id):
        assert not PlanItem.objects.filter(plan__author_id=county.people["王丽"].pk).exists()


def test_nobody_plans_another_subject_or_class(county, monday, line):
    with pytest.raises(actions.NotHers):
        file(county, monday, line("口算", 5), subject="数学")
    with pytest.raises(Forbidden):
        file(county, monday, line("抄写", 5, classes=("四(1)班",)))


def test_last_week_is_copied_once(county, line, evening):
    calendar, week = load_calendar(), timedelta(days=7)
    while not calendar.day(evening + week).is_school_day:
        evening = calendar.next_school_day(evening)
    next_monday = queries.monday_of(evening) + week
    file(county, queries.monday_of(evening), line("抄写生字", 12, day=evening), line("练习册", 10, day=evening))
    assert actions.copy_last_week(county.actor("王丽"), "语文", next_monday) == 2
    assert actions.copy_last_week(county.actor("王丽"), "语文", next_monday) == 0
    with as_tenant(county.tenant_id):
        copied = PlanItem.objects.filter(plan__week_starts=next_monday, plan__author_id=county.people["王丽"].pk)
        assert [item.day for item in copied] == [evening + week] * 2


# ---- approval ----


def test_with_approval_nothing_is_posted_before_it(county, monday, line, stands):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 12))
    confirm(county, plan)
    assert stands() == []


def test_approval_holds_the_minutes_and_posting_converts_them(county, monday, line, evening, stands):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 12))
    actions.approve_plan(county.actor("周涛"), plan.pk)
    assert held(county, evening) == 12
    confirm(county, plan)
    assert held(county, evening) == 0
    assert stands() == [("语文", "抄写生字", 12)]


def test_the_holds_of_a_plan_are_one_request_of_the_ledger(county, monday, line, evening):
    """Several would lock days in the order of the plan, and two plans could lock each other out."""
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 12), line("写日记", 15, classes=("三(1)班",)))
    actions.approve_plan(county.actor("周涛"), plan.pk)
    with as_tenant(county.tenant_id):
        assert Attempt.objects.filter(verb="hold").count() == 1
    assert [len(item.hold_ids) for item in items(county, plan)] == [1, 1]


def test_changing_an_approved_plan_frees_what_it_held(county, monday, line, evening):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 12))
    actions.approve_plan(county.actor("赵敏"), plan.pk)
    assert file(county, monday).state == Plan.State.FILED
    assert held(county, evening) == 0


def test_a_plan_that_does_not_fit_is_not_approved_at_all(county, monday, line, evening):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 40), line("练习册", 30))
    with pytest.raises(actions.DoesNotFit) as refusal:
        actions.approve_plan(county.actor("周涛"), plan.pk)
    assert refusal.value.item.text == "练习册"
    assert held(county, evening) == 0


def test_what_may_not_be_asked_is_not_approved_and_the_dean_is_told_by_which_rule(county, monday, line):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字，请家长批改并签字", 12))
    zhou = signed_in_as(county, "周涛")
    said = zhou.post(f"/homework/plans/{plan.pk}/decide/", {"approve": "1"}, follow=True).content.decode()
    assert "不能这样布置：给家长布置作业" in said and "中办发〔2021〕40号" in said
    with as_tenant(county.tenant_id):
        assert Plan.objects.get(pk=plan.pk).state == Plan.State.FILED


def test_where_author_and_approver_coincide_the_step_collapses(county, monday, line, evening):
    switch_approval_on(county)
    with as_tenant(county.tenant_id):
        for name in ("三(1)班", "三(2)班"):
            Membership.objects.create(
                person=county.people["赵敏"], unit=county.class_(name), role="teacher", subject="科学",
                starts=TERM_STARTS,
            )  # fmt: skip
    plan = file(county, monday, line("观察记录", 8), name="赵敏", subject="科学")
    assert plan.state == Plan.State.APPROVED
    assert held(county, evening) == 8


@pytest.mark.parametrize("name", ["王丽", "李强", "孙校长", "刘科长"])
def test_only_grade_head_and_dean_approve(county, monday, line, name):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 12))
    with pytest.raises(Forbidden):
        actions.approve_plan(county.actor(name), plan.pk)


def test_a_plan_is_returned_with_a_reason_that_its_author_sees(county, monday, line):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 12))
    with pytest.raises(actions.BadPlan):
        actions.return_plan(county.actor("周涛"), plan.pk, " ")
    actions.return_plan(county.actor("周涛"), plan.pk, "周三有运动会")
    said = signed_in_as(county, "王丽").get(f"/homework/plan/?week={monday}").content.decode()
    assert "周三有运动会" in said


# ---- pages ----


def test_the_page_saves_what_is_typed(county, monday, evening):
    page = signed_in_as(county, "王丽")
    unit = county.class_("三(1)班").pk
    sent = {
        "p-TOTAL_FORMS": "2", "p-INITIAL_FORMS": "0",
        "p-0-day": evening, "p-0-text": "抄写生字", "p-0-form": "written", "p-0-required": "1",
        "p-0-minutes": "12", "p-0-classes": [unit],
        "p-1-day": evening, "p-1-text": "", "p-1-form": "written", "p-1-required": "1", "p-1-classes": [unit],
    }  # fmt: skip
    assert page.post(f"/homework/plan/?week={monday}&subject=语文", sent).status_code == 302
    said = page.get(f"/homework/plan/?week={monday}").content.decode()
    assert "抄写生字" in said
    assert "抄写生字" in page.get(f"/homework/plan/print/?week={monday}").content.decode()


def test_a_line_without_minutes_is_shown_again_with_minutes_to_look_at_and_nothing_is_lost(county, monday, evening):
    sent = {
        "p-TOTAL_FORMS": "1", "p-INITIAL_FORMS": "0", "p-0-day": evening, "p-0-text": "抄写生字", "p-0-form": "written",
        "p-0-required": "1", "p-0-classes": [county.class_("三(1)班").pk],
    }  # fmt: skip
    said = signed_in_as(county, "王丽").post(f"/homework/plan/?week={monday}", sent).content.decode()
    minutes, why = minutes_for("语文", "抄写生字", "written", 3)
    assert f"没写用时，替您填了 {minutes} 分钟：{why}" in said
    assert f'name="p-0-minutes" value="{minutes}"' in said
    assert "抄写生字" in said


def test_the_dean_switches_approval_on_and_off(county, monday, line, stands):
    zhou = signed_in_as(county, "周涛")
    plan = file(county, monday, line("抄写生字", 12))
    zhou.post("/homework/plans/approval/", {"wanted": "1"})
    confirm(county, plan)
    assert stands() == []
    said = zhou.get("/homework/plans/").content.decode()
    assert "抄写生字" in said and "现在：周计划先审批再公示" in said
    zhou.post("/homework/plans/approval/")
    assert "现在：周计划备案就行" in zhou.get("/homework/plans/").content.decode()
    confirm(county, plan)
    assert len(stands()) == 1


def test_what_may_not_be_asked_is_warned_of_while_she_plans_and_on_the_filed_plan(county, monday, line, evening):
    wang = signed_in_as(county, "王丽")
    sent = {
        "p-TOTAL_FORMS": "1", "p-INITIAL_FORMS": "0", "p-0-day": evening, "p-0-text": "抄写生字，请家长批改并签字",
        "p-0-form": "written", "p-0-required": "1", "p-0-classes": [county.class_("三(1)班").pk],
    }  # fmt: skip
    said = wang.post(f"/homework/plan/preview/?week={monday}&subject=语文", sent).content.decode()
    assert "给家长布置作业" in said and "中办发〔2021〕40号" in said and 'id="flagged"' in said
    clean = wang.post(f"/homework/plan/preview/?week={monday}&subject=语文", {**sent, "p-0-text": "抄写生字2遍"})
    assert "给家长布置作业" not in clean.content.decode()
    file(county, monday, line("抄写生字，请家长批改并签字", 12))
    assert "给家长布置作业" in wang.get(f"/homework/plan/?week={monday}").content.decode()


@pytest.mark.parametrize("junk", [{"p-0-classes": ["x", "9" * 30]}, {"p-0-form": "sung"}, {"p-0-text": "字" * 20_000}])
def test_junk_in_a_plan_is_previewed_without_harm(county, monday, evening, junk):
    sent = {
        "p-TOTAL_FORMS": "1", "p-INITIAL_FORMS": "0", "p-0-day": evening, "p-0-text": "抄写生字", "p-0-form": "written",
        "p-0-required": "1", "p-0-minutes": "5", "p-0-classes": [county.class_("三(1)班").pk],
    }  # fmt: skip
    page = signed_in_as(county, "王丽").post(f"/homework/plan/preview/?week={monday}&subject=语文", {**sent, **junk})
    assert page.status_code == 200


def test_a_date_that_is_none_shows_this_week(county):
    assert signed_in_as(county, "王丽").get("/homework/plan/?week=99999-99-99").status_code == 200


@pytest.mark.parametrize("name", ["王丽", "赵敏", "孙校长", "管理员"])
def test_only_who_approves_for_the_whole_school_switches_approval(county, name):
    assert signed_in_as(county, name).post("/homework/plans/approval/", {"wanted": "1"}).status_code == 403


def test_the_grade_head_is_led_from_her_week_to_the_plans_that_wait(county, monday, line):
    switch_approval_on(county)
    file(county, monday, line("抄写生字", 12))
    said = signed_in_as(county, "赵敏").get("/week/").content.decode()
    assert "周计划等您审批" in said and 'href="/homework/plans/"' in said


@pytest.mark.parametrize("name", ["周涛", "孙校长", "刘科长"])
def test_the_plan_is_for_those_who_teach(county, name):
    assert signed_in_as(county, name).get("/homework/plan/").status_code == 403


def test_the_dean_sees_what_waits(county, monday, line):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 12))
    zhou = signed_in_as(county, "周涛")
    assert "抄写生字" in zhou.get("/homework/plans/").content.decode()
    zhou.post(f"/homework/plans/{plan.pk}/decide/", {"approve": "1"})
    with as_tenant(county.tenant_id):
        assert Plan.objects.get(pk=plan.pk).state == Plan.State.APPROVED
    assert signed_in_as(county, "王丽").get("/homework/plans/").status_code == 403


# ---- at the same moment ----


def test_two_taps_at_once_post_once(county, monday, line, stands):
    plan = file(county, monday, line("抄写生字", 12))
    row = items(county, plan)[0]
    mine = targets_of(county, "王丽")
    item = Item("语文", row.text, "written", True, 12, targets=(mine["三(1)班"], mine["三(2)班"]))
    asked, actor = Posting(row.day, (item,), plan_items=(row.pk,)), county.actor("王丽")

    def tap(key):
        try:
            return actions.post_homework(actor, asked, key).ok
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(tap, [new_key(), new_key()])) == [True, True]
    assert stands() == [("语文", "抄写生字", 12)]


def test_a_hold_that_has_lapsed_does_not_stop_the_tap(county, monday, line, stands):
    switch_approval_on(county)
    plan = file(county, monday, line("抄写生字", 12))
    actions.approve_plan(county.actor("周涛"), plan.pk)
    row = items(county, plan)[0]
    release(county.actor("王丽"), row.hold_ids[0], new_key())
    confirm(county, plan)
    assert stands() == [("语文", "抄写生字", 12)]
