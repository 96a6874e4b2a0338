"""减会: the rules on both sides of their numbers, busy or free, proposals, length after, plan, calendar."""

from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from qingfu.ledger.actions import publish_pack
from qingfu.offices import actions, queries
from qingfu.offices.actions import NoSuchMeeting, NotInPlace
from qingfu.offices.asking import Bearer
from qingfu.offices.convening import Convening, halves
from qingfu.offices.models import Ask, Meeting
from qingfu.rulebook import load_calendar
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import new_key
from tests.units.browser import signed_in_as

BUREAU, CLERK = "县农业农村局", "文秘县农业农村局"
TODAY = timezone.localdate()


def workday(weeks: int, weekday: int = 2) -> date:
    """A working Wednesday (or another day) some weeks ahead, never in the first week of its month."""
    monday = TODAY - timedelta(days=TODAY.weekday())
    days = [monday + timedelta(weeks=weeks + n, days=weekday) for n in range(12)]
    calendar = load_calendar()
    return next(one for one in days if calendar.day(one).is_workday and calendar.day(one).week_of_month > 1)


def convening(county, *names, **more) -> Convening:
    said = {
        "title": "秋粮收购调度会", "day": workday(1), "starts": "09:00", "minutes": 90, "hosts": 2,
        "bearers": tuple(Bearer(county[name], 1) for name in names or ("清水镇", "柳河镇", "石桥乡")),
    }  # fmt: skip
    return Convening(**{**said, **more})


def call(county, what, who=CLERK, unit=BUREAU, **more):
    return actions.call_meeting(county.actor(who), county[unit], what, new_key(), **more)


def limits(result) -> set[str]:
    return {one.limit_id for one in result.answer.refusals}


@pytest.mark.parametrize("more, limit, outcome", [
    ({"minutes": 240}, "", "posted"),
    ({"minutes": 241}, "cn.meetings.days", "needs_reason"),
    ({"minutes": 720, "discussion": True}, "", "posted"),
    ({"minutes": 721, "discussion": True}, "cn.meetings.days.discussion", "needs_waiver"),
    ({"speech": 60}, "", "posted"),
    ({"speech": 61}, "cn.meetings.speech", "refused"),
    ({"both_heads": True, "speakers": 1}, "", "posted"),
    ({"both_heads": True, "speakers": 2}, "cn.meetings.speakers", "needs_reason"),
    ({"vice_head": True, "level": "heads"}, "cn.meetings.vice-head", "needs_reason"),
    ({"vice_head": True, "level": "deputies"}, "", "posted"),
    ({"layered": True}, "cn.meetings.layered", "needs_reason"),
])  # fmt: skip
def test_each_rule_of_the_nation_on_both_sides(county, more, limit, outcome):
    result = call(county, convening(county, **more))
    assert result.outcome == outcome
    assert limits(result) == ({limit} if limit else set())


def test_one_system_meeting_a_year(own_county):
    system = convening(own_county, meeting_type="system")
    assert call(own_county, system).outcome == "posted"
    assert limits(call(own_county, replace(system, starts="14:00"))) == {"cn.meetings.system"}


@pytest.fixture(scope="module")
def strict(national):
    """A county that has published the no-meeting week of 示例 ls-32 and the large meetings of ls-30."""
    from tests.offices.county import make_office_county

    county = make_office_county()
    for name in ("ls-30", "ls-32"):
        text = files("qingfu.rulebook").joinpath(f"data/examples/{name}.toml").read_text("utf-8")
        publish_pack(county.actor("管理员"), county.unit.pk, text.replace('level = "city"', 'level = "county"'))
    return county


def first_weeks() -> tuple[date, date]:
    """A working day in the first week of a month to come, and one a week later."""
    calendar = load_calendar()
    days = [TODAY + timedelta(days=n) for n in range(1, 90)]
    first = next(
        one for one in days
        if calendar.day(one).week_of_month == 1 and calendar.day(one).is_workday
        and calendar.day(one + timedelta(days=7)).week_of_month == 2
    )  # fmt: skip
    return first, first + timedelta(days=7)


def test_no_meeting_in_the_first_week_of_a_month(strict):
    first, later = first_weeks()
    inside = call(strict, convening(strict, day=first, meeting_type="special"), "文秘县卫生健康局", "县卫生健康局")
    assert any("ls32" in limit for limit in limits(inside))
    after = call(strict, convening(strict, day=later, meeting_type="special"), "文秘县卫生健康局", "县卫生健康局")
    assert not limits(after)


def test_at_most_four_large_ones_a_month(strict):
    day = workday(2)
    large = convening(strict, day=day, hosts=100, reason="汛前部署")
    for starts in ("08:00", "10:00", "14:00", "16:00"):
        assert call(strict, replace(large, starts=starts)).outcome == "posted"
    assert "example.ls30.meetings.count" in limits(call(strict, replace(large, starts="17:00")))
    assert not limits(call(strict, replace(large, starts="17:00", hosts=10)))


