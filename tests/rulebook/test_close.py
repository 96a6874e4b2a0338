"""Limits that are judged when their window or deadline ends."""

from datetime import date

import pytest

from qingfu.rulebook import Bearer, Document, InForce, Limit, Rulebook, Value, load_calendar, load_national
from qingfu.rulebook.judge import close_due, judge_close

CALENDAR = load_calendar()
WEDNESDAY = date(2025, 11, 12)


@pytest.fixture
def due(rulebook, calendar, class_4_2):
    """What a close limit requires of class 4(2), or of its school, in the window with a day."""

    def ask(limit_id, day, window=None):
        bearer = Bearer("城关小学", "school") if limit_id == "cn.service.week" else class_4_2
        kind = "service" if "service" in limit_id else "homework"
        (in_force,) = [it for it in rulebook.limits(kind, bearer, day) if it.limit.id == limit_id]
        return rulebook.close_due(
            in_force, bearer, calendar.window(window or in_force.limit.window, day), calendar
        )

    return ask


def test_two_hours_of_service_are_due_on_a_school_day(due):
    requirement = due("cn.service.hours", WEDNESDAY)
    assert (requirement.floor, requirement.deadline) == (120, WEDNESDAY)


def test_nothing_is_due_on_a_saturday(due):
    assert due("cn.service.hours", date(2025, 11, 15)) is None


def test_five_days_of_service_are_due_in_a_full_week(due):
    requirement = due("cn.service.week", WEDNESDAY)
    assert (requirement.floor, requirement.deadline) == (5, date(2025, 11, 16))


def test_a_week_cut_short_asks_only_its_school_days(due):
    assert due("cn.service.week", date(2025, 9, 29)).floor == 2


def test_a_week_without_school_asks_nothing(due):
    assert due("cn.service.week", date(2026, 2, 18)) is None


def test_too_little_service_is_a_breach(due):
    requirement = due("cn.service.hours", WEDNESDAY)
    assert judge_close(requirement, 120) is None
    breach = judge_close(requirement, 90)
    assert breach.reason_zh.startswith(
        "每天课后服务时长：每个上学日不少于 2 小时，现在是 90 分钟，还差 30 分钟"
    )


def test_all_written_homework_is_marked_by_the_end_of_term(due):
    requirement = due("cn.homework.marked", WEDNESDAY)
    assert (requirement.share, requirement.deadline) == (1.0, date(2026, 1, 30))
    assert judge_close(requirement, 80, whole=80) is None
    assert judge_close(requirement, 0, whole=0) is None, "where nothing was set nothing is unmarked"
    breach = judge_close(requirement, 76, whole=80)
    assert breach.reason_zh.startswith("书面作业全批全改：不少于 100%，现在是 95%")


def test_of_nothing_no_share_is_too_large():
    limits = Rulebook(load_national()).limits("lesson", Bearer("四(2)班", "class", grade=4), WEDNESDAY)
    (in_force,) = [one for one in limits if one.limit.form == "share_at_most_of_whole"]
    due = close_due(in_force, Bearer("四(2)班", "class", grade=4), CALENDAR.window("term", WEDNESDAY), CALENDAR)
    assert judge_close(due, 0, whole=0) is None
    assert judge_close(due, 12, whole=40) is None
    assert "不超过 30%，现在是 32.5%" in judge_close(due, 13, whole=40).reason_zh


def test_a_record_must_say_what_a_limit_looks_at():
    limits = {limit.id: limit for pack in load_national() for limit in pack.limits}
    assert limits["cn.homework.marked"].must_say == ("form", "marked")
    assert limits["cn.service.hours"].must_say == (), "a service that says no slot is one after class"
    assert limits["cn.training.staff.share"].must_say == ("item", "role", "full_time")


@pytest.mark.parametrize("kind, day, floor", [
    ("township", date(2026, 2, 11), 5), ("class", date(2026, 2, 11), None),  # in the vacation, offices work
    ("township", date(2025, 10, 1), 2), ("class", date(2025, 10, 1), 2),  # the holidays of October are everybody's
])  # fmt: skip
def test_offices_work_on_their_own_days(kind, day, floor):
    value = Value(date(2025, 1, 1), None, "doc", "", "verbatim", floor=5)
    limit = Limit("test.visits", "下村", "visit", (kind,), "count_at_least", "times", "week", "must", (value,))
    in_force = InForce(limit, value, Document("doc", "通知"), "county", None)
    due = close_due(in_force, Bearer(1, kind), CALENDAR.window("week", day), CALENDAR)
    assert (due and due.floor) == floor


@pytest.mark.parametrize("day, asks", [(date(2025, 11, 15), True), (WEDNESDAY, False)])
def test_a_floor_for_days_of_rest_asks_nothing_of_a_school_day(day, asks):
    value = Value(date(2025, 1, 1), None, "doc", "", "verbatim", floor=60)
    limit = Limit("test.sport", "周末运动", "sport", ("class",), "at_least", "minutes", "rest_day", "must", (value,))
    in_force = InForce(limit, value, Document("doc", "通知"), "county", None)
    due = close_due(in_force, Bearer(1, "class", grade=4), CALENDAR.window("rest_day", day), CALENDAR)
    assert (due is not None) == asks


def test_homework_is_published_within_two_school_days(due):
    requirement = due("cn.homework.published", date(2025, 11, 13), window="day")
    assert (requirement.fact, requirement.deadline) == ("published", date(2025, 11, 17))
    assert judge_close(requirement, True) is None
    assert judge_close(requirement, False).reason_zh.startswith(
        "作业要公示：2025-11-17 前要有“公示”，现在没有"
    )


def test_a_gate_limit_is_not_due_at_the_end(rulebook, calendar, class_4_2):
    (in_force,) = [
        it for it in rulebook.limits("homework", class_4_2, WEDNESDAY) if it.limit.id == "cn.homework.g3-6"
    ]
    with pytest.raises(ValueError, match="发布时判断"):
        rulebook.close_due(in_force, class_4_2, calendar.window("day", WEDNESDAY), calendar)
