"""Withdrawing frees the budget until the pupils begin; later it corrects the notice and the charge stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.ledger.actions import confirm_withdrawal, post, record, withdraw
from qingfu.ledger.models import Budget, Demand, Entry
from qingfu.units.models import Membership
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant

from .conftest import new_key


@pytest.fixture
def early(county, written):
    """A demand for the next school day."""
    return post(county.actor("王丽"), [written("语文", 40)], new_key()).demand_ids[0]


@pytest.fixture
def late(county, written, evening):
    """A demand of a school day that is over."""
    day = evening - timedelta(days=7)
    return record(county.actor("王丽"), [written("语文", 40, day=day)], new_key(), "补登").demand_ids[0]


def test_before_the_pupils_begin_the_minutes_are_free_again(county, early, rows, written):
    assert withdraw(county.actor("王丽"), [early], new_key()).ok
    assert [d.state for d in rows(Demand)] == ["withdrawn"]
    assert [b.used for b in rows(Budget)] == [0]
    assert [e.amount for e in rows(Entry)] == [40, -40]
    assert post(county.actor("李强"), [written("数学", 60)], new_key()).ok


def test_withdrawing_twice_with_one_key_is_one_withdrawal(county, early, rows):
    wang, key = county.actor("王丽"), new_key()
    assert withdraw(wang, [early], key).ok
    assert withdraw(wang, [early], key).repeated
    assert len(rows(Entry)) == 2


def test_what_is_withdrawn_cannot_be_withdrawn_again(county, early):
    withdraw(county.actor("王丽"), [early], new_key())
    with pytest.raises(ValueError):
        withdraw(county.actor("王丽"), [early], new_key())


def test_a_colleague_withdraws_nothing_of_hers(county, early):
    with pytest.raises(Forbidden):
        withdraw(county.actor("陈静"), [early], new_key())


def test_later_it_needs_a_reason(county, late, rows):
    assert withdraw(county.actor("王丽"), [late], new_key()).outcome == "needs_reason"
    assert [d.state for d in rows(Demand)] == ["posted"]


def test_later_it_needs_a_second_person_and_the_charge_stays(county, late, rows):
    assert withdraw(county.actor("王丽"), [late], new_key(), "登记错班").outcome == "needs_second"
    assert [d.state for d in rows(Demand)] == ["asked"]
    assert confirm_withdrawal(county.actor("李强"), [late], new_key()).ok
    (demand,) = rows(Demand)
    assert demand.state == "corrected"
    assert demand.withdrawal["reason"] == "登记错班"
    assert [b.used for b in rows(Budget)] == [40]


def test_the_second_person_may_decline(county, late, rows):
    withdraw(county.actor("王丽"), [late], new_key(), "登记错班")
    confirm_withdrawal(county.actor("李强"), [late], new_key(), agree=False)
    assert [d.state for d in rows(Demand)] == ["posted"]


def test_the_second_person_is_another_person(county, three1, written, evening):
    """李强 is class teacher here and may second, but not his own."""
    li = county.actor("李强")
    day = evening - timedelta(days=7)
    (own,) = record(li, [written("数学", 20, day=day)], new_key(), "补登").demand_ids
    withdraw(li, [own], new_key(), "登记错班")
    with pytest.raises(Forbidden):
        confirm_withdrawal(li, [own], new_key())


def test_a_colleague_without_that_right_is_no_second_person(county, late):
    withdraw(county.actor("王丽"), [late], new_key(), "登记错班")
    with pytest.raises(Forbidden):
        confirm_withdrawal(county.actor("陈静"), [late], new_key())


def test_where_nobody_else_could_second_it_the_step_collapses(county, late, rows):
    with as_tenant(county.tenant_id):
        others = Membership.objects.exclude(role="teacher")
        others.update(ends=timezone.localdate() - timedelta(days=1))
    assert withdraw(county.actor("王丽"), [late], new_key(), "登记错班").outcome == "posted"
    assert [d.state for d in rows(Demand)] == ["corrected"]


def test_the_window_begins_at_the_end_of_lessons_of_the_school(county, three1, written):
    """A school whose lessons end at 00:00 (so today's homework has begun) keeps the charge."""
    from qingfu.units.models import Unit

    with as_tenant(county.tenant_id):
        school = Unit.objects.get(pk=county.schools["青禾县实验小学"].pk)
        Unit.objects.filter(pk=school.pk).update(attributes={**school.attributes, "lessons_end": "00:00"})
    wang = county.actor("王丽")
    (today,) = post(wang, [written("语文", 20, day=timezone.localdate())], new_key()).demand_ids
    assert withdraw(wang, [today], new_key()).outcome == "needs_reason"
