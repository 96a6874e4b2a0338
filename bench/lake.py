"""The audit of a county's year: the whole national rulebook beside three limits written by hand in DuckDB's SQL.

    python bench/lake.py [--classes 1000] [--counties 1] [--folder DIR]

Data: a generated school year, 2025-09 to 2026-07. Each class is asked twelve things on each school day (most written,
some oral, a few that end late), some more than the limits allow. Written as `qingfu lake export` writes it. The three
limits are the written minutes of grades 3-6 and of grades 7-9, and written work at home in grades 1-2. Both read the
same files.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import pyarrow as pa

from qingfu.lake import files, manifest
from qingfu.lake.audit.limits import audit
from qingfu.lake.days import day_row
from qingfu.lake.manifest import Manifest
from qingfu.lake.reading import open_lake
from qingfu.lake.tables import attribute_keys, tables
from qingfu.lake.whatif import what_if
from qingfu.rulebook import Pack, Rulebook, load_calendar, load_national
from qingfu.rulebook.calendar import days_between

FIRST, LAST = date(2025, 9, 1), date(2026, 7, 10)
CLASSES_OF_A_SCHOOL = 25
THREE = ("cn.homework.written.g3-6", "cn.homework.written.g7-9", "cn.homework.g1-2.home")
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

# A day of a class: twelve rows. hash() gives the same county every time.
DEMANDS = """
SELECT ((c.id * 400 + d.n) * 12 + k.n) AS demand_id, ((c.id * 400 + d.n) * 12 + k.n) AS attempt_id,
       'homework' AS kind, c.id AS bearer_id, d.day AS day, ['语文', '数学', '英语'][1 + k.n % 3] AS subject,
       CASE WHEN hash(c.id, d.n, k.n) % 997 = 0 THEN 20 * 60 + 31 ELSE 19 * 60 END AS ends,
       2 + (hash(c.id, d.n, k.n, 1) % 6) + CASE WHEN hash(c.id, d.n) % 211 = 0 THEN 5 ELSE 0 END AS minutes,
       CASE WHEN c.grade < 3 OR k.n % 4 = 3 THEN 'oral' ELSE 'written' END AS attribute_form,
       'true' AS attribute_required, CASE WHEN k.n % 3 = 0 THEN '家庭' ELSE '课后服务' END AS attribute_place
FROM classes c CROSS JOIN days d CROSS JOIN range(12) k(n)
WHERE strftime(d.day, '%Y-%m') = $month
"""
BY_HAND = """
WITH placed AS (
    SELECT m.bearer_id, m.day, m.minutes, b.grade, m.attribute_form AS form, m.attribute_required AS required,
           m.attribute_place AS place, d.is_school_day, m.demand_id
    FROM read_parquet({demands}) m JOIN read_parquet({bearers}) b ON b.county = m.county AND b.bearer_id = m.bearer_id
    JOIN read_parquet({days}) d ON d.county = m.county AND d.calendar = b.calendar AND d.day = m.day
    WHERE m.kind = 'homework' AND m.stands AND NOT m.emergency AND b.kind = 'class'
)
SELECT count(*) FROM (
    SELECT bearer_id, day FROM placed WHERE form = 'written' AND required = 'true' AND is_school_day
        AND grade BETWEEN 3 AND 6 GROUP BY ALL HAVING sum(minutes) > 60
    UNION ALL
    SELECT bearer_id, day FROM placed WHERE form = 'written' AND required = 'true' AND is_school_day
        AND grade BETWEEN 7 AND 9 GROUP BY ALL HAVING sum(minutes) > 90
    UNION ALL
    SELECT bearer_id, day FROM placed WHERE form = 'written' AND place = '家庭' AND grade < 3)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--counties", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the generated lake here, or use the one that is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        codes = [f"QH{n:03d}" for n in range(given.counties)]
        begun = time.perf_counter()
        for code in codes:
            if manifest.read(folder, code) is None:
                generate(folder, code, given.classes)
        lake = open_lake(folder)
        rows = sum(piece.rows for piece in lake.pieces if piece.table == "demands")
        print(f"{given.counties} counties, {rows:,} demands; generated in {time.perf_counter() - begun:.0f} s")
        measure(folder, rows)
    return 0


