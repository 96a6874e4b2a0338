"""Races, interleaved on purpose: who waits for whom, and what happens where a lock is taken out."""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from qingfu.ledger.actions import grant_waiver, hold_all, post, publish_pack
from qingfu.ledger.drafts import Draft, Reserve
from qingfu.ledger.models import Attempt, Budget, Demand
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant

from .conftest import G3_6, WRITTEN, new_key
from .invariants import broken
from .packs import school_pack
from .variants import (
    LOCK_OF_BUDGETS,
    LOCK_OF_HEADS,
    gate_closed,
    installed,
    post_function,
    waiting,
    with_gate,
    without,
)

CAPS = json.dumps({G3_6: 60})


@contextmanager
def apart():
    """Run functions on connections of their own: ``start(function, …)`` gives a Future."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        yield lambda function, *arguments: pool.submit(_alone, function, *arguments)


def _alone(function, *arguments):
    try:
        return function(*arguments)
    finally:
        connections["default"].close()


def until_waiting(number: int, *futures: Future) -> None:
    """Until so many wait for a lock, or one of the futures is done (and then its error shows)."""
    while waiting() < number:
        if any(future.done() for future in futures):
            break
        time.sleep(0.005)


@pytest.fixture
def wang(county):
    return county.actor("王丽")


@pytest.fixture
def li(county):
    return county.actor("李强")


@pytest.fixture
def warm(county, wang, written):
    """Both processes know the rules, and the budget exists."""
    post(wang, [written("语文", 1)], new_key())


def race(start, wang, li, written) -> list[str]:
    """Two posts of 40 into the same 60, both held between check and write where they get there."""
    with gate_closed():
        posts = [
            start(post, wang, [written("语文", 40)], new_key()),
            start(post, li, [written("数学", 40)], new_key()),
        ]
        until_waiting(2, *posts)
    return sorted(one.result().outcome for one in posts)


def test_of_two_that_fit_only_alone_one_is_posted(county, wang, li, warm, written):
    with apart() as start, installed(with_gate(post_function())):
        assert race(start, wang, li, written) == ["posted", "refused"]
    assert broken(county.tenant_id, CAPS) == []


def test_control_without_the_lock_of_the_budgets_both_are_posted(county, wang, li, warm, written):
    with apart() as start, installed(with_gate(without(LOCK_OF_BUDGETS))):
        assert race(start, wang, li, written) == ["posted", "posted"]
    assert [line[:2] for line in broken(county.tenant_id, CAPS)] == ["I2"]


def test_two_that_both_make_the_budget_make_one(county, wang, li, written, rows):
    """Nothing was asked of the class yet: both want to insert the row."""
    with apart() as start, installed(with_gate(post_function())), gate_closed():
        posts = [
            start(post, wang, [written("语文", 20)], new_key()),
            start(post, li, [written("数学", 20)], new_key()),
        ]
        until_waiting(2, *posts)
    assert [one.result().outcome for one in posts] == ["posted", "posted"]
    assert [b.used for b in rows(Budget)] == [40]


def test_a_waiver_that_names_an_attempt_serves_it_alone_and_once_whoever_asks_at_the_same_moment(
    county, wang, li, warm, three1, written, evening, rows
):
    """Three at once over the same local cap: the attempt that is named, its twin, and a colleague."""
    principal, key = county.actor("孙校长"), new_key()
    publish_pack(principal, county.schools["青禾县实验小学"].pk, school_pack(20))
    grant_waiver(
        principal, three1.pk, "school.homework.written", evening, evening, 11, office="教导处", reason="期末复习",
        attempt=(wang.person_id, key),
    )  # fmt: skip
    with apart() as start, installed(with_gate(post_function())), gate_closed():
        twins = [start(post, wang, [written("语文", 30)], key) for _ in range(2)]
        other = start(post, li, [written("语文", 30)], key)
        until_waiting(3)
    assert [one.result().outcome for one in (*twins, other)] == ["posted", "posted", "refused"]
    assert sorted(one.result().repeated for one in twins) == [False, True]
    assert [d.verdict for d in rows(Demand)] == ["pass", "waived"]
    assert [b.used for b in rows(Budget, limit_id=G3_6)] == [31]


def publish_while_posting(county, start, wang, written) -> list[str]:
    """A cap of 45 is published while a post of 50 stands between check and write."""
    school = county.schools["青禾县实验小学"]
    with gate_closed():
        posting = start(post, wang, [written("语文", 50)], new_key())
        until_waiting(1, posting)
        publishing = start(publish_pack, county.actor("孙校长"), school.pk, school_pack(45))
        until_waiting(2, publishing)
        order = ["published" if publishing.done() else "post is waited for"]
    publishing.result()
    return [*order, posting.result().outcome]


def test_a_publication_waits_for_a_post_under_way(county, wang, warm, written):
    with apart() as start, installed(with_gate(post_function())):
        assert publish_while_posting(county, start, wang, written) == ["post is waited for", "posted"]


def test_control_without_the_lock_of_the_heads_it_overtakes_and_the_post_breaks_the_new_cap(
    county, wang, warm, written
):
    with apart() as start, installed(with_gate(without(LOCK_OF_HEADS))):
        assert publish_while_posting(county, start, wang, written) == ["published", "posted"]


def test_a_post_waits_for_a_publication_under_way_and_reckons_anew(county, wang, warm, written):
    school = county.schools["青禾县实验小学"]
    with apart() as start:
        with as_tenant(county.tenant_id):
            publish_pack(county.actor("孙校长"), school.pk, school_pack(45))
            posting = start(post, wang, [written("语文", 50)], new_key())
            until_waiting(1, posting)
            assert not posting.done()
        answer = posting.result()
    assert answer.outcome == "refused"
    assert [r.cap for r in answer.refusals] == [45]


def test_twins_with_one_key_are_one_post(county, wang, warm, written, rows):
    key = new_key()
    with apart() as start, installed(with_gate(post_function())):
        with gate_closed():
            twins = [start(post, wang, [written("语文", 30)], key) for _ in range(2)]
            until_waiting(2, *twins)
        answers = [one.result() for one in twins]
    assert {one.demand_ids for one in answers} == {answers[0].demand_ids}
    assert sorted(one.repeated for one in answers) == [False, True]
    assert [b.used for b in rows(Budget)] == [31]


def test_a_twin_of_one_that_rolls_back_posts_itself(county, wang, warm, written, rows):
    key = new_key()
    with apart() as start:
        with pytest.raises(ZeroDivisionError), as_tenant(county.tenant_id):
            post(wang, [written("语文", 30)], key)
            twin = start(post, wang, [written("语文", 30)], key)
            until_waiting(1, twin)
            raise ZeroDivisionError
        answer = twin.result()
    assert answer.ok and not answer.repeated
    assert len(rows(Attempt, key=key)) == 1
    assert len(rows(Demand)) == 2


def test_posts_for_whole_grades_in_any_order_never_lock_each_other_out(county, evening, rows):
    classes = [county.class_(name).pk for name in ("三(1)班", "三(2)班")]
    teachers = [county.actor(name) for name in ("王丽", "李强", "陈静")]

    def many(seed: int) -> set[str]:
        chance, outcomes = random.Random(seed), set()
        for n in range(12):
            chance.shuffle(classes_of := list(classes))
            draft = Draft(0, evening, subject="语文", minutes=1, attributes=WRITTEN)
            answer = post(chance.choice(teachers), draft.for_bearers(classes_of), f"{seed}-{n}")
            outcomes.add(answer.outcome)
        return outcomes

    with apart() as start:
        several = [start(many, seed) for seed in range(8)]
        assert set().union(*(one.result() for one in several)) <= {"posted", "refused"}
    assert [b.used for b in rows(Budget)] == [60, 60]
    assert broken(county.tenant_id, CAPS) == []


def test_a_deadlock_is_undone_and_asked_again_under_the_same_key(cluster, wang, warm, written, evening, rows):
    """Somebody locks two days in the wrong order; a post of both meets her half way, and is the one that gives way."""
    later = load_calendar().next_school_day(evening)
    post(wang, [written("语文", 1, day=later)], new_key())
    first, second = (row.id for row in sorted(rows(Budget), key=lambda row: row.starts))
    lock, key = "SELECT 1 FROM ledger_budget WHERE id = %s FOR NO KEY UPDATE", new_key()
    with apart() as start, psycopg.connect(**cluster.connection("superuser")) as other:
        other.execute("SET deadlock_timeout = '10min'")
        other.execute(lock, [second])
        both = start(post, wang, [written("语文", 10), written("语文", 10, day=later)], key)
        until_waiting(1, both)
        other.execute(lock, [first])
        other.rollback()
        answer = both.result()
    assert answer.ok and not answer.repeated
    assert [b.used for b in rows(Budget)] == [11, 11]
    assert len(rows(Attempt, key=key)) == 1


def test_two_plans_that_meet_in_two_days_wait_and_do_not_lock_each_other_out(county, wang, li, warm, written, evening):
    """Each asks for all of its days in one request, in whatever order: the ledger locks them in its own."""
    later, until = load_calendar().next_school_day(evening), timezone.now() + timedelta(hours=1)
    post(wang, [written("语文", 1, day=later)], new_key())

    def plan(actor, days):
        several = [Reserve([written("语文", 1, day=day)], until) for day in days]
        with as_tenant(county.tenant_id):  # as the approval of a plan does: nobody asks again for it
            return hold_all(actor, several, new_key())

    with apart() as start, installed(with_gate(post_function())):
        with gate_closed():
            plans = [start(plan, wang, [evening, later]), start(plan, li, [later, evening])]
            until_waiting(2, *plans)
        assert [one.result().outcome for one in plans] == ["held", "held"]
