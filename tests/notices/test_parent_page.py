"""What a parent reads: today's homework, the limit, bedtime; without login, script or cookie."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import qingfu.notices
import qingfu.site
from qingfu.ledger.actions import (
    change_calendar,
    confirm_withdrawal,
    grant_waiver,
    post,
    publish_pack,
    withdraw,
)
from qingfu.ledger.drafts import Trim
from qingfu.notices.pages import FRESH_SECONDS, SPARE_SECONDS, Kept, kept
from qingfu.rulebook import load_calendar
from qingfu.units.actions import replace_link
from qingfu.units.tenancy import as_tenant
from tests.ledger.packs import school_pack

from .conftest import OPTIONAL, ORAL, WRITTEN, family_of, link_of, read

INLINE = re.compile(r"<style|<script|\sstyle=|\son[a-z]+=", re.IGNORECASE)


@pytest.fixture
def page(county, three1, homework, clock):
    homework("语文", "抄写第 5 课生字，每个 2 遍", 12, {**WRITTEN, "place": "课后服务"})
    homework("语文", "朗读课文，读给自己听", 10, ORAL)
    homework("数学", "练习册第 23–24 页", 20)
    homework("英语", "找一样厨房里的东西，用英语说一说", 5, OPTIONAL)
    return read(link_of(county, "class", three1.pk))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_items_by_subject_with_their_minutes_and_the_total(page):
    assert "今天的书面作业" in page
    text = text_of(page)
    assert "32 分钟左右" in text
    assert text.index("语文") < text.index("抄写第 5 课生字") < text.index("朗读课文") < text.index("练习册第 23–24 页")
    assert "口头和实践另约 10 分钟" in text
    assert "选做的约 5 分钟，做不做都行" in text
    assert "课后服务" in text and "家庭" in text


def test_the_limit_stands_with_its_document(page):
    text = text_of(page)
    assert "每天书面作业总时长不超过 60 分钟，《关于加强义务教育学校作业管理的通知》（教基厅函〔2021〕13号）" in text
    assert "以课堂布置为准" in text


def test_bedtime_comes_from_the_rulebook(page, county, clock):
    assert "21:20 到点就睡" in page
    junior = county.class_("七(1)班", "青禾县第一中学")
    assert "22:00 到点就睡" in read(link_of(county, "class", junior.pk))
    assert "不补罚、不点名" in page


def test_the_week_behind_is_there(page):
    assert page.count('class="week-ok') == 5
    assert "这几天的书面作业" in page


def test_no_script_nothing_inline_no_cookie(county, three1, clock):
    response = Client().get(f"/c/{link_of(county, 'class', three1.pk)}")
    assert not INLINE.search(response.content.decode())
    assert not response.cookies
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert 'name="robots" content="noindex"' in response.content.decode()


def test_all_that_a_parent_loads_is_under_60_kilobytes(county, three1, homework, clock):
    for subject in ("语文", "数学", "英语"):
        for number in range(6):
            homework(subject, f"第 {number} 项，" + "把今天学的内容再想一想写一写" * 8, 3)
    html = read(family_of(county, three1, county.class_("五(1)班")))
    site, notices = Path(qingfu.site.__file__).parent, Path(qingfu.notices.__file__).parent
    sheets = re.findall(r'href="/static/([^"]+)"', html)
    files = [(site if name.startswith("site/") else notices) / "static" / name for name in sheets]
    assert {path.suffix for path in files} == {".css", ".svg"}
    assert sum(path.stat().st_size for path in files) + len(html.encode()) < 60_000


def test_a_class_link_shows_no_taps_and_a_family_link_does(page, county, three1):
    assert "<form" not in page
    assert "今天写了多久" in read(family_of(county, three1))


def test_several_children_of_one_family_link_to_each_other(county, three1, homework, clock):
    homework("数学", "练习册第 23–24 页", 20)
    token = family_of(county, three1, county.class_("五(1)班"))
    first, second = read(token), read(token, "?child=2")
    assert "五(1)班 今天的作业" in first and "三(1)班 今天的作业" in second
    assert "练习册" not in first and "练习册" in second
    assert 'href="?child=2"' in first and 'href="?child=1"' in second
    assert Client().get(f"/c/{token}?child=3").status_code == 404


def test_twins_in_one_class_are_told_apart_by_their_seats(county, three1, clock):
    html = read(family_of(county, three1, three1))
    assert len(set(re.findall(r"三\(1\)班 \d+ 号", html))) == 2


def test_a_correction_is_struck_through_and_says_why(county, three1, homework, clock, wednesday, monkeypatch):
    demand = homework("数学", "练习册第 23–24 页", 20)
    after_lessons = clock.moment
    monkeypatch.setattr("django.utils.timezone.now", lambda: after_lessons)
    asked = withdraw(county.actor("李强"), [demand], "w1", "布置重了")
    assert asked.outcome == "needs_second"
    confirm_withdrawal(county.actor("周涛"), [demand], "w2")
    monkeypatch.undo()
    monkeypatch.setattr("qingfu.notices.views.now", lambda: after_lessons)
    kept.clear()
    html = read(link_of(county, "class", three1.pk))
    assert "<s>练习册第 23–24 页</s>" in html and "已更正：布置重了" in html
    assert "今天没有书面作业" in html


def test_what_was_withdrawn_in_time_is_gone(county, three1, homework, clock):
    demand = homework("数学", "练习册第 23–24 页", 20)
    assert withdraw(county.actor("李强"), [demand], "w1").outcome == "posted"
    assert "练习册" not in read(link_of(county, "class", three1.pk))


def test_an_item_that_is_not_due_yet_stays_on_the_page(county, three1, homework, clock, wednesday):
    homework("语文", "写观察日记", 15, day=wednesday - timedelta(days=1), due_day=wednesday + timedelta(days=2))
    text = text_of(read(link_of(county, "class", three1.pk)))
    assert "还没到交的日子" in text and "写观察日记" in text
    assert "15 分钟左右" not in text


def test_minutes_split_over_evenings_count_where_they_fall(county, three1, homework, clock, wednesday):
    tuesday = wednesday - timedelta(days=1)
    homework("语文", "写一篇小作文", 40, day=tuesday, due_day=wednesday + timedelta(days=1),
             split={tuesday: 25, wednesday: 15})  # fmt: skip
    assert "15 分钟左右" in text_of(read(link_of(county, "class", three1.pk)))


# ---- states ----


def test_before_anything_is_posted(county, three1, clock):
    assert "还没有公示作业" in read(link_of(county, "class", three1.pk))


def test_on_a_rest_day(county, three1, clock, wednesday):
    clock.set(wednesday + timedelta(days=3))
    text = text_of(read(link_of(county, "class", three1.pk)))
    assert "今天休息" in text
    assert "下一个上学的日子是" in text


def test_a_rest_day_shows_the_week_behind(county, three1, homework, clock, wednesday):
    homework("数学", "练习册第 30 页", 20, day=wednesday)
    clock.set(wednesday + timedelta(days=3))
    text = text_of(read(link_of(county, "class", three1.pk)))
    strip = text[text.index("这几天的书面作业") :]
    assert [strip.index(day) for day in ("周一", "周三", "周五")] and "20 周三" in strip
    assert "今天" not in strip[: strip.index("周五")]


def test_over_the_weekend_fridays_homework_stays_on_the_page(county, three1, homework, clock, wednesday):
    friday = wednesday + timedelta(days=2)
    homework("数学", "练习册第 30 页", 20, day=friday)
    token = link_of(county, "class", three1.pk)
    clock.set(friday + timedelta(days=1))
    assert "练习册第 30 页" in read(token)
    clock.set(load_calendar().next_school_day(friday))
    assert "练习册第 30 页" not in read(token)


def test_on_a_holiday_and_in_the_vacation(county, three1, clock):
    token = link_of(county, "class", three1.pk)
    clock.set(date(2026, 10, 2))
    assert "国庆节放假" in read(token)
    clock.set(date(2027, 2, 3))
    assert "寒假里，好好玩" in read(token)


def test_grades_one_and_two_have_no_written_homework(county, clock):
    html = read(link_of(county, "class", county.class_("一(1)班").pk))
    assert "不留书面家庭作业" in html
    assert "一二年级不布置书面家庭作业" in html  # with the document
    assert "分钟左右" not in html


def test_before_eight_in_the_morning_it_is_still_last_evening(county, three1, homework, clock, wednesday):
    homework("数学", "练习册第 23–24 页", 20)
    token = link_of(county, "class", three1.pk)
    clock.set(wednesday + timedelta(days=1), "07:59")
    assert "练习册" in read(token)
    clock.set(wednesday + timedelta(days=1), "08:00")
    assert "练习册" not in read(token)


# ---- what a link opens ----


def test_unknown_revoked_malformed_and_foreign_links_are_the_same_404(county, three1, clock):
    good = link_of(county, "class", three1.pk)
    school = link_of(county, "school", county.schools["青禾县实验小学"].pk)
    gone = link_of(county, "class", county.class_("三(2)班").pk)
    with as_tenant(county.tenant_id):
        replace_link(county.actor("周涛"), "class", county.class_("三(2)班"))
    other = good[:-1] + ("1" if good.endswith("0") else "0")
    pages = [Client().get(f"/c/{token}") for token in (other, gone, "x", "'; --", school, "汉字")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert len({tuple(sorted(page.headers.items())) for page in pages}) == 1


def test_a_link_holds_at_least_120_bits(county, three1):
    token = link_of(county, "class", three1.pk)
    assert len(token) * 5 >= 120


def test_revoking_closes_a_page_at_once_even_if_it_is_kept(county, three1, clock):
    token = link_of(county, "class", three1.pk)
    read(token)
    with as_tenant(county.tenant_id):
        replace_link(county.actor("周涛"), "class", three1)
    assert Client().get(f"/c/{token}").status_code == 404


# ---- what is kept ----


class Seconds:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_page_is_kept_for_some_seconds_and_for_its_own_tenant_only():
    clock = Seconds()
    pages = Kept(clock)
    assert pages.get(1, ("page", 7), lambda: "青禾县") == "青禾县"
    assert pages.get(1, ("page", 7), lambda: "新的") == "青禾县"
    assert pages.get(2, ("page", 7), lambda: "别的县") == "别的县"
    clock.now += FRESH_SECONDS
    assert pages.get(1, ("page", 7), lambda: "新的") == "新的"


def test_while_one_makes_a_page_anew_the_others_take_the_old_one_but_not_for_long():
    clock = Seconds()
    pages = Kept(clock)
    pages.get(1, ("page",), lambda: "旧的")
    clock.now += FRESH_SECONDS
    seen = []
    pages.get(1, ("page",), lambda: seen.append(pages.get(1, ("page",), lambda: "没轮到")) or "新的")
    assert seen == ["旧的"]
    clock.now += FRESH_SECONDS + SPARE_SECONDS
    assert pages.get(1, ("page",), lambda: "更新的") == "更新的"


def test_a_page_is_made_anew_only_if_its_version_changed():
    clock = Seconds()
    pages = Kept(clock)
    versions = {"now": 1}
    for number in range(3):
        assert pages.get(1, ("page",), lambda n=number: n, lambda: versions["now"]) == 0
        clock.now += FRESH_SECONDS
    versions["now"] = 2
    assert pages.get(1, ("page",), lambda: "新的", lambda: versions["now"]) == "新的"


def test_of_many_who_come_at_once_one_makes_the_page():
    pages, made = Kept(), []

    def make() -> str:
        made.append(1)
        time.sleep(0.05)
        return "一页"

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: pages.get(1, ("page",), make), range(64))) == {"一页"}
    assert len(made) == 1


def test_a_failure_keeps_nothing_and_the_next_one_tries_again():
    pages = Kept()
    with pytest.raises(ZeroDivisionError):
        pages.get(1, ("page",), lambda: 1 / 0)
    assert pages.get(1, ("page",), lambda: "一页") == "一页"


@pytest.fixture
def later(monkeypatch):
    """Five seconds later, without anybody having told the page that something changed."""
    seconds = Seconds()
    monkeypatch.setattr(kept, "_clock", seconds)
    monkeypatch.setattr("tests.notices.conftest.kept", Kept())

    def step() -> None:
        seconds.now += FRESH_SECONDS

    return step


def test_an_item_a_correction_a_waiver_and_a_holiday_show_within_seconds(
    county, three1, homework, clock, later, wednesday
):
    token = link_of(county, "class", three1.pk)
    assert "练习册" not in read(token)
    demand = homework("数学", "练习册第 23–24 页", 20)
    assert "练习册" not in read(token)
    later()
    assert "练习册" in read(token)
    assert post(county.actor("李强"), [], "t1", trims=[Trim(demand, 15)]).ok
    later()
    assert "15 分钟左右" in text_of(read(token))
    publish_pack(county.actor("孙校长"), county.schools["青禾县实验小学"].pk, school_pack(45))
    later()
    assert "规定每天不超过 45 分钟" in read(token)
    grant_waiver(
        county.actor("孙校长"), three1.pk, "school.homework.written", wednesday, wednesday, 10, office="教导处",
        reason="期末复习周", expires_at=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    later()
    assert "教导处批准今天可以多一些，理由：期末复习周" in read(token)
    assert "孙校长" not in read(token)
    assert withdraw(county.actor("李强"), [demand], "w1").outcome == "posted"
    later()
    assert "练习册" not in read(token)
    change_calendar(
        county.actor("管理员"), county.unit.pk, wednesday, wednesday, day_kind="holiday", name="台风停课",
        source="县教育局通知",
    )  # fmt: skip
    later()
    assert "台风停课" in read(token)


def test_a_page_that_did_not_change_costs_one_small_query(county, three1, homework, clock, later):
    homework("数学", "练习册第 23–24 页", 20)
    token = link_of(county, "class", three1.pk)
    read(token)
    with CaptureQueriesContext(connection) as fresh:
        read(token)
    later()
    with CaptureQueriesContext(connection) as compared:
        read(token)
    assert len(fresh) == 1  # whose link it is
    assert len([q for q in compared if q["sql"].lstrip().startswith("SELECT")]) == 2
