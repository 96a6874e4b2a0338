"""Every address of the room, tried as every role and as nobody."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from qingfu.homework.urls import urlpatterns
from tests.units.browser import signed_in_as

PEOPLE = ("王丽", "李强", "赵敏", "周涛", "孙校长", "刘科长", "管理员")

#             teacher  class t.  grade head  dean  principal  officer  admin
PAGES = {
    "today":     "200  200       403         403   403        403      403",
    "new":       "200  200       403         403   403        403      403",
    "plan":      "200  200       403         403   403        403      403",
    "plan_print": "200 200       403         403   403        403      403",
    "plans":     "403  403       200         200   403        403      403",
    "materials": "403  403       403         200   200        403      403",
    "waivers":   "403  403       403         403   200        403      200",
    "withdrawals": "403 200      200         200   200        403      403",
}  # fmt: skip
FORMS = ("lint", "read", "preview", "post", "confirm", "ask", "plan_preview", "plan_copy")
OTHERS = {
    "withdraw", "second", "answer", "withdraw_ask", "plan_drop", "plan_approval", "plan_decide", "material_end",
    "waiver_revoke",
}  # fmt: skip


def address(name: str) -> str:
    route = next(one for one in urlpatterns if one.name == name)
    return reverse(f"homework:{name}", args=[1] * len(route.pattern.converters))


def test_every_address_is_in_a_table():
    assert {one.name for one in urlpatterns} == {*PAGES, *FORMS, *OTHERS}


@pytest.mark.parametrize("name", PAGES)
def test_who_may_open_a_page(county, name):
    found = [signed_in_as(county, person).get(address(name)).status_code for person in PEOPLE]
    assert found == [int(status) for status in PAGES[name].split()]


@pytest.mark.parametrize("name", FORMS)
def test_only_who_teaches_may_send_a_form_of_posting(county, name):
    for person in PEOPLE[2:]:
        assert signed_in_as(county, person).post(address(name)).status_code == 403


@pytest.mark.parametrize("name", sorted(OTHERS - {"withdraw", "second", "plan_approval"}))
@pytest.mark.parametrize("person", PEOPLE)
def test_what_is_not_there_is_nobodys(county, name, person):
    assert signed_in_as(county, person).post(address(name), {"note": "没有这一份"}).status_code == 403


@pytest.mark.parametrize("name", [*FORMS, *sorted(OTHERS)])
def test_what_changes_something_is_not_a_link(county, name):
    assert signed_in_as(county, "王丽").get(address(name)).status_code == 405


@pytest.mark.parametrize("name", [one.name for one in urlpatterns])
def test_nobody_gets_in_without_a_session(cluster, name):
    response = Client().get(address(name)) if name in PAGES else Client().post(address(name))
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")
