"""基层视角: totals and their relays, substitutes, complaints and their release, the telephone, lead times."""

from datetime import date, timedelta
from importlib.resources import files

import pytest
from django.utils import timezone

from qingfu.ledger.actions import publish_pack
from qingfu.ledger.actions.posting import state as stated
from qingfu.offices import actions, queries
from qingfu.offices.actions import NotInPlace
from qingfu.offices.asking import Bearer
from qingfu.offices.models import Ask, Complaint, PhoneCall
from qingfu.offices.periods import Span, month_before, month_of, span_of
from qingfu.planning.check import check
from qingfu.rulebook import load_calendar
from qingfu.units.models import AuditRecord
from qingfu.units.queries import Forbidden, system_actor
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import asking, new_key
from tests.offices.test_pictures import PICTURES
from tests.units.browser import signed_in_as

TODAY = timezone.localdate()
YEAR = Span(TODAY.replace(month=1, day=1), TODAY)
FIT = {"assessed": True, "document_type": "general"}
CLERK, BUREAU = "文秘县农业农村局", "县农业农村局"


def put(county, what, who=CLERK, unit=BUREAU):
    return actions.ask(county.actor(who), county[unit], what, new_key()).ask


def document(*units, **more):
    return asking("document", *units, amounts={"characters": 1000}, attributes=FIT, **more)


def of(county, *units, span=YEAR):
    with as_tenant(county.tenant_id):
        return queries.totals([one.pk for one in units], span)


# ---- totals ----


def test_what_is_asked_is_counted_by_issuer_and_kind_in_estimated_hours(own_county):
    village = own_county["柳湾村"]
    put(own_county, document(village))
    put(own_county, asking("notice", village), "文秘清水镇", "清水镇")
    found = of(own_county, village)
    assert (found.count, set(found.by_issuer), set(found.by_kind)) == (2, {BUREAU, "清水镇"}, {"document", "notice"})
    assert found.minutes == sum(minutes for _count, minutes in found.by_kind.values()) == 26 + 4


def test_a_relay_is_one_thing_with_all_its_hours_added_up(own_county):
    town, village = own_county["清水镇"], own_county["柳湾村"]
    first = put(own_county, document(town))
    put(own_county, document(village, origin_id=first.pk), "文秘清水镇", "清水镇")
    whole, apart = of(own_county, town, village), [of(own_county, town), of(own_county, village)]
    assert whole.count == 1 and [one.count for one in apart] == [1, 1]
    assert whole.minutes == sum(one.minutes for one in apart)


def test_what_an_office_asks_of_others_is_not_asked_of_it(own_county):
    put(own_county, document(own_county["清水镇"]))
    assert of(own_county, own_county[BUREAU]).count == 0


def test_what_comes_from_above_stands_under_its_sender(own_county):
    town = own_county["清水镇"]
    actions.receive(own_county.actor("文秘清水镇"), town, document(town), new_key(), "临江市农业农村局")
    assert set(of(own_county, town).by_issuer) == {"临江市农业农村局"}


def test_a_cut_in_documents_stands_beside_the_notices_that_took_their_place(own_county):
    village, before = own_county["柳湾村"], TODAY.replace(year=TODAY.year - 1)
    with as_tenant(own_county.tenant_id):
        for n in range(3):
            stated(own_county.actor(CLERK), document(village, day=before).bearer_drafts(own_county[BUREAU]),
                   f"before-{n}", "上年")  # fmt: skip
    put(own_county, asking("notice", village))
    with as_tenant(own_county.tenant_id):
        view = queries.view([village.pk], "year", TODAY)
    rows = {row.name: (row.count, row.before_count) for row in view.substitutes}
    assert rows["文件"] == (0, 3) and rows["群通知"] == (1, 0) and rows["电话通知"] == (0, 0)
    assert rows["合计"] == (1, 3)


def test_what_an_office_sends_stands_beside_its_substitutes_on_its_own_page(own_county):
    put(own_county, asking("notice", own_county["柳湾村"]))
    made = put(own_county, document(own_county["柳湾村"], own_county["前楼村"]))
    unit, flood = own_county[BUREAU], document(own_county["柳湾村"])
    actions.ask(own_county.actor(CLERK), unit, flood, new_key(), emergency="防汛")
    with as_tenant(own_county.tenant_id):
        Ask.objects.filter(pk=put(own_county, document(own_county["柳湾村"])).pk).update(
            day=TODAY.replace(year=TODAY.year - 1)
        )
        rows = {row.name: row for row in queries.sent(unit, TODAY)}
    assert [(rows[name].count, rows[name].before_count) for name in ("文件", "群通知", "函和便函", "合计")] == [
        (1, 1), (1, 0), (0, 0), (2, 1),
    ]  # fmt: skip
    assert rows["文件"].minutes == made.minutes
    assert "换个样子也是负担" in signed_in_as(own_county, CLERK).get("/offices/").content.decode()


