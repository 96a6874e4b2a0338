"""The program's own cost: summed by role and school, charged to its limits once a week."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from qingfu.ledger.models import Demand
from qingfu.site.models import Usage
from qingfu.site.usage import measure
from qingfu.site.usage.actions import add_usage, charge_weeks
from qingfu.site.usage.queries import holders, minutes_this_week
from qingfu.units.tenancy import as_tenant

SCHOOL = "青禾县实验小学"
MONDAY = date(2026, 11, 16)


def spend(county, role: str, day: date, seconds: int) -> None:
    add_usage({(county.tenant_id, county.schools[SCHOOL].pk, role, day): seconds})


def test_seconds_add_up_by_school_role_and_day(fresh_county):
    spend(fresh_county, "teacher", MONDAY, 40)
    spend(fresh_county, "teacher", MONDAY, 20)
    with as_tenant(fresh_county.tenant_id):
        assert [(u.role, u.day, u.seconds) for u in Usage.objects.all()] == [("teacher", MONDAY, 60)]


def test_the_mean_is_over_everybody_who_holds_the_role(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        assert holders(fresh_county.schools[SCHOOL].pk, "teacher", MONDAY) == 3  # 王丽 李强 陈静
    spend(fresh_county, "teacher", MONDAY, 360)
    with as_tenant(fresh_county.tenant_id):
        assert minutes_this_week(fresh_county.schools[SCHOOL].pk, "teacher", MONDAY) == 2


def test_a_week_that_is_over_goes_to_the_ledger_and_its_sums_go(fresh_county, national):
    spend(fresh_county, "teacher", MONDAY, 600)
    spend(fresh_county, "teacher", MONDAY + timedelta(days=2), 120)
    spend(fresh_county, "teacher", MONDAY + timedelta(days=7), 30)
    answers = charge_weeks(fresh_county.tenant_id, MONDAY + timedelta(days=8))
    assert [answer.ok for answer in answers] == [True]
    with as_tenant(fresh_county.tenant_id):
        demand = Demand.objects.get(kind="system_use")
        assert demand.stated_minutes == 4  # twelve minutes among three teachers
        assert demand.attributes["persons"] == 3
        assert [u.seconds for u in Usage.objects.all()] == [30]


def test_charging_again_changes_nothing(fresh_county, national):
    spend(fresh_county, "dean", MONDAY, 600)
    later = MONDAY + timedelta(days=7)
    assert len(charge_weeks(fresh_county.tenant_id, later)) == 1
    assert charge_weeks(fresh_county.tenant_id, later) == []


@pytest.mark.parametrize(
    ("name", "role"),
    [("王丽", "teacher"), ("李强", "class_teacher"), ("周涛", "dean"), ("孙校长", "dean"), ("刘科长", None)],
)
def test_of_several_roles_the_one_with_the_widest_limit_counts(fresh_county, name, role):
    assert measure.counted_role(fresh_county.actor(name)) == role


def page(county, name: str | None, cookie: str = ""):
    request = RequestFactory().get("/today")
    if cookie:
        request.COOKIES[measure.COOKIE] = cookie

    def view(request):
        if name:
            request.actor = county.actor(name)
        return HttpResponse()

    middleware = measure.MeasureUse(view)
    return middleware(request), middleware.sums


def test_a_page_by_itself_counts_as_a_glance(fresh_county):
    _, sums = page(fresh_county, "王丽")
    assert list(sums.values()) == [measure.GLANCE_SECONDS]


def test_the_time_between_two_pages_counts(fresh_county):
    import time

    cookie = signing.dumps(int(time.time()) - 30, salt=measure.COOKIE)
    _, sums = page(fresh_county, "王丽", cookie)
    assert 30 <= next(iter(sums.values())) <= 32


def test_a_forged_moment_counts_as_a_glance(fresh_county):
    _, sums = page(fresh_county, "王丽", "1:forged:signature")
    assert list(sums.values()) == [measure.GLANCE_SECONDS]


def test_the_moment_travels_closed_where_the_site_does(fresh_county):
    with override_settings(CSRF_COOKIE_SECURE=True):
        response, _ = page(fresh_county, "王丽")
    assert response.cookies[measure.COOKIE]["secure"] and response.cookies[measure.COOKIE]["httponly"]


def test_parents_are_not_measured(fresh_county):
    response, sums = page(fresh_county, None)
    assert sums == Counter() and measure.COOKIE not in response.cookies
