"""What the public reads about a school: its page, the poster, the classroom board, what Qingfu costs."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qingfu.ledger import reckoning
from qingfu.ledger.actions import meter, publish_pack, record
from qingfu.ledger.drafts import Draft
from qingfu.notices import queries
from qingfu.notices.pages import kept
from qingfu.notices.privacy import COLUMNS, privacy_rows
from qingfu.units.actions import add_units
from qingfu.units.models import Unit
from qingfu.units.tenancy import as_tenant

from .conftest import ORAL, WRITTEN, link_of
from .test_parent_page import INLINE, text_of


@pytest.fixture
def school(county):
    return county.schools["青禾县实验小学"]


@pytest.fixture
def token(county, school):
    return link_of(county, "school", school.pk)


def get(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200
    assert not response.cookies
    return response.content.decode()


def test_all_classes_of_the_day_and_the_week(token, homework, clock):
    homework("数学", "练习册第 23–24 页", 45)
    html = get(f"/s/{token}")
    text = text_of(html)
    assert "今天各班的书面作业" in text and "各班都在规定之内" in text
    assert text.index("一年级") < text.index("三年级") < text.index("六年级")
    assert "练习册第 23–24 页" in text and "45 / 60 分钟" in text
    assert "不留书面家庭作业" in text
    assert not INLINE.search(html)


def test_an_excess_is_said_without_naming_a_person(county, token, three1, clock, wednesday):
    drafts = [Draft(three1.pk, wednesday, subject="数学", text="一张卷子", minutes=68, attributes=WRITTEN)]
    record(county.actor("李强"), drafts, "over", "临时补的")
    kept.clear()
    text = text_of(get(f"/s/{token}"))
    assert "三(1)班今天多了 8 分钟" in text
    assert "李强" not in text


def test_a_day_without_homework_a_rest_day_and_an_empty_school(county, token, clock, wednesday):
    assert "还没有公示作业" in get(f"/s/{token}")
    clock.set(wednesday + timedelta(days=3))
    assert "下一个上学的日子是" in get(f"/s/{token}")
    with as_tenant(county.tenant_id):
        empty = add_units(county.unit, [{"kind": "school", "name": "新建小学", "code": f"N{county.tenant_id}"}])[0]
    assert "这所学校还没有班级" in get(f"/s/{link_of(county, 'school', empty.pk)}")


def test_no_class_of_another_school_is_on_the_page(token, clock):
    assert "七(1)班" not in get(f"/s/{token}")


@pytest.fixture
def big_school(county, school):
    """Forty-eight classes: eight in each grade."""
    with as_tenant(county.tenant_id):
        for grade in Unit.objects.filter(path__startswith=school.path, kind="grade"):
            rows = [
                {"kind": "class", "name": f"{grade.name[0]}({n})班", "grade": grade.grade, "number": n, "seats": 45}
                for n in range(3, 9)
            ]
            add_units(grade, rows)
    return school


def test_a_school_of_48_classes_costs_no_more_queries_than_a_small_one(county, big_school, token, clock, wednesday):
    junior = county.schools["青禾县第一中学"]
    numbers = []
    with as_tenant(county.tenant_id):
        for unit in (junior, big_school):
            queries.school_today(unit.pk, wednesday)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                found = queries.school_today(unit.pk, wednesday)
            numbers.append(len(seen))
    assert len(found.notices) == 48
    assert numbers[0] == numbers[1] <= 12
    assert get(f"/s/{token}").count("<tr>") == 4 * (8 + 1)  # four grades with written homework


def test_the_poster_has_a_sheet_for_each_grade_with_homework(big_school, token, homework, clock):
    homework("数学", "练习册第 23–24 页", 20)
    homework("语文", "朗读课文", 10, ORAL)
    html = get(f"/s/{token}/poster")
    assert html.count('<article class="sheet">') == 1
    assert "三年级" in html and "朗读课文（口头）" in html
    assert "三至六年级每天书面作业总时长不超过 60 分钟" in html
    assert "<svg" in html and not INLINE.search(html.replace("<script src=", ""))


def test_the_poster_of_a_small_school_is_one_sheet(county, homework, clock):
    html = get(f"/s/{link_of(county, 'school', county.schools['青禾县第一中学'].pk)}/poster")
    assert html.count('<article class="sheet">') == 1
    assert "还没有公示作业" in html


def test_the_poster_of_the_week_has_each_class_by_day(token, homework, clock, wednesday):
    homework("数学", "练习册第 23–24 页", 20)
    homework("语文", "抄写生字", 15, day=wednesday - timedelta(days=1))
    today, week = get(f"/s/{token}/poster"), get(f"/s/{token}/poster?of=week")
    assert "抄写生字" not in today and 'href="?of=week"' in today
    head, row = week.split("<thead>")[1].split("</thead>")
    assert [text_of(cell).strip() for cell in re.findall("<th.*?</th>", head)][1:] == [
        f"{name} {day.month}/{day.day}"
        for name, day in zip(("周一", "周二", "周三"), (wednesday - timedelta(days=n) for n in (2, 1, 0)), strict=True)
    ]
    cells = [text_of(cell).strip() for cell in re.findall("<td>.*?</td>", row.split("三(1)班")[1].split("</tr>")[0])]
    assert cells == ["—", "语文 抄写生字 书面 15 分", "数学 练习册第 23–24 页 书面 20 分"]
    assert not INLINE.search(week.replace("<script src=", ""))


@pytest.mark.parametrize("days", [3, 5])  # Saturday, and Monday morning
def test_a_day_without_homework_prints_the_week_behind(token, homework, clock, wednesday, days):
    homework("数学", "练习册第 23–24 页", 20)
    clock.set(wednesday + timedelta(days=days), "07:30" if days == 5 else "19:30")
    for query in ("", "?of=today"):
        html = get(f"/s/{token}/poster{query}")
        assert "一周的作业" in html and "练习册第 23–24 页" in html
        assert "不超过 60 分钟" in html  # the limit of a school day, on a rest day too
        assert 'href="?of=today"' not in html


def test_the_week_of_48_classes_costs_few_queries(county, big_school, homework, wednesday):
    homework("数学", "练习册第 23–24 页", 20)
    with as_tenant(county.tenant_id):
        today = queries.school_today(big_school.pk, wednesday)
        queries.school_week(today)
        with CaptureQueriesContext(connection) as seen:
            week = queries.school_week(today)
    assert [sheet.name for sheet in week.sheets] == ["三年级"]
    assert len(week.sheets[0].rows) == 8
    assert len(seen) <= 10


# ---- the board ----


@pytest.fixture
def board(county, three1):
    return link_of(county, "board", three1.pk)


def test_the_board_tells_children_what_is_left_of_the_evening(board, homework, clock):
    homework("数学", "练习册第 23–24 页", 20)
    homework("语文", "抄写生字", 20, {**WRITTEN, "place": "课后服务"})
    text = text_of(get(f"/b/{board}"))
    # Home at 18:00, bed at 21:20, 80 minutes for supper and washing, 20 of homework at home: 100 are left.
    assert "写完后，还有 100 分钟归你" in text
    assert "21:20 到点就睡，没写完也没关系" in text


def test_a_school_whose_children_come_home_at_another_time_says_so_in_its_pack(county, school, board, homework, clock):
    pack = """[pack]
