"""The audit of a province and of a county's year: the whole national rulebook and all indicators.

    python bench/lake.py [--full] [--part province|county|curves|spark] [--folder DIR]

- province: 10 counties with 2.5 million demands and 27 million time reports in a school year, with --full 100 counties
  with 25 and 270 million. Beside three limits by hand in DuckDB's SQL, and three rules with rule-engine, a row at a
  time (bars: 0.6 of the SQL, 4 GB)
- dated: one dated limit beside openfisca-core, from the same files, records and arrays (bar: 15 times, which at the
  0.7 million rows/s that openfisca-core is said to do are 10.5 million)
- county: a school year of a county of 2.4 million demands and 26 million time reports (bars: a minute, a what-if 5 s)
- curves: cost against the number of limits, of counties, of years
- spark: `qingfu audit` on a standalone cluster of 1 and 2 workers, the same rows as DuckDB's; of its CPU only the
  command's own is counted

Data: lake_province.py, written as `qingfu lake export` writes it. The three limits are the written minutes of grades
3-6 and of grades 7-9, and written work at home in grades 1-2. All read the same files. Each part is a process of its
own. "CPU" is the time that all cores worked, which says more where others use the machine.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402
import ibis  # noqa: E402
import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from lake_province import county_id, write_province  # noqa: E402

from qingfu.lake import files  # noqa: E402
from qingfu.lake.audit.limits import Audit, audit  # noqa: E402
from qingfu.lake.indicators import catalogue, figures_of_counties  # noqa: E402
from qingfu.lake.reading import Lake, backend_of, open_lake  # noqa: E402
from qingfu.lake.tables import ATTRIBUTE, tables  # noqa: E402
from qingfu.lake.whatif import what_if  # noqa: E402
from qingfu.rulebook import Pack  # noqa: E402

PEERS = ROOT / "bench" / "peers"
ENVIRONMENTS = ROOT / "var" / "bench"
FIRST, LAST = date(2025, 9, 1), date(2026, 7, 10)
SEVERAL_YEARS = 4
COUNTIES, FULL_COUNTIES = 10, 100
CLASSES, CLASSES_OF_A_COUNTY = 107, 1_020  # of a county of the province, and of the county with 26 million reports
THREE = ("cn.homework.written.g3-6", "cn.homework.written.g7-9", "cn.homework.g1-2.home")
ONE = THREE[:1]
SLOW_ROWS, FEW_ROWS = 200_000, 24_000  # for rule-engine, and for openfisca-core on records, which are slow enough
MANY_ROWS = 750_000  # for ours on records: each is a dictionary in memory
PROPOSED = """
[pack]
id = "county.homework"
level = "county"
title = "拟定：三四年级每天 45 分钟"
[documents.own]
title = "拟定"
issued = 2025-09-01
[[limit]]
id = "county.homework.g3-4"
title = "三四年级每天书面作业"
kind = "homework"
where = { form = "written", required = true }
applies = { grades = [3, 4] }
bearer = "class"
form = "at_most"
measure = "minutes"
window = "school_day"
force = "must"
[[limit.value]]
from = 2025-09-01
cap = 45
document = "own"
clause = "一"
confidence = "verbatim"
"""
PLACED = """
WITH placed AS (
    SELECT m.bearer_id, m.day, m.minutes, b.grade, m.attribute_form AS form, m.attribute_required AS required,
           m.attribute_place AS place, d.is_school_day, m.demand_id, m.attempt_id
    FROM read_parquet({demands}) m JOIN read_parquet({bearers}) b ON b.county = m.county AND b.bearer_id = m.bearer_id
    JOIN read_parquet({days}) d ON d.county = m.county AND d.calendar = b.calendar AND d.day = m.day
    WHERE m.kind = 'homework' AND m.stands AND NOT m.emergency AND b.kind = 'class'
)
"""
WINDOWS = """
SELECT count(*) FROM (
    SELECT bearer_id, day FROM placed WHERE form = 'written' AND required = 'true' AND is_school_day
        AND grade BETWEEN 3 AND 6 GROUP BY ALL HAVING sum(minutes) > 60
    UNION ALL
    SELECT bearer_id, day FROM placed WHERE form = 'written' AND required = 'true' AND is_school_day
        AND grade BETWEEN 7 AND 9 GROUP BY ALL HAVING sum(minutes) > 90
    UNION ALL
    SELECT bearer_id, day FROM placed WHERE form = 'written' AND place = '家庭' AND grade < 3)
