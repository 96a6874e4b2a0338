"""督查检查考核: the list, the month's notice, merging, sealed visits, the checklist, enterprises."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.ledger.models import Budget
from qingfu.offices import actions, queries
from qingfu.offices.actions import NotInPlace
from qingfu.offices.inspecting import asking_of, months_between
from qingfu.offices.models import Ask, ChecklistTally, Listed, SealedVisit, Visit
from qingfu.planning.merge.check import check
from qingfu.units.actions import add_units
from qingfu.units.models import AuditRecord
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import new_key
from tests.units.browser import signed_in_as

TODAY = timezone.localdate()
YEAR = TODAY.year + 1  # a whole year to plan in, whatever day the tests run
HEALTH, FARM, SAFETY = "县卫生健康局", "县农业农村局", "县应急管理局"


def facts(title: str, *kinds: str, **more) -> dict:
    basis = {"visit_type": "special", "content": "现场看，不要材料", "minutes": 120, "teams": 3, "year": YEAR}
    return {"title": title, "kinds": list(kinds), **basis, **more}


def filed(county, bureau: str, title: str, *kinds: str, announced: date | None = None, **more) -> Listed:
    made = actions.propose_listed(county.actor(f"文秘{bureau}"), county[bureau], **facts(title, *kinds, **more))
    listed = actions.file_listed(county.actor("督查室"), made.pk, accept=True)
    if announced:
        with as_tenant(county.tenant_id):
            Listed.objects.filter(pk=listed.pk).update(announced_on=announced)
    return listed


def plan(county, listed: Listed, bureau: str, *places: str, first=date(YEAR, 3, 2), last=date(YEAR, 3, 20)):
    ids = [county[name].pk for name in places]
    return actions.plan_visits(county.actor(f"文秘{bureau}"), listed.pk, ids, first, last)


def set_day(county, visits, day: date) -> None:
    with as_tenant(county.tenant_id):
        Visit.objects.filter(pk__in=[visit.pk for visit in visits]).update(day=day)


def put(county, listed: Listed, bureau: str, day: date, **more):
    return actions.ask_visits(county.actor(f"文秘{bureau}"), listed.pk, day, new_key(), **more)


def made(county, listed: Listed, *places: str, day: date) -> None:
    """Visits that were asked and made: their Ask stands."""
    with as_tenant(county.tenant_id):
        for name in places:
            person = county.people["督查室"]
            what = {"unit": listed.unit, "asker": person, "kind": "visit", "day": day, "state": "posted"}
            ask = Ask.objects.create(**what, key=new_key())
            Visit.objects.create(listed=listed, place=county[name], first=day, last=day, day=day, ask=ask)


def test_only_the_planner_files_and_what_is_returned_says_why(county):
    item = actions.propose_listed(county.actor(f"文秘{HEALTH}"), county[HEALTH], **facts("食堂检查", "school"))
    with pytest.raises(Forbidden):
        actions.file_listed(county.actor(f"负责人{HEALTH}"), item.pk, accept=True)
    with pytest.raises(NotInPlace, match="理由"):
        actions.file_listed(county.actor("督查室"), item.pk, accept=False)
    assert actions.file_listed(county.actor("督查室"), item.pk, accept=False, reason="并入综合督导").state == "returned"
    with pytest.raises(NotInPlace, match="清单之外"):
        plan(county, item, HEALTH, "县第一中学")


def test_filing_tells_those_below_content_and_scope_but_not_day_or_place(county):
    listed = filed(county, HEALTH, "饮用水检查", "school")
    plan(county, listed, HEALTH, "县第一中学")
    with as_tenant(county.tenant_id):
        at_school = list(queries.notices_for(county["清水镇中心小学"], TODAY))
        at_village = list(queries.notices_for(county["柳湾村"], TODAY))
    assert listed in at_school and listed not in at_village and listed.announced_on == TODAY
    assert not {"day", "place", "first", "last"} & {field.name for field in Listed._meta.get_fields()}


@pytest.mark.parametrize("announced, short", [(date(YEAR, 2, 10), False), (date(YEAR, 2, 11), True)])
def test_a_visit_of_any_sort_within_a_month_of_its_notice_says_so(county, announced, short):
    listed, day = filed(county, FARM, f"耕地检查{announced}", "village", announced=announced), date(YEAR, 3, 10)
    set_day(county, plan(county, listed, FARM, "柳湾村"), day)
    address = reverse("offices:inspection", args=[listed.pk])
    assert ("公布不满一个月" in signed_in_as(county, f"文秘{FARM}").get(address).content.decode()) == short


def test_a_comprehensive_inspection_needs_a_month_of_notice_and_comes_once_a_year(own_county):
    school, day = "县第一中学", date(YEAR, 3, 10)
    listed = filed(own_county, HEALTH, "综合督导", "school", visit_type="comprehensive")
    for announced, outcome in ((date(YEAR, 2, 11), "refused"), (date(YEAR, 2, 10), "posted")):
        with as_tenant(own_county.tenant_id):
            Listed.objects.filter(pk=listed.pk).update(announced_on=announced)
            Visit.objects.all().delete()
        set_day(own_county, plan(own_county, listed, HEALTH, school), day)
        result = put(own_county, listed, HEALTH, day)
        assert result.outcome == outcome
    later = date(YEAR, 9, 15)
    again = filed(own_county, FARM, "劳动教育督导", "school", visit_type="comprehensive", announced=date(YEAR, 1, 5))
    set_day(own_county, plan(own_county, again, FARM, school, first=later, last=later), later)
    refused = put(own_county, again, FARM, later)
    assert refused.outcome == "refused"
    assert "cn.teachers.supervision" in {one.limit_id for one in refused.answer.refusals}


def test_what_is_not_listed_this_year_is_refused_by_the_rulebook_too(county):
    listed = filed(county, SAFETY, "校园消防", "school", announced=TODAY)
    with as_tenant(county.tenant_id):
        asking = asking_of(listed, date(YEAR + 1, 3, 3), [county["县第一中学"]])
    assert asking.attributes["listed_this_year"] is False
    result = actions.ask(county.actor(f"文秘{SAFETY}"), county[SAFETY], asking, new_key())
    assert "cn.teachers.visits.listed" in {one.limit_id for one in result.answer.refusals}


@pytest.mark.parametrize("announced, day, months", [
    (date(2026, 1, 15), date(2026, 2, 14), 0), (date(2026, 1, 15), date(2026, 2, 15), 1),
    (date(2026, 12, 1), date(2027, 2, 1), 2), (None, date(2026, 2, 15), 0), (date(2026, 3, 1), date(2026, 2, 1), 0),
])  # fmt: skip
def test_months_of_notice_are_whole_months(announced, day, months):
    assert months_between(announced, day) == months


@pytest.fixture(scope="module")
def merging(national):  # noqa: F811
    """A county in which three bureaus want the same villages in the same weeks, merged and taken."""
    from tests.offices.county import make_office_county

    county = make_office_county()
    villages = [unit.name for unit in county.villages]
    for bureau, title in ((FARM, "秸秆禁烧"), (HEALTH, "村卫生室"), (SAFETY, "防汛物资")):
        plan(county, filed(county, bureau, title, "village", teams=6), bureau, *villages)
    planner = county.actor("督查室")
    actions.keep_quiet(planner, county.unit, date(YEAR, 3, 2), date(YEAR, 3, 6), "春耕", ["village"])
    hidden = filed(county, FARM, "农资市场", "village")
    actions.seal_visit(county.actor(f"文秘{FARM}"), hidden.pk, county["柳湾村"].pk, date(YEAR, 3, 12))
    return county, actions.merge_visits(planner, county.unit, date(YEAR, 3, 1), date(YEAR, 3, 31))


def test_three_bureaus_to_six_villages_are_merged_into_six_days_and_the_gain_is_shown(merging):
    _county, proposal = merging
    gain = queries.gain_of(proposal)
    assert (gain.visits, gain.days, gain.saved, gain.is_fewest) == (18, 6, 12, True)
    assert check(proposal.published) == []


def test_merging_keeps_quiet_days_and_says_nothing_of_sealed_visits(merging):
    _county, proposal = merging
    assert min(day["day"] for day in proposal.published["days"]) > f"{YEAR}-03-06"
    assert "农资市场" not in str(proposal.published) and "sealed" not in proposal.published["request"]


def test_a_plan_that_is_taken_gives_days_and_moves_nothing_that_was_asked(merging):
    county, proposal = merging
    planner = county.actor("督查室")
    with pytest.raises(Forbidden):
        actions.adopt_plan(county.actor(f"文秘{FARM}"), county.unit, proposal.pk)
    assert actions.adopt_plan(planner, county.unit, proposal.pk) == 18
    with pytest.raises(NotInPlace):
        actions.adopt_plan(planner, county.unit, proposal.pk)
    with as_tenant(county.tenant_id):
        listed = Listed.objects.get(title="秸秆禁烧")
        first = queries.days_of(listed)[0]
        company = queries.company_of(listed)
    assert set(company[first.visits[0].pk]) == {HEALTH, SAFETY}
    assert put(county, listed, FARM, first.day).outcome == "posted"
    again = actions.merge_visits(planner, county.unit, date(YEAR, 3, 1), date(YEAR, 3, 31))
    actions.adopt_plan(planner, county.unit, again.pk)
    with as_tenant(county.tenant_id):
        kept = Visit.objects.filter(pk__in=[visit.pk for visit in first.visits])
        assert {visit.day for visit in kept} == {first.day}


def test_a_sealed_visit_is_stored_as_a_hash_alone_and_debited_when_it_is_opened(own_county):
    with as_tenant(own_county.tenant_id):
        place = own_county["柳湾村"]
    listed = filed(own_county, HEALTH, "村卫生室暗访", "village", year=TODAY.year)
    clerk = own_county.actor(f"文秘{HEALTH}")
    sealed, code = actions.seal_visit(clerk, listed.pk, place.pk, TODAY)
    with as_tenant(own_county.tenant_id):
        assert not Visit.objects.exists()
        assert {field.name for field in SealedVisit._meta.fields} == {
            "id", "tenant_id", "listed", "sha256", "sealed_at", "void", "visit"
        }  # fmt: skip
        trail = str(list(AuditRecord.objects.filter(action="seal_visit").values()))
        assert "柳湾村" not in trail and code not in trail
    for wrong in ((own_county["前楼村"].pk, TODAY, code), (place.pk, TODAY, "0" * 32), (place.pk, TODAY, "短")):
        with pytest.raises(NotInPlace, match="不一致"):
            actions.open_sealed(clerk, sealed.pk, *wrong, new_key())
    result = actions.open_sealed(clerk, sealed.pk, place.pk, TODAY, code, new_key())
    with as_tenant(own_county.tenant_id):
        assert Visit.objects.get().ask == result.ask and result.ask.demands().filter(bearer_id=place.pk).exists()
    with pytest.raises(NotInPlace):
        actions.void_sealed(clerk, sealed.pk, "没有去")


def test_an_opened_visit_over_a_limit_is_recorded_and_becomes_a_finding(own_county):
    listed = filed(own_county, HEALTH, "综合暗访", "school", visit_type="comprehensive", year=TODAY.year)
    clerk, school = own_county.actor(f"文秘{HEALTH}"), own_county["县第一中学"].pk
    sealed, code = actions.seal_visit(clerk, listed.pk, school, TODAY)
    assert actions.open_sealed(clerk, sealed.pk, school, TODAY, code, new_key()).ask.state == "posted"
    with as_tenant(own_county.tenant_id):
        assert Finding.objects.filter(kind="recorded_over").exists(), "nothing was announced a month ahead"


def test_a_sealed_visit_keeps_quiet_days_too(county):
    listed = filed(county, SAFETY, "烟花爆竹", "village")
    day = date(YEAR, 6, 3)
    actions.keep_quiet(county.actor("督查室"), county.unit, day, day, "夏收", ["village"])
    with pytest.raises(NotInPlace, match="暗访也不去"):
        actions.seal_visit(county.actor(f"文秘{SAFETY}"), listed.pk, county["柳湾村"].pk, day)


def test_the_checklist_keeps_counts_alone_and_shows_them_in_batches(own_county):
    listed = filed(own_county, FARM, "高标准农田", "village", year=TODAY.year)
    names = [unit.name for unit in own_county.villages][:5]
    made(own_county, listed, *names, day=TODAY)
    with as_tenant(own_county.tenant_id):
        visits = {visit.place.name: visit.pk for visit in Visit.objects.select_related("place")}
        before = AuditRecord.objects.count()
    for number, name in enumerate(names, start=1):
        with as_tenant(own_county.tenant_id):
            assert queries.tallies(TODAY.year) == [], f"nothing is shown before the fifth answer, {number} now"
        actions.answer_checklist(own_county.actor(f"书记{name}"), visits[name], ["photos"] if number < 4 else [])
    with as_tenant(own_county.tenant_id):
        [(tally, rows)] = queries.tallies(TODAY.year)
        assert AuditRecord.objects.count() == before, "the trail says nothing of who answered"
    assert (tally.listed, tally.shown_answers, rows) == (listed, 5, [("要照片、视频来证明做了", 3)])
    with pytest.raises(NotInPlace):
        actions.answer_checklist(own_county.actor(f"书记{names[0]}"), visits[names[0]], ["photos"])
    with pytest.raises(Forbidden):
        actions.answer_checklist(own_county.actor(f"书记{names[1]}"), visits[names[0]], [])


def test_where_fewer_than_five_were_visited_the_answer_goes_to_the_countys_pool(own_county):
    listed = filed(own_county, FARM, "种子市场", "village", year=TODAY.year)
    made(own_county, listed, "柳湾村", "前楼村", "大槐村", "东沟村", day=TODAY)
    with as_tenant(own_county.tenant_id):
        visit = Visit.objects.get(place=own_county["柳湾村"])
        assert not queries.can_be_anonymous(listed, TODAY)
    actions.answer_checklist(own_county.actor("书记柳湾村"), visit.pk, ["heads"])
    with as_tenant(own_county.tenant_id):
        tally = ChecklistTally.objects.get()
    assert (tally.listed, tally.counts) == (None, {"heads": 1})


@pytest.fixture
def enterprise(own_county):
    with as_tenant(own_county.tenant_id):
        code = f"{own_county.unit.code}Q1"
        row = {"kind": "enterprise", "name": "青禾面粉厂", "code": code, "attributes": {"risk": "low"}}
        [own_county.units["青禾面粉厂"]] = add_units(own_county["清水镇"], [row])
    caps = {"low": 1, "middle": 2, "high": 4}
    actions.publish_caps(own_county.actor("管理员"), own_county.unit, own_county[SAFETY], caps)
    return own_county


def test_an_authority_inspects_one_enterprise_no_more_often_than_its_published_cap_for_the_risk(enterprise):
    county = enterprise
    with as_tenant(county.tenant_id):
        [caps] = queries.caps_in_force(county.unit, TODAY)
    assert (caps.unit.name, caps.low, caps.middle, caps.high) == (SAFETY, 1, 2, 4)
    listed = filed(county, SAFETY, "粉尘防爆", "enterprise", basis="安全生产法")
    outcomes = []
    for day in (date(YEAR, 3, 10), date(YEAR, 9, 10)):
        set_day(county, plan(county, listed, SAFETY, "青禾面粉厂", first=day, last=day), day)
        outcomes.append(put(county, listed, SAFETY, day))
    assert [one.outcome for one in outcomes] == ["posted", "refused"]
    with as_tenant(county.tenant_id):
        budget = Budget.objects.get(bearer_id=county["青禾面粉厂"].pk, limit_id__contains="enterprise-visits")
    assert budget.used == 1
    other = filed(county, HEALTH, "职业病防治", "enterprise", basis="职业病防治法")
    set_day(county, plan(county, other, HEALTH, "青禾面粉厂", first=day, last=day), day)
    assert put(county, other, HEALTH, day).outcome == "posted", "each authority has a cap of its own"


def test_an_inspection_of_an_enterprise_without_a_law_is_refused(enterprise):
    listed, day = filed(enterprise, SAFETY, "走访", "enterprise"), date(YEAR, 3, 10)
    set_day(enterprise, plan(enterprise, listed, SAFETY, "青禾面粉厂", first=day, last=day), day)
    refused = put(enterprise, listed, SAFETY, day)
    assert "cn.visits.enterprise.body" in {one.limit_id for one in refused.answer.refusals}


def test_caps_rise_with_the_risk_and_only_the_county_publishes_them(enterprise):
    county, unit = enterprise.unit, enterprise[SAFETY]
    with pytest.raises(NotInPlace):
        actions.publish_caps(enterprise.actor("管理员"), county, unit, {"low": 3, "middle": 2, "high": 4})
    with pytest.raises(Forbidden):
        actions.publish_caps(enterprise.actor("督查室"), county, unit, {"low": 1, "middle": 2, "high": 4})


@pytest.mark.parametrize("first, last, words", [
    (TODAY, TODAY, "明天"), (date(YEAR, 3, 9), date(YEAR, 3, 2), "窗口"),
    (date(YEAR + 1, 1, 5), date(YEAR + 1, 1, 9), "清单的那一年"),
])  # fmt: skip
def test_a_window_that_cannot_be_says_what_to_do(county, first, last, words):
    with as_tenant(county.tenant_id):
        listed = Listed.objects.filter(unit=county[FARM], title="窗口试验").first()
    listed = listed or filed(county, FARM, "窗口试验", "village")
    with pytest.raises(NotInPlace, match=words):
        plan(county, listed, FARM, "柳湾村", first=first, last=last)


def test_places_outside_the_filed_scope_are_refused(county):
    listed = filed(county, FARM, "只查村", "village")
    with pytest.raises(NotInPlace, match="那几类单位"):
        plan(county, listed, FARM, "县第一中学")
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(NotInPlace):
        actions.seal_visit(county.actor(f"文秘{FARM}"), listed.pk, county["县第一中学"].pk, tomorrow)


def test_a_visit_that_was_not_asked_can_be_dropped_and_planned_again(county):
    listed = filed(county, FARM, "改期试验", "village")
    [visit] = plan(county, listed, FARM, "柳湾村")
    with pytest.raises(NotInPlace, match="已经在排"):
        plan(county, listed, FARM, "柳湾村")
    with pytest.raises(Forbidden):
        actions.drop_visit(county.actor(f"文秘{HEALTH}"), visit.pk)
    actions.drop_visit(county.actor(f"文秘{FARM}"), visit.pk)
    [again] = plan(county, listed, FARM, "柳湾村")
    set_day(county, [again], date(YEAR, 3, 9))
    assert put(county, listed, FARM, date(YEAR, 3, 9)).outcome == "posted"
    with pytest.raises(Visit.DoesNotExist):
        actions.drop_visit(county.actor(f"文秘{FARM}"), again.pk)


def test_an_emergency_inspection_needs_no_list_and_is_counted_apart(own_county):
    client = signed_in_as(own_county, f"文秘{SAFETY}")
    said = {"places": [own_county["县第一中学"].pk], "day": TODAY, "minutes": 60, "reason": "校舍险情排查"}
    client.post(reverse("offices:inspection_emergency"), said)
    with as_tenant(own_county.tenant_id):
        ask = Ask.objects.get()
    assert ask.emergency and ask.state == "posted" and ask.reason == "校舍险情排查"


def test_the_page_that_shows_the_code_is_the_only_one_and_stays_under_the_offices_own_name(own_county):
    listed = filed(own_county, FARM, "农资打假", "village", year=TODAY.year)
    client = signed_in_as(own_county, f"文秘{FARM}")
    said = {"place": own_county["柳湾村"].pk, "day": TODAY}
    shown = client.post(reverse("offices:inspection_seal", args=[listed.pk]), said).content.decode()
    assert shown.count("柳湾村") == 1, "in the card, not in the head of the page"
    code = shown.partition('code-block">')[2].partition("<")[0]
    later = client.get(reverse("offices:inspection", args=[listed.pk])).content.decode()
    assert len(code) == 32 and code not in later