def test_a_village_sees_what_it_costs_in_yuan_and_where_a_meeting_is(own_county):
    from tests.offices.test_meetings import call, convening

    meeting = convening(own_county, "柳湾村", day=TODAY + timedelta(days=3), place="县政府一楼会议室")
    made = call(own_county, meeting).ask
    village = own_county["柳湾村"]
    put(own_county, asking("subscription", village, amounts={"yuan": 365}, attributes={"unrequired": False}))
    client = signed_in_as(own_county, "书记柳湾村")
    assert "365 元" in client.get("/offices/below/").content.decode()
    address = f"/offices/meetings/{made.meeting.pk}/"
    assert address in client.get(f"/offices/ask/{made.pk}/").content.decode()
    assert "县政府一楼会议室" in client.get(address).content.decode()


def test_lines_stand_in_the_order_of_names_and_rank_nobody(own_county):
    village = own_county["柳湾村"]
    for unit in ("县卫生健康局", BUREAU):
        put(own_county, document(village), f"文秘{unit}", unit)
    put(own_county, asking("form", village, amounts={"fields": 90, "workdays": 5}))
    with as_tenant(own_county.tenant_id):
        names = [row.name for row in queries.view([village.pk], "month", TODAY).issuers]
    assert names == sorted(names)


@pytest.mark.parametrize("period, since", [
    ("week", date(2026, 11, 23)), ("month", date(2026, 11, 1)), ("year", date(2026, 1, 1)),
])  # fmt: skip
def test_a_period_runs_until_today_and_is_compared_with_the_same_days(period, since):
    span = span_of(period, date(2026, 11, 28))
    assert (span.since, span.until) == (since, date(2026, 11, 28))
    assert span.year_before() == Span(since.replace(year=2025), date(2025, 11, 28))


def test_the_last_of_february_has_a_year_before():
    assert Span(date(2028, 2, 29), date(2028, 2, 29)).year_before().until == date(2027, 2, 28)


# ---- complaints ----


def tap(county, village: str, demand, what="repeat", **more) -> bool:
    return actions.complain(county.actor(f"书记{village}"), county[village], what, demand_id=demand, **more)


def demand_at(county, ask, unit) -> int:
    with as_tenant(county.tenant_id):
        return ask.demands().get(bearer_id=county[unit].pk).id


NEXT_MONTH = (TODAY.replace(day=1) + timedelta(days=40)).replace(day=1)


def test_a_tap_reaches_the_relief_team_when_its_month_is_over_and_enough_units_said_it(own_county):
    made = put(own_county, asking("notice", *own_county.villages))
    names = [one.name for one in own_county.villages]
    for name in names[:4]:
        assert tap(own_county, name, demand_at(own_county, made, name))
    tenant, relief = own_county.tenant_id, own_county.actor("减负办")
    assert actions.release_complaints(tenant, NEXT_MONTH) == 0
    with as_tenant(tenant):
        assert queries.released(relief) == [] and queries.still_held() == 0
    tap(own_county, names[4], demand_at(own_county, made, names[4]), sentence="上周刚报过")
    assert actions.release_complaints(tenant, TODAY) == 0, "its month is not over"
    assert actions.release_complaints(tenant, NEXT_MONTH) == 5
    with as_tenant(tenant):
        (group,) = queries.released(relief)
    assert (group.issuer, group.kind, group.what, group.count) == (BUREAU, "群通知", "重复", 5)
    assert group.sentences == ("上周刚报过",)


def test_two_kinds_are_enough(own_county):
    for kind in ("notice", "call"):
        made = put(own_county, asking(kind, own_county["柳湾村"]))
        tap(own_county, "柳湾村", demand_at(own_county, made, "柳湾村"))
    assert actions.release_complaints(own_county.tenant_id, NEXT_MONTH) == 2


