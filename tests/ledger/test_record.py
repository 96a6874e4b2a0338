"""Recording states what happened: it is never refused, and what goes over becomes a Finding."""

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.ledger.actions import hold, post, record
from qingfu.ledger.models import Budget, Demand
from qingfu.rulebook import load_calendar
from qingfu.units.actions import close_term, reopen_term
from qingfu.units.models import Unit
from qingfu.units.tenancy import as_tenant

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
    """抢险救灾 is always recorded: it takes nothing from what others may ask, and is seen beside it."""
    post(county.actor("王丽"), [written("语文", 60)], new_key())
    answer = record(county.actor("李强"), [written("数学", 30, emergency=True)], new_key(), "台风停课")
    assert answer.ok
    (budget,) = rows(Budget)
    assert (budget.used, budget.apart) == (60, 30)


def test_no_emergency_is_asked_for(county, written, rows):
    """Else everybody would have one: whoever states it gives a reason, and it is seen."""
    for ask in (post, lambda *what: hold(*what, timezone.now() + timedelta(hours=1))):
        with pytest.raises(ValueError, match="请登记并写明原因"):
            ask(county.actor("王丽"), [written("语文", 400, emergency=True)], new_key())
    assert not rows(Demand)


@pytest.fixture
def ended_class(county, three1):
    """三(1)班 was dissolved last month."""
    with as_tenant(county.tenant_id):
        Unit.objects.filter(pk=three1.pk).update(ends=timezone.localdate() - timedelta(days=30))


def test_a_class_that_has_ended_accepts_records_only(county, written, rows, ended_class):
    answer = post(county.actor("王丽"), [written("语文", 10)], new_key())
    assert (answer.outcome, rows(Demand)) == ("closed", [])
    assert "三(1)班已于" in answer.why and "只能登记" in answer.why
    assert record(county.actor("王丽"), [written("语文", 10)], new_key(), "补登").ok


def test_a_class_that_ends_is_closed_though_its_rules_are_known(county, written, three1):
    """The end moves the head: no process goes on with what it remembers."""
    assert post(county.actor("王丽"), [written("语文", 10)], new_key()).ok
    with as_tenant(county.tenant_id):
        Unit.objects.filter(pk=three1.pk).update(ends=timezone.localdate() - timedelta(days=1))
    assert post(county.actor("王丽"), [written("语文", 10)], new_key()).outcome == "closed"


def test_a_closed_term_accepts_records_only_until_it_is_reopened(county, written, evening):
    admin, wang = county.actor("管理员"), county.actor("王丽")
    assert post(wang, [written("语文", 10)], new_key()).ok
    with as_tenant(county.tenant_id):
        term = close_term(admin, county.unit, load_calendar().term(evening).id, timezone.localdate())
    answer = post(wang, [written("语文", 10)], new_key())
    assert (answer.outcome, "学期已经结束" in answer.why) == ("closed", True)
    assert record(wang, [written("语文", 10)], new_key(), "补登").ok
    with as_tenant(county.tenant_id):
        reopen_term(admin, county.unit, term)
    assert post(wang, [written("语文", 10)], new_key()).ok
