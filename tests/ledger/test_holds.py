"""Holds: what is set aside counts as used until it is posted, given up, or its time is over."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.ledger.actions import hold, hold_all, post, release, sweep
from qingfu.ledger.drafts import Reserve, Trim
from qingfu.ledger.models import Budget, Demand, Hold, HoldEntry
from qingfu.ledger.queries import hold_drafts
from qingfu.rulebook import load_calendar
from qingfu.units.models import Membership
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant

from .conftest import new_key


def tomorrow():
    return timezone.now() + timedelta(days=1)


def soon():
    """A moment that is over when the next statement runs, but not yet when it is asked for."""
    return timezone.now() + timedelta(milliseconds=150)


def wait_for(moment):
    import time

    time.sleep(max(0, (moment - timezone.now()).total_seconds()) + 0.02)


def test_a_hold_counts_as_used(county, written):
    assert hold(county.actor("王丽"), [written("语文", 40)], new_key(), tomorrow()).outcome == "held"
    answer = post(county.actor("李强"), [written("数学", 30)], new_key())
    assert answer.outcome == "refused"
    assert (answer.refusals[0].used, answer.refusals[0].held, answer.refusals[0].left) == (0, 40, 20)


def test_a_hold_that_does_not_fit_is_refused(county, written, rows):
    post(county.actor("李强"), [written("数学", 30)], new_key())
    assert hold(county.actor("王丽"), [written("语文", 40)], new_key(), tomorrow()).outcome == "refused"
    assert not rows(Hold)


def test_posting_converts_a_hold_in_one_step(county, written, rows):
    wang = county.actor("王丽")
    held = hold(wang, [written("语文", 60)], new_key(), tomorrow())
    answer = post(wang, [written("语文", 60)], new_key(), converts=[held.hold_id])
    assert answer.ok
    assert [b.used for b in rows(Budget)] == [60]
    assert [h.state for h in rows(Hold)] == ["converted"]


def test_without_converting_it_her_own_hold_is_in_her_way(county, written):
    wang = county.actor("王丽")
    hold(wang, [written("语文", 60)], new_key(), tomorrow())
    assert post(wang, [written("语文", 60)], new_key()).outcome == "refused"


def test_a_hold_is_converted_once(county, written, rows):
    wang = county.actor("王丽")
    held = hold(wang, [written("语文", 20)], new_key(), tomorrow())
    assert post(wang, [written("语文", 20)], new_key(), converts=[held.hold_id]).ok
    assert post(wang, [written("语文", 20)], new_key(), converts=[held.hold_id]).outcome == "hold_gone"
    assert len(rows(Demand)) == 1


def test_a_conversion_that_is_refused_leaves_the_hold(county, written, rows):
    wang = county.actor("王丽")
    held = hold(wang, [written("语文", 20)], new_key(), tomorrow())
    assert post(wang, [written("语文", 61)], new_key(), converts=[held.hold_id]).outcome == "refused"
    assert [h.state for h in rows(Hold)] == ["live"]


def test_a_released_hold_is_free_again(county, written):
    wang = county.actor("王丽")
    held = hold(wang, [written("语文", 60)], new_key(), tomorrow())
    assert release(wang, held.hold_id, new_key()).ok
    assert post(county.actor("李强"), [written("数学", 60)], new_key()).ok


def test_a_lapsed_hold_is_free_by_the_clock_before_any_job_runs(county, written, rows):
    until = soon()
    assert hold(county.actor("王丽"), [written("语文", 60)], new_key(), until).ok
    wait_for(until)
    assert post(county.actor("李强"), [written("数学", 60)], new_key()).ok
    assert [h.state for h in rows(Hold)] == ["live"]


def test_the_sweep_removes_what_lapsed_and_keeps_what_lives(county, written, rows):
    until = soon()
    hold(county.actor("王丽"), [written("语文", 20)], new_key(), until)
    hold(county.actor("李强"), [written("数学", 20)], new_key(), tomorrow())
    wait_for(until)
    assert sweep(county.tenant_id)["holds"] == 1
    assert [h.state for h in rows(Hold)] == ["expired", "live"]
    assert len(rows(HoldEntry)) == 1
    assert [b.held for b in rows(Budget)] == [1]


def test_a_stranger_converts_and_releases_nothing(county, written):
    held = hold(county.actor("王丽"), [written("语文", 20)], new_key(), tomorrow())
    with pytest.raises(Forbidden):
        post(county.actor("李强"), [written("数学", 20)], new_key(), converts=[held.hold_id])
    with pytest.raises(Forbidden):
        release(county.actor("李强"), held.hold_id, new_key())


def test_nobody_posts_in_the_name_of_a_colleague(county, written):
    wang, li = county.actor("王丽"), county.actor("李强")
    with pytest.raises(Forbidden):
        post(wang, [written("语文", 20, issuer_id=li.person_id)], new_key())


def test_a_colleague_yields_minutes_and_both_happen_or_neither(county, written, rows):
    """协商: 李强 has 30 of 60, 王丽 asks for 40 and holds what is left; 李强 accepts and gives 10."""
    wang, li = county.actor("王丽"), county.actor("李强")
    (own,) = post(li, [written("数学", 30)], new_key()).demand_ids
    held = hold(
        wang, [written("语文", 30)], new_key(), tomorrow(), asked_id=li.person_id, purpose="协商",
        wanted=[written("语文", 40)],
    )  # fmt: skip
    with as_tenant(county.tenant_id):
        (asked,) = hold_drafts(li, held.hold_id)
    too_little = post(li, [asked], new_key(), converts=[held.hold_id], trims=[Trim(own, 25)])
    assert too_little.outcome == "refused"
    assert [d.charged_minutes for d in rows(Demand)] == [30]
    answer = post(li, [asked], new_key(), converts=[held.hold_id], trims=[Trim(own, 20)])
    assert answer.ok
    assert [(d.issuer_id, d.charged_minutes, d.revision) for d in rows(Demand)] == [
        (li.person_id, 20, 1),
        (wang.person_id, 40, 0),
    ]
    assert [b.used for b in rows(Budget)] == [60]


@pytest.fixture
def asks_li(county, written):
    """王丽 holds 20 minutes of 语文 and asks 李强 for his consent."""
    li = county.actor("李强")
    held = hold(county.actor("王丽"), [written("语文", 20)], new_key(), tomorrow(), asked_id=li.person_id)
    with as_tenant(county.tenant_id):
        (draft,) = hold_drafts(li, held.hold_id)
    return held.hold_id, draft


@pytest.mark.parametrize("change", [{"text": "抄写全部生字"}, {"minutes": 50}, {"subject": "数学"}])
def test_who_is_asked_posts_in_her_name_nothing_but_what_she_wanted(county, asks_li, rows, change):
    hold_id, draft = asks_li
    with pytest.raises(Forbidden):
        post(county.actor("李强"), [replace(draft, **change)], new_key(), converts=[hold_id])
    with pytest.raises(Forbidden):
        post(county.actor("李强"), [draft, draft], new_key(), converts=[hold_id])
    assert not rows(Demand)


def test_what_she_may_no_longer_post_nobody_posts_in_her_name(county, asks_li, rows):
    hold_id, draft = asks_li
    with as_tenant(county.tenant_id):
        Membership.objects.filter(person=county.people["王丽"]).update(ends=timezone.localdate() - timedelta(days=1))
    with pytest.raises(Forbidden):
        post(county.actor("李强"), [draft], new_key(), converts=[hold_id])
    assert not rows(Demand)


def test_several_holds_of_one_request_end_each_by_itself(county, written, rows, evening):
    wang = county.actor("王丽")
    later = load_calendar().next_school_day(evening)
    several = [Reserve([written("语文", 20)], tomorrow()), Reserve([written("语文", 30, day=later)], tomorrow())]
    first, second = hold_all(wang, several, new_key()).hold_ids
    assert release(wang, first, new_key()).ok
    assert post(wang, [written("语文", 30, day=later)], new_key(), converts=[second]).ok
    assert [(h.id, h.first_day, h.state) for h in rows(Hold)] == [
        (first, evening, "released"),
        (second, later, "converted"),
    ]


def test_of_several_holds_all_fit_or_none_is_held(county, written, rows, evening):
    later = load_calendar().next_school_day(evening)
    several = [Reserve([written("语文", 20)], tomorrow()), Reserve([written("语文", 61, day=later)], tomorrow())]
    answer = hold_all(county.actor("王丽"), several, new_key())
    assert answer.outcome == "refused"
    assert answer.refusals[0].drafts == (1,)
    assert not rows(Hold)


def test_accepting_twice_with_one_key_trims_once(county, written, rows):
    li = county.actor("李强")
    (own,) = post(li, [written("数学", 30)], new_key()).demand_ids
    key = new_key()
    for _ in range(2):
        assert post(li, [written("数学", 5)], key, trims=[Trim(own, 20)]).ok
    assert [b.used for b in rows(Budget)] == [25]


def test_only_her_own_demand_is_trimmed(county, written):
    (hers,) = post(county.actor("王丽"), [written("语文", 30)], new_key()).demand_ids
    with pytest.raises(Forbidden):
        post(county.actor("李强"), [written("数学", 40)], new_key(), trims=[Trim(hers, 10)])