def test_a_second_tap_counts_nothing_and_another_word_counts(own_county):
    made = put(own_county, asking("notice", own_county["柳湾村"]))
    demand = demand_at(own_county, made, "柳湾村")
    assert [tap(own_county, "柳湾村", demand, what) for what in ("repeat", "repeat", "too_much")] == [True, False, True]


def test_nothing_kept_says_who_said_it(own_county):
    made = put(own_county, asking("notice", own_county["柳湾村"]))
    tap(own_county, "柳湾村", demand_at(own_county, made, "柳湾村"))
    actions.complain(own_county.actor("校长县第一中学"), own_county["县第一中学"], "too_much", sentence="每天都要截图")
    actions.release_complaints(own_county.tenant_id, NEXT_MONTH)
    with as_tenant(own_county.tenant_id):
        trail = list(AuditRecord.objects.filter(action__contains="complain"))
        rows = list(Complaint.objects.all())
    said = [(one.actor_id, one.unit_id, one.object_id, one.detail) for one in trail]
    assert said == [(None, None, None, {"count": 2})]
    assert [(one.bearer_mark, one.once_mark) for one in rows] == [("", str(one.pk)) for one in rows]
    fields = {field.name for field in Complaint._meta.get_fields()}
    assert not fields & {"person", "unit", "bearer", "demand", "created_at", "at"}


def test_neither_the_issuer_nor_the_two_offices_nor_the_village_sees_complaints(own_county):
    with as_tenant(own_county.tenant_id):
        for name in (CLERK, f"负责人{BUREAU}", "两办", "督查室", "书记柳湾村", "管理员"):
            with pytest.raises(Forbidden):
                queries.released(own_county.actor(name))


def test_a_village_complains_only_of_what_it_bears(own_county):
    made = put(own_county, asking("notice", own_county["前楼村"]))
    with pytest.raises(Forbidden):
        tap(own_county, "柳湾村", demand_at(own_county, made, "前楼村"))
    with pytest.raises(Forbidden):
        actions.complain(own_county.actor(CLERK), own_county["柳湾村"], "repeat", sentence="替他们说")


def test_what_nobody_registered_needs_a_sentence_or_a_screenshot_and_a_screenshot_is_a_picture(own_county):
    actor, unit = own_county.actor("书记柳湾村"), own_county["柳湾村"]
    for picture in (b"", b"%PDF-1.7 no picture", b"\x89PNG\r\n\x1a\n" + bytes(2_000_000)):
        with pytest.raises(NotInPlace):
            actions.complain(actor, unit, "repeat", picture=picture)
    assert actions.complain(actor, unit, "repeat", picture=PICTURES["png"])


def test_an_answer_is_read_by_everybody_and_the_screenshots_go(own_county):
    tenant, relief = own_county.tenant_id, own_county.actor("减负办")
    actor, unit = own_county.actor("书记柳湾村"), own_county["柳湾村"]
    actions.complain(actor, unit, "repeat", picture=PICTURES["jpeg"])
    made = put(own_county, asking("notice", unit))
    tap(own_county, "柳湾村", demand_at(own_county, made, "柳湾村"))
    actions.release_complaints(tenant, NEXT_MONTH)
    with as_tenant(tenant):
        picture = next(one for one in queries.released(relief) if one.pictures)
        assert queries.picture_of(relief, picture.pictures[0]).startswith(b"\xff\xd8\xff")
        for name in ("书记柳湾村", CLERK):
            with pytest.raises(Forbidden):
                queries.picture_of(own_county.actor(name), picture.pictures[0])
    with pytest.raises(Forbidden):
        actions.answer_complaints(own_county.actor("两办"), NEXT_MONTH, picture.key, "已合并")
    assert actions.answer_complaints(relief, NEXT_MONTH, picture.key, "已并入月报") == 1
    with as_tenant(tenant):
        assert [one.answer for one in queries.released(answered=True)] == ["已并入月报"]
        assert Complaint.objects.exclude(answered_on=None).count() == 1
        assert not Complaint.objects.exclude(picture=None).exists()


# ---- the telephone ----

SOURCE = {"kind": "dice", "event": "减负专班会上掷的十个骰子"}


def drawn(county, month=None):
    relief = county.actor("减负办")
    sample = actions.commit_sample(relief, month or month_of(TODAY), SOURCE)
    return actions.draw_sample(relief, sample.pk, {"value": "3615264152"})


