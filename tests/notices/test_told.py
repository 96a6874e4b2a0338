"""What families told is shown so that nobody can be found in it: five at least, when the evening is over."""

from datetime import date, timedelta

import pytest

from qingfu.notices.queries import minutes_told, told
from qingfu.units.tenancy import as_tenant
from tests.units.browser import signed_in_as

from .conftest import answered

MONDAY = date(2026, 10, 12)
NEXT_MONDAY = MONDAY + timedelta(days=7)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def shown(county, three1):
    """What the page of 三(1)班 shows of that week, as (kind, pool, first day, total)."""

    def on(today: date = NEXT_MONDAY) -> list[tuple]:
        with as_tenant(county.tenant_id):
            return [(one.kind, one.pool, one.first, one.total) for one in told(three1, MONDAY, today, today)]

    return on


def give(county, unit, *evenings: dict, kind="time"):
    """Answers on Monday, Tuesday …"""
    for number, bands in enumerate(evenings):
        answered(county, unit, MONDAY + timedelta(days=number), kind, bands)


@pytest.mark.parametrize("given, shown", [
    ([5, 0, 0, 6], [("30 分钟内", 5), ("30–45 分钟", 0), ("45–60 分钟", 0), ("超过 60 分钟", 6)]),
    ([4, 1, 0, 6], [("30 分钟内、30–45 分钟", 5), ("45–60 分钟", 0), ("超过 60 分钟", 6)]),
    ([6, 1, 0, 0], [("30 分钟内、30–45 分钟", 7), ("45–60 分钟", 0), ("超过 60 分钟", 0)]),
    ([2, 0, 3, 5], [("30 分钟内、30–45 分钟、45–60 分钟", 5), ("超过 60 分钟", 5)]),
    ([3, 0, 0, 2], []),
    ([4, 0, 0, 1], []),
])  # fmt: skip
def test_bands_of_few_are_put_together_until_each_has_nobody_or_five(county, three1, given, shown):
    codes = ("0-30", "30-45", "45-60", "60-")
    give(county, three1, {code: count for code, count in zip(codes, given, strict=True) if count})
    with as_tenant(county.tenant_id):
        (one,) = told(three1, MONDAY, FRIDAY, NEXT_MONDAY)
    assert [(band.name, count) for band, count in one.bands] == shown
    assert (one.pool, one.total) == ("day", sum(given))


def test_four_answers_are_shown_nowhere(county, three1, shown):
    give(county, three1, {"0-30": 2, "60-": 2})
    assert shown() == []


def test_an_evening_is_not_shown_while_answers_come_in(county, three1, shown):
    give(county, three1, {"0-30": 9})
    assert shown(today=MONDAY) == []
    assert shown(today=MONDAY + timedelta(days=1)) == [("time", "day", MONDAY, 9)]


def test_few_answers_pool_by_week_once_the_week_is_over(county, three1, shown):
    give(county, three1, {"0-30": 3}, {"30-45": 2}, {"60-": 1})
    assert shown(today=FRIDAY) == []
    assert shown(today=NEXT_MONDAY - timedelta(days=1)) == []
    assert shown() == [("time", "week", MONDAY, 6)]


def test_a_pool_never_holds_an_evening_that_is_shown_by_itself(county, three1, shown):
    # Else the difference between the two would show the evening with two answers.
    give(county, three1, {"0-30": 8}, {"60-": 2})
    assert shown() == [("time", "day", MONDAY, 8)]
    give(county, three1, {}, {}, {"45-60": 3})
    assert shown() == [("time", "week", MONDAY, 5), ("time", "day", MONDAY, 8)]


def test_what_is_too_little_in_a_week_pools_by_grade(county, three1, shown):
    give(county, three1, {"0-30": 3})
    give(county, county.class_("三(2)班"), {"60-": 1}, {"60-": 1})
    assert shown() == [("time", "grade", MONDAY, 5)]


def test_the_grades_pool_leaves_out_classes_that_are_shown_by_themselves(county, three1, shown):
    give(county, three1, {"0-30": 3})
    give(county, county.class_("三(2)班"), {"60-": 4}, {"60-": 4})
    give(county, county.class_("四(1)班"), {"60-": 4})
    assert shown() == []


def test_a_class_without_answers_is_not_shown_the_grades(county, three1, shown):
    give(county, county.class_("三(2)班"), {"60-": 4})
    assert shown() == []


def test_each_question_has_its_own_floor(county, three1, shown):
    give(county, three1, {"0-30": 9})
    give(county, three1, {"": 4}, kind="unposted")
    give(county, three1, {"": 5}, kind="bedtime")
    assert sorted(shown()) == [("bedtime", "day", MONDAY, 5), ("time", "day", MONDAY, 9)]


def test_minutes_are_told_to_the_class_teacher_only(county, three1):
    give(county, three1, {"0-30": 5})
    give(county, three1, {"": 5}, kind="unposted")
    classes = [three1, county.class_("三(2)班")]
    with as_tenant(county.tenant_id):
        said = {
            name: [
                (one.unit.name, one.kind)
                for one in minutes_told(county.actor(name), classes, MONDAY, FRIDAY, NEXT_MONDAY)
            ]
            for name in ("李强", "王丽", "赵敏", "周涛", "孙校长", "刘科长", "管理员")
        }
    assert said.pop("李强") == [("三(1)班", "time")]
    assert not any(said.values())


def test_the_page_of_the_class_teacher(county, three1, clock):
    give(county, three1, {"30-45": 5})
    clock.set(NEXT_MONDAY)
    page = signed_in_as(county, "李强").get(f"/classes/{three1.pk}/answers/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "不补罚、不点名" in html and "10 月 12 日 周一" in html
    assert 'aria-label="30–45 分钟 5"' in html
    assert "近四周没有满 5 人的回答" in html


@pytest.mark.parametrize("name", ["王丽", "赵敏", "周涛", "孙校长", "刘科长", "管理员", "何老师"])
def test_nobody_else_opens_it(county, three1, name):
    assert signed_in_as(county, name).get(f"/classes/{three1.pk}/answers/").status_code == 403


def test_paper_strips_need_the_right_to_print_and_carry_no_number(county, three1, clock):
    page = signed_in_as(county, "李强").get(f"/classes/{three1.pk}/slips/").content.decode()
    assert page.count('class="strip"') == 5
    assert "30–45 分钟" in page and "21:20 停笔，余下的" in page and "有没公示的作业" in page
    assert "号" not in page.replace("编号", "")
    assert signed_in_as(county, "王丽").get(f"/classes/{three1.pk}/slips/").status_code == 403
