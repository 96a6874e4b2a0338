"""Signing in with school code, account and password; what comes before the first session; wrong tries."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from qingfu.units.actions import (
    TooManyTries,
    appoint,
    count_try,
    forget_tries,
    hash_of,
    issue_initial_passwords,
    leave,
    prove_password,
    remember,
    totp_of,
)
from qingfu.units.actions.sign_in import knows
from qingfu.units.models import Person, Token
from qingfu.units.tenancy import as_tenant
from qingfu.units.web import SESSION_COOKIE
from tests.units.browser import signed_in_as

OWN = "春眠不觉晓-2026"


def initial_password_of(county, name: str) -> str:
    with as_tenant(county.tenant_id):
        return issue_initial_passwords(county.actor("管理员"), [county.people[name]])[0][1]


def sign_in(county, name: str, password: str, client: Client | None = None, school: str | None = None):
    client = client or Client()
    person = county.people[name]
    data = {"school": school or unit_of(county, person).code, "account": person.account, "password": password}
    return client, client.post("/login/", data)


def unit_of(county, person):
    return next(unit for unit in [county.unit, *county.schools.values()] if unit.pk == person.unit_id)


def set_own_password(client: Client, password: str = OWN):
    return client.post("/login/setup/", {"password": password, "again": password})


def code_of(county, name: str, steps_on: int = 0) -> str:
    with as_tenant(county.tenant_id):
        person = Person.objects.get(pk=county.people[name].pk)
    return totp_of(person).at(timezone.now() + timedelta(seconds=30 * steps_on))


# ---- a teacher ----


def test_a_teacher_signs_in_first_with_the_slip_then_with_her_own_password(fresh_county):
    client, response = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    assert response.url == "/login/setup/"
    assert set_own_password(client).url == "/"
    assert client.get("/me/").status_code == 200
    _, again = sign_in(fresh_county, "王丽", OWN)
    assert again.url == "/"


def test_before_an_own_password_is_set_nothing_else_opens(fresh_county):
    client, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    assert client.get("/me/").url == "/login/setup/?next=%2Fme%2F"


def test_the_initial_password_works_once(fresh_county):
    initial = initial_password_of(fresh_county, "王丽")
    client, _ = sign_in(fresh_county, "王丽", initial)
    set_own_password(client)
    _, response = sign_in(fresh_county, "王丽", initial)
    assert "学校代码、账号或密码不对" in response.content.decode()


def test_full_width_digits_in_school_code_and_account_are_understood(fresh_county):
    school = fresh_county.schools["青禾县实验小学"].code
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in school)
    _, response = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"), school=f" {wide} ")
    assert response.status_code == 302


def test_the_link_of_a_school_fills_in_its_code_and_the_browser_remembers_it(fresh_county):
    school = fresh_county.schools["青禾县实验小学"].code
    assert f'value="{school}"' in Client().get(f"/login/?school={school}").content.decode()
    client, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    assert f'value="{school}"' in client.get("/login/").content.decode()


def test_after_signing_in_one_is_where_one_wanted_to_be(fresh_county):
    assert Client().get("/me/").url == "/login/?next=%2Fme%2F"
    client = Client()
    data = {"school": fresh_county.schools["青禾县实验小学"].code, "account": "wangli",
            "password": initial_password_of(fresh_county, "王丽")}  # fmt: skip
    assert client.post("/login/?next=%2Fme%2F", data).url == "/login/setup/?next=%2Fme%2F"
    response = client.post("/login/setup/?next=%2Fme%2F", {"password": OWN, "again": OWN})
    assert response.url == "/me/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(fresh_county, target):
    client, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    response = client.post(f"/login/setup/?next={target}", {"password": OWN, "again": OWN})
    assert response.url == "/"


def test_the_session_cookie_is_closed_to_scripts_and_to_other_sites(fresh_county):
    client, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    cookie = client.cookies[SESSION_COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["secure"]
    secure = Client()
    secure.post("/login/", {"school": fresh_county.schools["青禾县实验小学"].code, "account": "wangli",
                "password": initial_password_of(fresh_county, "王丽")}, secure=True)  # fmt: skip
    assert secure.cookies[SESSION_COOKIE]["secure"]


def test_somebody_who_has_left_does_not_get_in(fresh_county):
    initial = initial_password_of(fresh_county, "王丽")
    live = signed_in_as(fresh_county, "王丽")
    with as_tenant(fresh_county.tenant_id):
        leave(
            fresh_county.actor("管理员"),
            fresh_county.people["王丽"],
            timezone.localdate() - timedelta(days=1),
        )
    assert "不对" in sign_in(fresh_county, "王丽", initial)[1].content.decode()
    assert live.get("/me/").status_code == 302


@pytest.mark.parametrize("weak", ["12345678", "password", "wangli2026", "短"])
def test_weak_passwords_are_refused_with_a_reason(fresh_county, weak):
    client, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    response = set_own_password(client, weak)
    assert response.status_code == 200 and "field-error" in response.content.decode()


# ---- who administers ----


@pytest.mark.parametrize("name", ["周涛", "孙校长", "管理员"])
def test_dean_principal_and_administrator_enrol_an_authenticator_and_need_it_from_then_on(fresh_county, name):
    client, _ = sign_in(fresh_county, name, initial_password_of(fresh_county, name))
    assert set_own_password(client).url == "/login/setup/"
    assert client.get("/me/").url.startswith("/login/setup/")
    assert client.post("/login/setup/", {"code": code_of(fresh_county, name)}).url == "/"

    again, response = sign_in(fresh_county, name, OWN)
    assert response.url == "/login/code/"
    assert again.get("/me/").url.startswith("/login/code/")
    assert again.post("/login/code/", {"code": code_of(fresh_county, name, steps_on=1)}).url == "/"
    assert again.get("/me/").status_code == 200


@pytest.mark.parametrize("name", ["王丽", "李强", "赵敏", "刘科长"])
def test_who_teaches_heads_a_grade_or_only_looks_on_needs_no_code(fresh_county, name):
    client, _ = sign_in(fresh_county, name, initial_password_of(fresh_county, name))
    assert set_own_password(client).url == "/"
    assert sign_in(fresh_county, name, OWN)[1].url == "/"


def test_a_principal_helps_a_dean_who_lost_her_telephone_and_a_dean_no_other_dean(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        school = fresh_county.schools["青禾县实验小学"]
        appoint(fresh_county.actor("管理员"), fresh_county.people["陈静"], school, "dean", starts=date(2026, 9, 1))
    client, _ = sign_in(fresh_county, "周涛", initial_password_of(fresh_county, "周涛"))
    set_own_password(client)
    client.post("/login/setup/", {"code": code_of(fresh_county, "周涛")})
    address = f"/manage/people/{fresh_county.people['周涛'].pk}/"
    assert "重置验证器" not in signed_in_as(fresh_county, "陈静").get(address).content.decode()
    assert signed_in_as(fresh_county, "陈静").post(f"{address}code/").status_code == 403

    principal = signed_in_as(fresh_county, "孙校长")
    assert "重置验证器" in principal.get(address).content.decode()
    principal.post(f"{address}code/")
    assert client.get("/me/").status_code == 302  # the lost telephone is signed out
    assert sign_in(fresh_county, "周涛", OWN)[1].url == "/login/setup/"


def test_a_code_is_taken_once(fresh_county):
    client, _ = sign_in(fresh_county, "孙校长", initial_password_of(fresh_county, "孙校长"))
    set_own_password(client)
    code = code_of(fresh_county, "孙校长")
    client.post("/login/setup/", {"code": code})
    again, _ = sign_in(fresh_county, "孙校长", OWN)
    assert "验证码不对" in again.post("/login/code/", {"code": code}).content.decode()


def test_codes_cannot_be_guessed(fresh_county):
    client, _ = sign_in(fresh_county, "孙校长", initial_password_of(fresh_county, "孙校长"))
    set_own_password(client)
    answers = [client.post("/login/setup/", {"code": "000000"}).status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2


def test_the_picture_of_the_key_is_markup_without_style(fresh_county):
    client, _ = sign_in(fresh_county, "孙校长", initial_password_of(fresh_county, "孙校长"))
    set_own_password(client)
    page = client.get("/login/setup/").content.decode()
    assert "<svg" in page and "style=" not in page and "<script>" not in page


def test_a_role_given_later_waits_for_a_code(fresh_county):
    """A session of thirty days, from before the appointment, does not become an administrator's."""
    client, _ = sign_in(fresh_county, "陈静", initial_password_of(fresh_county, "陈静"))
    set_own_password(client)
    with as_tenant(fresh_county.tenant_id):
        appoint(fresh_county.actor("管理员"), fresh_county.people["陈静"], fresh_county.unit, "county_admin",
                starts=date(2026, 9, 1))  # fmt: skip
    refusal = client.get("/manage/year/")
    assert refusal.status_code == 403 and "输验证码" in refusal.content.decode()
    assert client.get("/me/").status_code == 200

    assert client.post("/logout/?next=%2Fmanage%2Fyear%2F").url == "/login/?next=%2Fmanage%2Fyear%2F"
    sign_in(fresh_county, "陈静", OWN, client)
    client.post("/login/setup/", {"code": code_of(fresh_county, "陈静")})
    assert client.get("/manage/year/").status_code == 200


