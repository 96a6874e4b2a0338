"""The review in real Chromium: paste, see, accept, read the repaired text; no breach of the page policy."""

import pytest

from tests.browser import sign_in, watched_page
from tests.reports.conftest import clean, faulty

pytestmark = pytest.mark.browser


def paste(page, live_site, county, text: str) -> None:
    sign_in(page, live_site, county, "王丽")
    page.goto(f"{live_site}/reports/review/")
    page.fill("textarea", text)
    page.get_by_role("button", name="审读").click()
    page.wait_for_selector(".review-text")


def fits(page) -> bool:
    """Whether nothing is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_paste_see_accept_and_read_the_repaired_text(page, live_site, county):
    paste(page, live_site, county, faulty())
    assert "年份未填" in page.inner_text(".review-text") and fits(page)
    page.get_by_role("button", name="接受全部稳妥修改").click()
    page.wait_for_selector("#repaired-text")
    assert page.text_content("#repaired-text") == faulty().replace("(xiào)", "").replace("(xué)", "")
    page.get_by_role("button", name="撤销").first.click()
    page.wait_for_selector("#repaired-text", state="detached")


def test_one_repair_is_made_in_place_without_losing_the_place(chromium, live_site, county):
    with watched_page(chromium, viewport={"width": 1280, "height": 800}) as page:
        paste(page, live_site, county, clean("primary_02") + faulty())
        button = page.get_by_role("button", name="改", exact=True).last
        button.scroll_into_view_if_needed()
        before = page.evaluate("window.scrollY")
        button.click()
        page.wait_for_selector("#repaired-text")
        assert before > 0 and page.evaluate("window.scrollY") == before and fits(page)


def test_it_works_without_script(chromium, live_site, county):
    with watched_page(chromium, java_script_enabled=False) as page:
        paste(page, live_site, county, faulty())
        page.get_by_role("button", name="改", exact=True).first.click()
        page.wait_for_selector("#repaired-text")
        page.locator("summary", has_text="只看一部分").click()
        page.get_by_role("checkbox", name="必须改").uncheck()
        page.get_by_role("button", name="只看勾选的").click()
        page.wait_for_selector(".review-text")
        assert "年份未填" not in page.inner_text(".review-text") and page.is_visible("#repaired-text")


def test_a_download_leaves_the_page_ready_for_the_next(page, live_site, county):
    paste(page, live_site, county, faulty())
    for name in ("带批注的 Word", "JSON 行", "带批注的 Word"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert download.value.failure() is None
