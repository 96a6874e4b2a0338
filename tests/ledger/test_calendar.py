"""A day becomes another kind of day: what was asked for it moves to the budgets of that kind."""

import pytest

from qingfu.findings.models import Finding
from qingfu.ledger.actions import change_calendar, post, publish_pack
from qingfu.ledger.models import Budget, Demand, Entry, Outbox
from qingfu.ledger.queries import calendar_for
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant

from .conftest import G3_6, new_key
from .packs import school_pack

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
