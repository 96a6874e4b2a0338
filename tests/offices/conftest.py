"""The county of this folder's tests. Shared by a module: a test that fills budgets uses a kind or a day of its own,
or ``own_county``."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest
from django.utils import timezone

from qingfu.offices.asking import Asking, Bearer
from tests.ledger.conftest import national  # noqa: F401
from tests.offices.county import OfficeCounty, make_office_county

_serial = count(1)


@pytest.fixture(scope="module")
def county(national) -> OfficeCounty:  # noqa: F811
    return make_office_county()


@pytest.fixture
def own_county(national) -> OfficeCounty:  # noqa: F811
    return make_office_county()


def new_key() -> str:
    return f"office-key-{next(_serial)}"


def asking(kind: str, *units, day: date | None = None, people: int | None = None, **more) -> Asking:
    """What an office asks of units, today unless said otherwise: ``asking("document", village, amounts={…})``."""
    bearers = tuple(Bearer(unit, people) for unit in units)
    return Asking(kind, day or timezone.localdate(), bearers, **more)