def test_the_villages_are_drawn_by_lot_and_anybody_can_check_it(own_county):
    sample = drawn(own_county)
    assert set(actions.picked(sample)) == {one.pk for one in own_county.villages}, "fewer than ten villages: all"
    published = {"request": sample.request, "committed": sample.committed, "visits": [], **sample.drawn}
    assert check(published) == []
    with pytest.raises(NotInPlace):
        actions.draw_sample(own_county.actor("减负办"), sample.pk, {"value": "1"})
    with pytest.raises(NotInPlace):
        actions.commit_sample(own_county.actor("减负办"), month_of(TODAY), SOURCE)
    with pytest.raises(Forbidden):
        actions.commit_sample(own_county.actor(CLERK), "2026-01", SOURCE)


def test_the_calls_correct_the_tariff_and_tell_what_nobody_registered(own_county):
    month = month_before(month_of(TODAY))
    with as_tenant(own_county.tenant_id):
        what = document(*own_county.villages, day=month.since)
        stated(system_actor(own_county.tenant_id), what.bearer_drafts(own_county[BUREAU]), "month-before", "登记")
    sample, relief = drawn(own_county), own_county.actor("减负办")
    for number, pk in enumerate(actions.picked(sample)):
        reached = number < 5
        actions.record_call(
            relief, sample.pk, pk, reached=reached, real_minutes=39 if reached else None, unregistered={"call": 2}
        )  # fmt: skip
    with as_tenant(own_county.tenant_id):
        found = queries.correction(TODAY)
        assert PhoneCall.objects.filter(estimated_minutes=26, registered=1).count() == 6
    assert (found.calls, found.percent, found.unregistered) == (5, 150, 200)
    assert found.by_kind == (("电话", 200),)


def test_few_calls_correct_nothing_and_only_villages_drawn_are_recorded(own_county):
    sample, relief = drawn(own_county), own_county.actor("减负办")
    with as_tenant(own_county.tenant_id):
        assert queries.correction(TODAY) is None
    for unit, reached in (("清水镇", False), ("柳湾村", True)):
        with pytest.raises(NotInPlace):
            actions.record_call(
                relief, sample.pk, own_county[unit].pk, reached=reached, real_minutes=None, unregistered={}
            )  # fmt: skip


# ---- further kinds and lead times ----


@pytest.fixture(scope="module")
def patient(national):
    """A county that has published the lead times."""
    from tests.offices.county import make_office_county

    county = make_office_county()
    text = files("qingfu.offices").joinpath("data/lead_times.toml").read_text("utf-8")
    publish_pack(county.actor("管理员"), county.unit.pk, text)
    return county


def workdays_after(day: date, number: int) -> date:
    calendar = load_calendar()
    while number:
        day += timedelta(days=1)
        number -= calendar.day(day).is_workday
    return day


@pytest.mark.parametrize("days, limit", [(9, "qingfu.lead.report"), (10, "")])
def test_no_status_report_within_ten_working_days_of_a_meeting(patient, days, limit):
    meeting = TODAY - timedelta(days=1)
    what = asking(
        "report", patient["清水镇"], attributes={"after_meeting": True}, due_day=workdays_after(meeting, days),
        lead_from=meeting,
    )  # fmt: skip
    result = actions.ask(patient.actor(CLERK), patient[BUREAU], what, new_key())
    assert {one.limit_id for one in result.answer.refusals} == ({limit} if limit else set())


def other(county, **more):
    said = {"day": str(TODAY), "bearers": [county["柳湾村"].pk], "key": new_key(), **more}
    return signed_in_as(county, CLERK).post("/offices/other/", said, follow=True).content.decode()


@pytest.mark.parametrize("said, sentence", [
    ({"kind": "plaque"}, "已发出"),
    ({"kind": "circular"}, "已发出"),
    ({"kind": "remarks", "minutes": "5"}, "已发出"),
    ({"kind": "subscription", "yuan": "360"}, "已发出"),
    ({"kind": "pledge"}, "不随意签责任状"),
    ({"kind": "pledge", "required_above": "on", "characters": "800"}, "已发出"),
    ({"kind": "creation"}, "市县部门和乡镇不得搞创建"),
])  # fmt: skip
def test_further_kinds_are_registered_and_judged(county, said, sentence):
    assert sentence in other(county, **said)


def test_money_that_is_asked_for_is_added_up(own_county):
    other(own_county, kind="subscription", yuan="360")
    assert of(own_county, own_county["柳湾村"]).yuan == 360


