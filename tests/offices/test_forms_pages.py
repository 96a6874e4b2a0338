"""The pages of forms, as people use them: look first, ask what is left, fill in once."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from qingfu.offices.models import DataForm
from qingfu.offices.queries import forms as queries
from qingfu.units.tenancy import as_tenant
from tests.offices.test_forms import (
    FARMING,
    HEALTH,
    POPULATION,
    YEAR_END,
    due_after,
    give,
    register,
    sheet,
    workbook_of,
    workbook_rows,
)
from tests.units.browser import signed_in_as


def typed(county, **more) -> dict:
    return {
        "fields_text": "户籍人口，人\n常住人口，人", "period": YEAR_END, "due_day": due_after(county, 5).isoformat(),
        "kinds": ["village"], **more,
    }  # fmt: skip


def plain(response) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", response.content.decode())


def test_first_the_page_says_what_is_known_and_then_only_the_rest_is_sent(own_county):
    village = own_county["柳湾村"]
    register(own_county, FARMING, [POPULATION], village)
    give(own_county, "柳湾村", "1205")
    client = signed_in_as(own_county, f"文秘{HEALTH}")
    looked = client.post(reverse("offices:form_new"), {**typed(own_county), "check": "1"})
    assert "要问 11 个数，1 个不用再填" in plain(looked)
    with as_tenant(own_county.tenant_id):
        assert DataForm.objects.count() == 1
    sent = client.post(reverse("offices:form_new"), {**typed(own_county), "send": "1", "key": "k1"}, follow=True)
    assert "还缺 11 个数" in plain(sent)


def test_a_form_that_asks_again_leads_to_the_data(own_county):
    villages = own_county.villages
    register(own_county, FARMING, [POPULATION, ("常住人口", "人", YEAR_END)], *villages)
    for one in villages:
        give(own_county, one.name, "1205", "980")
    client = signed_in_as(own_county, f"文秘{HEALTH}")
    sent = client.post(reverse("offices:form_new"), {**typed(own_county), "send": "1", "key": "k1"}, follow=True)
    said = plain(sent)
    assert "没有发出：要的数都有了" in said and "同一材料只报一次" in said
    address = re.search(r"/offices/forms/\d+/data/", sent.content.decode())[0]
    rows = workbook_rows(b"".join(client.get(address).streaming_content))
    assert [row[2:] for row in rows[1:]] == [[1205.0, 980.0]] * len(villages)


def test_too_short_notice_asks_for_a_reason_and_then_goes(own_county):
    client = signed_in_as(own_county, f"文秘{HEALTH}")
    short = typed(own_county, due_day=due_after(own_county, 1).isoformat(), send="1")
    said = plain(client.post(reverse("offices:form_new"), {**short, "key": "k1"}))
    assert "报表至少给三个工作日" in said and "（轻负自己的承诺，依据《轻负对使用者的承诺》" in said
    assert "国家规定" not in said
    again = client.post(reverse("offices:form_new"), {**short, "key": "k2", "reason": "省厅明天要数"})
    assert again.status_code == 302


def test_the_header_of_a_workbook_becomes_fields(own_county):
    client = signed_in_as(own_county, f"文秘{HEALTH}")
    file = SimpleUploadedFile("表.xlsx", workbook_of([["序号", "村名", "户籍人口（人）", "低保户数"]]))
    entered = {**typed(own_county), "fields_text": "", "workbook": file, "check": "1"}
    assert "户籍人口（人）" in plain(client.post(reverse("offices:form_new"), entered))
    broken = {**entered, "workbook": SimpleUploadedFile("表.xls", b"PK nothing")}
    assert "打不开" in plain(client.post(reverse("offices:form_new"), broken))


def test_a_mistake_is_said_beside_the_fields(own_county):
    client = signed_in_as(own_county, f"文秘{HEALTH}")
    for change, sentence in (
        ({"fields_text": "户籍人口\n户籍总人口"}, "第 2 个“户籍总人口”和第 1 个要的是同一个数"),
        ({"kinds": []}, "请先选要做这件事的单位"),
        ({"period": "最近"}, "看不懂周期"),
        ({"due_day": "2026-01-05"}, "交的日子已经过了"),
    ):
        assert sentence in plain(client.post(reverse("offices:form_new"), {**typed(own_county, **change), "send": "1"}))


def test_one_sheet_asks_each_fact_once_and_takes_a_correction(own_county):
    village = own_county["柳湾村"]
    register(own_county, FARMING, [POPULATION], village)
    register(own_county, HEALTH, [("户籍人口数", "人", "2025年底"), ("常住人口", "人", YEAR_END)], village)
    client, address = signed_in_as(own_county, "书记柳湾村"), reverse("offices:one_sheet")
    assert "只差 2 个数" in plain(client.get(address))
    names = [f"field-{one.field.pk}" for one in sheet(own_county, "柳湾村")]
    bad = client.post(address, {names[0]: "一千二", names[1]: "980"})
    assert bad.status_code == 422 and "户籍人口：应填一个数" in plain(bad) and 'value="980"' in bad.content.decode()
    client.post(address, {names[0]: "1205", names[1]: "980"})
    assert "没有要您填的数" in plain(client.get(address))
    client.post(address, {names[0]: "1206", names[1]: "980"})
    assert [one.cell.value for one in sheet(own_county, "柳湾村")] == ["1206", "980"]


def test_a_workbook_that_comes_back_is_taken_whole_or_not_at_all(own_county):
    made = register(own_county, HEALTH, [POPULATION], own_county["柳湾村"], own_county["前楼村"])
    client = signed_in_as(own_county, f"文秘{HEALTH}")
    rows = workbook_rows(b"".join(client.get(reverse("offices:form_data", args=[made.form.pk])).streaming_content))
    rows[1][2], rows[2][2] = 1205, "不知道"
    address = reverse("offices:form_returns", args=[made.form.pk])
    refused = client.post(address, {"workbook": SimpleUploadedFile("回.xlsx", workbook_of(rows))})
    assert refused.status_code == 422 and "C3：应填一个数" in plain(refused)
    rows[2][2] = 980
    taken = client.post(address, {"workbook": SimpleUploadedFile("回.xlsx", workbook_of(rows))}, follow=True)
    assert "数都齐了" in plain(taken)
    with as_tenant(own_county.tenant_id):
        assert queries.filled(made.form).asked == 0


def test_the_dictionary_is_asked_by_meaning(own_county):
    register(own_county, FARMING, [POPULATION], own_county["柳湾村"])
    give(own_county, "柳湾村", "1205")
    client, address = signed_in_as(own_county, f"文秘{HEALTH}"), reverse("offices:fields")
    assert "“户籍总人口”有人收集过" in plain(client.get(address, {"q": "户籍总人口"}))
    assert "“常住人口”还没有人收集过" in plain(client.get(address, {"q": "常住人口"}))
