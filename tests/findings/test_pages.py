"""What each role sees of findings: on rows, counts and the export. No persons, a fixed number of queries."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu.findings import actions
from qingfu.findings.models import Finding
from qingfu.units.tenancy import as_tenant
from tests.ledger.conftest import make_county
from tests.units.browser import signed_in_as

SCHOOL, JUNIOR = "青禾县实验小学", "青禾县第一中学"
SEES = {
    "王丽": set(),
    "李强": {"三(1)班"},
    "赵敏": {"三(1)班", "三(2)班"},
    "周涛": {"三(1)班", "三(2)班"},
    "孙校长": {"三(1)班", "三(2)班"},
    "吴校长": {"七(1)班"},
    "刘科长": {"三(1)班", "三(2)班", "七(1)班"},
    "管理员": {"三(1)班", "三(2)班", "七(1)班"},
}


@pytest.fixture
def three(county, over):
    """A finding about each of three classes in two schools."""
    over("三(1)班")
    over("三(2)班")
    with as_tenant(county.tenant_id):
        bearer = county.class_("七(1)班", JUNIOR)
        Finding.objects.create(
            bearer=bearer, kind="recorded_over", summary="七(1)班数学多了 20 分钟", due_day=timezone.localdate(),
            responsible_unit=county.schools[JUNIOR], role="principal", level=2, limit_id="cn.homework.written.g7-9",
        )  # fmt: skip
    return county


def sheet(response) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("who", SEES)
def test_rows_counts_and_export_are_the_same_scope(three, who):
    client = signed_in_as(three, who)
    page = client.get("/findings/?tab=open")
    assert {finding.bearer.name for finding in page.context["findings"]} == SEES[who]
    counts = {tab["label"]: tab["count"] for tab in page.context["tabs"]}
    assert counts["待整改"] == len(SEES[who])
    exported = sheet(client.get("/findings/export/?tab=open"))[1:]
    assert {row[1] for row in exported} == SEES[who]


def test_another_countys_findings_are_no_ones_business(three):
    other = make_county()
    with as_tenant(three.tenant_id):
        pk = Finding.objects.first().pk
    client = signed_in_as(other, "刘科长")
    assert client.get(f"/findings/{pk}/").status_code == 404
    assert client.post(f"/findings/{pk}/close/", {"reason": "不是问题"}).status_code == 404
    assert client.get("/findings/").context["page"].paginator.count == 0


def test_mine_is_what_waits_for_me(three):
    def mine(who: str) -> set[str]:
        page = signed_in_as(three, who).get("/findings/?tab=mine")
        return {finding.bearer.name for finding in page.context["findings"]}

    assert (mine("李强"), mine("赵敏"), mine("周涛"), mine("吴校长")) == ({"三(1)班"}, {"三(2)班"}, set(), {"七(1)班"})


def test_a_teacher_is_led_to_what_was_given_to_her_and_to_nothing_else(three):
    with as_tenant(three.tenant_id):
        pk = Finding.objects.get(bearer=three.class_("三(1)班")).pk
    wang = signed_in_as(three, "王丽")
    assert 'href="/findings/"' in wang.get("/today/").content.decode()
    assert f"/findings/{pk}/" not in wang.get("/findings/").content.decode()
    actions.assign(three.actor("周涛"), pk, three.people["王丽"].pk)
    assert f'href="/findings/{pk}/"' in wang.get("/findings/").content.decode()
    assert "已整改" in wang.get(f"/findings/{pk}/").content.decode()


def test_the_navigation_counts_what_waits(three):
    nav = signed_in_as(three, "李强").get("/findings/").context["nav"]()
    assert {link.label: link.count for link in nav}["问题"] == 1


def test_no_page_and_no_export_names_a_person_to_the_county(three):
    client = signed_in_as(three, "刘科长")
    with as_tenant(three.tenant_id):
        pks = list(Finding.objects.values_list("pk", flat=True))
    texts = [client.get(url).content.decode() for url in ("/findings/", *(f"/findings/{pk}/" for pk in pks))]
    texts.append(str(sheet(client.get("/findings/export/?tab=open"))))
    names = set(three.people) - {"刘科长", "管理员"}
    assert not {name for name in names for text in texts if name in text}


def test_one_finding_shows_its_records_and_opens_the_day(three):
    client = signed_in_as(three, "周涛")
    with as_tenant(three.tenant_id):
        finding = Finding.objects.get(bearer=three.class_("三(1)班"))
    html = client.get(f"/findings/{finding.pk}/").content.decode()
    assert "语文 抄写词语" in html and "75 分钟" in html
    assert f"/classes/{three.class_('三(1)班').pk}/" in html
    assert "《关于加强义务教育学校作业管理的通知》（教基厅函〔2021〕13号）" in html


def test_a_text_with_a_name_is_refused_and_kept(three):
    client = signed_in_as(three, "李强")
    with as_tenant(three.tenant_id):
        pk = Finding.objects.get(bearer=three.class_("三(1)班")).pk
    response = client.post(f"/findings/{pk}/rectify/", {"text": "已和王丽谈过"})
    assert response.status_code == 422
    assert "已和王丽谈过" in response.content.decode()
    assert client.post(f"/findings/{pk}/rectify/", {"text": "已和语文老师商定"}).status_code == 302


def test_the_list_is_narrowed_by_words_school_kind_and_lateness(three, late):
    client = signed_in_as(three, "刘科长")
    with as_tenant(three.tenant_id):
        late(Finding.objects.get(bearer=three.class_("三(1)班")), 3)

    def names(query: str) -> set[str]:
        return {f.bearer.name for f in client.get(f"/findings/?tab=open&{query}").context["findings"]}

    assert names("q=数学") == {"七(1)班"}
    assert names(f"school={three.schools[SCHOOL].pk}") == {"三(1)班", "三(2)班"}
    assert names("late=on") == {"三(1)班"}
    assert names("kind=check") == set()


def test_bad_addresses_are_answered(three):
    client = signed_in_as(three, "刘科长")
    assert client.get("/findings/?tab=nonsense").status_code == 404
    assert client.get("/findings/?tab=open&school=x&kind=y&page=z").status_code == 200


def test_ten_thousand_findings_are_paged_with_as_many_queries_as_three(three):
    client = signed_in_as(three, "刘科长")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/findings/?tab=open&page=7")
        assert len(page.context["findings"]) <= 50
        return len(captured)

    queries()
    few = queries()
    with as_tenant(three.tenant_id):
        day, bearer = timezone.localdate(), three.class_("七(1)班", JUNIOR)
        Finding.objects.bulk_create(
            Finding(
                bearer=bearer, kind="check", summary=f"第 {n} 处", due_day=day + timedelta(days=n % 30),
                responsible_unit=three.schools[JUNIOR],
            )
            for n in range(10_000)
        )  # fmt: skip
    assert queries() == few
    assert client.get("/findings/?tab=open").context["page"].paginator.count == 10_003


def test_a_formula_in_a_text_stays_text(three):
    with as_tenant(three.tenant_id):
        Finding.objects.filter(bearer=three.class_("三(1)班")).update(summary='=HYPERLINK("http://x")')
    row = next(r for r in sheet(signed_in_as(three, "李强").get("/findings/export/?tab=open")) if r[1] == "三(1)班")
    assert row[3] == '=HYPERLINK("http://x")'
