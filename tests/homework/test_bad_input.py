"""What no browser of ours would send is answered clearly, and nothing of it is stored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from qingfu.homework import actions
from qingfu.rulebook import load_calendar
from tests.homework.conftest import new_key
from tests.homework.test_today import fields_of, text_of
from tests.units.browser import signed_in_as


@pytest.fixture
def wang(county) -> Client:
    return signed_in_as(county, "王丽")


@pytest.fixture
def sent(wang) -> dict:
    """The form of 核对 for one item, as a browser sends it."""
    return fields_of(wang.post("/homework/read/", {"text": "抄写生字2遍", "to": "grade-3"}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("i-0-minutes", ""),
        ("i-0-minutes", "-5"),
        ("i-0-minutes", "9" * 30),
        ("i-0-minutes", "十分钟"),
        ("i-0-text", ""),
        ("i-0-text", "字" * 501),
        ("i-0-form", "sung"),
        ("i-0-place", "操场"),
        ("i-0-due_day", "2026-02-30"),
        ("i-0-due_day", "2020-01-01"),
        ("i-0-subject", "数学"),
        ("to", ""),
        ("to", "c999999999999999999999"),
        ("day", "明天"),
        ("day", "1999-01-01"),
        ("day", "9999-12-31"),
        ("i-TOTAL_FORMS", "many"),
        ("i-TOTAL_FORMS", "5000"),
        ("minutes", "0:-5"),
        ("minutes", "0:99999"),
        ("move", "2030-01-01"),
    ],
)
def test_a_field_that_cannot_be_is_shown_again(wang, sent, stands, field, value):
    response = wang.post("/homework/post/", {**sent, field: [value]})
    assert response.status_code == 200
    assert "核对" in text_of(response)
    assert stands() == []


@pytest.mark.parametrize(("field", "value"), [("minutes", "x"), ("minutes", "7:5"), ("drop", "9"), ("move", "never")])
def test_a_button_that_is_none_of_ours_is_not_found(wang, sent, stands, field, value):
    assert wang.post("/homework/post/", {**sent, field: [value]}).status_code == 404
    assert stands() == []


def test_a_day_in_the_vacation_says_so(wang, sent, stands):
    vacation = timezone.localdate().replace(month=8, day=1)
    assert "假期里" in text_of(wang.post("/homework/post/", {**sent, "day": [vacation.isoformat()]}))
    assert stands() == []


@pytest.mark.parametrize("path", ["withdraw", "second", "confirm", "ask"])
@pytest.mark.parametrize("junk", [{}, {"demand": "x", "item": "x"}, {"demand": "9" * 40, "item": "9" * 40}])
def test_junk_for_ids_harms_nothing(wang, path, junk):
    assert wang.post(f"/homework/{path}/", {**junk, "key": new_key()}).status_code in (200, 302, 403, 404)


def test_a_long_key_is_cut_and_still_works(wang, sent, stands):
    wang.post("/homework/post/", {**sent, "key": ["k" * 5000]})
    assert len(stands()) == 1


def test_a_key_used_for_something_else_is_told(wang, sent, stands):
    wang.post("/homework/post/", sent)
    said = text_of(wang.post("/homework/post/", {**sent, "i-0-text": ["抄写词语"]}))
    assert "刚才已经提交过" in said
    assert len(stands()) == 1


def test_adding_and_removing_lines_keeps_what_was_typed(wang, sent):
    more = wang.post("/homework/post/", {**sent, "i-0-text": ["抄写词语3遍"], "add": "1"})
    assert "抄写词语3遍" in more.content.decode()
    typed = fields_of(more)
    assert typed["i-TOTAL_FORMS"] == ["2"]
    less = wang.post("/homework/post/", {**typed, "i-1-text": ["朗读课文"], "i-1-minutes": ["5"], "remove": "0"})
    assert "朗读课文" in less.content.decode()
    assert "抄写词语3遍" not in less.content.decode()


def test_structured_entry_posts_as_well(wang, stands, evening, county):
    typed = fields_of(wang.get("/homework/new/?to=grade-3"))
    wang.post("/homework/post/", {**typed, "i-0-text": ["抄写第6课词语"], "i-0-minutes": ["9"]})
    assert stands("三(2)班") == [("语文", "抄写第6课词语", 9)]


def test_structured_entry_without_minutes_proposes_them_from_kind_and_amount(wang, stands):
    typed = fields_of(wang.get("/homework/new/?to=grade-3"))
    shown = wang.post("/homework/post/", {**typed, "i-0-text": ["抄写5个生字，每个3遍"]})
    assert "没写用时，替您填了" in text_of(shown) and stands() == []
    wang.post("/homework/post/", fields_of(shown))
    assert [text for _, text, minutes in stands() if minutes] == ["抄写5个生字，每个3遍"]


def test_a_message_of_many_items_says_what_is_left_out(wang):
    text = "\n".join(f"{n}.练习册第{n}页" for n in range(1, 46))
    said = text_of(wang.post("/homework/read/", {"text": text, "to": "grade-3"}))
    assert "还有 15 项没有列出" in said


def test_a_stranger_of_another_county_sees_and_changes_nothing(county, posting, stands):
    from tests.factories import make_county

    done = actions.post_homework(county.actor("王丽"), posting("王丽", "抄写生字", 5), new_key())
    stranger = signed_in_as(make_county(), "王丽")
    assert "抄写生字" not in stranger.get("/today/").content.decode()
    assert stranger.post("/homework/withdraw/", {"demand": list(done.demand_ids), "key": new_key()}).status_code == 403
    assert len(stands()) == 1


def test_posting_asks_for_the_csrf_token(county, sent, stands):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in_as(county, "王丽").cookies
    assert strict.post("/homework/post/", sent).status_code == 403
    assert stands() == []


def test_late_entry_from_the_form_is_marked(wang, sent, county):
    from qingfu.ledger.models import Demand
    from qingfu.units.tenancy import as_tenant

    day = timezone.localdate() - timedelta(days=1)
    while not load_calendar().day(day).is_school_day:
        day -= timedelta(days=1)
    wang.post("/homework/post/", {**sent, "day": [day.isoformat()]})
    with as_tenant(county.tenant_id):
        assert {one.late for one in Demand.objects.all()} == {True}
    assert "补登" in text_of(wang.get("/homework/new/"))
