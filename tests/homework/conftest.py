"""Teachers of a fresh county under the national rulebook."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest
from django.utils import timezone

from qingfu.homework import queries
from qingfu.homework.items import Item, Posting, Target
from qingfu.units.tenancy import as_tenant
from tests.factories import County, make_county
from tests.ledger.conftest import national  # noqa: F401

_serial = count(1)


@pytest.fixture
def county(national) -> County:  # noqa: F811
    return make_county()


@pytest.fixture
def evening(county) -> date:
    """The school day that the page is about: today, or the next one."""
    from qingfu.rulebook import load_calendar

    return queries.working_days(load_calendar(), timezone.localdate())[0]


@pytest.fixture
def next_evening(evening) -> date:
    from qingfu.rulebook import load_calendar

    return load_calendar().next_school_day(evening)


def new_key() -> str:
    return f"hw-key-{next(_serial)}"


def targets_of(county: County, name: str) -> dict[str, Target]:
    """Whom a teacher can give homework to, by name."""
    actor = county.actor(name)
    with as_tenant(county.tenant_id):
        return {target.name: target for target in queries.targets(actor)}


@pytest.fixture
def posting(county, evening):
    """``posting("王丽", "抄写第5课生字2遍", 20, to=["三(1)班"])``: one item of written work for the evening."""

    def make(name: str, text: str, minutes: int, to=("三(1)班",), subject: str = "", day=None, **more) -> Posting:
        mine = targets_of(county, name)
        chosen = tuple(mine[one] for one in to)
        subject = subject or next(iter(chosen[0].subjects))
        given = {"form": "written", "required": True, **more}
        item = Item(subject, text, minutes=minutes, targets=chosen, **given)
        return Posting(day or evening, (item,))

    return make


@pytest.fixture
def stands(county):
    """The posted homework of a class: (subject, text, stated minutes)."""
    from qingfu.ledger.models import Demand

    def read(class_name: str = "三(1)班", **where) -> list[tuple]:
        unit = county.class_(class_name)
        with as_tenant(county.tenant_id):
            rows = Demand.objects.filter(bearer_id=unit.pk, state=Demand.State.POSTED, **where).order_by("id")
            return [(row.subject, row.text, row.stated_minutes) for row in rows]

    return read
