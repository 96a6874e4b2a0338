"""规定: what is in force and which rule binds; packs published with preview and dates, never overwritten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.ledger.actions import change_calendar, post, publish_pack
from qingfu.ledger.drafting import common_limits
from qingfu.ledger.models import CalendarChange, Demand, Pack
from qingfu.ledger.queries import rulebook_for
from qingfu.rulebook import Bearer
from qingfu.rulebook import Pack as RulebookPack
from qingfu.units.models import AuditRecord
from qingfu.units.tenancy import as_tenant
from tests.units.browser import signed_in_as

from .conftest import new_key
from .packs import county_pack, school_pack

TODAY = timezone.localdate()
PRIMARY, JUNIOR = "青禾县实验小学", "青禾县第一中学"


@pytest.fixture
def school(county):
    return county.schools[PRIMARY]


@pytest.fixture
def principal(county):
    return signed_in_as(county, "孙校长")


# ---- what is in force ----


def chains(page) -> dict[str, list]:
    return dict(page.context["found"].chains)


def test_anybody_who_is_signed_in_sees_the_chain_and_which_rule_binds(county, school):
    publish_pack(county.actor("管理员"), county.unit.pk, county_pack(50))
    publish_pack(county.actor("孙校长"), school.pk, school_pack(45))
    page = signed_in_as(county, "王丽").get("/rules/?grade=4")
    steps = next(iter(chains(page).values()))
    assert [(step.level, step.rule) for step in steps] == [
        ("国家", "每个上学日不超过 60 分钟"), ("县", "每个上学日不超过 50 分钟"), ("学校", "每个上学日不超过 45 分钟"),
    ]  # fmt: skip
    assert [step.binds for step in steps] == [False, False, True]
    assert "教基厅函〔2021〕13号" in page.content.decode()


def test_the_rules_of_another_day_are_those_of_that_day(county):
    client = signed_in_as(county, "王丽")
    before = client.get("/rules/?grade=4&on=2021-04-07").content.decode()
    after = client.get("/rules/?grade=4&on=2021-04-08").content.decode()
    assert "每天家庭作业总时长" in before and "每天书面作业总时长" not in before
    assert "每天书面作业总时长" in after


def test_each_grade_has_its_own(county):
    client = signed_in_as(county, "何老师")
    assert "90 分钟" in client.get("/rules/?grade=7").content.decode()
    assert "一二年级不布置书面家庭作业" in signed_in_as(county, "王丽").get("/rules/?grade=1").content.decode()


def test_what_is_about_the_school_itself_is_there_too(county):
    page = signed_in_as(county, "孙校长").get("/rules/?grade=&kind=visit")
    assert page.status_code == 200 and page.context["kinds"]


def test_a_rule_of_which_nobody_enters_what_was_done_says_why_it_is_not_judged(county):
    client = signed_in_as(county, "王丽")
    sleep = client.get("/rules/?grade=4&kind=sleep").content.decode()
    assert "没有登记就不判断" in sleep and "睡了多久只有家里知道" in sleep
    assert "没有登记就不判断" not in client.get("/rules/?grade=4&kind=exam").content.decode()


@pytest.mark.parametrize("query", ["on=nonsense", "on=2026-02-30", "grade=99", "kind=nonsense"])
def test_a_question_that_makes_no_sense_is_answered(county, query):
    assert signed_in_as(county, "王丽").get(f"/rules/?{query}").status_code == 422


def test_a_school_reads_no_other_schools_rules(county, school):
    publish_pack(county.actor("孙校长"), school.pk, school_pack(33))
    client = signed_in_as(county, "吴校长")
    assert "33 分钟" not in client.get(f"/rules/?unit={school.pk}&grade=7").content.decode()


# ---- packs ----


def edit(client, school, action: str, working: str = "", **fields):
    data = {"action": action, "working": working, **{f"{action}-{key}": value for key, value in fields.items()}}
    return client.post(f"/rules/packs/edit/?unit={school.pk}", data)


CITED = {"start": "2026-09-01", "document": "实验小学作业管理办法", "issued": "2026-08-25", "clause": "第三条"}


def added(client, school, amount: int = 45, grades=(3, 4, 5, 6), **more):
    fields = {"common": "written-day", "grades": list(grades), "amount": amount, "force": "must", **CITED, **more}
    return edit(client, school, "limit", **fields)


def test_a_limit_is_added_by_the_form_and_told_in_words_before_it_is_published(principal, school):
    page = added(principal, school)
    outlook = page.context["outlook"]
    assert [change.kind for change in outlook.changes] == ["added"]
    assert "三至六年级" in outlook.changes[0].text_zh and "45 分钟" in outlook.changes[0].text_zh
    assert "2026-09-01 起执行（早于今天，已经发生的不重算）" in outlook.changes[0].text_zh
    assert outlook.problems == []


def test_nothing_is_published_by_looking(principal, school, rows):
    added(principal, school)
    assert rows(Pack, unit=school) == []


def test_what_was_looked_at_is_what_is_published(county, principal, school, rows, written):
    page = added(principal, school)
    answer = principal.post(
        f"/rules/packs/edit/?unit={school.pk}",
        {"action": "publish", "version": page.context["version"], "working": page.context["working"]},
    )
    (pack,) = rows(Pack, unit=school)
    assert answer.headers["Location"] == f"/rules/packs/{pack.pk}/"
    refused = post(county.actor("王丽"), [written("语文", 46)], new_key())
    assert [(r.cap, r.clause) for r in refused.refusals] == [(45, "第三条")]


def test_a_limit_laxer_than_the_nations_is_told_in_words(principal, school):
    page = added(principal, school, amount=90)
    (problem,) = page.context["outlook"].problems
    assert problem.kind == "laxer" and "比国家规定的宽" in page.content.decode()


def test_a_hole_between_grades_is_told(principal, school):
    problems = added(principal, school, grades=(3, 5, 6)).context["outlook"].problems
    assert [(p.kind, "四年级" in p.text_zh) for p in problems] == [("hole", True)]


def test_it_says_how_many_standing_budgets_would_be_over(county, principal, school, written):
    """Lowering to 45 with 55 standing: that one is over at once, nothing is charged anew."""
    post(county.actor("王丽"), [written("语文", 55)], new_key())
    post(county.actor("王丽"), [written("语文", 40, bearer_id=county.class_("三(2)班").pk)], new_key())
    assert added(principal, school).context["outlook"].over == 1
    assert added(principal, school, amount=55).context["outlook"].over == 0


def publish(client, school, page):
    context = page.context
    return client.post(
        f"/rules/packs/edit/?unit={school.pk}",
        {"action": "publish", "version": context["version"], "working": context["working"]},
    )


def test_another_number_begins_on_its_day_and_the_old_one_ends_the_day_before(principal, school, rows):
    publish(principal, school, added(principal, school))
    (pack,) = rows(Pack, unit=school)
    (limit,) = RulebookPack.from_toml(pack.toml).limits
    page = edit(principal, school, "value", limit=limit.id, amount=40, **{**CITED, "start": "2027-03-01"})
    assert "由“每个上学日不超过 45 分钟”改为“每个上学日不超过 40 分钟”，2027-03-01 起执行" in page.content.decode()
    publish(principal, school, page)
    first, second = rows(Pack, unit=school)
    assert first.toml == pack.toml  # what was published stays as it is
    values = RulebookPack.from_toml(second.toml).limits[0].values
    assert [(str(v.start), v.end and str(v.end), v.cap) for v in values] == [
        ("2026-09-01", "2027-02-28", 45), ("2027-03-01", None, 40),
    ]  # fmt: skip


def test_the_history_shows_every_version_and_what_it_changed(principal, school, rows):
    publish(principal, school, added(principal, school))
    limit_id = RulebookPack.from_toml(rows(Pack, unit=school)[0].toml).limits[0].id
    publish(principal, school, edit(principal, school, "end", limit=limit_id, last_day="2027-01-22"))
    latest = rows(Pack, unit=school)[-1]
    html = principal.get(f"/rules/packs/{latest.pk}/").content.decode()
    assert "第 1 版" in html and "第 2 版" in html
    assert "改为“没有规定”" in html


def test_several_changes_are_looked_at_together(principal, school):
    page = added(principal, school)
    page = edit(
        principal, school, "limit", page.context["working"], common="free-day", grades=[], amount=1,
        force="encourage", **CITED,
    )  # fmt: skip
    assert len(page.context["outlook"].changes) == 2


def test_the_expert_writes_toml(principal, school):
    page = principal.post(f"/rules/packs/edit/?unit={school.pk}", {"action": "text", "toml": school_pack(45)})
    assert [change.kind for change in page.context["outlook"].changes] == ["added"]


@pytest.mark.parametrize(
    "toml, told",
    [
        ("这不是 TOML [", "TOML"),
        (school_pack(45).replace('force = "must"', 'force = "perhaps"'), "force"),
        (school_pack(45).replace("cap = 45", 'cap = "many"'), "cap"),
        ("x" * 50_000, "TOML"),
    ],
)
def test_toml_that_is_wrong_is_told_and_kept(principal, school, rows, toml, told):
    page = principal.post(f"/rules/packs/edit/?unit={school.pk}", {"action": "text", "toml": toml})
    assert page.status_code == 422
    assert told in page.context["problem"]
    assert page.context["text"].initial["toml"] == toml
    assert rows(Pack, unit=school) == []


def test_a_pack_of_another_level_is_not_published(principal, school, rows):
    page = principal.post(f"/rules/packs/edit/?unit={school.pk}", {"action": "text", "toml": county_pack(45)})
    answer = publish(principal, school, page)
    assert answer.status_code == 422 and "level" in answer.context["problem"]
    assert rows(Pack, unit=school) == []


def test_who_was_overtaken_by_a_new_version_is_told(county, principal, school):
    page = added(principal, school)
    publish(principal, school, page)
    again = publish(principal, school, page)
    assert again.status_code == 409 and "刚刚有了新版本" in again.context["problem"]


def test_a_countys_pack_tells_which_schools_it_overtakes(county, school):
    publish_pack(county.actor("孙校长"), school.pk, school_pack(55))
    admin = signed_in_as(county, "管理员")
    page = added(admin, county.unit, amount=50)
    assert [(p.kind, p.limit_id) for p in page.context["outlook"].problems] == [("laxer", "school.homework.written")]


@pytest.mark.parametrize("who", ["王丽", "李强", "赵敏", "周涛", "刘科长"])
def test_who_may_not_publish_gets_no_form(county, school, who, rows):
    client = signed_in_as(county, who)
    assert client.get(f"/rules/packs/edit/?unit={school.pk}").status_code == 403
    data = {"action": "publish", "version": "0", "working": school_pack(45)}
    assert client.post(f"/rules/packs/edit/?unit={school.pk}", data).status_code == 403
    assert rows(Pack, unit=school) == []


def test_a_school_opens_no_other_schools_pack(county, school):
    pack = publish_pack(county.actor("孙校长"), school.pk, school_pack(45))
    assert signed_in_as(county, "王丽").get(f"/rules/packs/{pack.pk}/").status_code == 200
    assert signed_in_as(county, "刘科长").get(f"/rules/packs/{pack.pk}/").status_code == 200
    assert signed_in_as(county, "吴校长").get(f"/rules/packs/{pack.pk}/").status_code == 404


def test_the_national_packs_are_open_to_all(county):
    page = signed_in_as(county, "王丽").get("/rules/packs/")
    national = next(pack for pack in page.context["above"] if pack.pack_id == "cn.homework")
    assert "每天书面作业总时长" in signed_in_as(county, "王丽").get(f"/rules/packs/{national.pk}/").content.decode()


@pytest.mark.parametrize("code", common_limits())
def test_every_common_limit_makes_a_pack_that_can_be_published(principal, school, rows, code):
    page = edit(
        principal, school, "limit", common=code, grades=[3, 4], amount=2, force="encourage", **CITED,
    )  # fmt: skip
    assert publish(principal, school, page).status_code == 302
    assert len(rows(Pack, unit=school)) == 1


def test_a_day_before_the_document_was_issued_is_refused_at_its_field(principal, school):
    page = added(principal, school, start="2026-08-01")
    assert page.status_code == 422 and "start" in page.context["forms"]["limit"].errors


# ---- local times ----

TOMORROW = TODAY + timedelta(days=1)


def set_time(client, school, working: str = "", start=TOMORROW, time: str = "15:50", name: str = "lessons_end"):
    return edit(client, school, "time", working, name=name, time=time, start=str(start))


def lessons_end(county, school, day):
    with as_tenant(county.tenant_id):
        return rulebook_for(school).local_time("lessons_end", Bearer(school.pk, "school"), day)


def test_a_school_says_when_its_lessons_end_from_a_day_on(county, principal, school, rows):
    page = set_time(principal, school)
    assert f"放学时间，由“本级没有写明”改为“15:50”，{TOMORROW} 起执行" in page.content.decode()
    assert rows(Pack, unit=school) == []
    assert publish(principal, school, page).status_code == 302
    assert [lessons_end(county, school, day) for day in (TODAY, TOMORROW)] == ["16:30", "15:50"]
    assert lessons_end(county, county.schools[JUNIOR], TOMORROW) == "16:30"
    (record,) = rows(AuditRecord, action="publish_pack")
    assert record.unit_id == school.pk


def test_the_time_before_ends_the_day_before_and_a_slip_of_the_same_day_is_put_right(county, principal, school, rows):
    publish(principal, school, set_time(principal, school, start="2026-09-01", time="16:10"))
    publish(principal, school, set_time(principal, school, time="15:05"))
    page = set_time(principal, school, time="15:50")
    assert f"由“15:05”改为“15:50”，{TOMORROW} 起执行" in page.content.decode()
    publish(principal, school, page)
    assert [lessons_end(county, school, day) for day in (TODAY, TOMORROW)] == ["16:10", "15:50"]
    assert len(rows(Pack, unit=school)) == 3
    shown = principal.get(f"/rules/packs/{rows(Pack, unit=school)[-1].pk}/").content.decode()
    assert "16:10" in shown and "15:50" in shown and "这一版没有规定" not in shown


def test_a_time_before_one_that_is_set_already_is_refused_in_words(principal, school):
    publish(principal, school, set_time(principal, school))
    page = set_time(principal, school, start=TODAY)
    assert page.status_code == 422 and "从更晚的日子起有新的" in page.context["problem"]


@pytest.mark.parametrize("wrong", [{"time": "25:00"}, {"time": ""}, {"start": "nonsense"}, {"name": "nonsense"}])
def test_a_time_that_makes_no_sense_is_told_at_its_field(principal, school, wrong):
    page = set_time(principal, school, **wrong)
    assert page.status_code == 422 and set(page.context["forms"]["time"].errors) == set(wrong)


def test_the_calendar_page_shows_the_time_and_leads_the_principal_to_it(county, principal, school):
    publish(principal, school, set_time(principal, school, start=TODAY))
    hers = principal.get("/rules/calendar/").content.decode()
    teachers = signed_in_as(county, "王丽").get("/rules/calendar/").content.decode()
    assert "15:50" in hers and "15:50" in teachers
    assert "改放学、下班时间" in hers and "改放学、下班时间" not in teachers


# ---- the calendar ----


def ask_for(client, where, day, action: str = "preview", **more):
    data = {
        "unit": where.pk, "what": "rest_day", "starts": str(day), "ends": "", "name": "台风停课",
        "source": "青禾县教育局关于台风停课的通知", "action": action, **more,
    }  # fmt: skip
    return client.post("/rules/calendar/change/", data)


@pytest.fixture
def admin(county):
    return signed_in_as(county, "管理员")


def test_a_typhoon_shows_what_it_would_move_and_moves_nothing_yet(county, admin, written, evening, rows):
    post(county.actor("王丽"), [written("语文", 40)], new_key())
    page = ask_for(admin, county.unit, evening)
    assert [(d.class_name, d.subject) for d in page.context["touched"]] == [("三(1)班", "语文")]
    assert rows(CalendarChange) == []
    assert [d.revision for d in rows(Demand)] == [0]


def test_looking_leaves_no_trace_in_what_is_reckoned_with(county, admin, written, evening):
    ask_for(admin, county.unit, evening)
    assert post(county.actor("王丽"), [written("语文", 61)], new_key()).outcome == "refused"


def test_publishing_moves_exactly_what_was_shown_and_tells_those_touched(county, admin, written, evening, rows):
    post(county.actor("王丽"), [written("语文", 40)], new_key())
    shown = {d.id for d in ask_for(admin, county.unit, evening).context["touched"]}
    answer = ask_for(admin, county.unit, evening, "publish")
    (change,) = rows(CalendarChange)
    assert answer.headers["Location"] == f"/rules/calendar/{change.pk}/"
    assert {d.id for d in rows(Demand) if d.revision} == shown
    for who in ("王丽", "李强", "赵敏"):
        assert "语文练习" in signed_in_as(county, who).get("/rules/calendar/").content.decode()
    assert "语文练习" not in signed_in_as(county, "何老师").get("/rules/calendar/").content.decode()


def test_a_school_proposes_and_the_county_sees_what_it_would_move_and_confirms(
    county, principal, admin, school, written, evening, rows
):
    post(county.actor("王丽"), [written("语文", 40)], new_key())
    page = ask_for(principal, school, evening)
    assert page.context["proposes"] and page.context["touched"] == []
    address = ask_for(principal, school, evening, "publish").headers["Location"]
    assert "等县里确认" in principal.get(address).content.decode()
    shown = {d.id for d in admin.get(address).context["would_move"]}
    assert len(shown) == 1 and not [d for d in rows(Demand) if d.revision]
    assert principal.post(f"{address}confirm/").status_code == 403
    admin.post(f"{address}confirm/")
    assert {d.id for d in rows(Demand) if d.revision} == shown
    assert not admin.get(address).context["waits"]


def test_confirming_twice_changes_nothing_more(county, principal, admin, school, evening, rows):
    address = ask_for(principal, school, evening, "publish").headers["Location"]
    for _ in range(2):
        assert admin.post(f"{address}confirm/").status_code == 302
    assert len(rows(CalendarChange)) == 2


def test_the_county_finds_the_proposal_among_its_findings(county, principal, admin, school, evening, rows):
    address = ask_for(principal, school, evening, "publish").headers["Location"]
    (finding,) = rows(Finding, object_kind="calendar_change")
    assert address in admin.get(f"/findings/{finding.pk}/").content.decode()


def test_a_countys_day_off_keeps_what_a_school_has_said_of_its_own(county, school, written, evening):
    """A school that teaches on that day goes on teaching: what the school said stands over the county's word."""
    change_calendar(county.actor("孙校长"), school.pk, evening, evening, day_kind="school_day", source="学校通知")
    post(county.actor("王丽"), [written("语文", 40)], new_key())
    assert ask_for(signed_in_as(county, "管理员"), county.unit, evening).context["touched"] == []