def measure(folder: Path, rows: int) -> None:
    by_hand, number = timed(lambda: hand_written(folder))
    three, _ = timed(lambda: three_limits(folder))
    whole, found = timed(lambda: audit(open_lake(folder), FIRST, LAST))
    proposed = [Pack.from_toml(PROPOSED)]
    asked, answer = timed(lambda: what_if(open_lake(folder), proposed, FIRST, LAST))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"\n{'':<46}{'seconds':>9}{'demands/s':>14}{'':>4}bar")
    line("three limits by hand in SQL", by_hand, rows, f"{number:,} windows over")
    line("the same three limits from the rulebook", three, rows, f"{by_hand / three:.2f} of it; bar 0.6")
    line(f"the national rulebook ({len(found.limits)} limits)", whole, rows, "60 s for a county's year")
    line("what-if: grades 3-4 at 45 minutes", asked, rows, "5 s for a county's year")
    print(f"\nover: {found.rows.num_rows:,} demands; what-if would stop {answer.stopped.num_rows:,}")
    print(f"peak memory of the process: {memory:.2f} GB (bar 4)")


def line(name: str, seconds: float, rows: int, bar: str) -> None:
    print(f"{name:<46}{seconds:>9.2f}{rows / seconds:>14,.0f}    {bar}")


def timed(work):
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def hand_written(folder: Path) -> int:
    lake = open_lake(folder)
    places = {
        name: [str(folder / piece.path) for piece in lake.pieces if piece.table == name]
        for name in ("demands", "bearers", "days")
    }
    return duckdb.connect().execute(BY_HAND.format(**places)).fetchone()[0]


def three_limits(folder: Path) -> int:
    return audit(open_lake(folder), FIRST, LAST, only=THREE).rows.num_rows


# ---- the county ----


def generate(folder: Path, code: str, classes: int) -> None:
    calendar, packs = load_calendar(), load_national()
    keys = attribute_keys([Rulebook(packs)])
    days = [day for day in days_between(FIRST, LAST) if calendar.day(day).is_school_day]
    source = duckdb.connect()
    rows = [(n, 1 + n % 9) for n in range(1, classes + 1)]
    source.execute("CREATE TABLE classes (id BIGINT, grade INT)")
    source.executemany("INSERT INTO classes VALUES (?, ?)", rows)
    source.execute("CREATE TABLE days (n BIGINT, day DATE)")
    source.executemany("INSERT INTO days VALUES (?, ?)", list(enumerate(days)))
    schema = files.arrow_schema(tables()["demands"], keys)
    pieces = []
    for month in sorted({day.strftime("%Y-%m") for day in days}):
        made = source.execute(DEMANDS, {"month": month}).to_arrow_table()
        batches = completed(made, schema, {"county": code, "month": month}).to_batches()
        pieces.append(files.write_piece(folder, "demands", code, month, "", batches, schema))
    for name, several in {
        "bearers": [bearer(code, number, grade) for number, grade in rows],
        "rulebooks": [
            {"county": code, "rulebook": 0, "place": n, "level": pack.level, "pack_id": pack.id, "toml": pack.to_toml()}
            for n, pack in enumerate(packs)
        ],
        "days": [
            {"county": code, "calendar": 0, **day_row(calendar, day)} for day in days_between(FIRST, LAST)
        ],
    }.items():
        own = files.arrow_schema(tables()[name])
        batches = pa.Table.from_pylist(several, own).to_batches()
        pieces.append(files.write_piece(folder, name, code, "", "", batches, own))
    manifest.write(folder, Manifest(code, code, "2026-07-11T00:00:00+08:00", tuple(pieces)))


def completed(made: pa.Table, schema: pa.Schema, same: dict) -> pa.Table:
    """The generated columns with all others of the schema: what is the same for all rows, or nothing."""
    same = {**same, "stands": True, "emergency": False, "is_split": False, "origin": "post", "state": "posted",
            "verdict": "pass", "late": False, "attributes": "{}", "amounts": "{}", "issuer_id": 1}  # fmt: skip
    columns = [
        made[field.name].cast(field.type) if field.name in made.column_names
        else pa.array([same.get(field.name)] * made.num_rows, field.type)
        for field in schema
    ]  # fmt: skip
    return pa.table(columns, schema)


def bearer(code: str, number: int, grade: int) -> dict:
    return {
        "county": code, "bearer_id": number, "institution_id": 100_000 + number // CLASSES_OF_A_SCHOOL, "kind": "class",
        "name": f"{number}班", "grade": grade, "unit_kinds": "[]", "seats": 45, "attributes": json.dumps({}),
        "rulebook": 0, "calendar": 0,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