def test_half_days_are_parted_at_noon():
    assert halves("08:30", "12:00") == ("am",)
    assert halves("12:00", "14:00") == ("pm",)
    assert halves("11:00", "13:00") == ("am", "pm") == halves("", "")


def test_a_planner_sees_half_days_and_load_and_never_a_title_or_a_place(own_county):
    day = workday(3)
    call(own_county, convening(own_county, "清水镇", title="不公开的会名", place="301室", day=day))
    other = convening(own_county, "清水镇", "柳河镇", day=day, starts="10:00")
    with as_tenant(own_county.tenant_id):
        look = queries.look(own_county["县卫生健康局"], other, TODAY)
    busy, free = look.rows
    assert (busy.morning, busy.afternoon, free.morning) == (1, 0, 0) and busy.load > 0 == free.load
    assert look.clashes == {own_county["清水镇"].pk}
    assert "不公开的会名" not in repr(look) and "301室" not in repr(look)


def test_a_look_proposes_to_move_to_append_to_hold_by_video_and_to_send_a_note(own_county):
    day = workday(4)
    call(own_county, convening(own_county, day=day))
    planned = convening(own_county, day=day, minutes=30)
    with as_tenant(own_county.tenant_id):
        elsewhere = queries.look(own_county["县卫生健康局"], planned, TODAY)
        here = queries.look(own_county[BUREAU], planned, TODAY)
    found = {one.kind: one for one in elsewhere.proposals}
    assert set(found) == {"append", "move", "video", "note"}
    assert found["append"].saves == found["video"].saves == 3 * 2 * 45
    assert found["move"].clashes == 0 and found["move"].shared == 3
    assert "merge" in {one.kind for one in here.proposals}


def test_a_look_says_which_rules_it_breaks_and_changes_nothing(own_county):
    with as_tenant(own_county.tenant_id):
        look = queries.look(own_county[BUREAU], convening(own_county, speech=90), TODAY)
        assert not Ask.objects.exists()
    assert [one.in_force.limit.id for one in look.breaches] == ["cn.meetings.speech"]


def test_those_invited_see_title_and_place_and_nobody_else_does(county):
    made = call(county, convening(county, "清水镇", place="农业局三楼")).ask.meeting
    with as_tenant(county.tenant_id):
        assert queries.one_meeting(county.actor("文秘清水镇"), made.pk).place == "农业局三楼"
        for name in ("文秘柳河镇", "文秘县卫生健康局", "书记柳湾村", "校长县第一中学"):
            with pytest.raises(Forbidden):
                queries.one_meeting(county.actor(name), made.pk)


def test_a_meeting_needs_a_title(county):
    with pytest.raises(NotInPlace):
        call(county, convening(county, title=" "))


def test_its_real_length_is_said_after_it_and_not_before(own_county):
    made = call(own_county, convening(own_county, day=TODAY, starts="08:00")).ask.meeting
    coming = call(own_county, convening(own_county)).ask.meeting
    actor = own_county.actor(CLERK)
    assert actions.record_length(actor, made.pk, 130).overran == 40
    for pk, minutes in ((coming.pk, 60), (made.pk, 0), (made.pk, 100_000)):
        with pytest.raises(NotInPlace):
            actions.record_length(actor, pk, minutes)
    with pytest.raises(Forbidden):
        actions.record_length(own_county.actor("文秘清水镇"), made.pk, 10)
    with pytest.raises(NoSuchMeeting):
        actions.record_length(actor, 10**12, 10)


def test_a_planned_meeting_is_held_once_or_saved_for_those_below(county):
    unit, actor = county[BUREAU], county.actor(CLERK)
    line = {"year": TODAY.year, "month": 11, "title": "秋收总结会", "minutes": 60, "people": 20}
    held, dropped = (actions.plan_meeting(actor, unit, **line) for _ in range(2))
    call(county, convening(county, plan_id=held.pk))
    actions.drop_planned(actor, dropped.pk)
    with as_tenant(county.tenant_id):
        (row,) = queries.planned_of(unit, TODAY.year)
        assert row == held and row.meetings.count() == 1
    with pytest.raises(NoSuchMeeting):
        call(county, convening(county, plan_id=dropped.pk))
    with pytest.raises(NoSuchMeeting):
        call(county, convening(county, "柳湾村", plan_id=held.pk), "文秘清水镇", "清水镇")


def test_what_waits_for_the_two_offices_keeps_its_title(own_county):
    long = convening(own_county, minutes=960, discussion=True, reason="集中会办")
    waiting = call(own_county, long, review=True)
    assert waiting.outcome == "waiting" and waiting.ask.meeting.title == long.title
    actions.grant(own_county.actor("两办"), waiting.ask.pk, "同意", new_key())
    with as_tenant(own_county.tenant_id):
        assert Meeting.objects.get(ask=waiting.ask).ask.state == Ask.State.POSTED


