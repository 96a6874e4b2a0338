"""The public pages in real Chromium: the tap flow without JavaScript, narrow screens, the content policy."""

import re

import pytest

from tests.browser import chromium, live_site, sign_in, watched_page  # noqa: F401

from .conftest import ORAL, WRITTEN, counts, family_of, link_of

pytestmark = pytest.mark.browser


@pytest.fixture
def no_script_page(chromium):  # noqa: F811
    """A phone whose browser runs no JavaScript."""
    with watched_page(chromium, java_script_enabled=False) as page:
        yield page


@pytest.fixture
def evening(homework, clock):
    homework("语文", "抄写第 5 课生字，每个 2 遍", 12, {**WRITTEN, "place": "课后服务"})
    homework("语文", "朗读课文，读给自己听", 10, ORAL)
    homework("数学", "练习册第 3 题", 20)


def test_a_parent_taps_without_javascript(no_script_page, live_site, evening, county, three1):  # noqa: F811
    page = no_script_page
    page.goto(f"{live_site}/c/{family_of(county, three1)}")
    page.get_by_role("button", name="45–60 分钟").click()
    assert page.get_by_text("记下了，谢谢").is_visible()
    assert page.get_by_role("button", name="45–60 分钟").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="30–45 分钟").click()
    page.get_by_role("button", name="到点停笔了").click()
    page.get_by_label("数学 练习册第 3 题").check()
    page.get_by_role("button", name="写进这句话").click()
    assert page.get_by_label("可以抄给老师的一句话").input_value() == "今晚21:20停笔，余数学：练习册第 3 题。"
    page.get_by_role("button", name="点错了，收回").click()
    assert page.get_by_text("收回了").is_visible()
    assert {key[2:]: count for key, count in counts(county).items()} == {("time", "30-45"): 1}


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_is_wider_than_the_screen(chromium, live_site, evening, county, three1, width):  # noqa: F811
    school = link_of(county, "school", county.schools["青禾县实验小学"].pk)
    paths = [f"/c/{family_of(county, three1, county.class_('五(1)班'))}?child=2", f"/s/{school}", f"/s/{school}/cost"]
    with watched_page(chromium, viewport={"width": width, "height": 800}) as page:
        for path in [*paths, "/privacy/", f"/b/{link_of(county, 'board', three1.pk)}"]:
            page.goto(live_site + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_targets_are_large_enough_for_fingers(chromium, live_site, evening, county, three1):  # noqa: F811
    with watched_page(chromium) as page:
        page.goto(f"{live_site}/c/{family_of(county, three1)}")
        page.get_by_role("button", name="到点停笔了").click()
        boxes = [one.bounding_box() for one in page.locator("button, .left-over label").all()]
        assert boxes and min(box["height"] for box in boxes) >= 44


def test_the_board_fits_its_screen_and_keeps_the_page_without_network(chromium, live_site, evening, county, three1):  # noqa: F811
    with watched_page(chromium, viewport={"width": 1920, "height": 1080}) as page:
        page.goto(f"{live_site}/b/{link_of(county, 'board', three1.pk)}")
        assert page.evaluate("document.documentElement.scrollHeight") <= 1080
        assert not page.get_by_text("网络断了").is_visible()
        page.context.set_offline(True)
        page.wait_for_selector("body.board-offline")
        assert page.get_by_text("网络断了").is_visible()
        assert page.get_by_text("练习册第 3 题").is_visible()
        page.context.set_offline(False)
        page.wait_for_selector("body:not(.board-offline)")


@pytest.mark.parametrize("size", [(1024, 768), (1280, 860), (1366, 768), (3840, 2160)])
def test_the_free_minutes_stand_in_one_line_on_every_board(  # noqa: F811
    chromium, live_site, homework, clock, county, three1, size  # noqa: F811
):
    homework("数学", "练习册第 3 题", 20, {**WRITTEN, "place": "课后服务"})
    width, height = size
    with watched_page(chromium, viewport={"width": width, "height": height}) as page:
        page.goto(f"{live_site}/b/{link_of(county, 'board', three1.pk)}")
        number = page.locator(".board-free .num")
        assert len(number.inner_text()) == 3
        font = number.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        assert number.bounding_box()["height"] < 1.5 * font
        assert number.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
        assert page.evaluate("document.documentElement.scrollHeight") <= height


def test_every_sheet_is_one_page_of_paper(chromium, live_site, evening, county, three1):  # noqa: F811
    school = link_of(county, "school", county.schools["青禾县实验小学"].pk)
    with watched_page(chromium) as page:
        sign_in(page, live_site, county, "李强")
        for path in (f"/s/{school}/poster", f"/classes/{three1.pk}/slips/"):
            page.goto(live_site + path)
            sheets = page.locator(".sheet").count()
            pages = re.findall(rb"/Count (\d+)", page.pdf(prefer_css_page_size=True))
            assert pages == [str(sheets).encode()], path