"""
WHICH = """
SELECT count(*) FROM (
    SELECT demand_id, sum(minutes) OVER asked AS so_far FROM placed
    WHERE form = 'written' AND required = 'true' AND is_school_day AND grade BETWEEN 3 AND 6
    WINDOW asked AS (PARTITION BY bearer_id, day ORDER BY attempt_id RANGE UNBOUNDED PRECEDING) QUALIFY so_far > 60
    UNION ALL
    SELECT demand_id, sum(minutes) OVER asked AS so_far FROM placed
    WHERE form = 'written' AND required = 'true' AND is_school_day AND grade BETWEEN 7 AND 9
    WINDOW asked AS (PARTITION BY bearer_id, day ORDER BY attempt_id RANGE UNBOUNDED PRECEDING) QUALIFY so_far > 90
    UNION ALL
    SELECT demand_id, minutes FROM placed WHERE form = 'written' AND place = '家庭' AND grade < 3)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="a province of 100 counties")
    parser.add_argument("--part", choices=PARTS, help="only this part")
    parser.add_argument("--folder", type=Path, help="keep the generated lakes here, or use those that are there")
    given = parser.parse_args()
    if given.part and given.folder:
        PARTS[given.part](given.folder, FULL_COUNTIES if given.full else COUNTIES)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        more = ["--full"] if given.full else []
        commands = [
            [sys.executable, __file__, "--part", part, "--folder", folder, *more]
            for part in ([given.part] if given.part else PARTS)
        ]
        return sum(subprocess.call(command) != 0 for command in commands)


# ---- the province ----


def province(folder: Path, counties: int) -> None:
    lake, codes = generated(folder / "province", counties, CLASSES), codes_of(counties)
    rows, reports = rows_of(lake, codes, "demands"), rows_of(lake, codes, "answers")
    head(f"{counties} counties, {rows:,} demands, {reports:,} time reports")
    whole, found = timed(lambda: audit(open_lake(lake, codes), FIRST, LAST))
    line(f"national rulebook, {len(found.limits)} limits", whole, rows, f"{found.rows.num_rows:,} over")
    three, ours = timed(lambda: audit(open_lake(lake, codes), FIRST, LAST, only=THREE))
    windows = sum(one["windows"] for one in ours.by_limit())
    line("three limits from the rulebook", three, rows, f"{ours.rows.num_rows:,} demands over in {windows:,} windows")
    one, _ = timed(lambda: audit(open_lake(lake, codes), FIRST, LAST, only=ONE))
    line("one dated limit from the rulebook", one, rows, "")
    print(f"peak memory of the audits: {peak():.2f} GB (bar 4)")
    for name, query in (("which windows are over", WINDOWS), ("which demands are over", WHICH)):
        by_hand, number = timed(partial(hand_written, lake, codes, query))
        ratio = f"ratio {by_hand[0] / three[0]:.2f}, of CPU {by_hand[1] / three[1]:.2f} (bar 0.6)"
        line(f"by hand in SQL, {name}", by_hand, rows, f"{number:,}; {ratio}")
    kinds = rows_by_kind(lake, codes)
    checks = sum(kinds.get(rule.limit.kind, 0) for rule in found.limits.values())
    print(f"    the national rulebook again: {checks / whole[0]:,.0f} rows before a limit of their kind a second")
    slow = peer("rule_engine_rows.py", "", str(SLOW_ROWS))
    if slow:
        more = f"rows before a limit: {slow['checks']:,.0f} a second"
        line("rule-engine, a row at a time, three rules", (slow["seconds"], slow["cpu"]), SLOW_ROWS, more)
    asked, shown = timed(lambda: all_indicators(lake, codes))
    line(f"all {len(catalogue())} indicators of each county", asked, rows + reports, f"{shown:,} figures")
    print(f"peak memory with all this: {peak():.2f} GB (bar 4)")


def all_indicators(lake: Path, codes: tuple[str, ...]) -> int:
    found = figures_of_counties(open_lake(lake, codes), list(catalogue()), FIRST, LAST)
    return sum(one.state == "shown" for one in found)


def rows_by_kind(lake: Path, codes: tuple[str, ...]) -> dict[str, int]:
    return open_lake(lake, codes).kinds("demands")


