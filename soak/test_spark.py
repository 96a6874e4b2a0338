"""Spark finds what DuckDB finds, row for row: in the process, and on a cluster with workers of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings

from bench.lake_province import write_province
from qingfu.lake.audit.limits import audit
from qingfu.lake.reading import open_lake
from soak.cluster import cluster
from tests.lake.closing import YEAR
from tests.lake.closing import lakes as closing_lakes
from tests.lake.making import write_lake
from tests.lake.test_audit import FIRST, LAST, lakes

EXAMPLES, CLOSING = 20, 4
BEGIN, END = date(2025, 9, 1), date(2025, 10, 31)


def rows(folder: Path, engine: str) -> list[dict]:
    lake = open_lake(folder, engine=engine)
    return audit(lake, FIRST - timedelta(days=1), LAST + timedelta(days=60)).rows.to_pylist()


@given(lakes())
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
)
def test_both_engines_give_the_same_rows(made):
    with tempfile.TemporaryDirectory() as folder:
        write_lake(Path(folder), made)
        assert rows(Path(folder), "local[2]") == rows(Path(folder), "duckdb")


@given(closing_lakes())
@settings(
    max_examples=CLOSING, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
)
def test_both_engines_give_the_same_rows_where_windows_end(made):
    with tempfile.TemporaryDirectory() as folder:
        write_lake(Path(folder), made)
        both = [audit(open_lake(Path(folder), engine=engine), *YEAR).rows for engine in ("local[2]", "duckdb")]
    assert both[0].to_pylist() == both[1].to_pylist()


def test_a_cluster_of_two_workers_gives_the_same_rows(tmp_path):
    write_province(tmp_path / "lake", 2, 40, BEGIN, END)
    with cluster(2) as address:
        on_spark = audited(tmp_path, address)
    here = audited(tmp_path, "duckdb")
    assert here.num_rows > 10
    assert on_spark.equals(here)


def audited(folder: Path, engine: str):
    """What `qingfu audit` finds, in a process of its own: a process has one session of Spark only."""
    span = ["--from", str(BEGIN), "--to", str(END)]
    out = folder / "found.parquet"
    command = [sys.executable, "-m", "qingfu.cli", "audit", folder / "lake", *span, "--engine", engine, "--out", out]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return pq.read_table(out)