# ---- the pages ----


def test_a_village_sees_everything_and_taps(own_county):
    put(own_county, asking("notice", own_county["柳湾村"]))
    client = signed_in_as(own_county, "书记柳湾村")
    page = client.get("/offices/below/").content.decode()
    assert "1 件要做" in page and BUREAU in page and "估算" in page
    with as_tenant(own_county.tenant_id):
        demand = queries.came_in([own_county["柳湾村"].pk], TODAY, TODAY).get().id
    said = client.post("/offices/below/complain/", {"demand": demand, "what": "repeat"}, follow=True)
    assert "只给减负专班" in said.content.decode()
    assert client.get("/offices/below/?period=year").status_code == 200
    assert client.get("/offices/below/?period=century").status_code == 404


def test_the_relief_team_draws_telephones_and_answers_on_its_pages(own_county):
    client = signed_in_as(own_county, "减负办")
    client.post("/offices/calls/", {"kind": "dice", "event": "十个骰子"})
    with as_tenant(own_county.tenant_id):
        sample = queries.samples(own_county.actor("减负办"))[0]
    client.post(f"/offices/calls/{sample.pk}/draw/", {"seed": "415263"})
    address = f"/offices/calls/{sample.pk}/{own_county['柳湾村'].pk}/"
    assert "没有登记的：电话" in client.get(address).content.decode()
    page = client.post(address, {"reached": "on", "hours": "3.5", "n_call": "2"}, follow=True).content.decode()
    assert "实际 3.5 小时" in page
    actor = own_county.actor("书记柳湾村")
    for sentence in ("一天三遍", "半夜还要"):
        actions.complain(actor, own_county["柳湾村"], "too_much", sentence=sentence)
    made = put(own_county, asking("notice", own_county["柳湾村"]))
    tap(own_county, "柳湾村", demand_at(own_county, made, "柳湾村"))
    actions.release_complaints(own_county.tenant_id, NEXT_MONTH)
    assert "一天三遍" in client.get("/offices/complaints/").content.decode()
    with as_tenant(own_county.tenant_id):
        key = queries.released(own_county.actor("减负办"))[0].key
    client.post("/offices/complaints/answer/", {"released_on": str(NEXT_MONTH), "group": key, "answer": "已停"})
    assert "已停" in signed_in_as(own_county, "书记前楼村").get("/offices/below/").content.decode()


def test_a_township_passes_on_what_came_to_it_and_it_stays_one_thing(own_county):
    town, village = own_county["清水镇"], own_county["柳湾村"]
    first = put(own_county, document(town))
    client = signed_in_as(own_county, "文秘清水镇")
    assert "转发，仍算一件" in client.get(f"/offices/ask/{first.pk}/").content.decode()
    said = {"day": str(TODAY), "bearers": [village.pk], "key": "pass-on"}
    assert "已转发" in client.post(f"/offices/ask/{first.pk}/pass-on/", said, follow=True).content.decode()
    whole = of(own_county, town, village)
    assert (whole.count, whole.minutes) == (1, 2 * 26) and set(of(own_county, village).by_issuer) == {"清水镇"}


def test_a_meeting_that_is_passed_on_is_called_again_with_its_title(own_county):
    from tests.offices.test_meetings import call, convening

    made = call(own_county, convening(own_county, "清水镇", day=TODAY + timedelta(days=3), discussion=True))
    said = {"day": TODAY + timedelta(days=4), "starts": "15:00"}
    villages = [Bearer(own_county[name]) for name in ("柳湾村", "前楼村")]
    result = actions.pass_on(
        own_county.actor("文秘清水镇"), own_county["清水镇"], made.ask.pk, villages, new_key(), **said
    )  # fmt: skip
    again = result.ask.meeting
    assert (again.title, again.starts, again.minutes) == (made.ask.meeting.title, "15:00", 90)
    assert result.ask.root_id == made.ask.pk
    with as_tenant(own_county.tenant_id):
        assert all(one.attributes["group_discussion"] for one in result.ask.demands())


def test_nobody_passes_on_what_did_not_come_to_her_office(own_county):
    first = put(own_county, document(own_county["柳河镇"]))
    with pytest.raises(NotInPlace):
        actions.pass_on(
            own_county.actor("文秘清水镇"), own_county["清水镇"], first.pk, [Bearer(own_county["柳湾村"])], new_key(),
            day=TODAY,
        )  # fmt: skip
