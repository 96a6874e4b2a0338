"""September and the end of a term: who moves up, who leaves, what is undone within a day."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from qingfu.units.actions import (
    NotNow,
    close_term,
    forget_graduated,
    import_workbook,
    print_slips,
    promote,
    reopen_term,
    undo_promotion,
)
from qingfu.units.calendar import stage_of, year_of_entry
from qingfu.units.models import AuditRecord, ClosedTerm, Group, Membership, Promotion, Seat, Unit
from qingfu.units.queries import Forbidden, classes_in, closed_terms, in_force, promotion_of
from qingfu.units.tenancy import as_tenant
from qingfu.units.years import school_year_of
from tests.units.books import book

SEPTEMBER = date(2027, 9, 1)


@pytest.fixture
def inside(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        yield fresh_county


def names(school, on=SEPTEMBER) -> list[str]:
    return [unit.name for unit in classes_in(school, on)]


def up(county, school="青禾县实验小学", new_classes=2) -> Promotion:
    return promote(county.actor("管理员"), county.schools[school], 2027, new_classes, today=SEPTEMBER)


# ---- words about years ----


@pytest.mark.parametrize("day, year", [
    (date(2026, 8, 1), 2026), (date(2026, 9, 1), 2026), (date(2027, 7, 31), 2026), (date(2027, 1, 1), 2026),
])  # fmt: skip
def test_the_school_year_begins_in_september_and_is_prepared_in_august(day, year):
    assert school_year_of(day) == year


@pytest.mark.parametrize("grade, system, entered", [(1, "6-3", 2026), (6, "6-3", 2021), (7, "6-3", 2026),
                                                    (9, "6-3", 2024),
                                                    (5, "5-4", 2022), (6, "5-4", 2026), (9, "5-4", 2023)])  # fmt: skip
def test_the_year_of_entry_is_that_of_the_stage(grade, system, entered):
    assert year_of_entry(grade, system, 2026) == entered


def test_the_stage_of_a_school_follows_its_grades_and_its_system():
    assert stage_of((1, 2, 3, 4, 5, 6), "6-3") == "primary" and stage_of((1, 2, 3, 4, 5, 6), "5-4") == "nine_year"
    assert stage_of((6, 7, 8, 9), "5-4") == "junior" and stage_of((1, 2, 3), "6-3") == "primary"


# ---- moving up ----


def test_the_preview_says_who_moves_who_leaves_and_who_enters(inside):
    step = promotion_of(inside.schools["青禾县实验小学"], 2027)
    assert [unit.name for unit in step.classes_leaving] == ["六(1)班", "六(2)班"]
    assert len(step.classes_staying) == 10 and (step.first_grade, step.new_classes) == (1, 2)


def test_every_class_moves_up_and_keeps_its_identity(inside):
    third = inside.class_("三(1)班")
    up(inside)
    school = inside.schools["青禾县实验小学"]
    assert names(school) == [f"{grade}({n})班" for grade in "一二三四五六" for n in (1, 2)]
    moved = Unit.objects.get(pk=third.pk)
    assert (moved.name, moved.grade, moved.entered, moved.path) == ("四(1)班", 4, third.entered, third.path)
    assert Unit.objects.get_parent(moved).name == "四年级"


def test_the_last_grade_leaves_with_its_roles_and_the_first_grade_is_new(inside):
    sixth = inside.class_("六(1)班")
    row = Membership.objects.create(
        person=inside.people["王丽"], unit=sixth, role="teacher", subject="语文", starts="2026-09-01"
    )
    up(inside, new_classes=3)
    assert Unit.objects.get(pk=sixth.pk).ends == date(2027, 8, 31)
    assert Membership.objects.get(pk=row.pk).ends == date(2027, 8, 31)
    first = [unit for unit in classes_in(inside.schools["青禾县实验小学"], SEPTEMBER) if unit.grade == 1]
    assert [(unit.number, unit.entered, unit.seats, unit.starts) for unit in first] == [
        (1, 2027, 0, SEPTEMBER), (2, 2027, 0, SEPTEMBER), (3, 2027, 0, SEPTEMBER),
    ]  # fmt: skip


def test_teachers_go_up_with_their_class(inside):
    up(inside)
    roles = Membership.objects.filter(in_force(SEPTEMBER), person=inside.people["李强"]).select_related("unit")
    assert {(row.role, row.unit.name) for row in roles} == {
        ("teacher", "四(1)班"), ("teacher", "四(2)班"), ("class_teacher", "四(1)班"),
    }  # fmt: skip


def test_a_class_with_a_name_of_its_own_keeps_it(inside):
    Unit.objects.filter(pk=inside.class_("三(1)班").pk).update(name="雏鹰班")
    up(inside)
    assert Unit.objects.get(pk=inside.class_("三(1)班").pk).name == "雏鹰班"


def test_a_junior_school_lets_grade_nine_go_and_takes_in_grade_seven(inside):
    up(inside, "青禾县第一中学", new_classes=1)
    assert names(inside.schools["青禾县第一中学"]) == ["七(1)班", "八(1)班", "八(2)班", "九(1)班", "九(2)班"]


def test_a_nine_year_school_keeps_its_sixth_grade(inside):
    code = f"N{inside.tenant_id}"
    sheets = {"学校": [(code, "石桥九年一贯制学校", "1-9", "", "", "")],
              "年级班级": [(code, grade, 1, "", 30) for grade in range(1, 10)]}  # fmt: skip
    import_workbook(inside.actor("管理员"), inside.unit, book(sheets), date(2026, 9, 1))
    school = Unit.objects.get(code=code)
    promote(inside.actor("管理员"), school, 2027, 1, today=SEPTEMBER)
    assert names(school) == [f"{grade}(1)班" for grade in "一二三四五六七八九"]
    assert Unit.objects.get(kind="class", entered=2021, path__startswith=school.path).grade == 7


def test_a_class_of_several_grades_goes_on_with_those_who_stay_and_those_who_enter(inside):
    code = f"V{inside.tenant_id}"
    sheets = {
        "学校": [(code, "柳湾教学点", "1-3", "", "", "是")],
        "年级班级": [(code, "1、2、3", 1, "", "6、5、7")],
    }
    import_workbook(inside.actor("管理员"), inside.unit, book(sheets), date(2026, 9, 1))
    promotion = promote(inside.actor("管理员"), Unit.objects.get(code=code), 2027, 1, today=SEPTEMBER)
    group = Group.objects.get(combined=True)
    assert group.name == "一、二、三年级复式(1)班"
    assert list(group.classes.order_by("grade").values_list("grade", "entered")) == [
        (1, 2027),
        (2, 2026),
        (3, 2025),
    ]
    undo_promotion(inside.actor("管理员"), promotion)
    assert list(group.classes.order_by("grade").values_list("grade", "entered")) == [
        (1, 2026),
        (2, 2025),
        (3, 2024),
    ]


def test_a_school_moves_up_once_a_year(inside):
    up(inside)
    with pytest.raises(NotNow, match="已经在这个学年"):
        up(inside)


def test_a_county_set_up_this_year_has_nothing_to_move(inside):
    assert not promotion_of(inside.schools["青禾县实验小学"], 2026).due
    assert promotion_of(inside.schools["青禾县实验小学"], 2027).due


def test_nobody_moves_up_before_august(inside):
    with pytest.raises(NotNow, match="8 月 1 日"):
        promote(inside.actor("管理员"), inside.schools["青禾县实验小学"], 2027, 2, today=date(2027, 7, 31))
    promote(inside.actor("管理员"), inside.schools["青禾县实验小学"], 2027, 2, today=date(2027, 8, 1))


def test_undone_everything_is_as_it_was_and_may_be_done_again(inside):
    school = inside.schools["青禾县实验小学"]
    before = list(classes_in(school, SEPTEMBER).values_list("pk", "name", "grade", "ends"))
    roles = list(Membership.objects.order_by("pk").values_list("pk", "ends"))
    undo_promotion(inside.actor("管理员"), up(inside))
    assert list(classes_in(school, SEPTEMBER).values_list("pk", "name", "grade", "ends")) == before
    assert list(Membership.objects.order_by("pk").values_list("pk", "ends")) == roles
    up(inside)
    assert len(names(school)) == 12


def test_a_day_later_it_is_not_undone_by_one_tap(inside):
    promotion = up(inside)
    Promotion.objects.filter(pk=promotion.pk).update(at=timezone.now() - timedelta(days=1, minutes=1))
    with pytest.raises(NotNow):
        undo_promotion(inside.actor("管理员"), promotion)


def test_undone_twice_is_told(inside):
    promotion = up(inside)
    undo_promotion(inside.actor("管理员"), promotion)
    with pytest.raises(NotNow):
        undo_promotion(inside.actor("管理员"), promotion)


def test_seats_and_codes_of_those_who_left_are_removed(inside):
    from qingfu.units.actions import code_of, hash_of
    from qingfu.units.queries import resolve

    code = code_of(print_slips(inside.actor("周涛"), inside.class_("六(1)班"))[0].family)
    up(inside)
    assert forget_graduated(date(2027, 8, 31)) == 0
    assert forget_graduated(date(2027, 9, 2)) == 45
    assert not Seat.objects.exists() and resolve(hash_of(code)) is None


@pytest.mark.parametrize("name", ["王丽", "周涛", "孙校长", "刘科长"])
def test_only_the_administrator_of_the_county_moves_grades_and_closes_terms(inside, name):
    with pytest.raises(Forbidden):
        promote(inside.actor(name), inside.schools["青禾县实验小学"], 2027, 2, today=SEPTEMBER)
    with pytest.raises(Forbidden):
        close_term(inside.actor(name), inside.unit, "2026-2027-1", date(2027, 1, 22))


# ---- closing a term ----


def test_a_closed_term_is_known_to_the_other_rooms(inside):
    close_term(inside.actor("管理员"), inside.unit, "2026-2027-1", date(2027, 1, 22))
    assert [closed.term_id for closed in closed_terms()] == ["2026-2027-1"]
    assert AuditRecord.objects.filter(action="close_term").count() == 1


def test_teaching_ends_with_the_term_when_told_and_offices_do_not(inside):
    close_term(inside.actor("管理员"), inside.unit, "2026-2027-2", date(2027, 7, 2), end_teaching=True)
    still = Membership.objects.filter(in_force(date(2027, 7, 3))).values_list("role", flat=True)
    assert set(still) == {"dean", "principal", "county_officer", "county_admin"}


def test_reopened_within_a_day_teaching_goes_on(inside):
    before = list(Membership.objects.order_by("pk").values_list("pk", "ends"))
    closed = close_term(inside.actor("管理员"), inside.unit, "2026-2027-2", date(2027, 7, 2), end_teaching=True)
    reopen_term(inside.actor("管理员"), inside.unit, closed)
    assert list(Membership.objects.order_by("pk").values_list("pk", "ends")) == before and closed_terms() == []
    again = close_term(inside.actor("管理员"), inside.unit, "2026-2027-2", date(2027, 7, 2))
    ClosedTerm.objects.filter(pk=again.pk).update(at=timezone.now() - timedelta(days=2))
    with pytest.raises(NotNow):
        reopen_term(inside.actor("管理员"), inside.unit, again)
