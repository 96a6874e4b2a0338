"""Figures that no demand can have are refused with a sentence, before the database and by it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections
from django.db.utils import DataError, IntegrityError, ProgrammingError
from django.utils import timezone

from qingfu.ledger.actions import BadFigure, hold, post, record
from qingfu.ledger.drafts import Draft, Trim
from qingfu.ledger.models import Budget, Demand, Entry, Head
from qingfu.rulebook import load_calendar
from qingfu.units.models import Membership
from qingfu.units.tenancy import as_tenant
from tests.factories import TERM_STARTS

from .conftest import G3_6, new_key

FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize("minutes", [-1, -100, 20.5, "20", 10**12])
def test_minutes_are_a_whole_number_from_nought_on(minutes):
    with pytest.raises(BadFigure, match="应填"):
        Draft(1, FRIDAY, minutes=minutes)
    with pytest.raises(BadFigure, match="应填"):
        Draft(1, FRIDAY, amounts={"characters": minutes})
    with pytest.raises(BadFigure, match="应填"):
        Trim(1, minutes)


@pytest.mark.parametrize(("factor", "fits"), [("0.69", False), ("0.70", True), ("1.50", True), ("1.51", False)])
def test_the_factor_stays_within_its_bounds(factor, fits):
    if fits:
        assert Draft(1, FRIDAY, minutes=20, factor=Decimal(factor)).charged_minutes
    else:
        with pytest.raises(BadFigure, match="0.70 到 1.50"):
            Draft(1, FRIDAY, minutes=20, factor=Decimal(factor))


@pytest.mark.parametrize(
    ("split", "says"),
    [
        ({FRIDAY: 40, FRIDAY + timedelta(days=1): -10}, "应填"),
        ({FRIDAY: 10, FRIDAY + timedelta(days=1): 10}, "之和应等于"),
        ({FRIDAY - timedelta(days=3): 20, FRIDAY: 10}, "和以后的日子"),
    ],
)
def test_a_split_is_of_the_minutes_and_over_the_days_to_come(split, says):
    with pytest.raises(BadFigure, match=says):
        Draft(1, FRIDAY, minutes=30, split=split)


def test_written_homework_without_minutes_is_refused_and_the_missing_figure_is_named(county, written, rows):
    answer = post(county.actor("王丽"), [written("语文", None)], new_key())
    assert answer.outcome == "refused"
    (refusal,) = answer.refusals
    assert refusal.limit_id == G3_6
    assert refusal.sentence == "没有写明要多少分钟，“每天书面作业总时长”无法判断，请补上"
    assert not rows(Demand)


def test_reading_aloud_needs_no_minutes(county, written):
    oral = {"form": "oral", "required": True, "place": "家庭"}
    assert post(county.actor("王丽"), [written("语文", None, attributes=oral)], new_key()).ok


def test_written_homework_of_no_minutes_is_written_homework_still(county, written, rows):
    """一(1)班: what is banned is banned whatever it says of its length."""
    one1 = county.class_("一(1)班")
    with as_tenant(county.tenant_id):
        wang = county.people["王丽"]
        Membership.objects.create(person=wang, unit=one1, role="teacher", subject="语文", starts=TERM_STARTS)
    answer = post(county.actor("王丽"), [written("语文", 0, bearer_id=one1.pk)], new_key())
    assert answer.outcome == "refused"
    assert "cn.homework.g1-2.home" in {refusal.limit_id for refusal in answer.refusals}
    assert not rows(Demand)


def test_one_demand_is_trimmed_once_in_a_request(county, written, rows):
    wang = county.actor("王丽")
    (own,) = post(wang, [written("语文", 40)], new_key()).demand_ids
    with pytest.raises(ValueError, match="只能让一回"):
        post(wang, [], new_key(), trims=[Trim(own, 10), Trim(own, 10)])
    assert [b.used for b in rows(Budget)] == [40]


def test_a_demand_that_no_longer_stands_is_not_trimmed(county, written):
    from qingfu.ledger.actions import withdraw

    wang = county.actor("王丽")
    (own,) = post(wang, [written("语文", 40)], new_key()).demand_ids
    withdraw(wang, [own], new_key())
    with pytest.raises(ValueError, match="已撤回"):
        post(wang, [], new_key(), trims=[Trim(own, 10)])


# ---- what the database itself does not take, whoever speaks to it ----


@pytest.fixture
def yesterday(evening):
    day = timezone.localdate() - timedelta(days=1)
    while not load_calendar().day(day).is_school_day:
        day -= timedelta(days=1)
    return day


@pytest.fixture
def lie(county, written, three1, rows):
    """Send a request that takes from a budget as no honest caller would; gives what the database says."""
    wang = county.actor("王丽")
    (demand_id,) = post(wang, [written("语文", 20)], new_key()).demand_ids
    (budget,) = rows(Budget)

    def send(amount: int, *, starts=budget.starts, heads=None, **more) -> dict:
        found = {head.unit_id: head.version for head in rows(Head)}
        school = county.schools["青禾县实验小学"].pk
        named = [county.tenant_id, school] if heads is None else heads
        request = {
            "verb": "post", "issuer": wang.person_id, "key": new_key(), "hash": "x", "unit": school,
            "heads": [{"unit_id": pk, "version": found[pk]} for pk in named],
            "budgets": [{
                "bearer_id": three1.pk, "limit_id": G3_6, "window_key": str(starts), "measure": "minutes",
                "starts": str(starts), "ends": str(starts), "school_id": school, "cap": 60, "verdict": 4,
                "waivable": False, "delta": amount,
            }],
            "charges": [{"demand_id": demand_id, "b": 0, "amount": amount, "day": str(starts)}],
            "drafts": [], **more,
        }  # fmt: skip
        with as_tenant(county.tenant_id), connection.cursor() as cursor:
            cursor.execute("SELECT ledger.post(%s)", [json.dumps(request)])
            return json.loads(cursor.fetchone()[0])

    send.demand_id, send.school_id = demand_id, county.schools["青禾县实验小学"].pk
    return send


def test_an_honest_request_of_this_form_is_taken(lie):
    """So that the tests below fail for the reason that they name."""
    assert lie(5)["outcome"] == "posted"


def test_a_budget_is_never_below_nought(lie, rows):
    with pytest.raises(IntegrityError, match="budget_never_below_nought"):
        lie(-21)
    assert [entry.amount for entry in rows(Entry)] == [20]


def test_nothing_is_asked_of_a_window_that_is_over(lie, yesterday):
    """Whatever the day of the demand is: the window of each budget counts."""
    assert lie(5, starts=yesterday, first_day=str(timezone.localdate()))["outcome"] == "closed"
    assert lie(5, starts=yesterday, verb="record")["outcome"] == "posted"


@pytest.mark.parametrize("left_out", ["county", "school", "both"])
def test_nobody_asks_without_the_heads_of_county_and_school(county, lie, left_out):
    heads = {"county": [lie.school_id], "school": [county.tenant_id], "both": []}[left_out]
    with pytest.raises(ProgrammingError, match="a head of tenant or school is missing"):
        lie(5, heads=heads)


def test_one_request_corrects_a_demand_once(lie):
    twice = [{"demand_id": lie.demand_id, "revision": 0}] * 2
    with pytest.raises(DataError, match="corrected twice"):
        lie(-5, corrections=twice)


def test_no_emergency_gets_in_by_the_door_for_posts(county, three1, lie):
    draft = {"bearer_id": three1.pk, "emergency": True}
    with pytest.raises(ProgrammingError, match="recorded, not asked"):
        lie(5, drafts=[draft])


@pytest.mark.parametrize("column", ["stated_minutes", "charged_minutes", "factor"])
def test_no_demand_has_negative_minutes_or_factor(county, lie, column):
    with (
        pytest.raises(IntegrityError, match="demand_never_below_nought"),
        as_tenant(county.tenant_id, using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute("SELECT ledger.enter()")
        cursor.execute(f"UPDATE ledger_demand SET {column} = -1")


def test_a_record_without_minutes_stands_and_is_a_finding(county, written, rows):
    from qingfu.findings.models import Finding

    assert record(county.actor("王丽"), [written("语文", None)], new_key(), "补登").ok
    assert ["没有写明要多少分钟" in finding.summary for finding in rows(Finding)] == [True]


def test_a_hold_of_written_work_states_its_minutes(county, written):
    until = timezone.now() + timedelta(hours=1)
    assert hold(county.actor("王丽"), [written("语文", None)], new_key(), until).outcome == "refused"

