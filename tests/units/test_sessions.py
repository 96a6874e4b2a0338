"""Sessions: seen, cut off, ended; a classroom computer for one lesson."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from qingfu.units.actions import cut_off_person, hash_of
from qingfu.units.models import AuditRecord, Token
from qingfu.units.queries import Forbidden, resolve
from qingfu.units.tenancy import as_tenant
from qingfu.units.web import SESSION_COOKIE
from tests.units.browser import signed_in_as


def test_somebody_without_a_session_is_led_to_sign_in(cluster):
    assert Client().get("/me/").url == "/login/?next=%2Fme%2F"


def test_signing_out_ends_this_session_and_no_other(fresh_county):
    phone, laptop = signed_in_as(fresh_county, "王丽"), signed_in_as(fresh_county, "王丽")
    assert phone.post("/logout/").url == "/login/"
    assert phone.get("/me/").status_code == 302
    assert laptop.get("/me/").status_code == 200


def test_a_cookie_that_was_signed_out_is_worth_nothing(fresh_county):
    client = signed_in_as(fresh_county, "王丽")
    cookie = client.cookies[SESSION_COOKIE].value
    client.post("/logout/")
    thief = Client()
    thief.cookies[SESSION_COOKIE] = cookie
    assert thief.get("/me/").status_code == 302


def test_a_lost_phone_is_cut_off_from_another_device(fresh_county):
    lost, laptop = signed_in_as(fresh_county, "王丽"), signed_in_as(fresh_county, "王丽")
    token_id = resolve(hash_of(lost.cookies[SESSION_COOKIE].value))[3]
    assert "测试" in laptop.get("/me/").content.decode()
    laptop.post(f"/me/sessions/{token_id}/cut/")
    assert lost.get("/me/").status_code == 302
    assert laptop.get("/me/").status_code == 200


def test_nobody_cuts_off_a_colleague_by_the_number_of_the_session(fresh_county):
    hers, his = signed_in_as(fresh_county, "王丽"), signed_in_as(fresh_county, "李强")
    his.post(f"/me/sessions/{resolve(hash_of(hers.cookies[SESSION_COOKIE].value))[3]}/cut/")
    assert hers.get("/me/").status_code == 200


def test_a_dean_cuts_off_a_teacher_of_the_school_and_nobody_elsewhere(fresh_county):
    hers, his = signed_in_as(fresh_county, "王丽"), signed_in_as(fresh_county, "何老师")
    with as_tenant(fresh_county.tenant_id):
        assert cut_off_person(fresh_county.actor("周涛"), fresh_county.people["王丽"]) == 1
        with pytest.raises(Forbidden):
            cut_off_person(fresh_county.actor("周涛"), fresh_county.people["何老师"])
        with pytest.raises(Forbidden):
            cut_off_person(fresh_county.actor("李强"), fresh_county.people["王丽"])
    assert hers.get("/me/").status_code == 302
    assert his.get("/me/").status_code == 200


def test_a_session_ends_by_itself(fresh_county):
    client = signed_in_as(fresh_county, "王丽")
    with as_tenant(fresh_county.tenant_id):
        live = Token.objects.get(hash=hash_of(client.cookies[SESSION_COOKIE].value))
        live.expires_at -= timedelta(hours=1)
        live.save()
    assert client.get("/me/").status_code == 302


def test_changing_the_password_ends_the_other_sessions(fresh_county):
    from tests.units.test_sign_in import OWN, initial_password_of, set_own_password, sign_in

    client, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    set_own_password(client)
    other = signed_in_as(fresh_county, "王丽")
    new = {"old": OWN, "password": "处处闻啼鸟-2027", "again": "处处闻啼鸟-2027"}
    assert "现在的密码不对" in client.post("/me/", {**new, "old": "错的"}).content.decode()
    assert client.post("/me/", new).status_code == 302
    assert client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302


# ---- a classroom computer ----


def scan(page: bytes) -> str:
    """The address in the QR code: the test reads it from the page's own words about it."""
    return re.search(r'data-address="([^"]+)"', page.decode())[1]


def test_a_phone_signs_a_classroom_computer_in_for_one_lesson(fresh_county):
    classroom, phone = Client(), signed_in_as(fresh_county, "王丽")
    shown = classroom.get("/login/screen/")
    asked = phone.get(scan(shown.content))
    number = re.search(r'screen-check">.*?<b class="num">(\d{4})', shown.content.decode())[1]
    assert number in asked.content.decode()
    assert "教室电脑已登录" in phone.post(scan(shown.content)).content.decode()
    assert classroom.get("/login/screen/").url == "/"
    assert classroom.cookies[SESSION_COOKIE]["max-age"] == 45 * 60
    assert classroom.get("/me/").status_code == 200
    with as_tenant(fresh_county.tenant_id):
        lesson = Token.objects.get(kind=Token.Kind.SCREEN)
        assert lesson.expires_at - lesson.created_at <= timedelta(minutes=45)
        assert AuditRecord.objects.filter(action="sign_in_screen").count() == 1


def test_a_classroom_computer_waits_until_somebody_confirms(fresh_county):
    classroom = Client()
    assert classroom.get("/login/screen/").status_code == 200
    assert classroom.get("/login/screen/").status_code == 200
    assert SESSION_COOKIE not in classroom.cookies


def test_the_phone_must_be_signed_in_and_comes_back_to_the_question(fresh_county):
    shown = Client().get("/login/screen/")
    assert Client().get(scan(shown.content)).url.startswith("/login/?next=%2Flogin%2Fscreen%2F")


def test_a_code_is_confirmed_once_and_only_while_it_is_shown(fresh_county, monkeypatch):
    from qingfu.units.views import sign_in as views

    classroom, phone = Client(), signed_in_as(fresh_county, "王丽")
    address = scan(classroom.get("/login/screen/").content)
    phone.post(address)
    assert "过期" in signed_in_as(fresh_county, "李强").post(address).content.decode()
    later = scan(Client().get("/login/screen/").content)
    now = views._slot()
    monkeypatch.setattr(views, "_slot", lambda: now + 2)
    assert "过期" in phone.get(later).content.decode()


@pytest.mark.parametrize("code", ["x", "a.b:c", "%00", "AAAA.99999999:forged"])
def test_a_forged_code_is_refused(fresh_county, code):
    assert "过期" in signed_in_as(fresh_county, "王丽").get(f"/login/screen/{code}/").content.decode()


def test_in_a_classroom_a_principal_has_no_rights_of_a_principal(fresh_county):
    from qingfu.units.queries import actor_of

    with as_tenant(fresh_county.tenant_id):
        assert actor_of(fresh_county.people["孙校长"].pk, on_screen=True).posts == ()
        roles = {post.role for post in actor_of(fresh_county.people["李强"].pk, on_screen=True).posts}
    assert roles == {"teacher", "class_teacher"}


def test_a_classroom_computer_cannot_sign_in_another_one(fresh_county):
    lesson = signed_in_as(fresh_county, "王丽", Token.Kind.SCREEN)
    address = scan(Client().get("/login/screen/").content)
    assert "过期" in lesson.post(address).content.decode()
