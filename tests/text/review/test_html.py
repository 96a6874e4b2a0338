"""The review as a file of its own, in real Chromium, from the disk: safe repairs are taken over, undone, saved."""

import random
import re
from pathlib import Path

import pytest

from qingfu.text.review.html import as_html
from qingfu.text.review.reader import review_text
from qingfu.text.review.repairs import apart, repaired, safe
from tests.browser import chromium, watched_page  # noqa: F401

from . import strangers

pytestmark = pytest.mark.browser
TRICKY = (
    "𠮷𠮷學校(xiào)😀開展</script><b>減負&(fù)\n\n相關推薦：\n  第1頁 共3頁\n教師(shī)說(shuō)「<!--」(hé)學生(shēng)\n"
)


@pytest.fixture
def texts():
    first, second = list(strangers.texts().items())[:2]
    return {"難.txt": TRICKY + second[1], first[0]: first[1]}


@pytest.fixture
def opened(chromium, tmp_path):  # noqa: F811
    """``opened(text, …)`` writes the reviews of texts and opens the file; its page, and the reviews."""
    pages = []

    def opened(texts: dict[str, str], **context):
        reviews = [review_text(text, file=name) for name, text in texts.items()]
        file = tmp_path / "out.html"
        file.write_text(as_html(reviews), "utf-8")
        manager = watched_page(chromium, **context)
        page = manager.__enter__()
        pages.append(manager)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.asked = asked
        return page, reviews

    yield opened
    for manager in pages:
        manager.__exit__(None, None, None)


def saved(page, section) -> str:
    with page.expect_download() as download:
        section.get_by_role("button", name="下载改好的文本").click()
    return Path(download.value.path()).read_bytes().decode("utf-8")


def test_what_is_saved_is_the_text_with_the_accepted_repairs_alone(opened, texts):
    page, reviews = opened(texts)
    draw = random.Random(7)
    for number, review in enumerate(reviews):
        section = page.locator("section").nth(number)
        offered = apart(safe(review.findings))
        assert len(offered) > 3
        buttons = section.locator("[data-repairs]")
        places = [list(map(int, button.get_attribute("data-repairs").split())) for button in buttons.all()]
        assert sorted(place for those in places for place in those) == list(range(len(offered)))
        assert saved(page, section) == review.document.raw
        chosen = set()
        for at in draw.sample(range(len(places)), min(12, len(places))):
            buttons.nth(at).click()
            chosen |= set(places[at])
        assert saved(page, section) == repaired(review.document.raw, [offered[place] for place in chosen])
        section.get_by_role("button", name="接受全部稳妥修改").click()
        assert saved(page, section) == repaired(review.document.raw, offered) != review.document.raw
        undone = draw.randrange(len(places))
        buttons.nth(undone).click()
        kept = [offered[place] for those in places if those != places[undone] for place in those]
        assert saved(page, section) == repaired(review.document.raw, kept)
        section.get_by_role("button", name="全部撤销").click()
        assert saved(page, section) == review.document.raw


def test_the_page_shows_the_text_with_the_accepted_repairs(opened, texts):
    page, reviews = opened(texts)
    for number, review in enumerate(reviews):
        section = page.locator("section").nth(number)

        def shown(section=section) -> str:
            """What stands in the lines, without the numbers of the notes."""
            lines = section.locator(".line p").evaluate_all(
                "all => all.map(one => (one.querySelectorAll('sup').forEach(sup => sup.remove()), one.innerText))"
            )
            return re.sub(r"\s", "", "".join(lines))

        section.get_by_role("button", name="接受全部稳妥修改").click()
        assert shown() == re.sub(r"\s", "", repaired(review.document.raw, apart(safe(review.findings))))
        section.get_by_role("button", name="全部撤销").click()
        assert shown() == re.sub(r"\s", "", review.document.raw)


def test_the_keyboard_does_it_and_the_reader_of_the_screen_hears_of_it(opened):
    page, _ = opened({"a.txt": "學校(xiào)說。\n開展減負(fù)工作。\n教師(shī)說。"})
    assert page.get_by_role("status").inner_text() == "已改 0 处，共有 3 处稳妥修改。"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-repairs]')"):
            break
    page.keyboard.press("Enter")
    assert page.get_by_role("status").inner_text() == "已改 1 处，共有 3 处稳妥修改。"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "撤销第 1 条"
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="改第 1 条").count() == 1
    assert page.get_by_role("status").inner_text() == "已改 0 处，共有 3 处稳妥修改。"


def test_the_file_needs_nothing_else(opened, texts, tmp_path):
    page, _ = opened(texts)
    page.locator("section").first.get_by_role("button", name="接受全部稳妥修改").click()
    assert page.asked == [(tmp_path / "out.html").as_uri()]
    assert not re.findall(r'(?:src|href)="(?!#)', page.content())


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(opened, texts, width):
    long = {"很长的文件夹/" * 12 + "报告.txt": next(iter(texts.values()))}
    page, _ = opened(long, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="接受全部稳妥修改").click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_a_script_there_are_no_buttons_and_the_text_stands_as_it_was(opened, texts):
    page, reviews = opened(texts, java_script_enabled=False)
    assert page.locator("button:visible").count() == 0 and page.locator("ins:visible").count() == 0
    assert page.locator("section").count() == len(reviews)


def test_a_text_without_safe_repairs_has_no_buttons(opened):
    page, _ = opened({"a.txt": "我校共有教师20xx人。"})
    assert page.locator("mark").count() > 0 and page.locator("button").count() == 0
