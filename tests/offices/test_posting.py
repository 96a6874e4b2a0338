"""The one way an office asks: verdicts, the two offices, arrivals, emergencies, relays, withdrawals."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from qingfu.ledger.actions import KeyReused, freeze_baseline
from qingfu.ledger.models import Budget, Demand
from qingfu.offices import actions, queries
from qingfu.offices.actions import NotGranted, NotInPlace
from qingfu.offices.models import Ask
from qingfu.offices.queries import standing
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import asking, new_key
from tests.units.browser import signed_in_as

ASSESSED = {"assessed": True, "document_type": "policy"}
TOMORROW = timezone.localdate() + timedelta(days=1)


def put(county, who: str, unit: str, what, key=None, **more):
    return actions.ask(county.actor(who), county[unit], what, key or new_key(), **more)


def document(*units, characters=3000, **more):
    attributes = {**ASSESSED, **more.pop("attributes", {})}
    return asking("document", *units, amounts={"characters": characters}, attributes=attributes, **more)


def system_meeting(*units, **more):
    return asking("meeting", *units, amounts={"minutes": 90, "half_days": 1}, attributes={"meeting_type": "system"},
                  venue="county", day=TOMORROW, **more)  # fmt: skip


def demands_of(county, ask: Ask) -> list[Demand]:
    with as_tenant(county.tenant_id):
        return list(ask.demands().order_by("id"))


def test_what_fits_is_posted_to_every_bearer_and_stands_in_the_issuers_own_account(county):
    result = put(county, "文秘县农业农村局", "县农业农村局", document(*county.townships))
    own, *theirs = demands_of(county, result.ask)
    assert (own.bearer_id, own.attributes["account"]) == (county["县农业农村局"].pk, "department")
    assert {one.bearer_id for one in theirs} == {one.pk for one in county.townships}
    assert {one.issuer_unit_id for one in theirs} == {county["县农业农村局"].pk}
    assert result.ask.minutes == sum(one.attributes["estimated_minutes"] for one in theirs) > 0


def test_only_the_issuers_account_is_charged_with_limits_on_departments(own_county):
    result = put(own_county, "文秘县农业农村局", "县农业农村局", document(own_county["县卫生健康局"]))
    assert result.outcome == "posted"
    with as_tenant(own_county.tenant_id):
        charged = set(Budget.objects.filter(limit_id="cn.documents.count").values_list("bearer_id", flat=True))
    assert charged == {own_county["县农业农村局"].pk}


def test_a_document_over_its_length_goes_on_with_a_written_explanation(county):
    long = document(county["清水镇"], characters=5001)
    first = put(county, "文秘县农业农村局", "县农业农村局", long)
    assert first.outcome == "needs_reason" and first.ask is None
    said = document(county["清水镇"], characters=5001, reason="附件多，已请示")
    assert put(county, "文秘县农业农村局", "县农业农村局", said).outcome == "posted"


def test_a_document_without_the_assessment_is_refused_and_says_which_rule(county):
    result = put(county, "文秘县农业农村局", "县农业农村局", asking("document", county["清水镇"]))
    assert result.outcome == "refused" and result.ask is None
    assert "cn.documents.assessed" in {one.limit_id for one in result.answer.refusals}


def test_a_second_system_meeting_waits_for_the_two_offices_and_is_posted_when_they_allow_it(own_county):
    who, unit = "文秘县农业农村局", "县农业农村局"
    assert put(own_county, who, unit, system_meeting(*own_county.townships)).outcome == "posted"
    again = system_meeting(*own_county.townships, reason="防汛总结与部署合并")
    assert put(own_county, who, unit, again).outcome == "needs_waiver"
    waiting = put(own_county, who, unit, again, review=True).ask
    assert waiting.state == Ask.State.WAITING and waiting.over[0]["limit_id"] == "cn.meetings.system"
    reviewer = own_county.actor("两办")
    with pytest.raises(Forbidden):
        actions.grant(own_county.actor("负责人县农业农村局"), waiting.pk, "同意", new_key())
    with pytest.raises(NotGranted):
        actions.grant(reviewer, waiting.pk, " ", new_key())
    assert actions.grant(reviewer, waiting.pk, "情况属实，同意", new_key()).ok
    with as_tenant(own_county.tenant_id):
        waiting.refresh_from_db()
        made = waiting.demands().first()
    assert waiting.state == Ask.State.POSTED and waiting.drafts == []
    assert (made.verdict, made.issuer_id) == ("waived", own_county.people[who].pk)
    third = put(own_county, who, unit, again)
    assert third.outcome == "needs_waiver", "the permission was for one meeting"


def test_what_the_two_offices_decline_is_not_posted(own_county):
    who, unit = "文秘县农业农村局", "县农业农村局"
    put(own_county, who, unit, system_meeting(own_county["清水镇"]))
    waiting = put(own_county, who, unit, system_meeting(own_county["清水镇"], reason="再开一次"), review=True).ask
    actions.decline(own_county.actor("两办"), waiting.pk, "与上月会议内容重复")
    with as_tenant(own_county.tenant_id):
        waiting.refresh_from_db()
        assert not waiting.demands().exists()
    assert (waiting.state, waiting.decision) == (Ask.State.DECLINED, "与上月会议内容重复")
    with pytest.raises(NotGranted):
        actions.grant(own_county.actor("两办"), waiting.pk, "同意", new_key())


def test_without_a_reason_nothing_goes_to_the_two_offices(own_county):
    put(own_county, "文秘县农业农村局", "县农业农村局", system_meeting(own_county["清水镇"]))
    with pytest.raises(NotInPlace):
        put(own_county, "文秘县农业农村局", "县农业农村局", system_meeting(own_county["清水镇"]), review=True)


def test_an_emergency_is_always_posted_and_counted_apart(own_county):
    who, unit = "文秘县应急管理局", "县应急管理局"
    put(own_county, who, unit, system_meeting(*own_county.townships))
    result = put(own_county, who, unit, system_meeting(*own_county.townships), emergency="台风红色预警，防汛会商")
    assert result.outcome == "posted" and result.ask.emergency
    with as_tenant(own_county.tenant_id):
        budget = Budget.objects.get(limit_id="cn.meetings.system", bearer_id=own_county[unit].pk)
    assert (budget.used, budget.apart) == (1, 1)


def test_what_comes_from_above_is_recorded_and_never_refused(county):
    banned = asking("visit", county["清水镇"], attributes={"demands": "heads"}, amounts={"minutes": 180})
    result = actions.receive(county.actor("文秘清水镇"), county["清水镇"], banned, new_key(), "临江市水利局")
    assert (result.outcome, result.ask.state, result.ask.source) == ("posted", "received", "临江市水利局")
    with as_tenant(county.tenant_id):
        arrived = queries.inbox_of(county["清水镇"], timezone.localdate())
    assert "临江市水利局" in {one.issuer for one in arrived}


def test_an_arrival_names_its_sender(county):
    what = asking("document", county["清水镇"])
    with pytest.raises(NotInPlace):
        actions.receive(county.actor("文秘清水镇"), county["清水镇"], what, new_key(), " ")


def test_a_bureau_reaches_the_county_a_township_its_villages_and_a_village_nobody(county):
    assert put(county, "文秘清水镇", "清水镇", document(county["柳湾村"])).outcome == "posted"
    assert put(county, "文秘县卫生健康局", "县卫生健康局", document(county["山后村"])).outcome == "posted"
    for who, unit, bearer in (
        ("文秘清水镇", "清水镇", "大槐村"), ("文秘清水镇", "清水镇", "县卫生健康局"),
        ("文秘清水镇", "县卫生健康局", "柳湾村"), ("书记柳湾村", "柳湾村", "前楼村"),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            put(county, who, unit, document(county[bearer]))


def test_a_relay_is_one_thing_that_names_its_origin(county):
    first = put(county, "文秘县卫生健康局", "县卫生健康局", document(*county.townships)).ask
    on = put(county, "文秘清水镇", "清水镇", document(county["柳湾村"], origin_id=first.pk)).ask
    assert on.root_id == first.pk
    with as_tenant(county.tenant_id):
        village = on.demands().get(bearer_id=county["柳湾村"].pk)
    assert village.attributes["origin"] == first.attempt_id
    with pytest.raises(NotInPlace):
        put(county, "文秘清水镇", "清水镇", asking("meeting", county["柳湾村"], origin_id=first.pk))


def test_nobody_passes_on_what_did_not_come_to_her_office(county):
    first = put(county, "文秘县卫生健康局", "县卫生健康局", document(county["柳河镇"])).ask
    with pytest.raises(NotInPlace):
        put(county, "文秘清水镇", "清水镇", document(county["柳湾村"], origin_id=first.pk))


def test_the_same_key_asks_once(county):
    key, what = new_key(), document(county["石桥乡"])
    first = put(county, "文秘县卫生健康局", "县卫生健康局", what, key)
    assert put(county, "文秘县卫生健康局", "县卫生健康局", what, key).ask == first.ask
    with pytest.raises(KeyReused):
        put(county, "文秘县卫生健康局", "县卫生健康局", document(county["石桥乡"], characters=10), key)


def test_before_its_day_it_is_taken_back_and_the_budget_is_free_again(own_county):
    who, unit = "文秘县农业农村局", "县农业农村局"
    made = put(own_county, who, unit, system_meeting(*own_county.townships)).ask
    assert actions.withdraw(own_county.actor(who), made.pk, new_key()).ok
    assert put(own_county, who, unit, system_meeting(*own_county.townships)).outcome == "posted"


def test_what_waits_is_simply_dropped(own_county):
    who, unit = "文秘县农业农村局", "县农业农村局"
    put(own_county, who, unit, system_meeting(own_county["清水镇"]))
    waiting = put(own_county, who, unit, system_meeting(own_county["清水镇"], reason="再开"), review=True).ask
    assert actions.withdraw(own_county.actor(who), waiting.pk, new_key()).ok
    with pytest.raises(NotGranted):
        actions.grant(own_county.actor("两办"), waiting.pk, "同意", new_key())


def test_a_title_is_kept_only_where_the_unit_keeps_titles(own_county):
    who, unit = "文秘县农业农村局", own_county["县农业农村局"]
    what = document(own_county["清水镇"], title="关于春耕的通知")
    assert put(own_county, who, unit.name, what).ask.title == ""
    unit.attributes = {"keep_titles": True}
    result = put(own_county, who, unit.name, what)
    assert result.ask.title == "关于春耕的通知" and demands_of(own_county, result.ask)[1].text == "关于春耕的通知"


def test_what_went_out_on_a_day_gone_by_is_entered_late_with_its_reason(county):
    yesterday = {"day": timezone.localdate() - timedelta(days=1)}
    with pytest.raises(NotInPlace):
        put(county, "文秘县农业农村局", "县农业农村局", document(county["清水镇"], **yesterday))
    late = document(county["清水镇"], reason="前一天忘了登记", **yesterday)
    made = put(county, "文秘县农业农村局", "县农业农村局", late).ask
    assert all(one.late and one.origin == "record" for one in demands_of(county, made))


def test_no_bearer_twice_and_not_none(county):
    for units in ((), (county["清水镇"], county["清水镇"])):
        with pytest.raises(NotInPlace):
            put(county, "文秘县农业农村局", "县农业农村局", document(*units))


def test_an_office_sees_what_it_may_still_ask(own_county):
    who, unit = "文秘县农业农村局", "县农业农村局"
    put(own_county, who, unit, system_meeting(*own_county.townships))
    with as_tenant(own_county.tenant_id):
        states = {one.budget.limit_id: one for one in queries.allowances(own_county[unit], timezone.localdate())}
    assert states["cn.meetings.system"].budget.left == 0
    assert states["cn.documents.count"].budget.cap is None, "without a baseline it only informs"


@pytest.mark.parametrize("today, left, backward", [
    (date(2026, 8, 31), 9, ()),
    (date(2026, 9, 1), 9, ((9, 2), (10, 2), (11, 2), (12, 3))),
    (date(2026, 12, 31), 3, ((12, 3),)),
])  # fmt: skip
def test_from_september_on_what_is_left_is_spread_over_the_months_to_come(today, left, backward):
    assert standing._backward(left, today) == backward


def test_the_pace_is_that_of_an_even_year(own_county):
    unit, year = own_county["县农业农村局"], timezone.localdate().year
    freeze_baseline(own_county.actor("两办"), unit.pk, "cn.documents.count", year, 73, "2025年发文登记簿")
    put(own_county, "文秘县农业农村局", unit.name, document(own_county["清水镇"]))
    with as_tenant(own_county.tenant_id):
        several = queries.allowances(unit, date(year, 7, 2))
    (found,) = [one for one in several if one.budget.limit_id == "cn.documents.count"]
    assert (found.budget.cap, found.paced, found.saved, found.ahead) == (73, 36, 35, False)


def test_what_has_begun_is_taken_back_with_a_reason_and_the_two_offices(own_county):
    who, unit = "文秘县农业农村局", "县农业农村局"
    made = put(own_county, who, unit, document(own_county["清水镇"])).ask
    clerk, reviewer = own_county.actor(who), own_county.actor("两办")
    assert actions.withdraw(clerk, made.pk, new_key()).outcome == "needs_reason"
    assert actions.withdraw(clerk, made.pk, new_key(), "发错了").outcome == "needs_second"
    with as_tenant(own_county.tenant_id):
        assert queries.withdrawals_asked(reviewer) == [(made, "发错了")]
    with pytest.raises(Forbidden):
        actions.second_withdrawal(clerk, made.pk, new_key(), agree=True)
    assert "发错了" in signed_in_as(own_county, "两办").get("/offices/waiting/").content.decode()
    assert actions.second_withdrawal(reviewer, made.pk, new_key(), agree=True).ok
    with as_tenant(own_county.tenant_id):
        made.refresh_from_db()
        assert (made.state, queries.withdrawals_asked(reviewer)) == (Ask.State.WITHDRAWN, [])


def test_emergencies_are_counted_by_office_with_those_that_were_registered_late(own_county):
    who, unit, today = "文秘县应急管理局", "县应急管理局", timezone.localdate()
    for days in (0, 3, 4):
        put(own_county, who, unit, document(own_county["清水镇"], day=today - timedelta(days=days)), emergency="防汛")
    put(own_county, who, unit, document(own_county["清水镇"]))
    with as_tenant(own_county.tenant_id):
        (found,) = queries.emergencies(queries.offices_of(own_county.unit), (today - timedelta(days=4)).year)
    assert (found.name, found.count, found.late) == (unit, 3, 1)
    assert unit in signed_in_as(own_county, "两办").get("/offices/county/").content.decode()
