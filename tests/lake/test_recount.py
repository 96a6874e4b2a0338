"""Three ways to one figure: the catalogue's expressions, the Parquet rows, and the database, to the last digit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from qingfu.lake.actions import export_lake
from qingfu.lake.indicators import figures
from qingfu.lake.reading import open_lake
from qingfu.units.queries import operator_actor

from . import recount_a, recount_b

TODAY = timezone.localdate()
SPANS = [(TODAY - timedelta(days=150), TODAY), (TODAY - timedelta(days=17), TODAY - timedelta(days=3))]


@pytest.fixture(scope="module")
def folder(demonstration, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake")
    export_lake(operator_actor(demonstration), demonstration, folder)
    return folder


@pytest.mark.parametrize(("first", "last"), SPANS)
def test_both_recomputations_say_what_the_indicators_say(demonstration, folder, first, last):
    from_files = recount_a.recount(folder, demonstration.code, first, last)
    from_rows = recount_b.recount(demonstration.pk, first, last, TODAY)
    found = figures(open_lake(folder), from_files, demonstration.pk, first, last)
    computed = {one.indicator.id: str(one.value) for one in found}
    assert computed == from_files == from_rows
    assert Decimal(computed["homework_days_over"]) > 0  # it did not agree for want of anything to count
