"""The pages of figures and reports in real Chromium: a report on its whole way, a rule tried, the pages on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from qingfu.lake.trials import actions as trials
from tests.browser import DESK, PHONE, sign_in, watched_page
from tests.reports.county import span
from tests.reports.test_browser import fits

pytestmark = pytest.mark.browser
WORDS = {"思想认识": "学校把作业公示当作常规。", "原因分析": "学科之间事先没有商量。"}


@pytest.fixture
def desk(chromium, live_site, reporting):
    """A computer on which somebody else sits down with ``desk(name)``."""
    with watched_page(chromium, viewport=DESK) as page:
        page.set_default_timeout(60_000)  # the first report loads the word lists of the reader

        def sit_down(name: str):
            sign_in(page, live_site, reporting, name)
            return page

        yield sit_down


def test_a_report_from_its_figures_to_its_signature_and_its_file(desk, live_site):
    page = desk("周涛")
    page.goto(f"{live_site}/reports/")
    page.get_by_role("button", name="成稿").click()
    expect(page.get_by_text("这里由您来写").first).to_be_visible()
    address = page.url
    for name, words in WORDS.items():
        page.get_by_label(name).fill(words)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="送审").click()
    desk("孙校长").goto(address)
    page.get_by_role("button", name="审核同意").click()
    page.get_by_role("button", name="签发").click()
    expect(page.get_by_role("heading", name="已签发")).to_be_visible()
    page.locator(".work-paper sup a").first.click()
    expect(page.get_by_text("算法：从“事项”取")).to_be_visible()
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name="Word").click()
    assert download.value.suggested_filename.endswith(".docx") and fits(page)


def test_a_rule_is_asked_about_and_the_page_shows_the_answer_as_it_comes(desk, live_site, reporting):
    page, (first, last) = desk("管理员"), span()
    page.goto(f"{live_site}/reports/whatif/")
    minutes = page.locator("select[name=limit] option").filter(has_text=re.compile("作业.*60"))
    page.locator("select[name=limit]").select_option(value=minutes.first.get_attribute("value"))
    page.locator("input[name=number]").fill("22")
    page.locator("input[name=first]").fill(str(first))
    page.locator("input[name=last]").fill(str(last))
    page.get_by_role("button", name="算一算").click()
    expect(page.get_by_text("等着算")).to_be_visible()
    trials.work(reporting.tenant_id)
    expect(page.get_by_text("放不下的").first).to_be_visible()
    assert fits(page)


@pytest.mark.parametrize(("who", "place", "id"), [("刘科长", "county", "homework_days_over"),
                                                  ("孙校长", "school", "homework_minutes_median")])  # fmt: skip
def test_the_page_of_a_unit_fits_a_phone_and_every_figure_opens(chromium, live_site, reporting, who, place, id):
    with watched_page(chromium, viewport=PHONE) as page:
        sign_in(page, live_site, reporting, who)
        page.goto(f"{live_site}/reports/{place}/")
        expect(page.get_by_role("heading", name="变了的")).to_be_visible()
        assert fits(page)
        page.locator(f"a[href*='/{id}/']").first.click()
        expect(page.get_by_role("heading", name="从哪些记录来")).to_be_visible()
        assert fits(page) and page.locator(".month-table rect").count() > 0
