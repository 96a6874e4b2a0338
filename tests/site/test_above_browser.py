"""The pages from above and the pages of rules in Chromium: nothing refused by the page policy, nothing too wide."""

import pytest

from qingfu.findings.models import Finding
from qingfu.homework.actions import PlanLine, file_plan
from qingfu.homework.queries import monday_of
from qingfu.ledger.models import Pack
from qingfu.units.tenancy import as_tenant
from tests.browser import sign_in, watched_page

from .conftest import PRIMARY, next_school_day, school_days_back, week_of

pytestmark = pytest.mark.browser


def addresses(county) -> list[tuple[str, str]]:
    school, class_ = county.schools[PRIMARY].pk, county.class_("三(1)班").pk
    day = school_days_back(1)
    with as_tenant(county.tenant_id):
        finding = Finding.objects.latest("pk").pk
    return [
        ("赵敏", f"/week/?week={week_of(day)}"), ("周涛", f"/week/?week={week_of(day)}"),
        ("周涛", f"/classes/{class_}/{day}/"), ("孙校长", f"/school/{school}/"), ("周涛", "/findings/?tab=open"),
        ("李强", f"/findings/{finding}/"), ("周涛", "/findings/check/"), ("刘科长", "/county/"),
        ("刘科长", f"/county/school/{school}/"), ("王丽", "/rules/?grade=3"), ("孙校长", "/rules/packs/"),
        ("孙校长", "/rules/packs/edit/"), ("王丽", "/rules/calendar/"), ("孙校长", "/rules/calendar/change/"),
    ]  # fmt: skip


def too_wide(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def visit(page, site: str, county) -> dict[str, int]:
    """How many pixels each page is too wide. The page itself fails the test if its console complains."""
    found = {}
    for who, address in addresses(county):
        page.context.clear_cookies()
        sign_in(page, site, county, who)
        assert page.goto(site + address).status == 200
        found[address] = too_wide(page)
    return {address: pixels for address, pixels in found.items() if pixels > 0}


def test_every_page_fits_a_phone(county, recorded, page, live_site):
    recorded(75)
    assert visit(page, live_site, county) == {}


def test_every_page_fits_a_computer(county, recorded, desk_page, live_site):
    recorded(75)
    assert visit(desk_page, live_site, county) == {}


def test_a_day_is_said_in_chinese_whatever_the_browser_speaks(chromium, county, live_site):  # noqa: F811
    with watched_page(chromium, locale="en-US") as page:
        sign_in(page, live_site, county, "孙校长")
        page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": live_site}])
        page.goto(f"{live_site}/rules/calendar/change/")
        field = page.get_by_label("从哪天")
        field.fill("2026-11-28")
        assert page.get_by_text("2026年11月28日星期六").is_visible()
        assert page.get_by_text("mm/dd/yyyy，就是月/日/年").first.is_visible()
        field.fill("")
        assert not page.get_by_text("2026年11月28日").is_visible()
        page.goto(f"{live_site}/rules/?on=2026-11-28")
        assert page.get_by_text("2026年11月28日星期六").first.is_visible()


def test_from_a_figure_to_its_records_and_to_the_finding(county, recorded, page, live_site):
    """周三 三(1)班 75 分钟 → the day → the problem → 整改: four taps and one sentence."""
    recorded(75)
    sign_in(page, live_site, county, "赵敏")
    page.goto(f"{live_site}/week/?week={week_of(school_days_back(1))}")
    page.get_by_role("link", name="75").first.click()
    assert "超出 15 分钟" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="每个上学日不超过").click()
    page.get_by_label("做了什么").fill("和数学商定，周三不留书面作业")
    page.get_by_role("button", name="已整改").click()
    assert page.get_by_text("待回头看").first.is_visible()


def test_a_principal_publishes_a_rule_after_seeing_what_it_does(county, desk_page, live_site):
    page = desk_page
    sign_in(page, live_site, county, "孙校长")
    page.goto(f"{live_site}/rules/packs/edit/")
    page.get_by_label("三年级").check()
    page.get_by_label("四年级").check()
    page.get_by_label("数", exact=True).fill("40")
    page.get_by_label("从哪天起执行").fill("2026-12-01")
    page.get_by_label("依据的文件").fill("实验小学作业管理办法")
    page.get_by_role("button", name="看会怎样").first.click()
    page.get_by_text("新增：每天书面作业总时长（三、四年级）").first.wait_for()
    page.get_by_role("button", name="发布").click()
    assert page.get_by_text("已发布第 1 版").is_visible()
    with as_tenant(county.tenant_id):
        assert Pack.objects.filter(unit=county.schools[PRIMARY]).count() == 1


def test_the_week_prints_without_buttons_and_navigation(county, recorded, desk_page, live_site):
    recorded(75)
    sign_in(desk_page, live_site, county, "赵敏")
    desk_page.goto(f"{live_site}/week/?week={week_of(school_days_back(1))}")
    desk_page.emulate_media(media="print")
    assert desk_page.locator(".heat").first.is_visible()
    assert not desk_page.get_by_role("button", name="打印").is_visible()
    assert not desk_page.locator(".top").is_visible()


def test_on_a_phone_no_figure_of_the_week_is_broken_in_two(county, posted, page, live_site):
    """A day with both what stands and what is planned is the fullest cell."""
    day = next_school_day()
    posted("语文", 50)
    plan = PlanLine(day, (county.class_("三(1)班").pk,), "练习册第 3 页", "written", True, 25)
    with as_tenant(county.tenant_id):
        file_plan(county.actor("李强"), "数学", monday_of(day), [plan])
    sign_in(page, live_site, county, "赵敏")
    page.goto(f"{live_site}/week/?week={week_of(day)}")
    planned = page.locator(".heat-planned").first
    cell = page.locator(".heat-cell", has=planned)
    number, cell_box = cell.locator(".num").bounding_box(), cell.bounding_box()
    assert number["height"] < 30 and planned.bounding_box()["height"] < 20
    for box in (number, planned.bounding_box()):
        assert cell_box["x"] <= box["x"] and box["x"] + box["width"] <= cell_box["x"] + cell_box["width"] + 1


def test_a_principal_finds_from_the_calendar_where_to_say_when_lessons_end(county, desk_page, live_site):
    page = desk_page
    sign_in(page, live_site, county, "孙校长")
    page.goto(f"{live_site}/rules/calendar/")
    assert page.get_by_text("16:30").is_visible()
    page.get_by_role("link", name="改放学、下班时间").click()
    form = page.locator("#times")
    form.get_by_label("几点几分").fill("15:50")
    form.get_by_label("从哪天起").fill("2026-09-01")
    form.get_by_role("button", name="看会怎样").click()
    assert page.get_by_text("放学时间，由“本级没有写明”改为“15:50”").is_visible()
    page.get_by_role("button", name="发布").click()
    page.goto(f"{live_site}/rules/calendar/")
    assert page.get_by_text("15:50").is_visible()
