"""Spark finds what DuckDB finds, row for row."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from qingfu.lake.audit.limits import audit
from qingfu.lake.reading import open_lake
from tests.lake.making import write_lake
from tests.lake.test_audit import FIRST, LAST, lakes

EXAMPLES = 20


def rows(folder: Path, engine: str) -> list[dict]:
    lake = open_lake(folder, engine=engine)
    return audit(lake, FIRST - timedelta(days=1), LAST + timedelta(days=60)).rows.to_pylist()


@given(lakes())
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
def test_both_engines_give_the_same_rows(made):
    with tempfile.TemporaryDirectory() as folder:
        write_lake(Path(folder), made)
        assert rows(Path(folder), "local[2]") == rows(Path(folder), "duckdb")
