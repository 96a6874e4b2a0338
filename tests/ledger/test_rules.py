"""Packs: published whole, never changed, in force from the next post on. Every limit keeps its own budget."""

import pytest

from qingfu.ledger.actions import post, publish_pack, sync_national
from qingfu.ledger.models import Budget, Demand, Entry, Head, Pack
from qingfu.rulebook import RulebookError
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county

from .conftest import G3_6, new_key
from .packs import county_pack, school_pack


@pytest.fixture
def school(county):
    return county.schools["青禾县实验小学"]


@pytest.fixture
def principal(county):
    return county.actor("孙校长")


def test_the_national_sixty_and_the_schools_forty_five_both_count(county, written, school, principal, rows):
    publish_pack(principal, school.pk, school_pack(45))
    answer = post(county.actor("王丽"), [written("语文", 46)], new_key())
    assert [(r.limit_id, r.level, r.cap) for r in answer.refusals] == [("school.homework.written", "school", 45)]
    assert post(county.actor("王丽"), [written("语文", 45)], new_key()).ok
    assert {b.limit_id: b.used for b in rows(Budget)} == {G3_6: 45, "school.homework.written": 45}


def test_lowering_a_cap_from_60_to_45_with_55_used_rewrites_nothing_and_refuses_the_next_minute(
    county, written, school, principal, rows
):
    publish_pack(principal, school.pk, school_pack(60))
    post(county.actor("王丽"), [written("语文", 55)], new_key())
    before = [(b.limit_id, b.used) for b in rows(Budget)], len(rows(Entry)), len(rows(Demand))
    publish_pack(principal, school.pk, school_pack(45))
    answer = post(county.actor("李强"), [written("数学", 1)], new_key())
    assert answer.outcome == "refused"
    (refusal,) = answer.refusals
    assert (refusal.cap, refusal.used, refusal.left) == (45, 55, 0)
    assert before == ([(b.limit_id, b.used) for b in rows(Budget)], len(rows(Entry)), len(rows(Demand)))


def test_a_county_pack_binds_every_school_of_the_county(county, written):
    publish_pack(county.actor("管理员"), county.unit.pk, county_pack(50))
    assert post(county.actor("王丽"), [written("语文", 51)], new_key()).outcome == "refused"


def test_a_county_pack_binds_no_other_county(county, written, national):
    other = make_county()
    publish_pack(other.actor("管理员"), other.unit.pk, county_pack(10))
    assert post(county.actor("王丽"), [written("语文", 60)], new_key()).ok


def test_a_new_limit_does_not_charge_what_stands(county, written, school, principal, rows):
    post(county.actor("王丽"), [written("语文", 50)], new_key())
    publish_pack(principal, school.pk, school_pack(45))
    assert [b.limit_id for b in rows(Budget)] == [G3_6]


def test_a_published_version_stays_and_the_next_gets_the_next_number(county, school, principal, rows):
    publish_pack(principal, school.pk, school_pack(45))
    publish_pack(principal, school.pk, school_pack(40))
    assert [(p.version, "cap = 45" in p.toml) for p in rows(Pack, unit=school)] == [(1, True), (2, False)]


def test_a_general_limit_warns_and_passes_with_a_written_reason(county, written, school, principal, rows):
    publish_pack(principal, school.pk, school_pack(30, force="general"))
    wang = county.actor("王丽")
    assert post(wang, [written("语文", 40)], new_key()).outcome == "needs_reason"
    assert post(wang, [written("语文", 40, reason="单元复习")], new_key()).ok
    (demand,) = rows(Demand)
    assert (demand.verdict, demand.reason) == ("warned", "单元复习")
    assert demand.over == [{"limit_id": "school.homework.written", "window_key": str(demand.day), "how": "warned"}]


def test_an_encouraging_limit_only_informs(county, written, school, principal, rows):
    publish_pack(principal, school.pk, school_pack(30, force="encourage"))
    assert post(county.actor("王丽"), [written("语文", 40)], new_key()).ok
    assert [d.verdict for d in rows(Demand)] == ["informed"]


def test_a_principle_needs_a_waiver(county, written, school, principal):
    publish_pack(principal, school.pk, school_pack(30, force="principle"))
    assert post(county.actor("王丽"), [written("语文", 40)], new_key()).outcome == "needs_waiver"


def test_a_principal_publishes_for_her_school_only(county, school, principal):
    with pytest.raises(Forbidden):
        publish_pack(principal, county.schools["青禾县第一中学"].pk, school_pack(45))
    with pytest.raises(Forbidden):
        publish_pack(county.actor("王丽"), school.pk, school_pack(45))


def test_a_school_publishes_no_county_pack(school, principal):
    with pytest.raises(RulebookError) as wrong:
        publish_pack(principal, school.pk, county_pack(45))
    assert wrong.value.field == "level"


def test_a_school_cannot_take_the_id_of_a_limit_above_it(county, school, principal):
    publish_pack(county.actor("管理员"), county.unit.pk, county_pack(50))
    stolen = school_pack(90).replace("school.homework.written", "county.homework.written")
    with pytest.raises(RulebookError) as wrong:
        publish_pack(principal, school.pk, stolen)
    assert wrong.value.limit == "county.homework.written"


def test_syncing_the_national_packs_again_changes_nothing(national):
    assert sync_national() == []


def test_a_change_of_grade_is_a_change_of_limits(county, written, three1):
    """Nobody tells the ledger: the trigger on the tree moves the head."""
    wang = county.actor("王丽")
    post(wang, [written("语文", 1)], new_key())
    with as_tenant(county.tenant_id):
        Unit.objects.filter(pk=three1.pk).update(grade=2)
    answer = post(wang, [written("语文", 1)], new_key())
    assert answer.outcome == "refused"
    assert answer.refusals[0].limit_id == "cn.homework.g1-2.home"


def test_every_institution_has_a_head_and_a_class_has_none(county, rows):
    heads = {head.unit_id for head in rows(Head)}
    assert heads == {county.tenant_id, *(school.pk for school in county.schools.values())}
