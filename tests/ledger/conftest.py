"""The county of the tests in this folder lives under the real national rulebook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

import pytest
from django.utils import timezone

from qingfu.ledger.actions import sync_national
from qingfu.ledger.drafts import Draft
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant
from tests.factories import County, make_county

WRITTEN = {"form": "written", "required": True, "place": "家庭"}
G3_6 = "cn.homework.written.g3-6"
_serial = count(1)


@pytest.fixture(scope="session")
def national(cluster):
    """The national packs of this release, published once for the run."""
    make_county()
    return sync_national()


@pytest.fixture
def county(national) -> County:
    return make_county()


@pytest.fixture
def three1(county):
    """三(1)班: grade 3, 60 minutes of written homework a school day."""
    return county.class_("三(1)班")


@pytest.fixture
def evening() -> date:
    """The next school day."""
    return load_calendar().next_school_day(timezone.localdate())


@pytest.fixture
def written(three1, evening):
    """A draft of written homework: ``written("语文", 20)``."""

    def make(subject: str, minutes: int, **more) -> Draft:
        given = {
            "bearer_id": three1.pk,
            "day": evening,
            "attributes": WRITTEN,
            "text": f"{subject}练习",
            **more,
        }
        return Draft(subject=subject, minutes=minutes, **given)

    return make


def new_key() -> str:
    """An idempotency key that no other request has."""
    return f"key-{next(_serial)}"


@dataclass
class Rows:
    """Reads tables of one county: ``Rows(county)(Budget)``."""

    county: County

    def __call__(self, model, **where) -> list:
        with as_tenant(self.county.tenant_id):
            return list(model.objects.filter(**where).order_by("pk"))


@pytest.fixture
def rows(county) -> Rows:
    return Rows(county)