def test_setting_a_password_is_not_giving_a_code(fresh_county):
    """Appointed between the password and the session: the session still has no code."""
    client, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    set_own_password(client)
    with as_tenant(fresh_county.tenant_id):
        assert not Token.objects.get(hash=hash_of(client.cookies[SESSION_COOKIE].value)).code_given


@pytest.mark.parametrize("typed", ["１２３四五六", "é23456", "", "a" * 40])
def test_a_code_that_is_no_number_is_a_wrong_code(fresh_county, typed):
    client, _ = sign_in(fresh_county, "孙校长", initial_password_of(fresh_county, "孙校长"))
    set_own_password(client)
    assert client.post("/login/setup/", {"code": typed}).status_code == 200


# ---- wrong tries ----


def test_ten_wrong_passwords_close_the_account_to_that_address_and_a_right_one_does_not_count(fresh_county):
    initial = initial_password_of(fresh_county, "王丽")
    for _ in range(12):
        assert sign_in(fresh_county, "王丽", initial)[1].status_code == 302
    answers = [sign_in(fresh_county, "王丽", "错的")[1].status_code for _ in range(10)]
    assert answers == [200] * 10
    locked = sign_in(fresh_county, "王丽", initial)[1]
    assert locked.status_code == 429 and int(locked["Retry-After"]) <= 900
    assert "分钟再试" in locked.content.decode()


