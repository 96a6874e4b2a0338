"""Six indicators of a county once more, from the rows of its Parquet files, in plain Python.

Written from the definitions in ``data/indicators.toml`` and docs/indicators.md alone: it shares no code with
``lake/indicators``. A file has no column for what none of its demands states.
``python -m tests.lake.recount_a DIR COUNTY FIRST LAST`` prints them for any lake.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pyarrow.parquet as pq

ENOUGH = 5  # answers
IN_SCHOOL = {"课内", "课后服务", "晚自习"}


def recount(lake: Path, county: str, first: date, last: date) -> dict[str, str]:
    """The figures of the whole county between two days, as text with all their decimals."""
    manifest = json.loads((lake / "manifests" / f"{county}.json").read_text("utf-8"))
    demands = [row for row in rows(lake, manifest, "demands") if first <= row["day"] <= last and row["stands"]]
    homework = [row for row in demands if row["kind"] == "homework" and not row["emergency"]]
    written = [row for row in homework if row.get("attribute_form") == "written"]
    laid = on_their_days(lake, manifest, first, last)
    class_days = {(row["bearer_id"], row["day"]) for row in homework}
    over = {(row["bearer_id"], row["day"]) for row in homework if was_broken(row["over"])}
    sums: Counter = Counter()
    for bearer, day, minutes in laid:
        sums[bearer, day] += minutes
    inside = sum(row["minutes"] for row in written if row.get("attribute_place") in IN_SCHOOL)
    burden = [
        int(row["attribute_estimated_minutes"]) for row in demands
        if not row["emergency"] and row.get("attribute_account") is None and row.get("attribute_estimated_minutes")
    ]  # fmt: skip
    held = [row for row in rows(lake, manifest, "meetings") if first <= row["day"] <= last]
    timed = [row for row in held if row["actual_minutes"] is not None]
    longer = [row for row in timed if row["actual_minutes"] > row["minutes"]]
    written_on = date.fromisoformat(manifest["exported_at"][:10])
    return {
        "homework_days_over": percent(len(over), len(class_days), 2),
        "homework_minutes_p90": str(ranked(sums.values(), 90)),
        "homework_in_school": percent(inside, sum(row["minutes"] for row in written), 1),
        "real_minutes_median": str(ranked(told(lake, manifest, first, last, written_on), 50)),
        "burden_minutes": str(sum(burden) if burden else None),
        "meetings_overran": percent(len(longer), len(timed), 1),
    }


def on_their_days(lake: Path, manifest: dict, first: date, last: date):
    """The minutes of written homework of each class on each day between two, with what was laid on several days."""
    shares = defaultdict(list)
    for row in rows(lake, manifest, "splits"):
        shares[row["demand_id"]].append((row["day"], row["minutes"]))
    for row in rows(lake, manifest, "demands"):
        is_written = row["kind"] == "homework" and row.get("attribute_form") == "written"
        if is_written and row["stands"] and not row["emergency"]:
            for day, minutes in shares.get(row["demand_id"], [(row["day"], row["minutes"])]):
                if first <= day <= last:
                    yield row["bearer_id"], day, minutes


def was_broken(over: str | None) -> bool:
    """Whether a demand went over a limit without a permission."""
    return any(one["how"] != "waived" for one in json.loads(over or "[]"))


def rows(lake: Path, manifest: dict, table: str):
    for piece in manifest["pieces"]:
        if piece["table"] == table:
            yield from pq.read_table(lake / piece["path"]).to_pylist()


def told(lake: Path, manifest: dict, first: date, last: date, written_on: date) -> list[int]:
    """The minutes that families tapped, without those that are too few in their class, grade, school and county."""
    units = {row["bearer_id"]: row["parent_id"] for row in rows(lake, manifest, "bearers")}
    below = defaultdict(list)
    for unit, parent in units.items():
        below[parent].append(unit)
    weeks: dict = defaultdict(lambda: defaultdict(list))
    for row in rows(lake, manifest, "answers"):
        if row["kind"] == "time":
            monday = row["day"] - timedelta(days=row["day"].weekday())
            weeks[monday][row["unit_id"]] += [row["band_from"]] * row["count"]
    kept: list[int] = []

    def left_of(unit: int, said: dict) -> list[int]:
        """What is left of a unit's answers for the one above it."""
        mine = list(said[unit])
        for child in below[unit]:
            mine += left_of(child, said)
        if len(mine) < ENOUGH:
            return mine
        kept.extend(mine)
        return []

    (top,) = below[None]
    for monday, said in weeks.items():
        if first <= monday + timedelta(days=3) <= last and monday + timedelta(days=6) < written_on:
            left_of(top, said)
    return kept


def ranked(values, share: int) -> int | None:
    """The smallest value that so many of a hundred do not exceed; None of none."""
    ordered = sorted(values)
    return next((value for place, value in enumerate(ordered, start=1) if place * 100 >= share * len(ordered)), None)


def percent(part: int, whole: int, decimals: int) -> str:
    if not whole:
        return "None"
    scaled = Fraction(part * 100 * 10**decimals, whole) + Fraction(1, 2)
    number = scaled.numerator // scaled.denominator
    return f"{number // 10**decimals}.{number % 10**decimals:0{decimals}}"


if __name__ == "__main__":
    folder, code, begins, ends = sys.argv[1:]
    print(json.dumps(recount(Path(folder), code, date.fromisoformat(begins), date.fromisoformat(ends)), indent=1))
