"""The posting job in real Chromium: how many taps and keystrokes it takes, and how long."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page

from qingfu.homework import actions, queries
from tests.browser import chromium, live_site, page, sign_in  # noqa: F401
from tests.homework.conftest import new_key

pytestmark = pytest.mark.browser

MESSAGE = "1.抄写第5课生字2遍 2.朗读课文三遍（口头） 3.练习册P23，约15分钟"
SECONDS_OF_A_JOB = 60  # far above what it takes: a hang fails, a slow machine does not


class Hands:
    """What a person does on a page, counted."""

    def __init__(self, page: Page):  # noqa: F811
        self.page, self.taps, self.keys, self.began = page, 0, 0, time.monotonic()

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.locator(selector).first.click()

    def paste(self, text: str) -> None:
        """One chord of keys, as with a text copied elsewhere."""
        self.keys += 1
        self.page.keyboard.insert_text(text)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def test_from_the_plan_it_is_one_tap(page, live_site, county, evening, stands):  # noqa: F811
    classes = (county.class_("三(1)班").pk, county.class_("三(2)班").pk)
    line = actions.PlanLine(evening, classes, "抄写第5课生字2遍", "written", True, 12)
    actions.file_plan(county.actor("王丽"), "语文", queries.monday_of(evening), [line])
    sign_in(page, live_site, county, "王丽")
    page.goto(f"{live_site}/today/")
    hands = Hands(page)
    hands.tap("[data-testid=confirm]")
    page.wait_for_selector("text=已公示：三(1)班、三(2)班 1 项")
    assert (hands.taps, hands.keys) == (1, 0)
    assert hands.seconds < SECONDS_OF_A_JOB
    assert stands("三(1)班") == stands("三(2)班") == [("语文", "抄写第5课生字2遍", 12)]


def test_paste_check_post_is_at_most_three_taps(page, live_site, county, stands):  # noqa: F811
    sign_in(page, live_site, county, "王丽")
    page.goto(f"{live_site}/today/")
    hands = Hands(page)
    hands.tap("#text")
    hands.paste(MESSAGE)
    hands.tap("text=读一读，再核对")
    hands.tap("[data-testid=post]")
    page.wait_for_selector("text=已公示：三(1)班、三(2)班 3 项")
    assert hands.taps <= 3
    assert hands.keys <= 1
    assert hands.seconds < SECONDS_OF_A_JOB
    assert len(stands("三(1)班")) == 3


def test_forbidden_work_is_warned_of_while_she_types(page, live_site, county):  # noqa: F811
    sign_in(page, live_site, county, "王丽")
    page.goto(f"{live_site}/today/")
    page.fill("#text", "抄写生字，请家长批改并签字")
    page.wait_for_selector("#lint :text('给家长布置作业')")
    assert "中办发〔2021〕40号" in page.inner_text("#lint")


def test_forbidden_work_is_warned_of_while_she_plans(page, live_site, county):  # noqa: F811
    """The plan is the main path: what it holds is posted with one tap later."""
    sign_in(page, live_site, county, "王丽")
    page.goto(f"{live_site}/homework/plan/")
    page.locator("details.more summary").first.click()
    page.locator("textarea[name=p-0-text]").fill("抄写生字，请家长批改并签字")
    page.wait_for_selector("#flagged :text('给家长布置作业')")
    page.locator("textarea[name=p-0-text]").fill("抄写生字2遍")
    page.wait_for_selector("#flagged", state="hidden")


def test_the_bars_of_the_check_follow_the_minutes(page, live_site, county):  # noqa: F811
    sign_in(page, live_site, county, "王丽")
    page.goto(f"{live_site}/today/")
    page.fill("#text", "练习册P23，约15分钟")
    page.click("text=读一读，再核对")
    page.wait_for_selector("#after :text('45')")
    page.fill("input[name=i-0-minutes]", "40")
    page.wait_for_selector("#after :text('20')")


def test_the_box_of_a_single_class_stands_under_its_heading(page, live_site, county):  # noqa: F811
    """何老师 teaches one class; a layout in columns tore its line apart at this width."""
    page.set_viewport_size({"width": 1200, "height": 860})
    sign_in(page, live_site, county, "何老师")
    page.goto(f"{live_site}/today/")
    page.fill("#text", "练习册P23，约15分钟")
    page.click("text=读一读，再核对")
    page.wait_for_selector("[data-testid=post]")
    box, heading = page.locator(".check-classes input").bounding_box(), page.locator("fieldset h2").bounding_box()
    assert abs(box["x"] - heading["x"]) < 8


def test_a_refusal_is_solved_with_one_tap(page, live_site, county, posting, stands):  # noqa: F811
    both = ["三(1)班", "三(2)班"]
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 45, to=both), new_key())
    sign_in(page, live_site, county, "王丽")
    page.goto(f"{live_site}/today/")
    page.fill("#text", "写一篇日记，25分钟")
    page.click("text=读一读，再核对")
    page.click("[data-testid=post]")
    hands = Hands(page)
    hands.tap("button.option:has-text('改成 15 分钟')")
    page.wait_for_selector("text=已公示：三(1)班、三(2)班 1 项")
    assert hands.taps == 1
    assert ("语文", "写一篇日记，25分钟", 15) in stands()


def test_everything_works_without_script(chromium, live_site, county, stands):  # noqa: F811
    from tests.browser import watched_page

    with watched_page(chromium, java_script_enabled=False) as page:  # noqa: F811
        sign_in(page, live_site, county, "王丽")
        page.goto(f"{live_site}/today/")
        page.fill("#text", MESSAGE)
        page.click("text=读一读，再核对")
        page.click("[data-testid=post]")
        page.wait_for_selector("text=已公示")
    assert len(stands()) == 3