def guess(county, name: str, times: int, address: str = "10.0.0.9") -> None:
    school, account = unit_of(county, county.people[name]).code, county.people[name].account
    for _ in range(times):
        assert prove_password(school, account, "错的", address) is None


def test_whoever_guesses_from_elsewhere_does_not_lock_the_owner_out(fresh_county):
    initial = initial_password_of(fresh_county, "王丽")
    guess(fresh_county, "王丽", 10)
    with pytest.raises(TooManyTries):
        guess(fresh_county, "王丽", 1)
    assert sign_in(fresh_county, "王丽", initial)[1].status_code == 302


def test_guesses_from_many_addresses_are_slowed_down_and_the_longer_the_more(fresh_county):
    for n in range(50):
        guess(fresh_county, "王丽", 1, f"10.0.1.{n}")
    with pytest.raises(TooManyTries) as wait:
        guess(fresh_county, "王丽", 1, "10.0.2.1")
    assert wait.value.seconds <= 900
    let_time_pass("sign_in_account_0")
    for n in range(50):
        guess(fresh_county, "王丽", 1, f"10.0.3.{n}")
    let_time_pass("sign_in_account_0")
    with pytest.raises(TooManyTries) as wait:
        guess(fresh_county, "王丽", 1, "10.0.4.1")
    assert 900 < wait.value.seconds <= 3600


def test_a_browser_that_has_signed_in_before_is_never_locked_out_by_others(fresh_county):
    known, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    set_own_password(known)
    for n in range(50):
        guess(fresh_county, "王丽", 1, f"10.0.5.{n}")
    assert sign_in(fresh_county, "王丽", OWN)[1].status_code == 429  # a new browser waits
    assert sign_in(fresh_county, "王丽", OWN, known)[1].status_code == 302