def hand_written(lake: Path, codes: tuple[str, ...], query: str) -> int:
    pieces = open_lake(lake, codes).pieces
    places = {
        name: [str(lake / piece.path) for piece in pieces if piece.table == name]
        for name in ("demands", "bearers", "days")
    }
    return duckdb.connect().execute((PLACED + query).format(**places)).fetchone()[0]


def peer(script: str, given: str, *words: str) -> dict | None:
    """What a peer's script says to what it is given, in an environment of its own; None where it cannot be there."""
    name = script.removesuffix("_rows.py")
    python, ready = ENVIRONMENTS / name / "bin" / "python", ENVIRONMENTS / name / "installed"
    wanted = PEERS / f"{name}.txt"
    if not ready.exists() or ready.read_text() != wanted.read_text():
        install = [python, "-m", "pip", "install", "-q", "-r", wanted]
        for command in ([sys.executable, "-m", "venv", ENVIRONMENTS / name], install):
            if subprocess.run(command, capture_output=True).returncode:
                print(f"{name}: cannot be installed here")
                return None
        ready.write_text(wanted.read_text())
    done = subprocess.run([python, PEERS / script, *words], input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


# ---- one dated limit ----


@dataclass
class InMemory(Lake):
    """A lake whose demands are rows in memory: homework that stands."""

    demands: pa.Table = None

    def table(self, name: str):
        return ibis.memtable(self.demands) if name == "demands" else super().table(name)

    def kinds(self, name: str) -> Counter:
        return Counter(homework=self.demands.num_rows)

    def filled(self, name: str) -> set[str]:
        return set(self.demands.column_names)

    def said(self, name: str, kind: str) -> set[str]:
        return {"stands", *(name for name in self.demands.column_names if name.startswith(ATTRIBUTE))}


def dated(folder: Path, counties: int) -> None:
    """The written homework of grades 3-6: the same rows, from the same starting points, the same classes over."""
    lake, codes = generated(folder / "province", counties, CLASSES), codes_of(counties)
    opened = open_lake(lake, codes)
    months: dict[str, list[str]] = {}
    for piece in opened.pieces_of("demands"):
        months.setdefault(piece.month, []).append(str(lake / piece.path))
    units = opened.table("bearers").order_by("bearer_id").to_pyarrow()
    asked = rows_of_the_limit(opened)
    arrays = [asked[name].to_numpy() for name in ("bearer_id", "day", "minutes")]
    records = asked.slice(0, MANY_ROWS).to_pylist()
    audit(open_lake(lake, codes[:1]), FIRST, LAST, only=ONE)  # packs are read before, as its system is made
    every = rows_of(lake, codes, "demands")
    head(f"one dated limit, {asked.num_rows:,} rows of {every:,} in {sum(map(len, months.values()))} files")
    with tempfile.TemporaryDirectory() as temporary:

        def theirs(start: str, number: int) -> tuple[tuple[float, float], int] | None:
            path = Path(temporary) / "rows.npz"
            bearer, day, minutes = (column[:number] for column in arrays)
            np.savez(path, bearer=bearer, day=day.astype("datetime64[D]").astype("int64"), minutes=minutes)
            classes = sorted(set(arrays[0].tolist()))
            given = json.dumps({
                "rows": str(path), "months": [*months.values()], "classes": classes,
                "units": units["bearer_id"].to_pylist(), "grades": units["grade"].fill_null(0).to_pylist(),
            })  # fmt: skip
            said = peer("openfisca_rows.py", given, start)
            return said and ((said["seconds"], said["cpu"]), said["over"])

        done = timed(lambda: audit(open_lake(lake, codes), FIRST, LAST, only=ONE).rows)
        compared("rule", every, done, theirs, every)
        compared("files", every, done, theirs, every)
        done = timed(lambda: judged(opened, records_as_rows(records)))
        compared("records", len(records), done, theirs, FEW_ROWS)
        done = timed(lambda: judged(opened, arrays_as_rows(*arrays)))
        compared("arrays", asked.num_rows, done, theirs, asked.num_rows)
        compared("ready", asked.num_rows, None, theirs, asked.num_rows)


def compared(start: str, number: int, done, theirs, few: int) -> None:
    """What ours cost and found, and theirs from the same starting point; what is slow has fewer rows."""
    if done:
        cost, found = done
        windows = found.group_by(["county", "bearer_id", "window"]).aggregate([]).num_rows
        more = f"{number / cost[1]:,.0f} rows/s of CPU; {windows:,} over"
        line(f"ours, {start}, {number:,} rows", cost, number, more)
    said = theirs(start, few)
    if said:
        its, over = said
        more = f"{few / its[1]:,.0f} rows/s of CPU; {over:,} over"
        if done:
            clock, cpu = (number / cost[n] / (few / its[n]) for n in range(2))
            more += f"; ours {clock:.1f} times by the clock, {cpu:.1f} of CPU"
        line(f"openfisca-core, {start}, {few:,} rows", its, few, more)


def rows_of_the_limit(opened: Lake) -> pa.Table:
    """What the limit looks at of those whom it is for."""
    demands, whom = opened.table("demands"), opened.table("bearers")
    is_asked = [demands.kind == "homework", demands.attribute_form == "written", demands.attribute_required == "true"]
    rows = demands.filter(demands.stands, ~demands.emergency, *is_asked)
    classes = whom.filter(whom.kind == "class", whom.grade.between(3, 6)).select("county", "bearer_id")
    same = rows.semi_join(classes, ["county", "bearer_id"])
    return same.select("county", "demand_id", "bearer_id", "day", "minutes").to_pyarrow()


def records_as_rows(records: list[dict]) -> pa.Table:
    return _as_homework(pa.Table.from_pylist(records))


def arrays_as_rows(bearers: np.ndarray, days: np.ndarray, minutes: np.ndarray) -> pa.Table:
    number = bearers // county_id(1)
    county = pa.DictionaryArray.from_arrays(number, [*codes_of(int(number.max()) + 1)])
    columns = {"demand_id": np.arange(len(bearers)), "bearer_id": bearers, "day": days, "minutes": minutes}
    return _as_homework(pa.table({"county": county.cast("string"), **columns}))


def _as_homework(rows: pa.Table) -> pa.Table:
    """Rows with what all of them say, and with the columns of demands that say nothing here."""
    same = {"kind": "homework", "stands": True, "emergency": False, "is_split": False, "origin": "post",
            "verdict": "pass", "attribute_form": "written", "attribute_required": "true"}  # fmt: skip
    own = {name: rows[name] for name in rows.column_names} | {"attempt_id": rows["demand_id"]}
    schema = files.arrow_schema(tables()["demands"], ["attribute_form", "attribute_required"])
    return pa.table({
        field.name: own[field.name] if field.name in own
        else pa.repeat(pa.scalar(same.get(field.name), field.type), rows.num_rows)
        for field in schema
    })  # fmt: skip


def judged(opened: Lake, rows: pa.Table) -> pa.Table:
    """What goes over the limit among rows in memory, by the units, rules and days of a lake."""
    lake = InMemory(opened.folder, opened.manifests, backend_of("duckdb"), demands=rows)
    with Audit.of(lake, FIRST, LAST, only=ONE) as one:
        return one.found()


# ---- a county's year ----


def county(folder: Path, _: int) -> None:
    lake = generated(folder / "county", 1, CLASSES_OF_A_COUNTY)
    rows, reports = rows_of(lake, codes_of(1), "demands"), rows_of(lake, codes_of(1), "answers")
    head(f"a county's year, {rows:,} demands, {reports:,} time reports")
    whole, found = timed(lambda: audit(open_lake(lake), FIRST, LAST))
    line(f"national rulebook, {len(found.limits)} limits", whole, rows, f"{found.rows.num_rows:,} over; bar 60 s")
    proposed = [Pack.from_toml(PROPOSED)]
    asked, answer = timed(lambda: what_if(open_lake(lake), proposed, FIRST, LAST))
    line("what-if: grades 3-4 at 45 minutes", asked, rows, f"{answer.stopped.num_rows:,} stopped; bar 5 s")
    told, shown = timed(lambda: all_indicators(lake, codes_of(1)))
    line(f"all {len(catalogue())} indicators", told, rows + reports, f"{shown} figures")
    print(f"peak memory of the process: {peak():.2f} GB (bar 4)")


# ---- curves ----


def curves(folder: Path, counties: int) -> None:
    lake, codes = generated(folder / "province", counties, CLASSES), codes_of(counties)
    every = sorted(audit(open_lake(lake, codes[:1]), FIRST, LAST).limits)
    rows = rows_of(lake, codes, "demands")
    head(f"cost against the number of limits, {counties} counties")
    for step in (len(every), 9, 3, 1):
        some = every[::step]
        cost, _ = timed(partial(audit, open_lake(lake, codes), FIRST, LAST, only=some))
        line(f"{len(some)} limits", cost, rows, f"{cost[1] / len(some):.2f} s of CPU a limit")
    head("cost against the number of counties, the whole rulebook")
    for number in (1, counties // 5, counties // 2, counties):
        cost, _ = timed(partial(audit, open_lake(lake, codes[:number]), FIRST, LAST))
        line(f"{number} counties", cost, rows * number // counties, f"{cost[1] / number:.2f} s of CPU a county")
    years = generated(folder / "years", 1, CLASSES, FIRST.replace(year=LAST.year - SEVERAL_YEARS))
    head("cost against the number of school years, one county")
    for number in range(1, SEVERAL_YEARS + 1):
        since = FIRST.replace(year=LAST.year - number)
        cost, _ = timed(partial(audit, open_lake(years), since, LAST))
        rows = rows_of(years, codes[:1], "demands", since)
        line(f"{number} school years", cost, rows, f"{cost[1] / number:.2f} s of CPU a year")


# ---- Spark ----


def spark(folder: Path, counties: int) -> None:
    try:
        from soak.cluster import cluster
    except ImportError:
        print("Spark: pip install -c constraints.txt -e '.[spark]' and sh bin/need-java, then this part runs")
        return
    lake, codes = generated(folder / "province", counties, CLASSES), codes_of(2)
    rows = rows_of(lake, codes, "demands")
    head(f"qingfu audit of two counties, {rows:,} demands, the whole rulebook; all started from nothing")
    found = folder / "found.parquet"
    cost, _ = timed(partial(audit_command, lake, codes, "duckdb", found))
    line("DuckDB in the process", cost, rows, "")
    wanted = pq.read_table(found)
    for workers in (1, 2):
        with cluster(workers) as address:
            cost, _ = timed(partial(audit_command, lake, codes, address, found))
        same = "the same rows" if pq.read_table(found).equals(wanted) else "OTHER ROWS"
        line(f"Spark standalone, {workers} worker{'s' if workers > 1 else ''} of one core", cost, rows, same)


def audit_command(lake: Path, codes: tuple[str, ...], engine: str, out: Path) -> None:
    counties = [word for code in codes for word in ("--county", code)]
    command = [sys.executable, "-m", "qingfu.cli", "audit", lake, "--from", str(FIRST), "--to", str(LAST), *counties]
    paths = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, "--engine", engine, "--out", out], env=paths, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr[-2000:])


# ---- common ----


def generated(lake: Path, counties: int, classes: int, first: date = FIRST) -> Path:
    cost, _ = timed(lambda: write_province(lake, counties, classes, first, LAST))
    print(f"\n{lake.name}: generated in {cost[0]:.0f} s ({cost[1]:.0f} s of CPU)", flush=True)
    return lake


def codes_of(counties: int) -> tuple[str, ...]:
    return tuple(f"QH{number:03d}" for number in range(counties))


def rows_of(lake: Path, codes: tuple[str, ...], table: str, first: date = FIRST) -> int:
    month, pieces = first.strftime("%Y-%m"), open_lake(lake, codes).pieces
    return sum(piece.rows for piece in pieces if piece.table == table and piece.month >= month)


def timed(work) -> tuple[tuple[float, float], object]:
    """Seconds by the clock and of CPU, of this process and those that it waited for, and what the work gave."""
    begun, cpu = time.perf_counter(), _cpu()
    result = work()
    return (time.perf_counter() - begun, _cpu() - cpu), result


def _cpu() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def head(title: str) -> None:
    print(f"\n{title}\n{'':<46}{'seconds':>9}{'CPU':>9}{'rows/s':>14}", flush=True)


def line(name: str, cost: tuple[float, float], rows: int, more: str) -> None:
    print(f"{name:<46}{cost[0]:>9.2f}{cost[1]:>9.2f}{rows / cost[0]:>14,.0f}    {more}", flush=True)


PARTS = {"province": province, "dated": dated, "county": county, "curves": curves, "spark": spark}

if __name__ == "__main__":
    sys.exit(main())
