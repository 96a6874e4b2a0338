"""应用、小程序、公众号、工作群: registered as they are, judged by the rules of their day, cleaned up every year."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu.findings.actions import rectify, report
from qingfu.findings.models import Finding
from qingfu.findings.queries import visible
from qingfu.offices import actions, channels
from qingfu.offices.actions import NotInPlace
from qingfu.offices.channels import bans, bans_of, months_later
from qingfu.offices.forms.channels import COLUMNS
from qingfu.offices.models import Channel, ChannelReview
from qingfu.offices.queries import channels as queries
from qingfu.offices.tables import write_table
from qingfu.rulebook import load_national
from qingfu.units.models import AuditRecord, Unit
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import new_key
from tests.units.browser import signed_in_as

TODAY = timezone.localdate()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
APPS_IN_FORCE, GROUPS_IN_FORCE = date(2026, 1, 25), date(2023, 12, 18)
FARM, HEALTH = "县农业农村局", "县卫生健康局"
FILED = {"filing_number": "备2025-01", "filed_on": date(2025, 1, 6)}


def channel(unit, name: str, carrier="app", **more) -> Channel:
    said = {
        "purpose": "patrol", "kinds": ["village"], "headcount": 12, "since": date(2025, 3, 1), "source": "own", **FILED,
        **more,
    }  # fmt: skip
    return Channel(tenant_id=unit.tenant_id, unit=unit, name=name, carrier=carrier, **said)


def register(county, name: str, answers=(), unit=FARM, key=None, review=False, reason="", **more):
    made = channel(county[unit], name, **more)
    return actions.register_channel(
        county.actor(f"文秘{unit}"), made, list(answers), key or new_key(), review=review, reason=reason
    )


def findings_of(county, made: Channel) -> list[Finding]:
    with as_tenant(county.tenant_id):
        return list(queries.open_findings(made))


def test_every_question_cites_a_rule_that_says_so():
    limits = {limit.id: limit for pack in load_national() for limit in pack.limits}
    for ban in bans().values():
        limit = limits[ban.limit]
        said = {condition.key: condition for condition in limit.where}[ban.attribute]
        assert limit.kind == ban.kind and set(ban.values) <= set(said.any_of) and limit.force == "ban"
    assert len(bans_of("app")) == len(bans_of("mini_program")) == 5 and len(bans_of("group")) == 6


def test_what_is_in_use_without_anything_banned_opens_nothing(county):
    made, result = register(county, "护林巡查")
    assert result is None and made.reviewed_on == TODAY and findings_of(county, made) == []
    with as_tenant(county.tenant_id):
        assert AuditRecord.objects.filter(action="register_channel", object_id=made.pk).exists()


def test_a_yes_opens_a_finding_with_a_deadline_for_the_head_of_the_office(county):
    made, _result = register(county, "秸秆打卡", ["ranking", "forced"])
    (finding,) = findings_of(county, made)
    assert finding.limit_id == "cn.apps.features" and "打卡签到" in finding.summary and "强制安装" in finding.summary
    assert "国办函〔2026〕12号" in finding.citation
    assert (finding.due_day - TODAY).days == channels.settings()["review"]["rectify_days"]
    assert (finding.role, finding.responsible_unit_id) == ("office_head", county[FARM].pk)


def test_an_app_that_must_be_installed_is_forced_whatever_was_ticked_until_it_must_not(county):
    made, _result = register(county, "必须装", forced=True)
    assert made.answers == ["forced"] and [one.limit_id for one in findings_of(county, made)] == ["cn.apps.features"]
    group, _result = register(county, "必须加的群", carrier="group", forced=True)
    assert group.answers == [] and findings_of(county, group) == []
    assert review(county, made, "kept", reason="改为自愿").answers == []


def test_what_security_needs_may_check_in_but_nobody_may_force_it(county):
    calm, _result = register(county, "防汛值守", ["ranking"], safety=True)
    assert findings_of(county, calm) == []
    forced, _result = register(county, "防汛定位", ["ranking", "forced"], safety=True)
    (finding,) = findings_of(county, forced)
    assert "强制安装" in finding.summary


@pytest.mark.parametrize("since, kinds", [
    (APPS_IN_FORCE - timedelta(days=1), set()), (APPS_IN_FORCE, {"cn.apps.filed"}),
])  # fmt: skip
def test_an_app_is_filed_before_it_begins_from_the_day_of_the_rule_on(county, since, kinds):
    made, _result = register(county, f"未备案{since}", since=since, filing_number="", filed_on=None)
    assert {one.limit_id for one in findings_of(county, made)} == kinds


@pytest.mark.parametrize("carrier", ["account", "group"])
def test_accounts_and_groups_need_no_filing(county, carrier):
    made, _result = register(county, f"不用备案{carrier}", carrier=carrier, since=APPS_IN_FORCE, filing_number="",
                             filed_on=None)  # fmt: skip
    assert findings_of(county, made) == []


@pytest.mark.parametrize("since, kinds", [
    (APPS_IN_FORCE - timedelta(days=1), set()), (APPS_IN_FORCE, {"cn.apps.below-county"}),
])  # fmt: skip
def test_a_township_builds_no_app_from_the_day_of_the_rule_on(county, since, kinds):
    made, _result = register(county, f"镇自建{since}", unit="清水镇", since=since)
    assert {one.limit_id for one in findings_of(county, made)} == kinds
    bureau, _result = register(county, f"局自建{since}", since=since)
    from_above, _result = register(county, f"省推{since}", unit="清水镇", since=since, source="province")
    assert findings_of(county, bureau) == findings_of(county, from_above) == []


def test_a_group_and_an_account_are_measured_by_the_opinion_of_2023(county):
    group, _result = register(county, "秒回群", ["instant", "likes", "repeat"], carrier="group")
    assert {one.limit_id for one in findings_of(county, group)} == {
        "cn.groups.asks", "cn.groups.criterion", "cn.groups.repeat",
    }  # fmt: skip
    account, _result = register(county, "点赞号", ["likes"], carrier="account")
    assert [one.limit_id for one in findings_of(county, account)] == ["cn.groups.criterion"]
    with pytest.raises(NotInPlace, match="没有问到"):
        register(county, "问错了", ["commercial"], carrier="group")


@pytest.mark.parametrize("carrier, code, first", [
    ("app", "forced", APPS_IN_FORCE), ("group", "chain", GROUPS_IN_FORCE),
])  # fmt: skip
def test_a_ban_holds_from_its_day_on(county, carrier, code, first):
    """What the rulebook says of the same answer on the day before and on the day."""
    made = channel(county[FARM], "某某", carrier=carrier)
    found = []
    with as_tenant(county.tenant_id):
        for day in (first - timedelta(days=1), first):
            (draft,) = channels.what_it_does(made, [code], day)
            found.append({one.in_force.limit.id for one in actions.channels.broken_by_itself(draft)})
    assert found == [set(), {bans()[code].limit}]


def test_findings_about_offices_are_for_offices_and_schools_for_schools(county):
    made, _result = register(county, "谁看得到", ["commercial"])
    (of_office,) = findings_of(county, made)
    of_school = report(county.actor("刘科长"), county["县第一中学"].pk, "作业公示晚了", TOMORROW)
    seen = {}
    with as_tenant(county.tenant_id):
        for who in (f"文秘{FARM}", f"文秘{HEALTH}", "两办", "减负办", "校长县第一中学", "刘科长"):
            rows = visible(county.actor(who))
            seen[who] = [rows.filter(pk=one.pk).exists() for one in (of_office, of_school)]
    assert seen == {
        f"文秘{FARM}": [True, False], f"文秘{HEALTH}": [False, False], "两办": [True, False], "减负办": [False, False],
        "校长县第一中学": [False, True], "刘科长": [True, True],
    }  # fmt: skip
    with pytest.raises(Forbidden):
        rectify(county.actor(f"文秘{FARM}"), of_office.pk, "已经改了")
    with pytest.raises(Forbidden):
        rectify(county.actor("两办"), of_school.pk, "已经改了")


# ---- what is still to begin ----


def test_what_is_to_begin_is_asked_of_its_users_and_refused_where_it_may_not(own_county):
    made, result = register(own_county, "新巡查", since=TOMORROW, unit_ids=[own_county["清水镇"].pk])
    assert result.outcome == "posted" and made.ask_id == result.ask.pk and result.ask.bearers == 7
    for more in ({"answers": ["forced"]}, {"filing_number": "", "filed_on": None}):
        none, refused = register(own_county, "新打卡", since=TODAY, **more)
        assert none is None and refused.outcome == "refused"
    with as_tenant(own_county.tenant_id):
        assert not Channel.objects.filter(name="新打卡").exists() and not Finding.objects.exists()


def test_a_township_that_wants_to_build_one_goes_to_the_two_offices(own_county):
    none, stopped = register(own_county, "镇里通", unit="清水镇", since=TOMORROW)
    assert none is None and stopped.outcome == "needs_waiver"
    made, waiting = register(
        own_county, "镇里通", unit="清水镇", since=TOMORROW, review=True, reason="全县统建的明年才有"
    )
    assert waiting.outcome == "waiting"
    with as_tenant(own_county.tenant_id):
        assert not queries.live().filter(pk=made.pk).exists()
    actions.decline(own_county.actor("两办"), waiting.ask.pk, "等全县的")
    made, waiting = register(own_county, "镇里通", unit="清水镇", since=TOMORROW, review=True, reason="等不及了")
    actions.grant(own_county.actor("两办"), waiting.ask.pk, "只用一年", new_key())
    with as_tenant(own_county.tenant_id):
        assert queries.live().filter(pk=made.pk).exists()


def test_what_a_superior_brings_is_recorded_and_never_refused(own_county):
    made, result = register(own_county, "省里的", ["forced"], since=TOMORROW, source="province")
    assert result.ask.state == "received" and made.pk
    assert "cn.apps.features" in {one.limit_id for one in findings_of(own_county, made)}


def test_the_same_is_registered_once_and_by_its_own_office_alone(county):
    register(county, "只一次")
    with pytest.raises(NotInPlace, match="已经登记过"):
        register(county, "只一次")
    with pytest.raises(Forbidden):
        actions.register_channel(county.actor(f"文秘{HEALTH}"), channel(county[FARM], "别家的"), [], new_key())
    with pytest.raises(NotInPlace, match="一起写"):
        register(county, "缺日期", filed_on=None)


def test_the_name_of_what_was_closed_is_free_again(county):
    closed, _result = register(county, "防汛调度群")
    review(county, closed, "closed", reason="汛期过了")
    again, _result = register(county, "防汛调度群")
    assert again.pk != closed.pk
    with pytest.raises(NotInPlace, match="已经登记过"):
        register(county, "防汛调度群")


# ---- the yearly review ----


def review(county, made: Channel, state: str, answers=(), reason="还要用", unit=FARM, **more):
    return actions.review_channel(county.actor(f"文秘{unit}"), made.pk, state, list(answers), reason, **more)


def test_keeping_merging_and_closing_want_a_reason_and_are_remembered(county):
    made, _result = register(county, "老巡查")
    other, _result = register(county, "新巡查")
    with pytest.raises(NotInPlace, match="理由"):
        review(county, made, "kept", reason=" ")
    kept = review(county, made, "kept", ["commercial"], "还要用半年")
    assert (kept.state, kept.answers) == ("kept", ["commercial"])
    assert [one.limit_id for one in findings_of(county, made)] == ["cn.apps.features"]
    review(county, made, "kept", ["commercial"])
    assert len(findings_of(county, made)) == 1  # one open problem, however often it is said
    with pytest.raises(NotInPlace, match="并到哪一个"):
        review(county, made, "merged", into_id=made.pk)
    merged = review(county, made, "merged", reason="功能都在新的里", into_id=other.pk)
    assert (merged.state, merged.into_id, merged.decided_on) == ("merged", other.pk, TODAY)
    with pytest.raises(NotInPlace, match="已经停用或合并"):
        review(county, made, "kept")
    assert review(county, other, "closed", reason="不用了").state == "closed"
    with as_tenant(county.tenant_id):
        states = ChannelReview.objects.filter(channel=made).order_by("pk").values_list("state", flat=True)
        assert list(states) == ["kept", "kept", "kept", "merged"]
        deeds = set(AuditRecord.objects.filter(object_kind="channel").values_list("action", flat=True))
    assert {"kept_channel", "merged_channel", "closed_channel"} <= deeds
    with pytest.raises(Forbidden):
        actions.review_channel(county.actor(f"文秘{HEALTH}"), other.pk, "kept", [], "别家的")


@pytest.mark.parametrize("months, overdue", [(12, True), (11, False)])
def test_after_twelve_months_it_is_to_be_looked_at_again(county, months, overdue):
    made, _result = register(county, f"自查过{months}")
    with as_tenant(county.tenant_id):
        for day, expected in ((months_later(TODAY, -months), overdue), (None, True)):
            Channel.objects.filter(pk=made.pk).update(reviewed_on=day)
            assert Channel.objects.filter(queries.is_overdue(TODAY), pk=made.pk).exists() is expected
        Channel.objects.filter(pk=made.pk).update(reviewed_on=months_later(TODAY, -12) + timedelta(days=1))
        assert not Channel.objects.filter(queries.is_overdue(TODAY), pk=made.pk).exists()


@pytest.mark.parametrize("day, months, later", [
    (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2024, 2, 29), 12, date(2025, 2, 28)),
    (date(2026, 11, 28), -12, date(2025, 11, 28)), (date(2026, 12, 1), 1, date(2027, 1, 1)),
])  # fmt: skip
def test_months_later_stay_within_the_month(day, months, later):
    assert months_later(day, months) == later


def test_the_same_purpose_for_the_same_users_is_proposed_for_merging(own_county):
    rows = [
        register(own_county, "巡林", kinds=["village"])[0],
        register(own_county, "巡河", carrier="mini_program", kinds=["village"], unit=HEALTH)[0],
        register(own_county, "巡路", kinds=["village", "township"])[0],
        register(own_county, "村群", carrier="group", kinds=["village"])[0],
        register(own_county, "面向群众", kinds=[])[0], register(own_county, "也面向群众", kinds=[])[0],
    ]  # fmt: skip
    for town in ("清水镇", "柳河镇"):  # all villages, but each township's own
        rows.append(register(own_county, f"{town}村群", carrier="group", kinds=["village"], unit=town)[0])
    assert [[one.name for one in group] for group in queries.duplicates(rows)] == [["巡林", "巡河"]]


def test_it_is_merged_into_what_reaches_its_users_not_into_another_townships(own_county):
    group = {"carrier": "group", "kinds": ["village"]}
    made, _result = register(own_county, "清水村群", unit="清水镇", **group)
    own, _result = register(own_county, "清水总群", unit="清水镇", **group)
    other, _result = register(own_county, "柳河村群", unit="柳河镇", **group)
    whole, _result = register(own_county, "全县村群", **group)
    with as_tenant(own_county.tenant_id):
        assert {one.name for one in queries.could_take(made)} == {own.name, whole.name}
    with pytest.raises(NotInPlace, match="并到哪一个"):
        review(own_county, made, "merged", unit="清水镇", into_id=other.pk)
    assert review(own_county, made, "merged", unit="清水镇", into_id=whole.pk).into_id == whole.pk


def test_two_taps_are_one_review(county):
    made, _result = register(county, "点两下")
    for _twice in range(2):
        review(county, made, "kept", reason="照用")
    with as_tenant(county.tenant_id):
        assert ChannelReview.objects.filter(channel=made, reason="照用").count() == 1


def test_what_was_typed_at_a_review_stays_where_it_does_not_fit(own_county):
    made, _result = register(own_county, "并到哪里")
    client = signed_in_as(own_county, f"文秘{FARM}")
    typed = {"state": "merged", "reason": "功能重复，一起并掉", "answers_app": ["commercial"]}
    said = client.post(reverse("offices:channel_review", args=[made.pk]), typed)
    assert "请选并到哪一个" in said.content.decode() and "功能重复，一起并掉" in said.content.decode()
    assert said.context["answers"]["answers_app"].value() == ["commercial"]


def test_the_written_explanation_stays_and_can_be_given_where_it_is_missing(own_county):
    client = signed_in_as(own_county, "文秘清水镇")
    typed = {
        "carrier": "app", "name": "镇里通", "purpose": "data", "users": ["village"], "headcount": 6, "source": "own",
        "since": TODAY.isoformat(), "filing_number": "备9", "filed_on": "2025-01-06",
    }  # fmt: skip
    address = reverse("offices:channel_new")
    kept = client.post(address, {**typed, "reason": "县里的还没有", "key": new_key()}).content.decode()
    assert "请两办审核" in kept and "县里的还没有" in kept
    missing = client.post(address, {**typed, "review": "1", "key": new_key()}).content.decode()
    assert "要写明理由" in missing and 'name="reason"' in missing and 'name="review"' in missing


def test_users_in_a_list_are_found_in_any_width_and_never_guessed(own_county):
    with as_tenant(own_county.tenant_id):
        Unit.objects.filter(pk=own_county["大槐村"].pk).update(name="柳湾村")
        Unit.objects.filter(pk=own_county["石桥村"].pk).update(name="石桥村（河东）")
    client = signed_in_as(own_county, f"文秘{FARM}")
    seen = upload(client, cells("两个同名", 使用单位="柳湾村"))
    assert seen.context["problems"] == ["E2：有几个单位叫“柳湾村”，请一个一个登记"]
    seen = upload(client, cells("全角", 使用单位="石桥村（河东）、全部乡镇（街道）"))
    (found,) = seen.context["found"]
    assert (found.kinds, found.unit_ids) == (["township"], [own_county["石桥村"].pk])


def test_all_of_a_kind_may_be_one(own_county):
    with as_tenant(own_county.tenant_id):
        Unit.objects.filter(pk=own_county["前楼村"].pk).update(ends=YESTERDAY)
    seen = upload(signed_in_as(own_county, "文秘清水镇"), cells("一个村", 使用单位="全部村"))
    assert seen.context["problems"] == [] and seen.context["found"][0].unit_ids == [own_county["柳湾村"].pk]


def test_a_unit_sees_what_it_must_use_by_kind_or_by_name_and_not_what_is_for_others(own_county):
    village, other = own_county["柳湾村"], own_county["大槐村"]
    register(own_county, "全部村", kinds=["village"])
    register(own_county, "清水镇的村", unit="清水镇", kinds=["village"], carrier="group")
    register(own_county, "只有柳湾", kinds=[], unit_ids=[village.pk])
    register(own_county, "给学校", kinds=["school"])
    with as_tenant(own_county.tenant_id):
        assert {one.name for one in queries.used_by(village)} == {"全部村", "清水镇的村", "只有柳湾"}
        assert {one.name for one in queries.used_by(other)} == {"全部村"}


def test_the_yearly_clean_up_for_schools_is_counted_against_its_rule(own_county):
    made, _result = register(own_county, "校园通", kinds=["school"])
    register(own_county, "村里通", kinds=["village"])
    with as_tenant(own_county.tenant_id):
        found = queries.school_cleanup(own_county.unit, TODAY)
        assert (found.channels, found.reviewed, found.is_done) == (1, 1, True)
        ChannelReview.objects.filter(channel=made).update(day=date(TODAY.year - 1, 12, 31))
        assert not queries.school_cleanup(own_county.unit, TODAY).is_done
        assert found.in_force.limit.id == "cn.teachers.apps.cleanup"
        first = date(2025, 10, 14)
        assert queries.school_cleanup(own_county.unit, first) is not None
        assert queries.school_cleanup(own_county.unit, first - timedelta(days=1)) is None


# ---- pages ----


def cells(name: str, **more) -> list:
    said = {
        "名称": name, "哪一种": "App", "用来做什么": "巡查、上报", "使用单位": "全部村、清水镇", "使用人数": 30,
        "从哪里来": "本单位自建", "开始用的日期": date(2025, 5, 1), "必须装或加入": "是", "备案号": "备9",
        "备案日期": "2025-04-01", **more,
    }  # fmt: skip
    return [said.get(head, "") for head in COLUMNS]


def upload(client, *rows):
    file = SimpleUploadedFile("名单.xlsx", write_table("名单", list(COLUMNS), rows))
    return client.post(reverse("offices:channels_import"), {"workbook": file})


def test_a_list_is_looked_at_first_and_taken_in_only_when_told_to(own_county):
    client = signed_in_as(own_county, f"文秘{FARM}")
    seen = upload(client, cells("护林通"), cells("防汛群", 哪一种="工作群", 备案号="", 备案日期=""))
    assert "会加 2 个" in seen.content.decode()
    with as_tenant(own_county.tenant_id):
        assert not Channel.objects.exists()
    told = client.post(reverse("offices:channels_import"), {"rows": seen.context["rows"]}, follow=True)
    assert "已导入 2 个" in told.content.decode() and "还没有自查" in told.content.decode()
    with as_tenant(own_county.tenant_id):
        made = Channel.objects.get(name="护林通")
    assert (made.kinds, made.unit_ids, made.since) == (["village"], [own_county["清水镇"].pk], date(2025, 5, 1))
    assert made.forced and made.reviewed_on is None and made.filed_on == date(2025, 4, 1)
    again = client.post(reverse("offices:channels_import"), {"rows": seen.context["rows"]}, follow=True)
    assert "已经登记过" in again.content.decode()
    other = signed_in_as(own_county, f"文秘{HEALTH}")
    stolen = other.post(reverse("offices:channels_import"), {"rows": seen.context["rows"]}, follow=True)
    assert "重新上传" in stolen.content.decode()


def test_bad_rows_are_named_by_row_and_column_and_nothing_is_taken(own_county):
    register(own_county, "有了的")
    client = signed_in_as(own_county, f"文秘{FARM}")
    seen = upload(
        client, cells("好的"), cells("坏的", 哪一种="软件", 使用人数="很多", 使用单位="全部村、月亮村"),
        cells("好的"), cells("有了的"), cells("", 开始用的日期=TOMORROW), cells("缺日期", 备案日期=""),
    )  # fmt: skip
    said = "\n".join(seen.context["problems"])
    for place, text in (
        ("B3", "只能填"), ("F3", ""), ("E3", "月亮村"), ("A4", "第 2 行"), ("A5", "已经登记过"), ("A6", ""),
        ("K7", "一起写"),
    ):  # fmt: skip
        assert f"{place}：" in said and text in said, (place, said)
    assert "rows" not in seen.context
    with as_tenant(own_county.tenant_id):
        assert Channel.objects.count() == 1
    assert "缺少这几列" in upload_of(client, write_table("名单", ["名称"], [["甲"]]))
    assert "Excel 工作簿" in upload_of(client, b"not a workbook")


def upload_of(client, data: bytes) -> str:
    file = SimpleUploadedFile("名单.xlsx", data)
    return client.post(reverse("offices:channels_import"), {"workbook": file}).content.decode()


def test_the_template_can_be_filled_and_brought_back(own_county):
    client = signed_in_as(own_county, f"文秘{FARM}")
    data = client.get(reverse("offices:channels_template")).content
    assert "会加 1 个" in upload_of(client, data)


def test_the_list_is_searched_paged_and_exported_as_it_stands(own_county):
    client = signed_in_as(own_county, f"文秘{FARM}")
    assert "还没有登记" in client.get(reverse("offices:channels")).content.decode()
    names = [f"通{number:02d}" for number in range(40)]
    with as_tenant(own_county.tenant_id):
        Channel.objects.bulk_create(channel(own_county[FARM], name) for name in names)
        Channel.objects.filter(name="通07").update(answers=["forced"])
    first = client.get(reverse("offices:channels")).content.decode()
    assert "通00" in first and "通39" not in first and "共 40 条" in first
    assert "通39" in client.get(reverse("offices:channels"), {"page": 2}).content.decode()
    found = client.get(reverse("offices:channels"), {"what": "banned"}).content.decode()
    assert "通07" in found and "通08" not in found and "强制安装" in found
    assert "没有符合条件的" in client.get(reverse("offices:channels"), {"q": "没有这个"}).content.decode()
    data = client.get(reverse("offices:channels_export"), {"q": "通0"}).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == names[:10] and "使用单位" in rows[0]
    village = signed_in_as(own_county, "书记柳湾村")
    assert "要我们用的有 40 个" in village.get(reverse("offices:channels")).content.decode()
    assert village.get(reverse("offices:channel_new")).status_code == 403


def test_a_page_registers_asks_anew_and_shows_what_is_to_be_put_right(own_county):
    client = signed_in_as(own_county, f"文秘{FARM}")
    typed = {
        "carrier": "app", "name": "页面登记", "purpose": "data", "users": ["village"], "headcount": 6, "source": "own",
        "since": "2025-05-01", "answers_app": ["commercial"], "key": "k1",
    }  # fmt: skip
    said = client.post(reverse("offices:channel_new"), typed, follow=True).content.decode()
    assert "已列为问题" in said and "商业牟利" in said and "要整改的" in said
    new = {**typed, "name": "新的", "since": TODAY.isoformat(), "key": "k2"}
    refused = client.post(reverse("offices:channel_new"), new).content.decode()
    assert "还不能发出" in refused and "政务应用五个不得" in refused
    with as_tenant(own_county.tenant_id):
        made = Channel.objects.get()
        finding = Finding.objects.get()
    head = signed_in_as(own_county, f"负责人{FARM}")
    page = head.get(reverse("findings:one", args=[finding.pk])).content.decode()
    assert "页面登记" in page and reverse("offices:channel", args=[made.pk]) in page
    put_right = head.post(reverse("findings:rectify", args=[finding.pk]), {"text": "收费模块已下线"})
    assert put_right.status_code == 302
    with as_tenant(own_county.tenant_id):
        finding.refresh_from_db()
        assert (finding.state, finding.role) == ("rectified", "two_offices")
    two = signed_in_as(own_county, "两办")
    assert two.post(reverse("findings:recheck", args=[finding.pk]), {"kept": "yes"}).status_code == 302
    closed = client.post(
        reverse("offices:channel_review", args=[made.pk]), {"state": "closed", "reason": "不用了"}, follow=True
    )
    assert "已停用" in closed.content.decode()


def test_the_clean_up_page_shows_duplicates_and_what_is_overdue(own_county):
    client = signed_in_as(own_county, f"文秘{FARM}")
    assert "没有要清理的" in client.get(reverse("offices:channel_cleanup")).content.decode()
    one, _result = register(own_county, "巡林", kinds=["school"])
    two, _result = register(own_county, "巡河", kinds=["school"])
    with as_tenant(own_county.tenant_id):
        Channel.objects.filter(pk=one.pk).update(reviewed_on=None)
    said = client.get(reverse("offices:channel_cleanup")).content.decode()
    assert "并到第一个" in said and "还没有自查" in said and "每年清理面向学校的应用" in said
    chosen = client.get(reverse("offices:channel", args=[two.pk]), {"into": one.pk}).content.decode()
    assert f'<option value="{one.pk}" selected>' in chosen
