"""What is left, who took it, and what would fit instead."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qingfu.ledger import reckoning
from qingfu.ledger.actions import grant_waiver, hold, post, publish_pack, withdraw
from qingfu.ledger.models import Demand
from qingfu.ledger.queries import (
    demands,
    explain,
    live_holds,
    remaining,
    rulebook_for,
    taken_by,
    waivers_in_force,
    what_fits,
)
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant

from .conftest import G3_6, new_key
from .packs import school_pack


@pytest.fixture
def here(county):
    with as_tenant(county.tenant_id):
        yield county


def test_an_untouched_day_has_the_whole_sixty_left(here, three1, evening):
    (state,) = remaining([three1.pk], [evening])[three1.pk, evening]
    assert (state.limit_id, state.cap, state.used, state.left, state.binding) == (G3_6, 60, 0, 60, True)
    assert state.document == "关于加强义务教育学校作业管理的通知"


def test_what_is_posted_and_what_is_held_is_no_longer_left(here, written, three1, evening):
    post(here.actor("王丽"), [written("语文", 25)], new_key())
    hold(here.actor("李强"), [written("数学", 10)], new_key(), timezone.now() + timedelta(days=1))
    (state,) = remaining([three1.pk], [evening])[three1.pk, evening]
    assert (state.used, state.held, state.taken, state.left) == (25, 10, 35, 25)


def test_the_schools_forty_five_is_the_binding_one(here, written, three1, evening):
    publish_pack(here.actor("孙校长"), here.schools["青禾县实验小学"].pk, school_pack(45))
    post(here.actor("王丽"), [written("语文", 20)], new_key())
    states = remaining([three1.pk], [evening])[three1.pk, evening]
    assert [(s.level, s.left, s.binding) for s in states] == [("nation", 40, False), ("school", 25, True)]


def test_a_waiver_adds_to_what_is_left_of_its_limit_only(here, three1, evening):
    publish_pack(here.actor("孙校长"), here.schools["青禾县实验小学"].pk, school_pack(45))
    grant_waiver(
        here.actor("孙校长"), three1.pk, "school.homework.written", evening, evening, 5, office="教导处",
        reason="期末复习", expires_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    assert [s.left for s in remaining([three1.pk], [evening])[three1.pk, evening]] == [60, 50]
    assert [w.office for w in waivers_in_force([three1.pk], evening)] == ["教导处"]


def test_a_rest_day_has_no_school_day_budget(here, three1, evening):
    rest = evening
    while load_calendar().day(rest).is_school_day:
        rest += timedelta(days=1)
    assert remaining([three1.pk], [rest]) == {(three1.pk, rest): []}


def test_the_number_of_queries_does_not_grow_with_classes_and_days(here, three1, evening):
    classes = [unit.pk for unit in here.classes.values()]
    week = [evening + timedelta(days=n) for n in range(7)]
    remaining(classes, week)
    counts = []
    for bearer_ids, days in (([three1.pk], [evening]), (classes, week)):
        with CaptureQueriesContext(connection) as queries:
            remaining(bearer_ids, days)
        counts.append(len(queries))
    assert counts == [2, 2]


def test_reads_see_what_another_process_published(here, three1):
    """As another process would: it publishes and this one only has its old heads."""
    school = here.schools["青禾县实验小学"]
    old = rulebook_for(school)
    publish_pack(here.actor("孙校长"), school.pk, school_pack(45))
    reckoning._kept.put(here.tenant_id, _stale(here, school, old))
    assert "school.homework" in {pack.id for pack in rulebook_for(school).packs}


def _stale(county, school, rulebook):
    from dataclasses import replace

    now = reckoning.current([school.pk])[school.pk]
    return replace(now, rulebook=rulebook, heads={unit_id: version - 1 for unit_id, version in now.heads.items()})


def test_who_took_what_is_told_by_subject(here, written, three1, evening):
    post(here.actor("王丽"), [written("语文", 15)], new_key())
    post(here.actor("李强"), [written("数学", 20)], new_key())
    (withdrawn,) = post(here.actor("陈静"), [written("英语", 10)], new_key()).demand_ids
    withdraw(here.actor("陈静"), [withdrawn], new_key())
    rows = taken_by(three1.pk, G3_6, str(evening))
    assert [(row["subject"], row["amount"]) for row in rows] == [("数学", 20), ("语文", 15)]


def test_a_demand_explains_what_it_takes_and_under_which_rule(here, written):
    post(here.actor("王丽"), [written("语文", 15)], new_key())
    (taken,) = explain(Demand.objects.get())
    assert (taken.limit_id, taken.amount, taken.in_force.level) == (G3_6, 15, "nation")


def test_the_notice_shows_what_was_asked_and_not_what_was_withdrawn_in_time(here, written, three1, evening):
    keep = post(here.actor("王丽"), [written("语文", 15)], new_key()).demand_ids
    gone = post(here.actor("李强"), [written("数学", 20)], new_key()).demand_ids
    withdraw(here.actor("李强"), gone, new_key())
    assert [d.id for d in demands([three1.pk], [evening])] == list(keep)


def test_what_would_fit_fewer_minutes_another_day_and_whom_to_ask(here, written, evening):
    post(here.actor("王丽"), [written("语文", 30)], new_key())
    post(here.actor("李强"), [written("数学", 20)], new_key())
    draft = written("英语", 25)
    (refusal,) = post(here.actor("陈静"), [draft], new_key()).refusals
    fit = what_fits(draft, refusal)
    assert fit.minutes == 10
    assert fit.day == load_calendar().next_school_day(evening)
    assert [(c.name, c.subject, c.amount) for c in fit.colleagues] == [("王丽", "语文", 30), ("李强", "数学", 20)]


def test_what_is_said_to_fit_fits(here, written):
    post(here.actor("王丽"), [written("语文", 50)], new_key())
    draft = written("英语", 25)
    (refusal,) = post(here.actor("陈静"), [draft], new_key()).refusals
    fit = what_fits(draft, refusal)
    assert post(here.actor("陈静"), [written("英语", fit.minutes)], new_key()).ok
    assert post(here.actor("陈静"), [written("英语", 25, day=fit.day)], new_key()).ok


def test_a_full_day_is_passed_over_and_a_full_week_leaves_no_day(here, written, evening):
    calendar, day, days = load_calendar(), evening, []
    while day <= evening + timedelta(days=7):
        days.append(day)
        day = calendar.next_school_day(day)
    for n, one in enumerate(days):
        post(here.actor("王丽"), [written("语文", 60, day=one)], new_key())
        draft = written("英语", 10)
        (refusal,) = post(here.actor("陈静"), [draft], new_key()).refusals
        fit = what_fits(draft, refusal)
        assert fit.minutes is None
        assert fit.day == (days[n + 1] if n + 1 < len(days) else None)


def test_fewer_minutes_are_stated_ones_not_charged_ones(here, written):
    """With a factor of 1.5, 20 minutes left are 13 stated ones."""
    from decimal import Decimal

    post(here.actor("王丽"), [written("语文", 40)], new_key())
    draft = written("英语", 30, factor=Decimal("1.5"))
    (refusal,) = post(here.actor("陈静"), [draft], new_key()).refusals
    assert (refusal.requested, refusal.left) == (45, 20)
    fit = what_fits(draft, refusal)
    assert fit.minutes == 13
    assert post(here.actor("陈静"), [written("英语", 13, factor=Decimal("1.5"))], new_key()).ok


def test_live_holds_are_found_by_whom_they_ask(here, written):
    li = here.actor("李强")
    held = hold(
        here.actor("王丽"), [written("语文", 20)], new_key(), timezone.now() + timedelta(days=1),
        asked_id=li.person_id,
    )  # fmt: skip
    assert [one.id for one in live_holds(asked_id=li.person_id)] == [held.hold_id]
