"""The demonstration county leaves the visitor something to do."""

from dataclasses import replace
from datetime import date
from multiprocessing import active_children
from random import Random

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.offices.models import BlameYear, CaseCount, Channel, Secondment
from qingfu.site.demo.county import schools
from qingfu.site.demo.fill import _found_school, fill
from qingfu.site.demo.guests import GRADE, SCHOOL
from qingfu.site.demo.homework import ClassAtWork, day_of
from qingfu.site.demo.offices import found_offices
from qingfu.site.demo.processes import side_by_side
from qingfu.site.demo.term import SchoolAtWork, is_left_to_visitors
from qingfu.units.actions import found_tenant
from qingfu.units.models import Membership, Unit
from qingfu.units.queries import in_force, promotion_of
from qingfu.units.tenancy import as_tenant
from qingfu.units.years import school_year_of
from tests.factories import _above, make_county
from tests.ledger.conftest import national  # noqa: F401

TODAY, YESTERDAY = date(2026, 11, 25), date(2026, 11, 24)


def class_of(grade: int) -> ClassAtWork:
    return ClassAtWork(1, grade, 1, "steady", {})


def test_todays_homework_of_the_visitors_grade_is_theirs_to_post():
    theirs, other = SchoolAtWork(1, SCHOOL, ()), SchoolAtWork(2, "育才小学", ())
    assert is_left_to_visitors(theirs, class_of(GRADE), TODAY, TODAY)
    assert not is_left_to_visitors(theirs, class_of(GRADE), YESTERDAY, TODAY)
    assert not is_left_to_visitors(theirs, class_of(GRADE + 1), TODAY, TODAY)
    assert not is_left_to_visitors(other, class_of(GRADE), TODAY, TODAY)


@pytest.mark.parametrize("today", [date(2026, 9, 1), date(2026, 11, 25), date(2027, 1, 30), date(2027, 3, 3),
                                   date(2027, 8, 20)])  # fmt: skip
def test_on_every_day_of_the_year_its_people_hold_their_roles_and_its_classes_are_in_their_year(national, today):  # noqa: F811
    county = found_tenant("county", f"青禾县 {today}", parent=_above())
    plan = next(plan for plan in schools() if plan.stage == "nine_year")
    with as_tenant(county.pk):
        unit = Unit.objects.get(pk=_found_school(county, replace(plan, code=f"DEMO-{today}"), today).id)
        assert not Membership.objects.exclude(in_force(today)).exists()
        assert Membership.objects.filter(role="principal").exists()
        assert not promotion_of(unit, school_year_of(date(2026, 9, 1))).due


def test_the_same_seed_gives_the_same_county_and_another_one_another():
    assert schools(7) == schools(7) != schools(8)
    plans = schools()
    classes = [class_ for plan in plans for class_ in plan.classes]
    assert (len(plans), len(classes), sum(len(plan.teachers) for plan in plans)) == (40, 997, 2874)
    assert sum(plan.one_teacher for plan in plans) == 2 and sum(len(plan.classes) == 48 for plan in plans) == 4
    assert any(plan.combined for plan in plans) and any(plan.boarding for plan in plans)
    assert {plan.stage for plan in plans} == {"primary", "junior", "nine_year"}


def test_the_same_seed_gives_the_same_homework_and_a_steady_school_is_never_over():
    class_ = ClassAtWork(1, 4, 1, "heavy", {"语文": 1, "数学": 2, "英语": 3})

    def term(seed: int, profile: str) -> list:
        random = Random(seed)
        return [day_of(replace(class_, profile=profile), TODAY, 60, random) for _ in range(200)]

    assert term(1, "heavy") == term(1, "heavy") != term(2, "heavy")
    assert any(over for _, over in term(1, "heavy")) and not any(over for _, over in term(1, "steady"))


def test_where_the_county_is_there_nothing_is_filled_and_no_process_started(national):  # noqa: F811
    make_county()
    said, before = [], set(active_children())
    with side_by_side(at_once=False) as processes:
        fill(said.append, processes)
        assert set(active_children()) == before
    assert said == ["青禾县已经在了，不再填充"]


@pytest.fixture(scope="module")
def offices(national) -> int:  # noqa: F811
    """The offices of the demonstration county, as they are filled on any day of the year."""
    county = found_tenant("county", "青禾县", code="DEMO-OFFICES", parent=_above())
    found_offices(county, timezone.localdate())
    return county.pk


def test_the_registers_of_the_offices_have_something_to_do_in_them(offices):
    with as_tenant(offices):
        assert Channel.objects.filter(reviewed_on=None).exists() and Channel.objects.exclude(answers=[]).exists()
        assert Finding.objects.filter(object_kind="channel", state="open").exists()
        assert Secondment.objects.count() == 2 and CaseCount.objects.exists() and BlameYear.objects.count() == 2
