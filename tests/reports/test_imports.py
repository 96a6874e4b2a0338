"""The pages of a register of past years: upload, look, correct, go, taken back."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from qingfu.lake.importing import actions
from qingfu.lake.models import Import
from qingfu.ledger.actions import sync_national
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county
from tests.lake.test_import import HOMEWORK_HEADS, book
from tests.units.browser import signed_in_as


@pytest.fixture(scope="module")
def county(cluster):
    county = make_county()
    sync_national()
    return county


def uploaded(client, data: bytes, name: str = "作业日志.xlsx", **more) -> str:
    """Upload a register; returns the address of its page."""
    response = client.post("/reports/imports/", {"register": SimpleUploadedFile(name, data), **more})
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


def text_of(client, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).content.decode())


def test_a_register_is_looked_at_corrected_taken_and_taken_back(county):
    client = signed_in_as(county, "周涛")
    heads = ("日子", *HOMEWORK_HEADS[2:5], "要多久", "备注")
    rows = [heads, ("2025-3-4", "三(1)班", "语文", "抄写", 20, ""), ("2025-3-5", "三(1)班", "数学", "口算", 0.5, "")]
    page = uploaded(client, book(rows), kind="homework")
    first = text_of(client, page)
    assert "还没有指定哪一列是预计时长" in first and 'value="go"' not in first
    columns = {"column-day": "A", "column-class": "B", "column-subject": "C", "column-minutes": "E", "column-text": "D"}
    client.post(f"{page}step/", {"deed": "map", **columns, "unit-minutes": "小时", "year": ""})
    assert '<option selected>小时' in text_of(client, page)
    client.post(f"{page}step/", {"deed": "map", **columns, "unit-minutes": "分钟", "year": ""})
    assert "可以导入 2 行，记成 2 项" in text_of(client, page)
    client.post(f"{page}step/", {"deed": "go"})
    assert "正在导入" in text_of(client, page) and "hx-trigger" in text_of(client, page)
    actions.work(county.tenant_id)
    assert "记入的事项" in text_of(client, page)
    client.post(f"{page}step/", {"deed": "back", "reason": "单位弄错了"})
    actions.work(county.tenant_id)
    assert "原因：单位弄错了" in text_of(client, page)


def test_bad_cells_stand_on_the_page_and_hold_the_import_back(county):
    client = signed_in_as(county, "周涛")
    rows = [(n, "2025-3-4", class_, "语文", "", 20, "") for n, class_ in enumerate(("三(9)班", "三(1)班"))]
    page = uploaded(client, book([HOMEWORK_HEADS, *rows]))
    assert "C2" in text_of(client, page) and "有问题的行先不要" in text_of(client, page)
    faults = CalamineWorkbook.from_filelike(BytesIO(client.get(f"{page}problems.xlsx").content)).get_sheet_by_index(0)
    assert [row[1:3] for row in faults.to_python()] == [["行", "格子"], [2, "C2"]]
    client.post(f"{page}step/", {"deed": "go"})
    with as_tenant(county.tenant_id):
        assert Import.objects.latest("pk").state == "waiting"
    client.post(f"{page}step/", {"deed": "drop"})
    with as_tenant(county.tenant_id):
        assert not Import.objects.filter(pk=page.split("/")[-2]).exists()


def test_a_file_that_is_no_register_is_told_so(county):
    response = signed_in_as(county, "周涛").post("/reports/imports/", {"register": SimpleUploadedFile("a.xlsx", b"x")})
    assert response.status_code == 422 and "不是 Excel" in response.content.decode()
