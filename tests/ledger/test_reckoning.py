"""What this process remembers of the rules is never newer than what is committed, nor older than it says."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from qingfu.ledger import reckoning
from qingfu.ledger.actions import change_calendar, post, publish_pack
from qingfu.ledger.models import Head
from qingfu.ledger.queries import calendar_for
from qingfu.units.actions import add_units
from qingfu.units.models import Membership, Person, Unit
from qingfu.units.queries import actor_of
from qingfu.units.tenancy import as_tenant
from tests.factories import TERM_STARTS

from .conftest import new_key
from .packs import county_pack, school_pack


class Undone(Exception):
    """Something goes wrong after the rules were changed."""


def on_another_connection(function, *arguments):
    """Run it there to its end, as another process would. Raises what it raises."""
    failed = []

    def run():
        try:
            function(*arguments)
        except Exception as error:  # noqa: BLE001 - handed on below
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


@pytest.fixture
def warm(county, written):
    """This process knows the rules of the school."""
    post(county.actor("王丽"), [written("语文", 1)], new_key())


def declare_free(county, day):
    change_calendar(county.actor("管理员"), county.unit.pk, day, day, day_kind="holiday", name="台风", source="通知")


def test_a_change_that_is_undone_leaves_nothing_behind(county, written, warm, evening):
    """Not even when the next change is published: its version is another one."""
    with pytest.raises(Undone), as_tenant(county.tenant_id):
        declare_free(county, evening)
        raise Undone
    publish_pack(county.actor("管理员"), county.unit.pk, county_pack(45))
    assert post(county.actor("王丽"), [written("语文", 300)], new_key()).outcome == "refused"


def test_what_a_change_reads_before_it_commits_is_not_for_others(county, three1, warm, evening):
    def others_see_a_school_day():
        with as_tenant(county.tenant_id):
            found = reckoning.reckonings(county.tenant_id, [three1.pk])
        assert found[three1.pk].calendar.day(evening).is_school_day

    with as_tenant(county.tenant_id):
        declare_free(county, evening)
        assert not calendar_for(three1).day(evening).is_school_day
        on_another_connection(others_see_a_school_day)
    found = reckoning.known(county.tenant_id, [three1.pk])
    assert not found[three1.pk].calendar.day(evening).is_school_day, "once it has committed it is for everybody"


def test_a_rollback_to_a_savepoint_takes_back_what_was_read_since(county, three1, warm, evening):
    with as_tenant(county.tenant_id):
        with pytest.raises(Undone), as_tenant(county.tenant_id):
            declare_free(county, evening)
            raise Undone
        assert calendar_for(three1).day(evening).is_school_day


def test_a_version_that_was_undone_does_not_come_again(county, evening):
    def version() -> int:
        return Head.objects.get(unit_id=county.tenant_id).version

    with pytest.raises(Undone), as_tenant(county.tenant_id):
        declare_free(county, evening)
        undone = version()
        raise Undone
    publish_pack(county.actor("管理员"), county.unit.pk, county_pack(45))
    with as_tenant(county.tenant_id):
        assert version() > undone


def test_a_class_that_moves_up_while_it_is_read_is_not_remembered_as_it_was(county, three1, written, monkeypatch):
    """Heads are read before units: here the grade changes right after the units were read."""
    read, pending = reckoning._above, [1]

    def becomes_grade_one():
        with as_tenant(county.tenant_id):
            Unit.objects.filter(pk=three1.pk).update(grade=1)

    def overtaken(units):
        if pending:
            pending.pop()
            on_another_connection(becomes_grade_one)
        return read(units)

    monkeypatch.setattr(reckoning, "_above", overtaken)
    reckoning.forget(county.tenant_id, [three1.pk])
    assert post(county.actor("王丽"), [written("语文", 10)], new_key()).outcome == "refused"


def test_rules_of_two_moments_are_never_mixed_in_one_request(county, three1, evening, written):
    """One school was read before the county's 45 were published, the other after: 50 in both are refused."""
    seven1 = county.class_("七(1)班", "青禾县第一中学")
    with as_tenant(county.tenant_id):
        reckoning.reckonings(county.tenant_id, [three1.pk])
        person = county.people["王丽"]
        Membership.objects.create(person=person, unit=seven1, role="teacher", subject="语文", starts=TERM_STARTS)
    on_another_connection(publish_pack, county.actor("管理员"), county.unit.pk, county_pack(45))
    with as_tenant(county.tenant_id):
        reckoning.reckonings(county.tenant_id, [seven1.pk])
    answer = post(county.actor("王丽"), written("语文", 50).for_bearers([three1.pk, seven1.pk]), new_key())
    assert {refusal.bearer_id for refusal in answer.refusals} == {three1.pk, seven1.pk}


