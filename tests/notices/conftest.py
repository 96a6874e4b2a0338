"""A class on a school day: its homework, its families, and a clock that tests may set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import count

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from qingfu.ledger.actions import post
from qingfu.ledger.drafts import Draft
from qingfu.notices import views
from qingfu.notices.models import FamilyCount
from qingfu.notices.pages import kept
from qingfu.rulebook import load_calendar
from qingfu.units.actions import issue_link
from qingfu.units.models import Family, Seat
from qingfu.units.tenancy import as_tenant
from tests.factories import County, make_county
from tests.ledger.conftest import national  # noqa: F401

WRITTEN = {"form": "written", "required": True, "place": "家庭"}
ORAL = {"form": "oral", "required": True, "place": "家庭"}
OPTIONAL = {"form": "practical", "required": False, "place": "家庭"}
TEACHES = {"语文": "王丽", "数学": "李强", "英语": "陈静"}
_serial = count(1)


@pytest.fixture(autouse=True)
def nothing_kept():
    kept.clear()


@pytest.fixture
def county(national) -> County:  # noqa: F811
    return make_county()


@pytest.fixture
def three1(county):
    return county.class_("三(1)班")


@pytest.fixture
def wednesday() -> date:
    """The next Wednesday of an ordinary week: five school days, then two of rest."""
    calendar, day = load_calendar(), timezone.localdate() + timedelta(days=3)
    while not (day.weekday() == 2 and _kinds(calendar, day) == ["school_day"] * 5 + ["rest_day"] * 2):
        day += timedelta(days=1)
    return day


def _kinds(calendar, day: date) -> list[str]:
    """What the days of its week are, from Monday."""
    return [calendar.day(day + timedelta(days=n)).kind for n in range(-2, 5)]


def owned(sql: str, *parameters) -> list[tuple]:
    """What the owner of the database sees and does, all tenants together."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


class Clock:
    """What time the public pages think it is, and the function of the database that says which evening it is."""

    def __init__(self, monkeypatch):
        monkeypatch.setattr(views, "now", lambda: self.moment)
        self.evening = owned("SELECT pg_get_functiondef('notices.evening'::regproc)")[0][0]

    def set(self, day: date, clock: str = "19:30") -> None:
        self.moment = timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))
        owned(self.evening.replace("clock_timestamp()", f"timestamptz '{self.moment.isoformat()}'"))
        kept.clear()

    def put_right(self) -> None:
        owned(self.evening)


@pytest.fixture
def clock(monkeypatch, wednesday) -> Iterator[Clock]:
    """Half past seven on the Wednesday."""
    made = Clock(monkeypatch)
    made.set(wednesday)
    yield made
    made.put_right()


@pytest.fixture
def homework(county, wednesday):
    """Post homework: ``homework("语文", "抄写生字", 12)`` to 三(1)班 on the Wednesday."""

    def give(subject: str, text: str, minutes: int | None, attributes=WRITTEN, **more) -> int:
        bearer = more.pop("unit", None) or county.class_("三(1)班")
        draft = Draft(
            bearer_id=bearer.pk, day=more.pop("day", wednesday), subject=subject, text=text, minutes=minutes,
            attributes=attributes, **more,
        )  # fmt: skip
        answer = post(county.actor(TEACHES[subject]), [draft], f"notices-{next(_serial)}")
        assert answer.ok, answer
        kept.clear()
        return answer.demand_ids[0]

    return give


def link_of(county: County, kind: str, subject_id: int) -> str:
    with as_tenant(county.tenant_id):
        return issue_link(kind, county.tenant_id, subject_id)


def family_of(county: County, *classes) -> str:
    """A new family with a seat in each of ``classes``; the secret part of its link."""
    with as_tenant(county.tenant_id):
        family = Family.objects.create()
        for class_ in classes:
            Seat.objects.create(unit=class_, number=next(_serial), family=family)
        return issue_link("family", county.tenant_id, family.pk)


@pytest.fixture
def family(county, three1) -> str:
    return family_of(county, three1)


def read(token: str, query: str = "") -> str:
    response = Client().get(f"/c/{token}{query}")
    assert response.status_code == 200
    return response.content.decode()


def tap(token: str, query: str = "", **pressed):
    return Client(enforce_csrf_checks=True).post(f"/c/{token}{query}", pressed)


def counts(county: County) -> dict[tuple, int]:
    """(unit, day, kind, band) → count over the whole county, as the owner sees it: the present evening too."""
    with as_tenant(county.tenant_id, using="owner"):
        rows = FamilyCount.objects.using("owner").values_list("unit_id", "day", "kind", "band", "count")
        return {row[:4]: row[4] for row in rows}


def answered(county: County, unit, day: date, kind: str, bands: dict[str, int]) -> None:
    """As if so many families had tapped: counters only the owner may write."""
    with as_tenant(county.tenant_id, using="owner"), connections["owner"].cursor() as cursor:
        for band, number in bands.items():
            cursor.execute(
                "INSERT INTO notices_familycount (tenant_id, unit_id, day, kind, band, count) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                [county.tenant_id, unit.pk, day, kind, band, number],
            )
