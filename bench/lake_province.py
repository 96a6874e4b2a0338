"""A province for the bench of the lake: its schools and classes, what was asked of them, what families said.

Every county is made by DuckDB from hashes of its numbers, so the same call gives the same province, and is written as
`qingfu lake export` writes it. A school day of a class has twelve demands: nine of homework, after-class service, sport
in school and out of it, now and then more than a limit allows. Offices and schools have documents, meetings, visits and
forms, classes their exams. A class's evening has 130 reports by families, each written as a row of its own; the export
writes their counts, which are about a tenth of that.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from qingfu.lake import files, manifest
from qingfu.lake.days import day_row
from qingfu.lake.manifest import Manifest, Piece
from qingfu.lake.tables import tables
from qingfu.rulebook import Rulebook, load_calendar, load_national
from qingfu.rulebook.calendar import days_between

WRITTEN = "2026-07-11"
SCHOOL_OF = 25  # classes
REPORTS = 130  # of a class on an evening
ROWS_OF_A_BATCH = 1 << 18

# Ids: the county 1, its bureau 2, schools from 1,001, classes from 10,001; every county's from its own base.
PLACES = """
CREATE TABLE schools AS SELECT $base + 1001 + n AS id, n, n % 3 < 2 AS is_primary FROM range({schools}) r(n);
CREATE TABLE classes AS
    SELECT $base + 10001 + c.n AS id, c.n, s.n AS school,
           CASE WHEN s.is_primary THEN 1 + c.n % 6 ELSE 7 + c.n % 3 END AS grade
    FROM range({classes}) c(n) JOIN schools s ON s.n = c.n // {school_of};
"""
DEMANDS = """
WITH asked AS (
    SELECT (c.id * 4000 + d.n) * 12 + k.n AS demand_id, c.id AS bearer_id, c.grade, d.day, k.n AS k,
           hash(c.id, d.n, k.n) % 997 = 0 AS is_odd,
           2 + hash(c.id, d.n, k.n, 1) % 6
           + CASE WHEN hash(c.id, d.n) % 211 = 0 THEN c.grade // 2 + 4 ELSE 0 END AS long
    FROM classes c CROSS JOIN days d CROSS JOIN range(12) k(n) WHERE strftime(d.day, '%Y-%m') = $month
)
SELECT demand_id, demand_id AS attempt_id, bearer_id, day, day AS posted_day, NULL AS account, NULL AS characters,
       CASE WHEN k < 9 THEN 'homework' WHEN k = 9 THEN 'service' ELSE 'sport' END AS kind,
       CASE WHEN k < 9 THEN ['语文', '数学', '英语'][1 + k % 3] ELSE '' END AS subject,
       CASE WHEN k = 9 THEN 16 * 60 WHEN k > 9 THEN 10 * 60 END AS starts,
       CASE WHEN k = 9 THEN 18 * 60 WHEN is_odd THEN 20 * 60 + 31 ELSE 19 * 60 END AS ends,
       CASE WHEN k < 9 THEN long WHEN is_odd THEN 60 WHEN k = 11 THEN 60 ELSE 120 END AS minutes,
       CASE WHEN k < 9 THEN CASE WHEN k % 4 = 3 OR grade < 3 AND NOT is_odd THEN 'oral' ELSE 'written' END END AS form,
       CASE WHEN k < 9 THEN 'true' END AS required,
       CASE WHEN k < 9 THEN CASE WHEN k % 3 = 0 THEN '家庭' ELSE '课后服务' END
            WHEN k = 10 THEN '校内' WHEN k = 11 THEN '校外' END AS place,
       CASE WHEN k < 9 AND k % 4 <> 3 THEN 'true' END AS marked, CASE WHEN k = 9 THEN 'after_class' END AS slot,
       CASE WHEN k = 9 THEN 'sport' END AS content, NULL AS exam_type, NULL AS visit_type, NULL AS done
FROM asked
UNION ALL BY NAME
SELECT $base * 100 + 1000000 * k.n + b.n * 500 + d.n AS demand_id, demand_id AS attempt_id,
       b.id AS bearer_id, d.day, d.day AS posted_day,
       ['document', 'meeting', 'form', 'visit', 'exam'][1 + k.n] AS kind, '' AS subject,
       CASE WHEN k.n < 3 THEN 'department' END AS account,
       CASE WHEN k.n = 0 THEN 2500 + hash(b.id, d.n) % 3000 END AS characters,
       CASE WHEN k.n = 4 THEN 'final' END AS exam_type, CASE WHEN k.n = 3 THEN 'special' END AS visit_type,
       'true' AS done
FROM (SELECT $base + 2 AS id, 0 AS n, 0 AS of UNION ALL SELECT id, 1 + n, 3 FROM schools
      UNION ALL SELECT id, 100 + n, 4 FROM classes WHERE grade > 2) b
     CROSS JOIN days d JOIN range(5) k(n) ON k.n = b.of OR b.of = 0 AND k.n < 3