@pytest.fixture
def township_school(county):
    """乡小 lies in 石桥乡, which is an institution too. Its class, and 林老师, its principal, who teaches there."""
    with as_tenant(county.tenant_id):
        (township,) = add_units(county.unit, [{"kind": "township", "name": "石桥乡"}])
        code = f"SQ{county.tenant_id}"
        (school,) = add_units(township, [{"kind": "school", "name": "石桥小学", "code": code}])
        (grade,) = add_units(school, [{"kind": "grade", "name": "三年级", "grade": 3}])
        (class_,) = add_units(grade, [{"kind": "class", "name": "三(1)班", "grade": 3, "number": 1, "seats": 30}])
        lin = Person.objects.create(unit=school, name="林老师", account="lin")
        Membership.objects.create(person=lin, unit=school, role="principal", starts=TERM_STARTS)
        Membership.objects.create(person=lin, unit=class_, role="teacher", subject="语文", starts=TERM_STARTS)
        return township, school, class_, actor_of(lin.pk)


def test_a_school_below_a_township_has_rules_of_its_own(township_school, written):
    _, school, class_, lin = township_school
    assert post(lin, [written("语文", 1, bearer_id=class_.pk)], new_key()).ok
    publish_pack(lin, school.pk, school_pack(20))
    assert post(lin, [written("语文", 21, bearer_id=class_.pk)], new_key()).outcome == "refused"


def test_what_the_township_publishes_holds_in_its_schools_from_the_next_post_on(county, township_school, written):
    township, _, class_, lin = township_school
    assert post(lin, [written("语文", 1, bearer_id=class_.pk)], new_key()).ok
    publish_pack(county.actor("管理员"), township.pk, school_pack(30, place="township"))
    assert post(lin, [written("语文", 31, bearer_id=class_.pk)], new_key()).outcome == "refused"


def test_threads_that_forget_and_learn_at_once_all_get_their_answer(county, evening, written):
    """Nothing is shared half made: no thread is told of a rule that another one has just dropped."""
    ids = [unit.pk for key, unit in county.classes.items() if "实验" in key]
    failed, rounds = [], 40

    def learn():
        try:
            for _ in range(rounds):
                with as_tenant(county.tenant_id):
                    found = reckoning.reckonings(county.tenant_id, ids)
                assert all(found[pk].unit(pk).pk == pk for pk in ids)
                reckoning.forget(county.tenant_id, ids)
        except Exception as error:  # noqa: BLE001 - counted below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=learn) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_demand_that_moved_costs_nobody_the_rules(county, written, monkeypatch):
    """Only what moved is read again: a trim that was overtaken by another asks for no rules."""
    from qingfu.ledger.drafts import Trim
    from qingfu.ledger.requests import Request

    wang = county.actor("王丽")
    (own,) = post(wang, [written("语文", 40)], new_key()).demand_ids
    send, pending, forgotten = Request.send, [1], []

    def overtaken(request):
        if pending:
            pending.pop()
            on_another_connection(lambda: post(wang, [], new_key(), trims=[Trim(own, 30)]))
        return send(request)

    monkeypatch.setattr(Request, "send", overtaken)
    monkeypatch.setattr(reckoning, "forget", lambda *what: forgotten.append(what))
    assert post(wang, [], new_key(), trims=[Trim(own, 20)]).ok
    assert forgotten == []


def test_rules_are_read_under_the_heads_of_the_county_and_of_every_institution_above(county, township_school):
    township, school, class_, _ = township_school
    with as_tenant(county.tenant_id):
        found = reckoning.current([class_.pk])[class_.pk]
    assert found.institution.pk == school.pk
    assert set(found.heads) == {county.tenant_id, township.pk, school.pk}
