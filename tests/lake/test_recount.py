"""Three ways to one figure: the catalogue's expressions, the Parquet rows, and the database, to the last digit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from qingfu.lake.actions import export_lake
from qingfu.lake.indicators import figures
from qingfu.lake.reading import open_lake
from qingfu.ledger.actions import record
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Demand
from qingfu.units.queries import actor_of, operator_actor
from qingfu.units.tenancy import as_tenant

from . import recount_a, recount_b

TODAY = timezone.localdate()
SPANS = [(TODAY - timedelta(days=150), TODAY), (TODAY - timedelta(days=17), TODAY - timedelta(days=3))]


@pytest.fixture(scope="module")
def folder(demonstration, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake")
    with as_tenant(demonstration.pk):
        _lay_on_two_days()
    export_lake(operator_actor(demonstration), demonstration, folder)
    return folder


def _lay_on_two_days() -> None:
    """Some classes have homework that is done on a day and the next."""
    earlier = Demand.objects.filter(kind="homework", attributes__form="written", day__gte=TODAY - timedelta(days=12))
    for one in earlier.order_by("day", "pk")[:9]:
        draft = Draft(
            one.bearer_id, one.day, subject=one.subject, text="小课题", minutes=40,
            attributes={"form": "written", "required": True, "place": "家庭"},
            split={one.day: 15, one.day + timedelta(days=1): 25},
        )  # fmt: skip
        assert record(actor_of(one.issuer_id), draft.for_bearers([one.bearer_id]), f"two-days-{one.pk}", "补记").ok


@pytest.mark.parametrize(("first", "last"), SPANS)
def test_both_recomputations_say_what_the_indicators_say(demonstration, folder, first, last):
    from_files = recount_a.recount(folder, demonstration.code, first, last)
    from_rows = recount_b.recount(demonstration.pk, first, last, TODAY)
    found = figures(open_lake(folder), from_files, demonstration.pk, first, last)
    computed = {one.indicator.id: str(one.value) for one in found}
    assert computed == from_files == from_rows
    assert Decimal(computed["homework_days_over"]) > 0  # it did not agree for want of anything to count
