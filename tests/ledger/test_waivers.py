"""报批: a named person's permission to go over ONE limit, for one bearer, in a range of days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.ledger.actions import CannotBeWaived, grant_waiver, post, publish_pack, revoke_waiver, withdraw
from qingfu.ledger.models import Demand
from qingfu.units.queries import Forbidden

from .conftest import G3_6, new_key
from .packs import county_pack, school_pack

OWN = "school.homework.written"


@pytest.fixture
def school(county):
    school = county.schools["青禾县实验小学"]
    publish_pack(county.actor("孙校长"), school.pk, school_pack(45))
    return school


@pytest.fixture
def grant(county, three1, evening):
    def make(actor="孙校长", limit_id=OWN, extra=15, starts=evening, ends=evening, hours=24, bearer_id=three1.pk):
        return grant_waiver(
            county.actor(actor), bearer_id, limit_id, starts, ends, extra, office="教导处", reason="期末复习周",
            expires_at=timezone.now() + timedelta(hours=hours),
        )  # fmt: skip

    return make


def test_a_waiver_lifts_the_limit_it_names(county, written, school, grant, rows):
    grant()
    assert post(county.actor("王丽"), [written("语文", 60)], new_key()).ok
    (demand,) = rows(Demand)
    assert demand.verdict == "waived"
    assert [(o["limit_id"], o["how"]) for o in demand.over] == [(OWN, "waived")]


def test_a_waiver_on_the_local_45_never_passes_the_national_60(county, written, school, grant):
    grant(extra=100)
    answer = post(county.actor("王丽"), [written("语文", 61)], new_key())
    assert answer.outcome == "refused"
    assert [r.limit_id for r in answer.refusals] == [G3_6]


def test_a_waiver_lifts_by_so_much_and_no_more(county, written, school, grant):
    grant(extra=5)
    wang = county.actor("王丽")
    assert post(wang, [written("语文", 50)], new_key()).ok
    answer = post(wang, [written("语文", 1)], new_key())
    assert (answer.refusals[0].waived, answer.refusals[0].left) == (5, 0)


def test_a_national_must_cannot_be_waived(school, grant):
    with pytest.raises(CannotBeWaived):
        grant(limit_id=G3_6)


def test_a_local_must_is_waived_by_its_issuer_only(county, school, grant):
    publish_pack(county.actor("管理员"), county.unit.pk, county_pack(50))
    with pytest.raises(Forbidden):
        grant(actor="孙校长", limit_id="county.homework.written")
    assert grant(actor="管理员", limit_id="county.homework.written").pk


def test_a_principle_is_waived_by_whoever_may_for_the_bearer(county, written, school, grant):
    publish_pack(county.actor("管理员"), county.unit.pk, county_pack(30, force="principle"))
    wang = county.actor("王丽")
    assert post(wang, [written("语文", 40)], new_key()).outcome == "needs_waiver"
    grant(actor="孙校长", limit_id="county.homework.written", extra=10)
    assert post(wang, [written("语文", 40)], new_key()).ok


def test_a_teacher_and_a_dean_grant_nothing(school, grant):
    for name in ("王丽", "周涛"):
        with pytest.raises(Forbidden):
            grant(actor=name)


def test_a_waiver_is_for_one_bearer(county, written, school, grant):
    grant()
    three2 = county.class_("三(2)班").pk
    assert post(county.actor("王丽"), [written("语文", 60, bearer_id=three2)], new_key()).outcome == "refused"


def test_a_waiver_holds_only_in_its_days(county, written, school, grant, evening):
    grant(starts=evening + timedelta(days=1), ends=evening + timedelta(days=3))
    assert post(county.actor("王丽"), [written("语文", 60)], new_key()).outcome == "refused"


def test_a_waiver_that_has_run_out_lifts_nothing(county, written, school, grant):
    grant(hours=-1)
    assert post(county.actor("王丽"), [written("语文", 60)], new_key()).outcome == "refused"


def test_a_waiver_that_names_its_attempt_serves_that_one_once_and_nobody_else(county, written, school, evening, three1):
    wang, li, key = county.actor("王丽"), county.actor("李强"), new_key()
    grant_waiver(
        county.actor("孙校长"), three1.pk, OWN, evening, evening, 15, office="教导处", reason="期末复习",
        attempt=(wang.person_id, key),
    )  # fmt: skip
    assert post(wang, [written("语文", 60)], new_key()).outcome == "refused"
    assert post(li, [written("语文", 60)], key).outcome == "refused"
    first = post(wang, [written("语文", 60)], key)
    assert first.ok and post(wang, [written("语文", 60)], key).attempt_id == first.attempt_id
    assert withdraw(wang, first.demand_ids, new_key()).ok
    assert post(wang, [written("语文", 60)], new_key()).outcome == "refused"


@pytest.mark.parametrize("given", [{}, {"expires_at": timezone.now() + timedelta(days=1), "attempt": (1, "键")}])
def test_a_waiver_ends_or_names_its_attempt(county, three1, school, evening, given):
    with pytest.raises(ValueError):
        grant_waiver(
            county.actor("孙校长"), three1.pk, OWN, evening, evening, 5, office="教导处", reason="期末", **given
        )  # fmt: skip


def test_a_revoked_waiver_lifts_nothing_more_and_what_was_posted_stands(county, written, school, grant, rows):
    waiver = grant()
    wang = county.actor("王丽")
    assert post(wang, [written("语文", 55)], new_key()).ok
    revoke_waiver(county.actor("孙校长"), waiver.pk)
    assert post(wang, [written("语文", 1)], new_key()).outcome == "refused"
    assert [d.state for d in rows(Demand)] == ["posted"]


def test_a_waiver_needs_office_and_reason(county, three1, school, evening):
    with pytest.raises(ValueError):
        grant_waiver(
            county.actor("孙校长"), three1.pk, OWN, evening, evening, 5, office="", reason="期末",
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
