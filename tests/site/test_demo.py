"""The demonstration county leaves the visitor something to do."""

from datetime import date

from qingfu.site.demo.guests import GRADE, SCHOOL
from qingfu.site.demo.homework import ClassAtWork
from qingfu.site.demo.term import SchoolAtWork, is_left_to_visitors

TODAY, YESTERDAY = date(2026, 11, 25), date(2026, 11, 24)


def class_of(grade: int) -> ClassAtWork:
    return ClassAtWork(1, grade, 1, "steady", {})


def test_todays_homework_of_the_visitors_grade_is_theirs_to_post():
    theirs, other = SchoolAtWork(1, SCHOOL, ()), SchoolAtWork(2, "育才小学", ())
    assert is_left_to_visitors(theirs, class_of(GRADE), TODAY, TODAY)
    assert not is_left_to_visitors(theirs, class_of(GRADE), YESTERDAY, TODAY)
    assert not is_left_to_visitors(theirs, class_of(GRADE + 1), TODAY, TODAY)
    assert not is_left_to_visitors(other, class_of(GRADE), TODAY, TODAY)