id = "home"
level = "school"
title = "作息"
[[times]]
name = "home_time"
time = "17:00"
from = 2026-09-01
"""
    homework("数学", "练习册第 23–24 页", 20)
    publish_pack(county.actor("孙校长"), school.pk, pack)
    kept.clear()
    assert "写完后，还有 160 分钟归你" in text_of(get(f"/b/{board}"))


def test_the_board_refreshes_itself_with_and_without_script(board, clock):
    html = get(f"/b/{board}")
    assert '<noscript><meta http-equiv="refresh" content="300"></noscript>' in html
    assert re.findall(r"<script[^>]*>", html) == ['<script src="/static/notices/board.js" defer>']
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)


def test_the_board_promises_boarders_no_evening_at_home(county, board, three1, clock, wednesday):
    with as_tenant(county.tenant_id):
        Unit.objects.filter(pk=three1.pk).update(attributes={"boarding": True})

    reckoning.forget(county.tenant_id, [three1.pk])
    text = text_of(get(f"/b/{board}"))
    assert "分钟归你" not in text and "玩好，吃好，睡好" in text


def test_the_board_on_a_day_off(board, clock, wednesday):
    clock.set(wednesday + timedelta(days=3))
    assert "今天不上课，好好玩" in get(f"/b/{board}")


@pytest.mark.parametrize("path", ["/s/{}", "/s/{}/poster", "/s/{}/cost", "/b/{}"])
def test_every_public_address_needs_its_own_kind_of_link(county, three1, path):
    for kind, subject in (("class", three1.pk), ("family", 1)):
        assert Client().get(path.format(link_of(county, kind, subject))).status_code == 404
    assert Client().get(path.format("0" * 24)).status_code == 404
    assert Client().post(path.format("0" * 24)).status_code in (404, 405)


# ---- what Qingfu costs, what is collected ----


def test_what_qingfu_took_of_the_teachers_time_is_public(county, school, token, clock, wednesday):
    last_sunday = wednesday - timedelta(days=3)
    meter(county.tenant_id, school.pk, "teacher", last_sunday, 24, 12)
    meter(county.tenant_id, school.pk, "dean", last_sunday, 45, 1)
    text = text_of(get(f"/s/{token}/cost"))
    assert "教师每周使用轻负的人均时间 不超过 3 分钟" in text
    monday = last_sunday - timedelta(days=6)
    assert f"{monday.month}/{monday.day} 2 0 超出 45" in text  # the last week: teachers, class teachers, deans


def test_privacy_says_the_same_as_the_document():

    document = (Path(__file__).parents[2] / "docs/data-protection.md").read_text()
    table = ["| " + " | ".join(row[column] for column in COLUMNS) + " |" for row in privacy_rows("en")]
    assert [line for line in document.splitlines() if line.startswith("| ")][1:] == table
    html = get("/privacy/")
    for row in privacy_rows("zh-hans"):
        assert row["data"] in html and row["kept"] in html
