"""The principal's page and the county's: what is over, what waits, what is late; who needs a visit and why."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu.findings import actions as findings
from qingfu.ledger.actions import post, withdraw
from qingfu.ledger.drafts import Draft
from qingfu.units.actions import add_units
from qingfu.units.models import Membership
from qingfu.units.tenancy import as_tenant
from tests.ledger.conftest import WRITTEN, make_county, new_key
from tests.units.browser import signed_in_as

from .conftest import JUNIOR, PRIMARY, next_school_day

TODAY = timezone.localdate()


def school_page(county, who: str = "孙校长", school: str = PRIMARY):
    return signed_in_as(county, who).get(f"/school/{county.schools[school].pk}/")


# ---- the front door ----


@pytest.mark.parametrize(
    "who, page",
    [("王丽", "/today/"), ("李强", "/today/"), ("赵敏", "/week/"), ("刘科长", "/county/"), ("管理员", "/county/")],
)
def test_everybody_comes_to_her_own_page(county, who, page):
    assert signed_in_as(county, who).get("/").headers["Location"] == page


@pytest.mark.parametrize("who", ["周涛", "孙校长"])
def test_leaders_come_to_their_school(county, who):
    assert signed_in_as(county, who).get("/").headers["Location"] == f"/school/{county.schools[PRIMARY].pk}/"


def test_who_is_not_signed_in_comes_to_the_sign_in_page(county):
    assert Client().get("/").headers["Location"].startswith("/login/")


def test_who_has_two_roles_finds_the_other_in_the_navigation(county):
    links = signed_in_as(county, "李强").get("/week/").context["nav"]()
    assert [link.label for link in links] == ["今天", "本周", "问题", "审读", "规定"]
    assert [link.label for link in links if link.current] == ["本周"]


def test_who_has_no_role_today_is_told_so(county):
    with as_tenant(county.tenant_id):
        Membership.objects.filter(person=county.people["陈静"]).update(ends=TODAY - timedelta(days=1))
    page = signed_in_as(county, "陈静").get("/")
    assert page.status_code == 200 and "您今天还没有岗位" in page.content.decode()


def test_no_navigation_has_more_than_five_entries(county):
    with as_tenant(county.tenant_id):
        for role in ("class_teacher", "grade_head", "dean", "principal"):
            unit = county.schools[PRIMARY] if role in ("dean", "principal") else county.class_("三(1)班")
            Membership.objects.create(person=county.people["李强"], unit=unit, role=role, starts=TODAY, subject="兼")
    links = signed_in_as(county, "李强").get("/week/").context["nav"]()
    assert len(links) == 5 and links[-1].label == "规定"


# ---- the school ----


def test_the_best_page_says_that_there_is_nothing_to_do(county, posted):
    posted("语文", 20)
    assert "今天没有需要您做的事" in school_page(county).content.decode()


def test_what_waits_for_the_principal_is_hers_alone(county, recorded):
    recorded(75)
    with as_tenant(county.tenant_id):
        finding = findings.Finding.objects.get()
    findings.rectify(county.actor("周涛"), finding.pk, "已经和各科说明")
    with as_tenant(county.tenant_id):
        findings.Finding.objects.update(recheck_day=TODAY)
    assert "整改等您回头看" in school_page(county, "孙校长").content.decode()
    assert "整改等您回头看" not in school_page(county, "周涛").content.decode()


def test_a_withdrawal_waits_for_a_second_person(county, recorded):
    answer = recorded(20)
    withdraw(county.actor("王丽"), answer.demand_ids, new_key(), "记错了班")
    assert "撤回要第二个人同意" in school_page(county, "周涛").content.decode()


def test_what_is_late_names_the_office_and_the_days(county, recorded):
    recorded(75)
    with as_tenant(county.tenant_id):
        findings.Finding.objects.update(due_day=TODAY - timedelta(days=4))
    html = school_page(county).content.decode()
    assert "到期未整改" in html and "由三(1)班班主任负责 · 已过 4 天" in html


def test_refusals_are_counts_and_name_no_subject(county, posted):
    posted("英语", 90)
    html = school_page(county).content.decode()
    assert "每天书面作业总时长" in html and "1 次" in html
    assert "英语" not in html


def test_another_school_and_a_teacher_see_nothing_of_it(county):
    assert school_page(county, "吴校长").status_code == 403
    assert school_page(county, "王丽").status_code == 403
    assert school_page(make_county(), "孙校长", PRIMARY).status_code == 200


def test_a_class_is_no_school(county):
    assert signed_in_as(county, "孙校长").get(f"/school/{county.class_('三(1)班').pk}/").status_code == 404


# ---- the county ----


def reasons(county) -> dict[str, list[str]]:
    page = signed_in_as(county, "刘科长").get("/county/")
    return {school.unit.name: [one.text for one in school.reasons] for school in page.context["visits"]}


@pytest.fixture
def busy(county, posted):
    """Both schools have posted lately, so that nobody is silent."""
    posted("语文", 20)
    draft = Draft(
        county.class_("七(1)班", JUNIOR).pk, next_school_day(), subject="数学", minutes=20, attributes=WRITTEN
    )
    assert post(county.actor("何老师"), [draft], new_key()).ok
    return county


def test_a_silent_school_is_asked_and_not_blamed(county):
    assert all("可能需要帮手，不一定是问题" in texts[0] for texts in reasons(county).values())
    assert set(reasons(county)) == {PRIMARY, JUNIOR}


def test_a_school_that_posts_and_keeps_the_limits_needs_no_visit(busy):
    assert reasons(busy) == {}


def test_a_late_finding_is_a_reason_with_its_day(busy, recorded):
    recorded(75)
    day = TODAY - timedelta(days=9)
    with as_tenant(busy.tenant_id):
        findings.Finding.objects.update(due_day=day)
    assert reasons(busy) == {PRIMARY: [f"1 个问题到期未整改，最早的 {day.month} 月 {day.day} 日到期"]}


def test_three_class_days_over_in_three_weeks_are_a_reason(busy, recorded):
    for back in (1, 2):
        recorded(75, back=back)
    assert reasons(busy) == {}
    recorded(75, "三(2)班")
    assert reasons(busy) == {PRIMARY: ["近 3 周登记超出规定 3 次（一个班一天算一次）"]}


def test_schools_stand_in_the_order_of_their_first_day_or_of_their_names(busy, recorded):
    """Never in the order of a figure."""
    for back in (1, 2, 3):
        recorded(75, back=back)
    with as_tenant(busy.tenant_id):
        findings.open_finding(
            busy.actor("刘科长"), busy.class_("七(1)班", JUNIOR), "check", "公示晚了", due_day=TODAY
        )
        findings.Finding.objects.filter(kind="check").update(due_day=TODAY - timedelta(days=60))
    client = signed_in_as(busy, "刘科长")

    def names(order: str) -> list[str]:
        return [school.unit.name for school in client.get(f"/county/?order={order}").context["visits"]]

    assert names("since") == [JUNIOR, PRIMARY]
    assert names("name") == sorted([PRIMARY, JUNIOR], key=lambda name: busy.schools[name].pinyin)


def test_a_school_is_found_by_name_and_by_pinyin(county):
    client = signed_in_as(county, "刘科长")
    for words in ("第一中学", county.schools[JUNIOR].pinyin[-8:]):
        found = [school.unit.name for school in client.get("/county/", {"q": words}).context["schools"]]
        assert found == [JUNIOR]
    assert "没有找到这所学校" in client.get("/county/", {"q": "不存在"}).content.decode()


def test_the_export_has_exactly_the_schools_of_the_page(county):
    client = signed_in_as(county, "刘科长")
    response = client.get("/county/export/?q=第一中学")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert {row[0] for row in rows[1:]} == {JUNIOR}
    assert not {word for row in rows for cell in row for word in ("名次", "排名", "得分") if word in str(cell)}


@pytest.mark.parametrize("who", ["王丽", "李强", "赵敏", "周涛", "孙校长"])
def test_the_county_page_is_the_countys(county, who):
    client = signed_in_as(county, who)
    for address in ("/county/", "/county/export/", f"/county/school/{county.schools[PRIMARY].pk}/"):
        assert client.get(address).status_code == 403


def test_another_countys_schools_are_not_listed(county):
    make_county()
    page = signed_in_as(county, "刘科长").get("/county/")
    assert page.context["total"] == 2


def test_a_hundred_and_twenty_schools_ask_no_more_queries_than_two(county):
    client = signed_in_as(county, "刘科长")

    def queries() -> int:
        client.get("/county/")
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/county/")
        assert len(page.context["visits"]) <= 40
        return len(captured)

    few = queries()
    with as_tenant(county.tenant_id):
        rows = [{"kind": "school", "name": f"第{n}小学", "code": f"{county.unit.code}X{n}"} for n in range(120)]
        add_units(county.unit, rows)
    assert queries() == few


def test_the_page_of_a_school_lists_its_findings_by_office(busy, recorded):
    recorded(75)
    html = signed_in_as(busy, "刘科长").get(f"/county/school/{busy.schools[PRIMARY].pk}/").content.decode()
    assert "三(1)班班主任" in html and "李强" not in html

