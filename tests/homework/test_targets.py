"""Whom a teacher can give homework to: 包班, ten classes, 教学班, 复式班."""

from __future__ import annotations

import pytest

from qingfu.homework import actions, queries
from qingfu.homework.items import Item, Posting
from qingfu.units.models import Group, GroupClass, Membership
from qingfu.units.tenancy import as_tenant
from tests.factories import TERM_STARTS
from tests.homework.conftest import new_key, targets_of
from tests.units.browser import signed_in_as


def teaches(county, name: str, classes, subject: str) -> None:
    with as_tenant(county.tenant_id):
        for class_name in classes:
            Membership.objects.create(
                person=county.people[name], unit=county.class_(class_name), role="teacher", subject=subject,
                starts=TERM_STARTS,
            )  # fmt: skip


def group(county, name: str, classes, subject: str = "", combined: bool = False) -> Group:
    with as_tenant(county.tenant_id):
        made = Group.objects.create(
            school=county.schools["青禾县实验小学"], name=name, subject=subject, combined=combined
        )
        for class_name in classes:
            GroupClass.objects.create(group=made, unit=county.class_(class_name))
        return made


def post(county, name: str, evening, item: Item):
    return actions.post_homework(county.actor(name), Posting(evening, (item,)), new_key())


def test_the_teacher_of_everything_posts_any_subject(county, evening, stands):
    teaches(county, "赵敏", ["三(1)班"], "")
    mine = targets_of(county, "赵敏")["三(1)班"]
    for subject in ("语文", "数学", "科学"):
        assert post(county, "赵敏", evening, Item(subject, f"{subject}练习", "written", True, 5, targets=(mine,))).ok
    assert [subject for subject, *_ in stands()] == ["语文", "数学", "科学"]


def test_her_message_is_read_by_subject(county):
    teaches(county, "赵敏", ["三(1)班"], "")
    page = signed_in_as(county, "赵敏")
    said = page.post("/homework/read/", {"text": "语文：抄写生字2遍\n数学：口算第7页", "to": ""}).content.decode()
    assert "读到 2 项" in said
    assert '<option value="数学" selected>' in said


def test_an_art_teacher_has_ten_classes_on_her_page(county):
    names = [f"{grade}({n})班" for grade in "一二三四五" for n in (1, 2)]
    teaches(county, "赵敏", names, "美术")
    said = signed_in_as(county, "赵敏").get("/today/").content.decode()
    assert all(name in said for name in names)
    assert "三年级 2 个班" in said


def test_a_teaching_group_charges_every_class_with_a_seat_in_full(county, evening, stands):
    made = group(county, "语文提高班", ["三(1)班", "三(2)班"], "语文")
    mine = targets_of(county, "王丽")["语文提高班"]
    assert post(county, "王丽", evening, Item("语文", "读一篇短文", "written", True, 20, targets=(mine,))).ok
    assert stands("三(1)班", group_id=made.pk) == stands("三(2)班", group_id=made.pk) == [("语文", "读一篇短文", 20)]


def test_a_class_that_is_reached_twice_is_asked_once(county, evening, stands):
    group(county, "语文提高班", ["三(1)班", "三(2)班"], "语文")
    mine = targets_of(county, "王丽")
    item = Item("语文", "读一篇短文", "written", True, 20, targets=(mine["三(1)班"], mine["语文提高班"]))
    assert post(county, "王丽", evening, item).ok
    assert len(stands("三(1)班")) == len(stands("三(2)班")) == 1


def test_a_group_with_a_class_that_she_does_not_teach_is_not_hers(county):
    group(county, "走班", ["三(1)班", "四(1)班"], "语文")
    assert "走班" not in targets_of(county, "王丽")


@pytest.fixture
def combined(county):
    """A 复式班 of grades two and three at one village point, all subjects by one teacher."""
    teaches(county, "赵敏", ["二(1)班", "三(1)班"], "")
    return group(county, "复式班", ["二(1)班", "三(1)班"], combined=True)


def test_a_class_of_several_grades_is_shown_grade_by_grade(county, combined):
    assert set(targets_of(county, "赵敏")) == {"复式班 · 二(1)班", "复式班 · 三(1)班"}
    said = signed_in_as(county, "赵敏").get("/today/").content.decode()
    assert "复式班 · 三(1)班" in said
    assert "不留书面作业" in said


def test_each_grade_of_it_is_charged_by_itself(county, combined, evening, stands):
    mine = targets_of(county, "赵敏")["复式班 · 三(1)班"]
    assert post(county, "赵敏", evening, Item("语文", "抄写生字", "written", True, 10, targets=(mine,))).ok
    assert stands("三(1)班", group_id=combined.pk) == [("语文", "抄写生字", 10)]
    assert stands("二(1)班") == []


def test_written_work_for_its_second_grade_is_refused(county, combined, evening):
    mine = targets_of(county, "赵敏")["复式班 · 二(1)班"]
    answer = post(county, "赵敏", evening, Item("语文", "抄写生字2遍", "written", True, 10, "家庭", targets=(mine,)))
    assert answer.outcome == "refused"


def test_on_a_rest_day_the_next_school_day_is_shown(evening):
    from datetime import date

    from qingfu.rulebook import load_calendar

    saturday, monday, tuesday = date(2026, 11, 21), date(2026, 11, 23), date(2026, 11, 24)
    assert queries.working_days(load_calendar(), saturday) == (monday, tuesday)
    assert queries.working_days(load_calendar(), date(2026, 11, 20)) == (date(2026, 11, 20), monday)
