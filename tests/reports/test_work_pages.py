"""The pages of work reports, and figures by a link."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu.reports.models import Spared, WorkReport
from qingfu.units.actions import hash_of
from qingfu.units.models import Token
from qingfu.units.tenancy import as_tenant
from tests.reports.county import SCHOOL, span
from tests.units.browser import signed_in_as


@pytest.fixture(scope="module")
def dean(reporting):
    return signed_in_as(reporting, "周涛")


@pytest.fixture(scope="module")
def address(reporting, dean) -> str:
    """The page of a report, made by one click."""
    first, last = span()
    unit = reporting.schools[SCHOOL].pk
    said = {"unit": unit, "period": options(dean)[0], "first": first, "last": last}
    return dean.post(reverse("reports:home"), said).headers["Location"]


def options(client) -> list[str]:
    page = client.get(reverse("reports:home")).content.decode()
    return re.findall(r'<option value="(\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d)"', page)


@pytest.fixture
def link(reporting, dean) -> str:
    said = {"unit": reporting.schools[SCHOOL].pk, "period": options(dean)[0], "asked_by": "青禾县教育局", "days": 30}
    dean.post(reverse("reports:spare"), said)
    return re.search(r"http://testserver(/f/\w+/)", dean.get(reverse("reports:home")).content.decode())[1]


def test_each_mark_of_the_page_opens_its_records(dean, address):
    page = dean.get(address).content.decode()
    marks = sorted(set(re.findall(rf"{address}source/(\d+)/", page)), key=int)
    assert len(marks) >= 6
    opened = [dean.get(f"{address}source/{mark}/").content.decode() for mark in marks]
    assert any("三(1)班" in one and "语文" in one for one in opened)
    assert any("从“事项”取种类是作业" in one and "期间：" in one and "取数时间：" in one for one in opened)
    assert not any(re.search(r"<th scope=.col.>[a-z_]+</th>", one) for one in opened)
    assert any(reverse("findings:list") in one and "黑板上没有写" in one for one in opened)


def test_the_records_behind_a_mark_are_given_as_a_workbook(dean, address):
    page = dean.get(address).content.decode()
    marks = sorted(set(re.findall(rf"{address}source/(\d+)/", page)), key=int)
    figure, problem = (dean.get(f"{address}source/{mark}.xlsx") for mark in (marks[0], marks[-1]))
    assert (figure.status_code, problem.status_code) == (200, 404)
    assert book_of(figure).sheet_names == ["指标", "定义和出处", "记录"]


def book_of(answer) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(BytesIO(answer.content))


def test_the_word_file_and_its_chart_are_given(dean, address, reporting):
    answer = dean.get(f"{address}word/")
    assert answer.headers["Content-Disposition"].endswith(".docx") and answer.content[:2] == b"PK"
    with as_tenant(reporting.tenant_id):
        kinds = [one["kind"] for one in WorkReport.objects.order_by("pk").last().content["blocks"]]
    assert kinds.count("chart") == 0  # one grade is no chart
    assert dean.get(f"{address}chart/1.png").status_code == 404


def test_what_does_not_fit_is_said_on_the_page_and_changes_nothing(dean, address):
    answer = dean.post(f"{address}write/", {"understanding": "减少了35%"})
    assert answer.status_code == 422 and "数字只由指标给出" in answer.content.decode()
    assert "减少了35%" in answer.content.decode()  # nothing that was typed is lost
    assert dean.post(f"{address}step/", {"what": "submit"}).status_code == 422


def test_a_link_gives_figures_to_whoever_has_it_until_it_ends(reporting, link):
    page = Client().get(link)
    assert page.status_code == 200 and "分钟" in page.content.decode() and "尚无记录" in page.content.decode()
    assert page.headers["X-Robots-Tag"] == "noindex"
    heads, *rows = book_of(Client().get(f"{link}excel/")).get_sheet_by_index(0).to_python()
    assert heads[:2] == ["指标", "数"] and any("分钟" in row[1] for row in rows)
    with as_tenant(reporting.tenant_id):
        token = Token.objects.get(hash=hash_of(link.split("/")[2]))  # the secret itself is nowhere
        token.expires_at = timezone.now() - timedelta(seconds=1)
        token.save()
    assert Client().get(link).status_code == 404


def test_two_taps_on_one_form_make_one_report_and_one_link(reporting, dean):
    first, last = span()
    said = {"unit": reporting.schools[SCHOOL].pk, "period": options(dean)[0], "first": first, "last": last}
    said |= {"key": "a" * 32, "asked_by": "青禾县教育局", "days": 30}
    with as_tenant(reporting.tenant_id):
        before = WorkReport.objects.count(), Spared.objects.count()
    assert len({dean.post(reverse("reports:home"), said).headers["Location"] for _twice in range(2)}) == 1
    assert len({dean.post(reverse("reports:spare"), said).headers["Location"] for _twice in range(2)}) == 1
    with as_tenant(reporting.tenant_id):
        assert (WorkReport.objects.count(), Spared.objects.count()) == (before[0] + 1, before[1] + 1)


def test_a_link_taken_back_opens_nothing(reporting, dean, link):
    with as_tenant(reporting.tenant_id):
        made = Spared.objects.order_by("pk").last()
    dean.post(reverse("reports:withdraw", args=[made.pk]))
    assert Client().get(link).status_code == 404
    assert link not in dean.get(reverse("reports:home")).content.decode()


def test_a_county_without_records_gets_a_sentence(fresh_county):
    client = signed_in_as(fresh_county, "刘科长")
    answer = client.post(reverse("reports:home"), {"unit": fresh_county.unit.pk, "period": options(client)[0]})
    assert answer.status_code == 422 and "还没有导出" in answer.content.decode()
