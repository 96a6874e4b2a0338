"""发文: plan, approval, drafting check, issue, merging; what is kept of a draft and what is not."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from qingfu.ledger import actions as ledger
from qingfu.ledger.models import Budget
from qingfu.offices import actions
from qingfu.offices.models import Ask, DraftCheck, Project
from qingfu.offices.queries import documents as queries
from qingfu.text.files import open_file
from qingfu.text.official import check_draft
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import new_key
from tests.text.official.making import text_of, word_of
from tests.units.browser import signed_in_as

BUREAU, HEAD, CLERK = "县农业农村局", "负责人县农业农村局", "文秘县农业农村局"
TODAY = timezone.localdate()
MONTH = TODAY.replace(day=1)
FINE = word_of(text_of("fine_special_notice"))


def project(county, *units, who=HEAD, month=MONTH, topic="教育", subject="校园周边交通疏导", required=False) -> Project:
    units = units or county.townships
    return actions.propose_document(
        county.actor(who), county[BUREAU], month=month, topic=topic, subject=subject,
        bearer_ids=[one.pk for one in units], required=required,
    )  # fmt: skip


def checked(county, found: Project, name: str = "fine_special_notice", **more) -> DraftCheck:
    source = open_file(word_of(text_of(name)), f"{name}.docx")
    return actions.keep_check(county.actor(HEAD), found.pk, check_draft(source, on=TODAY, **more))


def issue(county, found: Project, key=None, **more):
    issuing = actions.Issuing(day=TODAY, **{"assessed": True, **more})
    return actions.issue_document(county.actor(HEAD), found.pk, issuing, key or new_key())


def fresh(county, found: Project) -> Project:
    with as_tenant(county.tenant_id):
        return Project.objects.select_related("ask", "unit").get(pk=found.pk)


def switch(county, **switched) -> None:
    """The head of the office says what is kept of drafts, on the page."""
    ticked = {name: "on" for name, on in switched.items() if on}
    signed_in_as(county, HEAD).post(reverse("offices:document_keeping"), ticked)
    with as_tenant(county.tenant_id):
        county[BUREAU].refresh_from_db()


def test_what_a_clerk_proposes_waits_for_the_head_and_what_the_head_proposes_is_approved(county):
    assert project(county).state == "approved"
    waiting = project(county, who=CLERK)
    assert waiting.state == "proposed"
    with pytest.raises(Forbidden):
        actions.approve_document(county.actor(CLERK), waiting.pk)
    with pytest.raises(actions.NotInPlace, match="理由"):
        actions.turn_down_document(county.actor(HEAD), waiting.pk, " ")
    actions.approve_document(county.actor(HEAD), waiting.pk)
    assert fresh(county, waiting).state == "approved"
    with pytest.raises(actions.NotInPlace):
        actions.turn_down_document(county.actor(HEAD), waiting.pk, "并到上半年那件里")


def test_another_office_neither_sees_nor_decides(county):
    found = project(county)
    for deed in (actions.approve_document, actions.drop_document):
        with pytest.raises(Forbidden):
            deed(county.actor("负责人县卫生健康局"), found.pk)


def test_only_units_that_the_office_may_ask_can_be_recipients(county):
    with pytest.raises(actions.NotInPlace, match="可以要求"):
        actions.propose_document(
            county.actor(HEAD), county[BUREAU], month=MONTH, topic="教育", subject="", bearer_ids=[county.unit.pk],
            required=False,
        )  # fmt: skip


def test_titles_and_texts_are_kept_only_where_the_office_switches_them_on(own_county):
    found = project(own_county)
    plain = checked(own_county, found)
    assert (found.subject, plain.title, plain.text) == ("", "", "")
    assert (plain.characters, plain.form, plain.verdict) == (216, "notice", "pass")
    assert len(plain.sha256) == 64
    switch(own_county, titles=True, texts=True)
    kept = checked(own_county, project(own_county))
    assert kept.title == "云溪县教育局关于做好2026年秋季学期校园周边交通疏导工作的通知"
    assert kept.text.startswith("云溪县教育局文件")


def test_only_the_head_says_what_is_kept_and_everybody_of_the_office_reads_it(own_county):
    with pytest.raises(Forbidden):
        actions.keep_of_drafts(own_county.actor(CLERK), own_county[BUREAU], titles=True, texts=True)
    switch(own_county, titles=True)
    assert own_county[BUREAU].attributes == {"keep_titles": True, "keep_texts": False}
    said = signed_in_as(own_county, CLERK).get(reverse("offices:documents")).content.decode()
    assert "不留正文" in said and "标题留下来" in said and reverse("offices:document_keeping") not in said


def test_a_checked_draft_is_issued_to_its_recipients_and_charged_to_the_office(own_county):
    found = project(own_county)
    checked(own_county, found)
    result = issue(own_county, found)
    assert result.outcome == "posted"
    with as_tenant(own_county.tenant_id):
        own, *theirs = result.ask.demands().order_by("id")
        assert own.attributes["account"] == "department" and own.amounts["characters"] == 216
        assert {one.bearer_id for one in theirs} == {one.pk for one in own_county.townships}
        assert Budget.objects.get(limit_id="cn.documents.count").used == 1
    assert fresh(own_county, found).stands == "已发出"


def test_issuing_twice_with_one_key_issues_once(own_county):
    found = project(own_county)
    checked(own_county, found)
    key = new_key()
    first, again = issue(own_county, found, key), issue(own_county, found, key)
    assert (first.ask, again.answer.repeated) == (again.ask, True)
    with pytest.raises(actions.NotInPlace, match="已经发出"):
        issue(own_county, found)


def test_a_draft_must_be_checked_before_it_is_issued(county):
    with pytest.raises(actions.NotInPlace, match="先查一遍"):
        issue(county, project(county))


def test_a_long_special_document_needs_a_written_explanation(county):
    found = project(county)
    checked(county, found, "too_long_special")
    assert issue(county, found).outcome == "needs_reason"
    assert issue(county, found, reason="十八个乡镇任务各不相同").outcome == "posted"


@pytest.mark.parametrize("name", ["demands_report", "pledge", "asks_supporting"])
def test_a_draft_that_demands_reports_or_pledges_is_refused(county, name):
    found = project(county)
    checked(county, found, name)
    result = issue(county, found, reason="领导要求")
    assert result.outcome == "refused"
    assert fresh(county, found).ask is None


def test_an_emergency_always_goes_out_and_is_counted_apart(county):
    found = project(county)
    checked(county, found, "demands_report")
    result = issue(county, found, assessed=False, emergency="台风红色预警，紧急转移")
    assert result.ask.emergency and fresh(county, found).stands == "已发出"


def test_a_letter_that_deploys_is_charged_as_a_document_and_an_honest_one_is_not(county):
    kinds = {}
    for name in ("memo_deploys", "fine_letter", "report_asks"):
        kinds[name] = checked(county, project(county), name).kind
    assert kinds == {"memo_deploys": "document", "fine_letter": "letter", "report_asks": "report"}


def test_against_last_years_number(own_county):
    bureau = own_county[BUREAU]
    with as_tenant(own_county.tenant_id):
        plan = queries.plan_of(bureau, TODAY.year, TODAY)
    assert plan.over is None, "without a baseline the limit only informs"
    ledger.freeze_baseline(own_county.actor("两办"), bureau.pk, "cn.documents.count", TODAY.year, 1, "去年台账")
    for _ in range(2):
        found = project(own_county)
        checked(own_county, found)
        outcome = issue(own_county, found).outcome
    assert outcome == "needs_reason"
    with as_tenant(own_county.tenant_id):
        plan = queries.plan_of(bureau, TODAY.year, TODAY)
        assert queries.last_year_of(bureau, TODAY) == (1, 1)
    assert (plan.planned, plan.issued, plan.over) == (2, 1, 1)
    client = signed_in_as(own_county, HEAD)
    page = client.post(reverse("offices:draft_check"), {"draft": upload("通知.docx")}).content.decode()
    assert "没有上年的基数" not in page and "verdict-warn" in page


def test_documents_of_one_month_alike_in_subject_and_recipients_are_proposed_as_one(own_county):
    a, b = project(own_county), project(own_county, *own_county.townships[:2])
    project(own_county, topic="文化旅游"), project(own_county, own_county["县第一中学"])
    project(own_county, month=(MONTH - timedelta(days=1)).replace(day=1))
    with as_tenant(own_county.tenant_id):
        proposals = queries.proposals_of(queries.projects_of(own_county[BUREAU]))
    assert [(one.kept, one.others, one.shared) for one in proposals] == [(a, (b,), 2)]
    kept = actions.merge_documents(own_county.actor(HEAD), a.pk, [b.pk])
    assert set(kept.bearers) == {one.pk for one in own_county.townships}
    assert fresh(own_county, b).stands == "并入另一件"
    with pytest.raises(actions.NotInPlace):
        actions.merge_documents(own_county.actor(HEAD), a.pk, [b.pk])


def test_the_two_offices_see_what_several_offices_could_issue_together(own_county):
    a = project(own_county)
    project(own_county)
    b = actions.propose_document(
        own_county.actor("负责人县卫生健康局"), own_county["县卫生健康局"], month=MONTH, topic="教育", subject="",
        bearer_ids=[one.pk for one in own_county.townships], required=False,
    )  # fmt: skip
    with as_tenant(own_county.tenant_id):
        (found,) = queries.county_proposals(own_county.actor("两办"), TODAY)
        assert {a, b} <= set(found.projects) and found.shared == 3
        with pytest.raises(Forbidden):
            queries.county_proposals(own_county.actor(HEAD), TODAY)
    page = signed_in_as(own_county, "两办").get(reverse("offices:document_merging")).content.decode()
    assert "县卫生健康局" in page


def test_where_titles_are_kept_the_subject_decides(own_county):
    switch(own_county, titles=True)
    a = project(own_county, subject="做好秋季学期校园周边交通疏导")
    b = project(own_county, subject="校园周边秋季交通疏导和停车", topic="交通城建")
    project(own_county, subject="义务教育质量监测")
    with as_tenant(own_county.tenant_id):
        assert [one.projects for one in queries.proposals_of(queries.projects_of(own_county[BUREAU]))] == [(a, b)]


def test_a_document_that_is_dropped_is_saved(own_county):
    found = project(own_county)
    actions.drop_document(own_county.actor(CLERK), found.pk)
    with as_tenant(own_county.tenant_id):
        plan = queries.plan_of(own_county[BUREAU], TODAY.year, TODAY)
    assert (plan.planned, plan.saved) == (0, 1)
    with pytest.raises(actions.NotInPlace):
        actions.drop_document(own_county.actor(CLERK), found.pk)


def test_what_the_two_offices_decline_may_be_issued_anew(county):
    found = project(county)
    with as_tenant(county.tenant_id):
        row = Project.objects.get(pk=found.pk)
        row.state, row.ask = "issued", Ask.objects.create(
            unit=county[BUREAU], asker=county.people[HEAD], kind="document", day=TODAY, state="declined", key=new_key()
        )  # fmt: skip
        row.save()
    assert fresh(county, found).is_open


# Pages


@pytest.fixture(scope="module")
def client(county):
    return signed_in_as(county, HEAD)


def upload(name: str, content: bytes = FINE) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_the_check_page_shows_counts_rules_and_layout_and_keeps_nothing(county, client):
    with as_tenant(county.tenant_id):
        before = DraftCheck.objects.count()
    page = client.post(reverse("offices:draft_check"), {"draft": upload("通知.docx")}).content.decode()
    assert "216" in page and "专项文件字数" in page and "（5.2.1）" in page
    with as_tenant(county.tenant_id):
        assert DraftCheck.objects.count() == before


def test_a_draft_stands_beside_the_superior_s_document(client):
    files = {
        "draft": upload("实施意见.docx", word_of(text_of("repeats_superior"))),
        "superior": upload("市局通知.docx", word_of(text_of("superior_notice"))),
    }
    page = client.post(reverse("offices:draft_check"), files).content.decode()
    assert "32%" in page and "以文件落实文件" in page
    assert page.count("<blockquote") == 6


def test_a_marked_file_is_refused_and_the_page_says_so(client):
    page = client.post(reverse("offices:draft_check"), {"draft": upload("a.docx", word_of(text_of("secret")))})
    text = page.content.decode()
    assert "涉密不上网" in text and "报送情况统计表" not in text and "draft-after" in text


def test_the_corrected_copy_is_a_word_file(client):
    got = client.post(reverse("offices:draft_corrected"), {"draft": upload("通知.docx")})
    assert got.headers["Content-Disposition"].endswith(".docx")
    assert open_file(got.content).text.startswith("云溪县教育局文件")


def test_from_plan_to_issue_by_the_pages(county, client):
    form = {"month": f"{MONTH:%Y-%m}", "topic": "安全生产", "bearers": [one.pk for one in county.townships]}
    address = client.post(reverse("offices:document_new"), form).headers["Location"]
    checked_page = client.post(f"{address}check/", {"draft": upload("通知.docx")}).content.decode()
    assert "发出" in checked_page
    refused = client.post(f"{address}issue/", {"day": str(TODAY), "key": new_key()})
    assert refused.status_code == 422 and "一致性评估" in refused.content.decode()
    posted = client.post(f"{address}issue/", {"day": str(TODAY), "assessed": "on", "key": new_key()})
    assert posted.status_code == 302
    plan = client.get(reverse("offices:documents")).content.decode()
    assert "安全生产（第" in plan and "已发出" in plan


def test_a_form_that_does_not_fit_says_which_field(client):
    page = client.post(reverse("offices:document_new"), {"topic": "教育"}).content.decode()
    assert "请选发给谁" in page
    assert "请选一个文件" in client.post(reverse("offices:draft_check")).content.decode()


def test_no_word_of_a_draft_reaches_the_database(own_county):
    found = project(own_county)
    checked(own_county, found, "white_head")
    with as_tenant(own_county.tenant_id), connection.cursor() as cursor:
        for table in ("offices_project", "offices_draftcheck", "units_auditrecord"):
            cursor.execute(f"SELECT count(*) FROM {table} AS one WHERE one::text LIKE '%%秸秆%%'")
            assert cursor.fetchone()[0] == 0


def test_last_years_plan_is_looked_at_by_its_own_year(own_county):
    project(own_county, month=date(TODAY.year - 1, 5, 1))
    with as_tenant(own_county.tenant_id):
        assert queries.plan_of(own_county[BUREAU], TODAY.year, TODAY).planned == 0
        assert queries.plan_of(own_county[BUREAU], TODAY.year - 1, TODAY).planned == 1
