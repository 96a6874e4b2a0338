"""The public pages in real Chromium: the tap flow without JavaScript, narrow screens, the content policy."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest

from qingfu.units.actions import add_units
from qingfu.units.models import Membership, Unit
from qingfu.units.tenancy import as_tenant
from tests.browser import chromium, live_site, sign_in, watched_page  # noqa: F401

from .conftest import ORAL, TEACHES, WRITTEN, counts, family_of, link_of

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
    paths += [f"/s/{school}/poster", f"/s/{school}/poster?of=week"]
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


LUMINANCE = """colour => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}"""
CONTRAST = f"""one => {{
  const light = {LUMINANCE};
  let ground = one;
  while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  const colours = [getComputedStyle(one).color, getComputedStyle(ground).backgroundColor];
  const [a, b] = colours.map(light).sort((x, y) => x - y);
  return (b + 0.05) / (a + 0.05);
}}"""


def test_the_parent_page_without_javascript_is_sound(no_script_page, live_site, evening, county, three1):  # noqa: F811
    """Language, landmarks, order of headings, size of targets, contrast of the minutes, weight of all it fetches."""
    page, fetched = no_script_page, []
    page.on("response", lambda response: fetched.append(response))
    page.goto(f"{live_site}/c/{family_of(county, three1)}", wait_until="networkidle")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    assert [page.locator(one).count() for one in ("main", "body > div > header", "footer", "h1")] == [1, 1, 1, 1]
    levels = [int(one.evaluate("one => one.tagName[1]")) for one in page.locator("h1, h2, h3, h4").all()]
    assert levels[0] == 1 and all(after <= before + 1 for before, after in pairwise(levels))
    targets = page.locator("a, button, input:not([type=hidden]), summary").all()
    small = [one.inner_text() for one in targets if one.bounding_box()["height"] < 44]
    assert small == []
    minutes = page.locator(".hero-number .num, .item-minutes .num, .item-minutes, .subject-head .num").all()
    assert minutes and min(one.evaluate(CONTRAST) for one in minutes) >= 7
    assert all(response.ok for response in fetched)
    assert sum(len(response.body()) for response in fetched) < 60_000


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


@pytest.fixture
def crowded_week(county, homework, wednesday):
    """Eight classes of a grade with four homeworks on each of five days."""
    with as_tenant(county.tenant_id):
        grade = Unit.objects.get_parent(county.class_("三(1)班"))
        rows = [
            {"kind": "class", "name": f"三({n})班", "grade": 3, "number": n, "seats": 45} for n in range(3, 9)
        ]
        classes = [county.class_("三(1)班"), county.class_("三(2)班"), *add_units(grade, rows)]
        for class_ in classes[1:]:
            for subject, who in TEACHES.items():
                Membership.objects.create(
                    tenant_id=county.tenant_id, person=county.people[who], unit=class_, role="teacher",
                    subject=subject, starts=wednesday - timedelta(days=90),
                )  # fmt: skip
    for class_ in classes:
        for day in (wednesday + timedelta(days=n) for n in range(-2, 3)):
            homework("语文", "抄写第 5 课生字，每个写 2 遍，再组两个词", 15, unit=class_, day=day)
            homework("语文", "把课文第三自然段背给自己听", 10, ORAL, unit=class_, day=day)
            homework("数学", "练习册第 23–24 页，只做单数题", 20, unit=class_, day=day)
            homework("英语", "第四单元单词各写一遍，听录音跟读", 10, unit=class_, day=day)


def test_a_crowded_week_is_cut_into_full_sheets_of_one_page_each(  # noqa: F811
    chromium, live_site, crowded_week, county, clock, wednesday  # noqa: F811
):
    clock.set(wednesday + timedelta(days=2))
    school = link_of(county, "school", county.schools["青禾县实验小学"].pk)
    with watched_page(chromium) as page:
        page.goto(f"{live_site}/s/{school}/poster?of=week")
        sheets = page.locator(".sheet").count()
        assert 1 <= sheets <= 4
        assert page.locator("tbody tr").count() == 8
        pages = re.findall(rb"/Count (\d+)", page.pdf(prefer_css_page_size=True))
        assert pages == [str(sheets).encode()]
        sizes = page.eval_on_selector_all(".poster-week td", "all => all.map(one => getComputedStyle(one).fontSize)")
        assert min(float(size.removesuffix("px")) for size in sizes) >= 12  # 9 pt


def test_every_sheet_is_one_page_of_paper(chromium, live_site, evening, county, three1):  # noqa: F811
    school = link_of(county, "school", county.schools["青禾县实验小学"].pk)
    with watched_page(chromium) as page:
        sign_in(page, live_site, county, "李强")
        for path in (f"/s/{school}/poster", f"/s/{school}/poster?of=week", f"/classes/{three1.pk}/slips/"):
            page.goto(live_site + path)
            sheets = page.locator(".sheet").count()
            pages = re.findall(rb"/Count (\d+)", page.pdf(prefer_css_page_size=True))
            assert pages == [str(sheets).encode()], path
