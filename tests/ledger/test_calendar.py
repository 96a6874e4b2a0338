"""A day becomes another kind of day: what was asked for it moves to the budgets of that kind."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.ledger.actions import change_calendar, confirm_calendar, post, publish_pack
from qingfu.ledger.models import Budget, Demand, Entry, Outbox
from qingfu.ledger.queries import calendar_for
from qingfu.rulebook import load_calendar
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant

from .conftest import G3_6, new_key
from .invariants import broken
from .packs import county_pack, school_pack
from .variants import waiting

SOURCE = "青禾县教育局关于台风停课的通知"


@pytest.fixture
def school(county):
    return county.schools["青禾县实验小学"]


def typhoon(county, unit, day, by="管理员"):
    return change_calendar(county.actor(by), unit.pk, day, day, day_kind="rest_day", name="台风停课", source=SOURCE)


def test_the_calendar_of_the_school_knows_the_day_and_its_source(county, school, evening):
    typhoon(county, county.unit, evening)
    with as_tenant(county.tenant_id):
        day = calendar_for(school).day(evening)
    assert (day.kind, day.name, day.source) == ("rest_day", "台风停课", SOURCE)


def test_entries_leave_the_school_day_by_reversal(county, written, evening, rows):
    (demand_id,) = post(county.actor("王丽"), [written("语文", 40)], new_key()).demand_ids
    move = typhoon(county, county.unit, evening)
    assert move.demand_ids == (demand_id,)
    assert [b.used for b in rows(Budget, limit_id=G3_6)] == [0]
    assert [e.amount for e in rows(Entry)] == [40, -40]
    assert [d.revision for d in rows(Demand)] == [1]


def test_they_enter_the_budgets_of_the_rest_day_and_what_is_over_there_is_a_finding(
    county, school, written, evening, rows
):
    rest = school_pack(30).replace("school_day", "rest_day")
    publish_pack(county.actor("孙校长"), school.pk, rest)
    post(county.actor("王丽"), [written("语文", 40)], new_key())
    typhoon(county, county.unit, evening)
    assert {b.limit_id: b.used for b in rows(Budget)} == {G3_6: 0, "school.homework.written": 40}
    assert [f.limit_id for f in rows(Finding)] == ["school.homework.written"]


def test_a_day_that_comes_back_comes_back_with_its_entries(county, written, evening, rows):
    post(county.actor("王丽"), [written("语文", 40)], new_key())
    typhoon(county, county.unit, evening)
    change_calendar(county.actor("管理员"), county.unit.pk, evening, evening, day_kind="school_day", source="恢复上课")
    assert [b.used for b in rows(Budget)] == [40]
    assert [e.amount for e in rows(Entry)] == [40, -40, 40]


def test_a_school_changes_its_own_days_only(county, school, written, evening, rows):
    post(
        county.actor("何老师"),
        [written("数学", 40, bearer_id=county.class_("七(1)班", "青禾县第一中学").pk)],
        new_key(),
    )
    move = typhoon(county, school, evening, by="孙校长")
    assert move.demand_ids == ()
    with as_tenant(county.tenant_id):
        assert calendar_for(county.schools["青禾县第一中学"]).day(evening).is_school_day
    with pytest.raises(Forbidden):
        typhoon(county, county.unit, evening, by="孙校长")


def test_what_is_withdrawn_does_not_move(county, written, evening, rows):
    from qingfu.ledger.actions import withdraw

    wang = county.actor("王丽")
    answer = post(wang, [written("语文", 40)], new_key())
    withdraw(wang, answer.demand_ids, new_key())
    assert typhoon(county, county.unit, evening).demand_ids == ()


def test_those_who_listen_hear_of_the_change(county, evening, rows):
    move = typhoon(county, county.unit, evening)
    assert ("calendar", move.change_id) in {(m.topic, m.object_id) for m in rows(Outbox)}


def test_the_next_post_reckons_with_the_changed_day(county, written, evening, rows):
    post(county.actor("王丽"), [written("语文", 1, day=evening)], new_key())
    typhoon(county, county.unit, evening)
    assert post(county.actor("王丽"), [written("语文", 90, day=evening)], new_key()).ok


# ---- demands that are spread over several days ----


@pytest.fixture
def next_evening(evening):
    return load_calendar().next_school_day(evening)


def test_a_demand_that_began_before_the_day_moves_its_part(county, written, evening, next_evening, rows):
    split = {evening: 25, next_evening: 15}
    (demand_id,) = post(county.actor("王丽"), [written("语文", 40, split=split)], new_key()).demand_ids
    assert typhoon(county, county.unit, next_evening).demand_ids == (demand_id,)
    assert {b.starts: b.used for b in rows(Budget)} == {evening: 25, next_evening: 0}
    assert broken(county.tenant_id) == []


def test_what_is_spread_evenly_until_it_is_due_moves_its_part(county, school, written, evening, next_evening, rows):
    even = school_pack(60).replace('force = "must"', 'force = "must"\nsplit = "even"')
    publish_pack(county.actor("孙校长"), school.pk, even)
    due = next_evening + timedelta(days=1)
    post(county.actor("王丽"), [written("语文", 40, due_day=due)], new_key())
    typhoon(county, county.unit, next_evening)
    own = {b.starts: b.used for b in rows(Budget, limit_id="school.homework.written")}
    assert own[next_evening] == 0 and own[evening] > 0
    assert broken(county.tenant_id) == []


def test_what_was_corrected_moves_as_well(county, written, evening, rows):
    """Its notice was taken back late, so its charge stands, and goes where charges go."""
    wang = county.actor("王丽")
    (demand_id,) = post(wang, [written("语文", 20)], new_key()).demand_ids
    with as_tenant(county.tenant_id, using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT ledger.enter()")
        cursor.execute("UPDATE ledger_demand SET state = 'corrected' WHERE id = %s", [demand_id])
    assert typhoon(county, county.unit, evening).demand_ids == (demand_id,)
    assert [b.used for b in rows(Budget)] == [0]


# ---- the same twice ----


def test_the_same_change_twice_moves_nothing_twice(county, written, evening, rows):
    publish_pack(county.actor("管理员"), county.unit.pk, rest_pack())
    post(county.actor("王丽"), [written("语文", 40)], new_key())
    assert typhoon(county, county.unit, evening).demand_ids
    assert typhoon(county, county.unit, evening).demand_ids == ()
    assert {b.limit_id: b.used for b in rows(Budget)} == {G3_6: 0, "county.homework.written": 40}


def test_the_same_change_twice_at_once_moves_nothing_twice(county, written, evening, rows):
    """The second waits for the first, and then compares with what that one has left."""
    publish_pack(county.actor("管理员"), county.unit.pk, rest_pack())
    post(county.actor("王丽"), [written("语文", 40)], new_key())
    with ThreadPoolExecutor() as pool, as_tenant(county.tenant_id):
        typhoon(county, county.unit, evening)
        second = pool.submit(_alone, typhoon, county, county.unit, evening)
        while not waiting() and not second.done():
            time.sleep(0.005)
        assert not second.done()
    assert second.result().demand_ids == ()
    assert {b.limit_id: b.used for b in rows(Budget)} == {G3_6: 0, "county.homework.written": 40}
    assert broken(county.tenant_id) == []


def _alone(function, *arguments):
    try:
        return function(*arguments)
    finally:
        connections["default"].close()


def rest_pack() -> str:
    """60 minutes on a day without school."""
    return county_pack(60).replace("school_day", "rest_day")


# ---- a school frees its own days ----


@pytest.mark.parametrize("kind", ["holiday", "rest_day", "vacation"])
def test_a_school_cannot_free_itself_of_the_cap(county, school, written, evening, rows, kind):
    move = change_calendar(
        county.actor("孙校长"), school.pk, evening, evening, day_kind=kind, name="校庆", source="本校通知"
    )
    assert (move.proposed, move.demand_ids) == (True, ())
    with as_tenant(county.tenant_id):
        day = calendar_for(school).day(evening)
    assert (day.is_school_day, day.provisional, day.name) == (True, True, "校庆")
    assert post(county.actor("王丽"), [written("语文", 61)], new_key()).outcome == "refused"


def test_a_school_cannot_end_its_term_by_itself(county, school, written, evening, rows):
    term = load_calendar().term(evening)
    change_calendar(
        county.actor("孙校长"), school.pk, term.start, evening - timedelta(days=5), term_id=term.id, source="本校通知"
    )
    assert post(county.actor("王丽"), [written("语文", 61)], new_key()).outcome == "refused"


def test_the_county_is_shown_what_a_school_proposes(county, school, evening, rows):
    move = change_calendar(
        county.actor("孙校长"), school.pk, evening, evening, day_kind="holiday", name="校庆", source="本校通知"
    )
    (finding,) = rows(Finding)
    assert (finding.bearer_id, finding.object_kind, finding.object_ids) == (
        county.tenant_id, "calendar_change", [move.change_id],
    )  # fmt: skip
    assert "青禾县实验小学" in finding.summary and "校庆" in finding.summary


def test_what_the_county_confirms_counts_and_moves(county, school, written, evening, rows):
    (demand_id,) = post(county.actor("王丽"), [written("语文", 40)], new_key()).demand_ids
    change_id = typhoon(county, school, evening, by="孙校长").change_id
    with pytest.raises(Forbidden):
        confirm_calendar(county.actor("孙校长"), change_id)
    move = confirm_calendar(county.actor("管理员"), change_id)
    assert (move.proposed, move.demand_ids) == (False, (demand_id,))
    assert [b.used for b in rows(Budget)] == [0]
    with as_tenant(county.tenant_id):
        assert calendar_for(school).day(evening).kind == "rest_day"


def test_a_school_may_hold_lessons_on_a_rest_day_by_itself(county, school):
    """That binds it more, not less."""
    saturday = next(day for n in range(1, 15) if is_saturday_of_rest(day := timezone.localdate() + timedelta(days=n)))
    move = change_calendar(
        county.actor("孙校长"), school.pk, saturday, saturday, day_kind="school_day", name="补课", source="本校通知"
    )
    assert not move.proposed
    with as_tenant(county.tenant_id):
        assert calendar_for(school).day(saturday).is_school_day


def is_saturday_of_rest(day) -> bool:
    return day.isoweekday() == 6 and not load_calendar().day(day).is_school_day