def test_a_known_browser_guesses_no_more_than_ten_times_and_no_other_account(fresh_county):
    known, _ = sign_in(fresh_county, "王丽", initial_password_of(fresh_county, "王丽"))
    answers = [sign_in(fresh_county, "王丽", "错的", known)[1].status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    device = known.cookies["qingfu_device"].value
    school = fresh_county.schools["青禾县实验小学"].code
    assert knows(device, f"{school}/wangli") and not knows(device, f"{school}/liqiang")
    assert "wangli" not in device and school not in device


def test_a_computer_of_the_staff_room_knows_ten_people(fresh_county):
    device = ""
    for n in range(12):
        device = remember(device, "QH01", f"teacher{n}")
    assert [knows(device, f"QH01/teacher{n}") for n in range(12)] == [False] * 2 + [True] * 10
    assert not knows("x" * 32 + device[32:], "QH01/teacher11")


def test_an_unknown_school_account_and_a_wrong_password_answer_alike(fresh_county):
    school = fresh_county.schools["青禾县实验小学"].code
    initial_password_of(fresh_county, "王丽")
    tries = [(school, "wangli", "错的"), (school, "nobody", "错的"), ("NOSUCH", "wangli", "错的")]
    assert len({answer_to(*one_try) for one_try in tries}) == 1


def answer_to(school: str, account: str, password: str) -> str:
    """The page without what was typed and without its tokens."""
    page = Client().post("/login/", {"school": school, "account": account, "password": password}).content.decode()
    return re.sub(r"""value="[^"]*"|hx-headers='[^']*'""", "", page)


def test_an_unknown_account_costs_the_same_work(fresh_county, monkeypatch):
    """The same stretching, with the same parameters, happens whether or not the account is there."""
    from qingfu.units.actions import sign_in as module

    recipes, stretch = [], module.stretch
    monkeypatch.setattr(module, "stretch", lambda password, recipe: recipes.append(recipe) or stretch(password, recipe))
    initial_password_of(fresh_county, "王丽")
    school = fresh_county.schools["青禾县实验小学"].code
    for account in ("wangli", "nobody", "nobody"):
        assert prove_password(school, account, "错的", "10.0.0.1") is None
    known, unknown, again = [recipe.rsplit("$", 2) for recipe in recipes]
    assert known[0] == unknown[0] and len(known[1]) == len(unknown[1])
    assert unknown == again  # asked twice, the salt is the same: it does not tell either


def test_one_address_cannot_try_every_account(fresh_county):
    for number in range(100):
        prove_password("NOSUCH", f"teacher{number}", "错的", "203.0.113.77")
    with pytest.raises(TooManyTries):
        prove_password("NOSUCH", "teacher100", "错的", "203.0.113.77")
    assert prove_password("NOSUCH", "teacher101", "错的", "203.0.113.78") is None


def test_tries_are_forgotten_when_their_time_is_over(fresh_county):
    assert count_try("test", "甲", 2, 60) == 1
    assert count_try("test", "甲", 2, 60) == 0
    with pytest.raises(TooManyTries):
        count_try("test", "甲", 2, 60)
    let_time_pass("test")
    assert count_try("test", "甲", 2, 60) == 1
    let_time_pass("test")
    assert forget_tries() >= 1


def let_time_pass(kind: str) -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE tenancy.tries SET ends = now() - interval '1 second' WHERE kind = %s", [kind])


def test_neither_address_nor_account_is_stored(fresh_county):
    from django.db import connections

    prove_password("QH-GEHEIM", "wangli", "错的", "198.51.100.9")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT t::text FROM tenancy.tries t")
        rows = " ".join(row for (row,) in cursor.fetchall())
    assert "198.51.100.9" not in rows and "wangli" not in rows and "GEHEIM" not in rows


# ---- passwords issued ----


def test_a_sheet_of_initial_passwords_is_kept_nowhere(fresh_county):
    initial = initial_password_of(fresh_county, "王丽")
    with as_tenant(fresh_county.tenant_id):
        person = Person.objects.get(pk=fresh_county.people["王丽"].pk)
        assert initial not in person.password and person.password.startswith("argon2$argon2id$")


def test_a_dean_issues_passwords_to_teachers_and_not_to_the_principal(fresh_county):
    from qingfu.units.queries import Forbidden

    with as_tenant(fresh_county.tenant_id):
        dean = fresh_county.actor("周涛")
        issue_initial_passwords(dean, [fresh_county.people["王丽"]])
        for name in ("孙校长", "何老师", "管理员"):
            with pytest.raises(Forbidden):
                issue_initial_passwords(dean, [fresh_county.people[name]])


def test_tomorrows_principal_counts_as_one_today(fresh_county):
    from qingfu.units.queries import Forbidden

    with as_tenant(fresh_county.tenant_id):
        appoint(fresh_county.actor("管理员"), fresh_county.people["王丽"], fresh_county.schools["青禾县实验小学"],
                "principal", starts=timezone.localdate() + timedelta(days=1))  # fmt: skip
        with pytest.raises(Forbidden):
            issue_initial_passwords(fresh_county.actor("周涛"), [fresh_county.people["王丽"]])


def test_a_year_after_leaving_the_name_is_forgotten(fresh_county):
    from qingfu.units.actions import forget_left_people

    with as_tenant(fresh_county.tenant_id):
        leave(fresh_county.actor("管理员"), fresh_county.people["王丽"], date(2026, 9, 30))
        assert forget_left_people(date(2027, 9, 30)) == 0
        assert forget_left_people(date(2027, 10, 1)) == 1
        person = Person.objects.get(pk=fresh_county.people["王丽"].pk)
        assert (person.name, person.password) == ("", "")


def test_tokens_of_steps_are_no_sessions(fresh_county):
    for kind in (Token.Kind.CODE, Token.Kind.SETUP):
        assert signed_in_as(fresh_county, "王丽", kind).get("/me/").status_code == 302
