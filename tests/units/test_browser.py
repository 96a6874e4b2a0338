"""In real Chromium, with the content policy watched: sign-in without script, a classroom screen, the workbook."""

import pytest

from qingfu.units.actions import issue_initial_passwords, totp_of
from qingfu.units.models import Person
from qingfu.units.tenancy import as_tenant
from tests.browser import chromium, desk_page, live_site, page, sign_in, watched_page  # noqa: F401
from tests.units.books import book, small_county

pytestmark = pytest.mark.browser
OWN = "春眠不觉晓-2026"


def slip_of(county, name: str) -> str:
    with as_tenant(county.tenant_id):
        return issue_initial_passwords(county.actor("管理员"), [county.people[name]])[0][1]


@pytest.mark.parametrize("name", ["周涛", "孙校长"])
def test_dean_and_principal_sign_in_from_the_slip_to_the_front_door(page, live_site, fresh_county, name):  # noqa: F811
    school = fresh_county.schools["青禾县实验小学"]
    page.goto(f"{live_site}/login/?school={school.code}&next=/me/")
    assert page.get_by_label("学校代码").input_value() == school.code
    page.get_by_label("账号").fill(fresh_county.people[name].account)
    page.get_by_label("密码").fill(slip_of(fresh_county, name))
    page.get_by_role("button", name="登录").click()
    page.get_by_label("新密码").fill(OWN)
    page.get_by_label("再输一遍").fill(OWN)
    page.get_by_role("button", name="保存并继续").click()
    with as_tenant(fresh_county.tenant_id):
        totp = totp_of(Person.objects.get(pk=fresh_county.people[name].pk))
    assert page.locator("svg.qr").is_visible()
    assert page.get_by_role("link", name="验证器就在这台手机上").get_attribute("href") == totp.provisioning_uri()
    page.get_by_label("验证码").fill("000000" if totp.now() != "000000" else "000001")
    page.get_by_role("button", name="绑定").click()
    assert page.get_by_text("这个数字不对").is_visible()
    page.keyboard.type(totp.now())  # the field has the focus and is empty again
    page.get_by_role("button", name="绑定").click()
    assert page.get_by_role("heading", name=name).is_visible()


def test_a_phone_signs_a_classroom_computer_in(chromium, live_site, fresh_county):  # noqa: F811
    with watched_page(chromium) as phone, watched_page(chromium, viewport={"width": 1440, "height": 900}) as screen:
        screen.goto(f"{live_site}/login/screen/?next=/me/")
        number = screen.locator(".screen-check b").inner_text()
        address = screen.locator("[data-address]").get_attribute("data-address")
        phone.goto(address)
        assert phone.get_by_text("登录以后接着登录教室电脑").is_visible()
        sign_in(phone, live_site, fresh_county, "王丽")
        phone.goto(address)
        assert phone.locator(".screen-check b").inner_text() == number
        phone.get_by_role("button", name="数字一样，登录").click()
        screen.get_by_role("heading", name="王丽").wait_for()  # the page asks again by itself, without script


def test_without_script_the_workbook_is_imported(chromium, live_site, fresh_county, tmp_path):  # noqa: F811
    file = tmp_path / "开学.xlsx"
    file.write_bytes(book(small_county(str(fresh_county.tenant_id))))
    with watched_page(chromium, java_script_enabled=False, viewport={"width": 1440, "height": 900}) as page:  # noqa: F811
        sign_in(page, live_site, fresh_county, "管理员")
        page.goto(f"{live_site}/manage/import/")
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="上传并检查").click()
        assert page.get_by_text("没有错误，可以导入").is_visible()
        page.get_by_role("button", name="确认导入").click()
        assert page.get_by_role("link", name="清水镇中心小学").is_visible()