WHERE strftime(d.day, '%Y-%m') = $month
      AND CASE WHEN b.of = 4 THEN d.day IN (SELECT max(day) FROM days
                                        WHERE month(day) IN (1, 6) GROUP BY month(day), year(day))
               WHEN b.of = 3 THEN hash(b.id, d.n) % 30 = 0 ELSE true END
"""
ANSWERS = """
SELECT c.id AS unit_id, d.day,
       CASE WHEN k.n < 118 THEN 'time' WHEN k.n < 123 THEN 'unposted' ELSE 'bedtime' END AS kind,
       15 * (hash(c.id, d.n, k.n) % 7)::BIGINT AS band_from, 1::BIGINT AS count
FROM classes c CROSS JOIN days d CROSS JOIN range({reports}) k(n) WHERE strftime(d.day, '%Y-%m') = $month
"""
OTHERS = {
    "findings": """
        SELECT $base + row_number() OVER () AS finding_id, s.id AS bearer_id, 'over' AS kind,
               'cn.homework.written.g3-6' AS limit_id, 1 AS count, '[]' AS records, d.day AS opened_day,
               d.day + 15 AS due_day, d.day + 10 AS rectified_day, d.day + 12 AS closed_day, 'closed' AS state,
               0 AS level
        FROM schools s CROSS JOIN days d WHERE hash(s.id, d.n) % 25 = 0""",
    "waivers": """
        SELECT $base + row_number() OVER () AS waiver_id, s.id AS bearer_id, 'cn.homework.paper' AS limit_id,
               d.day AS starts, d.day AS ends, d.day AS granted_day
        FROM schools s CROSS JOIN days d WHERE hash(s.id, d.n) % 60 = 1""",
    "meetings": """
        SELECT $base + row_number() OVER () AS meeting_id, $base + 2 AS bearer_id, d.day, 90 AS minutes,
               60 + hash(d.n, $base) % 90 AS actual_minutes, 40 AS people, d.n % 3 = 0 AS video FROM days d""",
    "visits": """
        SELECT $base + row_number() OVER () AS visit_id, s.id AS bearer_id, $base + 2 AS issuer_unit_id, d.day,
               'special' AS visit_type, 120 AS minutes, hash(s.id, d.n, 2) % 4 = 0 AS unannounced
        FROM schools s CROSS JOIN days d WHERE hash(s.id, d.n) % 30 = 0""",
    "receipts": """
        SELECT $base + row_number() OVER () AS receipt_id, s.id AS bearer_id, 'document' AS kind, d.day,
               d.day + 10 AS due_day, d.day + (hash(s.id, d.n) % 12)::INT AS handled_day
        FROM schools s CROSS JOIN days d WHERE d.n % 4 = 0""",
    "data_forms": """
        SELECT $base + row_number() OVER () AS form_id, s.id AS bearer_id, $base + 2 AS issuer_unit_id, d.day,
               40 AS asked, 25 AS avoided, 65 AS cells, 12 AS minutes_saved
        FROM schools s CROSS JOIN days d WHERE d.n % 10 = 0""",
    "complaints": """
        SELECT $base + 1 AS bearer_id, d.day AS released_day, 'repeat' AS what, 'form' AS kind, d.n % 3 > 0 AS answered,
               d.n % 3 > 0 AS in_time,
               6 AS count FROM days d WHERE d.n % 10 = 0""",
    "spared": """
        SELECT $base + row_number() OVER () AS spared_id, $base + 2 AS bearer_id, d.day, d.day - 30 AS first,
               d.day AS last
        FROM days d WHERE d.n % 12 = 0""",
    "baselines": """
        SELECT $base + 2 AS bearer_id, limit_id, y::BIGINT AS year, 60 AS amount, 'import' AS origin, 1 AS version,
               0 AS after_attempt
        FROM unnest(['cn.documents.count', 'cn.documents.cut', 'cn.meetings.count', 'cn.meetings.cut']) l(limit_id)
             CROSS JOIN range(2019, 2027) r(y)""",
}  # fmt: skip
FACTS = ("filed", "reviewed", "planned", "approved", "listed", "assessed")  # what must exist, and does


def county_id(number: int) -> int:
    """The unit of a county of the province, by its number from nought."""
    return number * 10_000_000 + 1


def write_province(
    folder: Path, counties: int, classes: int, first: date, last: date, reports: int = REPORTS
) -> None:
    """Write what of a province is not there yet: so many counties with so many classes each, from ``first`` to
    ``last``, with so many time reports of a class on an evening."""
    rulebook, calendar = Rulebook(load_national()), load_calendar()
    every_day = [day_row(calendar, day) for day in days_between(first, last)]
    for number in range(counties):
        code = f"QH{number:03d}"
        if manifest.read(folder, code) is None:
            county = _County(folder, code, number, classes, [row["day"] for row in every_day if row["is_school_day"]])
            pieces = [*county.records(reports), *county.ground(rulebook, every_day)]
            manifest.write(folder, Manifest(code, code, f"{WRITTEN}T00:00:00+08:00", tuple(pieces)))


class _County:
    """One county, from the tables that its rows are made of to its files."""

    def __init__(self, folder: Path, code: str, number: int, classes: int, days: list[date]):
        self.folder, self.code, self.base, self.days = folder, code, county_id(number) - 1, days
        self.source = duckdb.connect()
        schools = -(-classes // SCHOOL_OF)
        for statement in PLACES.format(schools=schools, classes=classes, school_of=SCHOOL_OF).split(";")[:-1]:
            self.source.execute(self._said(statement))
        self.source.register("days", pa.table({"n": list(range(len(days))), "day": pa.array(days, pa.date32())}))

    def records(self, reports: int) -> Iterator[Piece]:
        for month in sorted({day.strftime("%Y-%m") for day in self.days}):
            yield self._piece("demands", _demand_columns(), month)
            if reports:
                yield self._piece("answers", ANSWERS.format(reports=reports), month)
        for name, query in OTHERS.items():
            yield self._piece(name, query)

    def _piece(self, name: str, query: str, month: str = "") -> Piece:
        asked = self.source.sql(self._said(query, month))
        schema = files.arrow_schema(tables()[name], asked.columns if tables()[name].attributes else ())
        rows = asked.to_arrow_reader(ROWS_OF_A_BATCH)
        same = {"county": self.code, "month": month}
        return files.write_piece(
            self.folder, name, self.code, month, "", (_completed(batch, schema, same) for batch in rows), schema
        )

    def _said(self, query: str, month: str = "") -> str:
        return query.replace("$base", f"{self.base}::BIGINT").replace("$month", f"'{month}'")

    def ground(self, rulebook: Rulebook, days: list[dict]) -> Iterator[Piece]:
        several = {
            "bearers": list(self._bearers()),
            "rulebooks": [
                {"rulebook": 0, "place": n, "level": pack.level, "pack_id": pack.id, "toml": pack.to_toml()}
                for n, pack in enumerate(rulebook.packs)
            ],
            "days": [{"calendar": 0, **row} for row in days],
        }
        for name, rows in several.items():
            schema = files.arrow_schema(tables()[name])
            batches = pa.Table.from_pylist([{"county": self.code, **row} for row in rows], schema).to_batches()
            yield files.write_piece(self.folder, name, self.code, "", "", batches, schema)

    def _bearers(self) -> Iterator[dict]:
        top = self.base + 1
        yield self._unit(top, None, "county", "0001", name=self.code)
        yield self._unit(top + 1, top, "bureau", "00010001", name="教育局")
        for id, n, is_primary in self.source.execute("SELECT * FROM schools").fetchall():
            stage = "primary" if is_primary else "junior"
            yield self._unit(id, top, "school", f"0001{n + 2:04}", name=f"第{n + 1}学校", stage=stage)
        for id, n, school, grade in self.source.execute("SELECT * FROM classes").fetchall():
            path, of = f"0001{school + 2:04}{n + 1:04}", self.base + 1001 + school
            yield self._unit(id, of, "class", path, name=f"{n + 1}班", grade=grade, seats=45, institution_id=of)

    @staticmethod
    def _unit(id: int, parent: int | None, kind: str, path: str, **more) -> dict:
        return {
            "bearer_id": id, "parent_id": parent, "institution_id": id, "kind": kind, "path": path,
            "depth": len(path) // 4, "unit_kinds": "[]", "attributes": "{}", "rulebook": 0, "calendar": 0, **more,
        }  # fmt: skip


def _demand_columns() -> str:
    """The rows of DEMANDS under the names that the lake has for their attributes and amounts."""
    attributes = ("account", "form", "required", "place", "marked", "slot", "content", "exam_type", "visit_type")
    named = [f"{name} AS attribute_{name}" for name in attributes]
    facts = [f"done AS attribute_{name}" for name in FACTS]
    plain = "demand_id, attempt_id, bearer_id, day, posted_day, kind, subject, starts, ends, minutes"
    same = """true AS stands, false AS emergency, false AS is_split, false AS late, 'post' AS origin, 'posted' AS state,
        'pass' AS verdict, '{}' AS attributes, '{}' AS amounts, 1 AS issuer_id"""
    return f"SELECT {plain}, characters AS amount_characters, {', '.join(named + facts)}, {same} FROM ({DEMANDS})"


def _completed(batch: pa.RecordBatch, schema: pa.Schema, same: dict) -> pa.RecordBatch:
    """The generated columns with all others of the schema: what is the same for all rows, or nothing."""
    columns = [
        batch.column(field.name).cast(field.type) if field.name in batch.schema.names
        else pa.repeat(pa.scalar(same.get(field.name), field.type), batch.num_rows)
        for field in schema
    ]  # fmt: skip
    return pa.record_batch(columns, schema)
