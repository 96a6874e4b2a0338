"""Every address of this room × every role: who gets in, what is shown, and that a refusal changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import get_resolver

from qingfu.units.actions import found_county, open_session, print_slips, promote, upload_workbook
from qingfu.units.models import (
    AuditRecord,
    ClosedTerm,
    Family,
    Membership,
    Person,
    Promotion,
    Seat,
    Token,
    Unit,
    Upload,
)
from qingfu.units.tenancy import as_tenant
from qingfu.units.web import SESSION_COOKIE
from tests.factories import make_county
from tests.units.books import book, small_county
from tests.units.browser import signed_in_as
from tests.units.test_sessions import scan

ROLES = ("王丽", "李强", "赵敏", "周涛", "孙校长", "刘科长", "管理员", "吴校长")
#        teacher class_t grade  dean   principal officer  admin  the other principal

GETS = {
    "me/": "x x x x x x x x",
    "manage/": "- - - x x x x x",
    "manage/units/{school}/": "- - - x x x x -",
    "manage/units/{county}/": "- - - - - x x -",
    "manage/units/{school}/classes/": "- - - x x x x -",
    "manage/people/{person}/": "- - - x x x x -",
    "manage/people/{chief}/": "- - - - - x x -",
    "manage/units/{school}/links/": "- - - x x - x -",
    "manage/units/{class_}/links/": "- x - x x - x -",
    "manage/import/": "- - - - - - x -",
    "manage/import/template/": "- - - - - - x -",
    "manage/import/{upload}/": "- - - - - - x -",
    "manage/year/": "- - - - - - x -",
    "manage/trail/": "- - - - x - x x",
}
POSTS = {
    "manage/units/{school}/": "- - - - - - x -",
    "manage/units/{school}/passwords/": "- - - x x - x -",
    "manage/people/{person}/": "- - - - - - x -",
    "manage/people/{person}/cut/": "- - - x x - x -",
    "manage/people/{person}/password/": "- - - x x - x -",
    "manage/people/{principal}/password/": "- - - - x - x -",
    "manage/people/{person}/code/": "- - - x x - x -",
    "manage/people/{person}/leave/": "- - - - - - x -",
    "manage/roles/{role}/end/": "- - - - - - x -",
    "manage/units/{class_}/links/class/replace/": "- x - x x - x -",
    "manage/units/{class_}/slips/": "- - - x x - x -",
    "manage/units/{class_}/families/join/": "- - - x x - x -",
    "manage/seats/{seat}/replace/": "- - - x x - x -",
    "manage/seats/{seat}/split/": "- - - x x - x -",
    "manage/year/close/": "- - - - - - x -",
    "manage/year/promotions/{promotion}/undo/": "- - - - - - x -",
    "manage/year/terms/0/reopen/": "- - - - - - x -",
}
FORM = {
    "name": "新老师", "account": "xinlaoshi", "role": "dean", "unit": "{school}", "starts": "2026-09-01",
    "last_day": "2030-01-01", "term_id": "2026-2027-1", "number": "1", "code": "aaaa-bbbb",
}  # fmt: skip
OPEN = {"heads/", "login/", "login/code/", "login/setup/", "login/screen/", "login/screen/<str:code>/", "logout/"}
OWN = {
    "me/sessions/<int:token_id>/cut/", "manage/year/promote/", "manage/import/<int:upload_id>/discard/",
}  # fmt: skip
"""Addresses that act on what is one's own or in scope, and answer everybody else with nothing done: tested below."""


@pytest.fixture
def place(fresh_county):
    """A county with something behind every number in an address."""
    return with_numbers(fresh_county)


@pytest.fixture(scope="module")
def seen(cluster):
    """The same for tests that change nothing."""
    return with_numbers(make_county())


@pytest.fixture(scope="module")
def stranger(cluster):
    return make_county()