def test_the_dates_of_a_term_are_changed_with_their_source(county, rows):
    admin = signed_in_as(county, "管理员")
    more = {"what": "term", "starts": "2026-09-01", "ends": "2027-01-15", "term_id": "2026-2027-1", "name": ""}
    assert ask_for(admin, county.unit, TODAY, "publish", **more).status_code == 302
    assert "2026–2027 学年第一学期" in signed_in_as(county, "王丽").get("/rules/calendar/").content.decode()
    (change,) = rows(CalendarChange)
    assert (change.term_id, str(change.ends)) == ("2026-2027-1", "2027-01-15")


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"starts": "nonsense"}, "starts"),
        ({"ends": "2020-01-01"}, "ends"),
        ({"source": ""}, "source"),
        ({"what": "term", "term_id": ""}, "term_id"),
        ({"ends": str(TODAY + timedelta(days=400))}, "ends"),
        ({"unit": "99999999"}, "unit"),
    ],
)
def test_a_change_that_makes_no_sense_is_told_at_its_field(principal, school, rows, wrong, field):
    page = ask_for(principal, school, TODAY, "publish", **wrong)
    assert page.status_code == 422 and field in page.context["form"].errors
    assert rows(CalendarChange) == []


def test_a_term_over_another_is_refused_in_words(county, rows):
    admin = signed_in_as(county, "管理员")
    more = {"what": "term", "starts": "2026-09-01", "ends": "2027-06-30", "term_id": "2026-2027-1"}
    page = ask_for(admin, county.unit, TODAY, "publish", **more)
    assert page.status_code == 422 and page.context["form"].non_field_errors()
    assert rows(CalendarChange) == []


@pytest.mark.parametrize("who", ["王丽", "李强", "赵敏", "周涛", "刘科长"])
def test_only_principals_and_the_county_change_days(county, school, who):
    assert signed_in_as(county, who).get("/rules/calendar/change/").status_code == 403
    assert ask_for(signed_in_as(county, who), school, TODAY, "publish").status_code == 403


def test_a_school_changes_no_days_of_the_county(county, principal, rows):
    assert ask_for(principal, county.unit, TODAY, "publish").status_code == 422
    assert rows(CalendarChange) == []


def test_another_schools_change_is_not_shown(county, school, evening):
    move = change_calendar(county.actor("孙校长"), school.pk, evening, evening, day_kind="rest_day", source="学校通知")
    assert signed_in_as(county, "吴校长").get(f"/rules/calendar/{move.change_id}/").status_code == 404
