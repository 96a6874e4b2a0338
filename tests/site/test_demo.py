"""The demonstration county leaves the visitor something to do."""

from datetime import date

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.offices.models import BlameYear, CaseCount, Channel, Secondment
from qingfu.site.demo.guests import GRADE, SCHOOL
from qingfu.site.demo.homework import ClassAtWork
from qingfu.site.demo.offices import found_offices
from qingfu.site.demo.term import SchoolAtWork, is_left_to_visitors
from qingfu.units.actions import found_tenant
from qingfu.units.tenancy import as_tenant
from tests.factories import _above
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
