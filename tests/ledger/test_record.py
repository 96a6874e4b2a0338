"""Recording states what happened: it is never refused, and what goes over becomes a Finding."""

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.ledger.actions import post, record
from qingfu.ledger.models import Budget, Demand
from qingfu.rulebook import load_calendar

from .conftest import G3_6, new_key


@pytest.fixture
def last_evening():
    """The last school day before today."""
    day = timezone.localdate() - timedelta(days=1)
    while not load_calendar().day(day).is_school_day:
        day -= timedelta(days=1)
    return day


def test_a_day_that_is_over_accepts_no_post(county, written, last_evening, rows):
    answer = post(county.actor("王丽"), [written("语文", 20, day=last_evening)], new_key())
    assert answer.outcome == "closed"
    assert not rows(Demand)


def test_a_day_that_is_over_accepts_a_record_and_marks_it_late(county, written, last_evening, rows):
    assert record(county.actor("王丽"), [written("语文", 20, day=last_evening)], new_key(), "课后忘记登记").ok
    (demand,) = rows(Demand)
    assert (demand.late, demand.origin, demand.reason) == (True, "record", "课后忘记登记")
    assert [b.used for b in rows(Budget)] == [20]


def test_what_a_record_takes_over_the_cap_is_a_finding(county, written, last_evening, rows, three1):
    answer = record(county.actor("王丽"), [written("语文", 75, day=last_evening)], new_key(), "补登上周作业")
    assert answer.ok
    (finding,) = rows(Finding)
    assert (finding.bearer_id, finding.limit_id, finding.object_ids) == (three1.pk, G3_6, list(answer.demand_ids))
    assert "75" in finding.summary and "60" in finding.summary
    (demand,) = rows(Demand)
    assert demand.verdict == "recorded"
    assert [(o["limit_id"], o["how"]) for o in demand.over] == [(G3_6, "recorded")]


def test_repeating_a_record_opens_no_second_finding(county, written, last_evening, rows):
    wang, key = county.actor("王丽"), new_key()
    for _ in range(2):
        record(wang, [written("语文", 75, day=last_evening)], key, "补登")
    assert len(rows(Finding)) == 1


def test_a_record_needs_a_reason(county, written):
    with pytest.raises(ValueError):
        record(county.actor("王丽"), [written("语文", 20)], new_key(), " ")


def test_an_emergency_is_counted_apart(county, written, rows):
    """抢险救灾 always posts: it takes nothing from what others may ask, and is seen beside it."""
    post(county.actor("王丽"), [written("语文", 60)], new_key())
    answer = post(county.actor("李强"), [written("数学", 30, emergency=True, reason="台风停课")], new_key())
    assert answer.ok
    (budget,) = rows(Budget)
    assert (budget.used, budget.apart) == (60, 30)