# ---- the calendar ----


def test_the_calendar_follows_the_meetings_and_is_read_by_a_reader_of_icalendar(own_county):
    title = "关于做好二〇二六年度秋冬季农业生产和农村人居环境整治提升工作的调度会议"
    made = call(own_county, convening(own_county, title=title, place="县政府，301，三楼", starts="14:30")).ask
    gone = call(own_county, convening(own_county, title="要撤的会")).ask
    actions.withdraw(own_county.actor(CLERK), gone.pk, new_key())
    secret = actions.calendar_link(own_county.actor("文秘清水镇"), own_county["清水镇"])
    response = Client().get(f"/offices/calendar/{secret}.ics")
    assert response["Content-Type"].startswith("text/calendar")
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    first, second = Calendar.from_ical(response.content).walk("VEVENT")
    shown = {str(one["summary"]): str(one["status"]) for one in (first, second)}
    assert shown == {title: "CONFIRMED", "要撤的会": "CANCELLED"}
    event = first if str(first["summary"]) == title else second
    assert str(event["location"]) == "县政府，301，三楼"
    assert timezone.localtime(event["dtstart"].dt).strftime("%H:%M") == "14:30"
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=90)
    assert made.meeting.minutes == 90


def test_a_new_calendar_address_closes_the_old_one(county):
    actor, unit = county.actor("书记柳湾村"), county["柳湾村"]
    old = actions.calendar_link(actor, unit)
    assert actions.calendar_link(actor, unit) == old
    new = actions.calendar_link(actor, unit, fresh=True)
    assert Client().get(f"/offices/calendar/{old}.ics").status_code == 404
    assert Client().get(f"/offices/calendar/{new}.ics").status_code == 200
    with pytest.raises(Forbidden):
        actions.calendar_link(actor, county["前楼村"])


# ---- the pages ----


def form_of(county, **more) -> dict:
    said = {
        "title": "春耕调度会", "day": str(workday(1)), "starts": "09:00", "minutes": "60", "people": "1",
        "hosts": "2", "level": "staff", "meeting_type": "general", "speakers": "1",
        "bearers": [county[name].pk for name in ("清水镇", "柳河镇")],
    }  # fmt: skip
    return {**said, **more}


def test_somebody_looks_and_then_calls_it(own_county):
    client = signed_in_as(own_county, CLERK)
    looked = client.post("/offices/meetings/new/", {**form_of(own_county), "look": "1"})
    assert "改开视频会" in looked.content.decode() and "发出通知" in looked.content.decode()
    called = client.post("/offices/meetings/new/", {**form_of(own_county), "key": "k1"}, follow=True)
    assert "已通知 2 个单位" in called.content.decode()
    assert "春耕调度会" in signed_in_as(own_county, "文秘清水镇").get("/offices/").content.decode()


def test_what_needs_a_waiver_can_be_put_before_the_two_offices_from_the_page(own_county):
    client = signed_in_as(own_county, CLERK)
    long = form_of(own_county, minutes="960", discussion="on", reason="集中会办")
    stopped = client.post("/offices/meetings/new/", {**long, "key": "k2"}).content.decode()
    assert "分组讨论的会议天数" in stopped and "请两办审核" in stopped
    client.post("/offices/meetings/new/", {**long, "key": "k3", "review": "1"})
    reviewer = signed_in_as(own_county, "两办")
    page = reviewer.get("/offices/waiting/").content.decode()
    assert "1 件等您审核" in page and "集中会办" in page
    with as_tenant(own_county.tenant_id):
        pk = Ask.objects.get(state="waiting").pk
    reviewer.post(f"/offices/waiting/{pk}/", {"reason": "同意", "grant": "1", "key": "k4"})
    assert "还有 1 个会要开" in client.get("/offices/meetings/").content.decode()


def test_bad_input_is_told_at_its_field_and_nothing_is_called(own_county):
    client = signed_in_as(own_county, CLERK)
    client.post("/offices/meetings/new/", {"title": "没有单位的会", "key": "k5"})
    stranger = form_of(own_county, bearers=["999999999"])
    assert client.post("/offices/meetings/new/", {**stranger, "key": "k6"}).status_code == 200
    with as_tenant(own_county.tenant_id):
        assert not Ask.objects.exists()


def test_all_units_of_a_kind_are_chosen_by_one_tick(own_county):
    client = signed_in_as(own_county, CLERK)
    said = form_of(own_county, bearers=["township", own_county["柳湾村"].pk, own_county["清水镇"].pk])
    client.post("/offices/meetings/new/", {**said, "key": "k7"})
    with as_tenant(own_county.tenant_id):
        _own, theirs = queries.parts_of(Ask.objects.get())
    wanted = (*own_county.townships, own_county["柳湾村"])
    assert {demand.bearer_id for demand, _name in theirs} == {one.pk for one in wanted}