def with_numbers(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        admin = fresh_county.actor("管理员")
        seat = print_slips(fresh_county.actor("周涛"), fresh_county.class_("三(1)班"))[0]
        junior = fresh_county.schools["青禾县第一中学"]
        serial = str(fresh_county.tenant_id)
        numbers = {
            "school": fresh_county.schools["青禾县实验小学"].pk, "county": fresh_county.unit.pk,
            "class_": fresh_county.class_("三(1)班").pk, "person": fresh_county.people["王丽"].pk, "seat": seat.pk,
            "chief": fresh_county.people["刘科长"].pk, "principal": fresh_county.people["孙校长"].pk,
            "role": Membership.objects.filter(person=fresh_county.people["王丽"]).first().pk,
            "upload": upload_workbook(admin, fresh_county.unit, "a.xlsx", book(small_county(serial))).pk,
            "promotion": promote(admin, junior, 2027, 2, today=date(2027, 8, 20)).pk,
        }  # fmt: skip
    return fresh_county, numbers


def address(pattern: str, numbers: dict) -> str:
    return "/" + pattern.format(**numbers)


def form_of(numbers: dict) -> dict:
    return {name: value.format(**numbers) for name, value in FORM.items()}


def test_every_address_of_this_room_is_in_a_table():
    tested = {_shape(pattern) for pattern in [*GETS, *POSTS]} | {_shape(pattern) for pattern in OPEN | OWN}
    there = {_shape(str(entry.pattern)) for entry in _entries()}
    assert there == tested


def _entries():
    rooms = get_resolver().url_patterns
    return next(room.url_patterns for room in rooms if getattr(room, "namespace", "") == "units")


def _shape(pattern: str) -> str:
    import re

    return re.sub(
        r"<[^>]*>|\{[^}]*\}|/0/|links/class/",
        lambda found: {"/0/": "/#/", "links/class/": "links/#/"}.get(found[0], "#"),
        pattern,
    )


@pytest.mark.parametrize("pattern", GETS)
def test_who_gets_in(seen, pattern):
    county, numbers = seen
    got = []
    for name in ROLES:
        answer = signed_in_as(county, name).get(address(pattern, numbers))
        assert answer.status_code in {200, 302, 403}, (name, answer.status_code)
        got.append("-" if answer.status_code == 403 else "x")
    assert " ".join(got) == GETS[pattern]


@pytest.mark.parametrize("pattern", POSTS)
def test_who_may_change(place, pattern):
    """Whoever may not is told so with 403 — or sees the page without its form — and nothing has changed."""
    county, numbers = place
    for name, mark in zip(ROLES, POSTS[pattern].split(), strict=True):
        if mark == "x":
            continue
        before = fingerprint(county)
        answer = signed_in_as(county, name).post(address(pattern, numbers), form_of(numbers))
        assert answer.status_code in {403, 200} and fingerprint(county) == before, name
    for name, mark in zip(ROLES, POSTS[pattern].split(), strict=True):
        if mark == "x":
            answer = signed_in_as(county, name).post(address(pattern, numbers), form_of(numbers))
            assert answer.status_code in {200, 302}, name


def fingerprint(county) -> list:
    """Everything in the county but the sessions."""
    with as_tenant(county.tenant_id):
        models = (Unit, Person, Membership, Seat, Family, AuditRecord, Promotion, ClosedTerm, Upload)
        rows = [list(model.objects.order_by("pk").values()) for model in models]
        return [*rows, list(Token.objects.exclude(kind="session").order_by("pk").values())]


@pytest.mark.parametrize("pattern", [*GETS, *POSTS])
def test_without_a_session_every_address_leads_to_sign_in(seen, pattern):
    _county, numbers = seen
    client = Client()
    answer = (
        client.post(address(pattern, numbers), form_of(numbers))
        if pattern in POSTS
        else client.get(address(pattern, numbers))
    )
    assert answer.status_code == 302 and answer.url.startswith("/login/")


@pytest.mark.parametrize("pattern", [pattern for pattern in [*GETS, *POSTS] if "{" in pattern])
def test_another_countys_number_answers_like_one_that_is_not_there(seen, stranger, pattern):
    _county, numbers = seen
    nothing = dict.fromkeys(numbers, 10**12)
    for name in ("管理员", "孙校长"):
        client = signed_in_as(stranger, name)
        answers = []
        for given in (numbers, nothing):
            send = client.post if pattern in POSTS else client.get
            answer = send(address(pattern, given), form_of(nothing))
            answers.append((answer.status_code, answer.content if answer.status_code == 403 else b""))
        assert answers[0][0] == answers[1][0] and answers[0][0] in {302, 403, 404}


def test_a_session_of_a_classroom_computer_opens_no_page_of_administration(seen):
    county, numbers = seen
    for name in ("孙校长", "管理员"):
        client = signed_in_as(county, name, Token.Kind.SCREEN)
        for pattern in GETS:
            if pattern != "me/":
                assert client.get(address(pattern, numbers)).status_code == 403, pattern


def test_requests_of_two_counties_take_turns_on_one_connection(cluster):
    from django.db import connection

    here, there = make_county(), make_county()
    clients = [(signed_in_as(county, "管理员"), county) for county in (here, there)]
    pids = set()
    for _ in range(10):
        for client, county in clients:
            page = client.get("/manage/").content.decode()
            pids.add(connection.connection.info.backend_pid)
            assert county.schools["青禾县实验小学"].code in page
            assert all(
                other.schools["青禾县实验小学"].code not in page for other in (here, there) if other is not county
            )
    assert len(pids) == 1


def test_a_page_says_not_to_be_kept_by_caches(seen):
    county, numbers = seen
    client = signed_in_as(county, "管理员")
    for pattern in GETS:
        if "template" not in pattern:
            assert "no-store" in client.get(address(pattern, numbers))["Cache-Control"], pattern


def test_no_page_has_inline_style_or_script(seen):
    county, numbers = seen
    for name in ("管理员", "孙校长"):
        client = signed_in_as(county, name)
        for pattern in GETS:
            answer = client.get(address(pattern, numbers))
            if answer.status_code == 200 and "html" in answer["Content-Type"]:
                page = answer.content.decode()
                assert " style=" not in page and "<style" not in page and " onclick" not in page
                assert "<script>" not in page


# ---- what the pages do ----


def test_the_workbook_goes_from_template_to_stored_in_three_steps(fresh_county):
    client = signed_in_as(fresh_county, "管理员")
    template = b"".join(client.get("/manage/import/template/").streaming_content)
    assert template.startswith(b"PK")
    sheets = small_county(str(fresh_county.tenant_id))
    file = BytesIO(book(sheets))
    file.name = "开学.xlsx"
    answer = client.post("/manage/import/", {"workbook": file})
    preview = client.get(answer.url).content.decode()
    assert "没有错误，可以导入" in preview and "清水镇中心小学" in preview
    with as_tenant(fresh_county.tenant_id):
        assert not Unit.objects.filter(name="清水镇中心小学").exists()
    done = client.post(answer.url, {"on": "2026-09-01"})
    assert done.url == "/manage/"
    assert "清水镇中心小学" in client.get("/manage/").content.decode()
    assert client.get(answer.url).url == "/manage/import/"  # the file is gone


def test_faults_stand_on_the_preview_and_are_taken_only_when_told(fresh_county):
    client = signed_in_as(fresh_county, "管理员")
    sheets = small_county(str(fresh_county.tenant_id))
    sheets["年级班级"].append((sheets["学校"][0][0], "高一", 1, "", 40))
    file = BytesIO(book(sheets))
    file.name = "a.xlsx"
    url = client.post("/manage/import/", {"workbook": file}).url
    preview = client.get(url).content.decode()
    assert "1 行里有 1 处要改" in preview and "B6" in preview
    assert "还有错误" in client.post(url, {"on": "2026-09-01"}).content.decode()
    assert client.post(url, {"on": "2026-09-01", "skip_bad": "on"}).status_code == 302


def test_a_file_that_is_no_workbook_is_answered_on_the_page(fresh_county):
    client = signed_in_as(fresh_county, "管理员")
    for content, says in (
        (b"hello", "不是 Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"x" * (11 * 2**20), "太大"),
    ):
        file = BytesIO(content)
        file.name = "a.xlsx"
        assert says in client.post("/manage/import/", {"workbook": file}).content.decode()
    assert "请先选一个文件" in client.post("/manage/import/").content.decode()
    with as_tenant(fresh_county.tenant_id):
        assert not Upload.objects.exists()


def test_initial_passwords_are_shown_once(fresh_county):
    client = signed_in_as(fresh_county, "周涛")
    school = fresh_county.schools["青禾县实验小学"].pk
    sheet = client.post(f"/manage/units/{school}/passwords/").content.decode()
    assert sheet.count('class="slip"') == 4 and "孙校长" not in sheet  # a dean issues none to the principal
    assert "没有要发的密码" in client.post(f"/manage/units/{school}/passwords/").content.decode()


def test_slips_are_printed_ten_to_a_sheet(fresh_county):
    client = signed_in_as(fresh_county, "周涛")
    class_ = fresh_county.class_("三(1)班").pk
    page = client.post(f"/manage/units/{class_}/slips/").content.decode()
    assert page.count('class="slip"') == 45 and page.count('class="sheet"') == 5


def test_grades_move_up_from_the_page_and_back(fresh_county, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2027, 8, 20))
    client = signed_in_as(fresh_county, "管理员")
    school = fresh_county.schools["青禾县实验小学"].pk
    page = client.get("/manage/year/").content.decode()
    assert "六(1)班、六(2)班" in page and "2 所学校还没有升级" in page
    client.post("/manage/year/promote/", {"into": "2027", "school": [school], f"new-{school}": "3"})
    with as_tenant(fresh_county.tenant_id):
        promotion = Promotion.objects.get()
        assert Unit.objects.filter(kind="class", entered=2027).count() == 3
    assert "1 所学校还没有升级" in client.get("/manage/year/").content.decode()
    client.post(f"/manage/year/promotions/{promotion.pk}/undo/")
    assert "2 所学校还没有升级" in client.get("/manage/year/").content.decode()


@pytest.mark.parametrize(
    ("term", "last_day", "says"),
    [
        ("2026-2028-1", "2027-01-22", "学年的两个年份要相连"),
        ("2026-2027-1", "2027-05-20", "不在学期 2026-2027-1 里"),
        ("2026-2027-2", "2026-11-20", "不在学期 2026-2027-2 里"),
        ("2026-2027-2", "2036-06-20", "不在学期 2026-2027-2 里"),
        ("本学期", "2027-01-22", "学期要写成 2026-2027-1 的样子"),
        ("2026-2027-1", "", "最后一天"),
    ],
)
def test_a_term_is_closed_on_a_day_of_its_own_and_no_other(fresh_county, term, last_day, says):
    client = signed_in_as(fresh_county, "管理员")
    sent = {"term_id": term, "last_day": last_day, "end_teaching": "on"}
    before = fingerprint(fresh_county)
    assert says in client.post("/manage/year/close/", sent, follow=True).content.decode()
    assert fingerprint(fresh_county) == before


def test_a_term_is_closed_from_the_page(fresh_county):
    client = signed_in_as(fresh_county, "管理员")
    sent = {"term_id": "2026-2027-1", "last_day": "2027-01-22"}
    assert "学期已结束" in client.post("/manage/year/close/", sent, follow=True).content.decode()
    assert "已经结束了" in client.post("/manage/year/close/", sent, follow=True).content.decode()


def test_schools_that_are_where_they_belong_stand_folded_behind_one_line(fresh_county):
    client = signed_in_as(fresh_county, "管理员")
    settled = client.get("/manage/year/?into=2020")
    assert settled.context["rows"] == [] and len(settled.context["settled"]) == 2
    page = settled.content.decode()
    assert "没有要升级的学校" in page and "2 所学校已经在这个学年" in page
    assert "青禾县实验小学" not in page.split("<h1>")[1].split("<details")[0]
    assert 'form="promote"' not in page


def test_a_teacher_moves_no_grade(fresh_county):
    before = fingerprint(fresh_county)
    school = fresh_county.schools["青禾县实验小学"].pk
    for name in ("王丽", "孙校长", "刘科长"):
        signed_in_as(fresh_county, name).post("/manage/year/promote/", {"into": "2027", "school": [school]})
    assert fingerprint(fresh_county) == before


def test_nobody_throws_away_another_ones_upload(place):
    county, numbers = place
    signed_in_as(county, "孙校长").post(f"/manage/import/{numbers['upload']}/discard/")
    with as_tenant(county.tenant_id):
        assert Upload.objects.exists()
    signed_in_as(county, "管理员").post(f"/manage/import/{numbers['upload']}/discard/")
    with as_tenant(county.tenant_id):
        assert not Upload.objects.exists()


def test_a_role_must_fit_its_place(fresh_county):
    client = signed_in_as(fresh_county, "管理员")
    wangli = fresh_county.people["王丽"].pk
    form = {"role": "class_teacher", "unit": fresh_county.schools["青禾县实验小学"].pk, "starts": "2026-09-01"}
    assert "这个职务在班里" in client.post(f"/manage/people/{wangli}/", form).content.decode()
    form["unit"] = fresh_county.class_("三(1)班").pk
    assert client.post(f"/manage/people/{wangli}/", form).status_code == 302
    assert "这项任命已经有了" in client.post(f"/manage/people/{wangli}/", form).content.decode()


def test_the_trail_is_filtered_on_its_page(seen):
    county, _numbers = seen
    client = signed_in_as(county, "管理员")
    assert "打印家庭码" in client.get("/manage/trail/?person=李强").content.decode()
    assert "没有符合的记录" in client.get("/manage/trail/?person=王丽").content.decode()
    assert "没有符合的记录" in client.get("/manage/trail/?day=2020-01-01").content.decode()
    assert client.get("/manage/trail/?day=never&page=999&action=%00'").status_code == 200


def test_a_classroom_screen_confirmed_by_a_stranger_shows_the_strangers_county_only(fresh_county):
    other = make_county()
    screen = Client()
    signed_in_as(other, "何老师").post(scan(screen.get("/login/screen/").content))
    screen.get("/login/screen/")
    assert "何老师" in screen.get("/me/").content.decode()


def test_every_printed_address_opens_a_page_without_sign_in(place):
    from qingfu.units.actions import code_of, issue_link
    from qingfu.units.queries import PUBLIC_PATHS

    county, numbers = place
    with as_tenant(county.tenant_id):
        codes = {
            "class": issue_link("class", county.tenant_id, numbers["class_"]),
            "board": issue_link("board", county.tenant_id, numbers["class_"]),
            "school": issue_link("school", county.tenant_id, numbers["school"]),
            "calendar": issue_link("calendar", county.tenant_id, numbers["school"]),
            "family": code_of(Seat.objects.get(pk=numbers["seat"]).family),
        }
    assert set(PUBLIC_PATHS) - set(codes) == {"figures"}  # sent, not printed: tests/reports/test_work_pages.py opens it
    for kind, code in codes.items():
        assert Client().get(PUBLIC_PATHS[kind].format(code)).status_code == 200, kind
    for kind, path in PUBLIC_PATHS.items():
        assert Client().get(path.format("0" * 24)).status_code == 404, kind


def test_every_code_on_paper_opens_a_page(place, monkeypatch):
    """Slips, the sheet of links, the school's poster, the sheet of passwords: as drawn, not as we think it is drawn."""
    from qingfu.site.templatetags import qingfu_ui
    from qingfu.units.actions import issue_link

    drawn, draw = [], qingfu_ui.segno.make
    monkeypatch.setattr(qingfu_ui.segno, "make", lambda text, **how: drawn.append(text) or draw(text, **how))
    county, numbers = place
    dean = signed_in_as(county, "周涛")
    dean.post(address("manage/units/{class_}/slips/", numbers))
    dean.get(address("manage/units/{class_}/links/", numbers))
    dean.get(address("manage/units/{school}/links/", numbers))
    dean.post(address("manage/units/{school}/passwords/", numbers))
    with as_tenant(county.tenant_id):
        token = issue_link("school", county.tenant_id, numbers["school"])
    Client().get(f"/s/{token}/poster")
    assert len(drawn) >= 45 + 2 + 1 + 1
    for text in drawn:
        assert Client().get(text.removeprefix("http://testserver")).status_code == 200, text


def test_a_refusal_has_a_heading_for_who_hears_the_page(fresh_county):
    answer = signed_in_as(fresh_county, "王丽").get("/manage/")
    assert answer.status_code == 403
    assert "<h1" in answer.content.decode()


def test_a_new_county_is_led_from_its_empty_home_to_the_workbook_and_from_there_to_the_passwords(fresh_county):
    above = ["全国", "江南省", "临江市"]
    county, _plain = found_county(f"NEU{fresh_county.tenant_id}", "新县", above, "admin", "县级管理员")
    with as_tenant(county.pk):
        admin = open_session(Person.objects.get(account="admin"), "测试", timedelta(hours=1), code_given=True)
    client = Client()
    client.cookies[SESSION_COOKIE] = admin
    assert 'href="/manage/import/"' in client.get("/county/").content.decode()
    file = BytesIO(book(small_county(county.code)))
    file.name = "a.xlsx"
    preview = client.post("/manage/import/", {"workbook": file})
    done = client.post(preview.url, {"on": "2026-09-01"}, follow=True).content.decode()
    assert "打印初始密码" in done
