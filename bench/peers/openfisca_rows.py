"""One dated limit with openfisca-core over many rows: python openfisca_rows.py files|records|arrays|ready prints its
rate.

It reads JSON from standard input: `rows`, an .npz file with `bearer`, `day` (since 1970) and `minutes` of what the
limit looks at, and for "files" the Parquet files and the `classes` that the limit is for. A row is a demand, a person
of the model; classes are its groups, and a class is over where the minutes of its members on a day are more than the
cap in force on it. Each day has other members, so each has a simulation; all rows of a day are asked at once. The clock
starts:

- files: before the Parquet files are read
- records: with a dictionary for each row, which becomes the input that OpenFisca documents
- arrays: with three arrays, a row after the other
- ready: with a simulation of each day, its members known, and the minutes of each in its order: an addition is left
"""

import json
import sys
import time
from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
from openfisca_core.entities import Entity, GroupEntity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

DEMAND = Entity("demand", "demands", "", "")
CLASS = GroupEntity("class_", "classes", "", "", roles=[{"key": "member", "plural": "members"}])
CAPS = {"cap": {"values": {"2013-06-30": {"value": 60}, "2021-04-08": {"value": 60}}}}
ASKED = [
    ("kind", "==", "homework"), ("stands", "==", True), ("emergency", "==", False),
    ("attribute_form", "==", "written"), ("attribute_required", "==", "true"),
]  # fmt: skip


class minutes(Variable):
    value_type = int
    entity = DEMAND
    definition_period = DateUnit.DAY


class over(Variable):
    value_type = bool
    entity = CLASS
    definition_period = DateUnit.DAY

    def formula(classes, period, parameters):
        return classes.sum(classes.members("minutes", period)) > parameters(period).cap


def system_with_caps() -> TaxBenefitSystem:
    system = TaxBenefitSystem([DEMAND, CLASS])
    system.add_variables(minutes, over)
    system.parameters = ParameterNode("", data=CAPS)
    return system


SYSTEM = system_with_caps()


def by_day(bearers: np.ndarray, days: np.ndarray, asked: np.ndarray) -> list[tuple]:
    """(day, bearers, minutes) of each day."""
    order = np.argsort(days, kind="stable")
    starts = np.flatnonzero(np.diff(days[order], prepend=-1))
    pieces = zip(np.split(bearers[order], starts[1:]), np.split(asked[order], starts[1:]), strict=True)
    return [(iso(days[order][start]), *piece) for start, piece in zip(starts, pieces, strict=True)]


def iso(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=int(day))).isoformat()


def simulation(bearers: np.ndarray):
    """A simulation of one day, with a person for each row."""
    names, members = np.unique(bearers, return_inverse=True)
    builder = SimulationBuilder()
    builder.create_entities(SYSTEM)
    builder.declare_person_entity("demand", np.arange(len(bearers)))
    groups = builder.declare_entity("class_", names)
    builder.join_with_persons(groups, members, np.array(["member"]))
    return builder.build(SYSTEM)


def answer(asked, day: str, of_rows: np.ndarray) -> int:
    asked.set_input("minutes", day, of_rows)
    return int(asked.calculate("over", day).sum())


def from_arrays(bearers: np.ndarray, days: np.ndarray, asked: np.ndarray) -> int:
    return sum(answer(simulation(whose), day, some) for day, whose, some in by_day(bearers, days, asked))


def from_files(files: list[str], classes: list[int]) -> int:
    rows = pq.read_table(files, columns=["bearer_id", "day", "minutes"], filters=ASKED, partitioning=None)
    bearers = rows["bearer_id"].to_numpy()
    those = np.isin(bearers, classes)
    days = rows["day"].cast("int32").to_numpy()
    return from_arrays(bearers[those], days[those], rows["minutes"].to_numpy()[those])


def from_records(rows: list[dict]) -> int:
    days: dict[str, list[dict]] = {}
    for row in rows:
        days.setdefault(row["day"].isoformat(), []).append(row)
    found = 0
    for day, several in days.items():
        demands, classes = {}, {}
        for row in several:
            demands[str(row["demand_id"])] = {"minutes": {day: row["minutes"]}}
            members = classes.setdefault(str(row["bearer_id"]), {"members": []})
            members["members"].append(str(row["demand_id"]))
        asked = SimulationBuilder().build_from_dict(SYSTEM, {"demands": demands, "classes": classes})
        found += int(asked.calculate("over", day).sum())
    return found


def main() -> None:
    start, given = sys.argv[1], json.load(sys.stdin)
    rows = np.load(given["rows"])
    columns = rows["bearer"], rows["day"], rows["minutes"]
    work = {
        "files": lambda: from_files(given["files"], given["classes"]),
        "arrays": lambda: from_arrays(*columns),
    }.get(start)
    if start == "records":
        told = [
            {"demand_id": n, "bearer_id": int(bearer), "day": date.fromisoformat(iso(day)), "minutes": int(asked)}
            for n, (bearer, day, asked) in enumerate(zip(*columns, strict=True))
        ]
        work = lambda: from_records(told)  # noqa: E731
    if start == "ready":
        ready = [(simulation(whose), day, some) for day, whose, some in by_day(*columns)]
        work = lambda: sum(answer(*one) for one in ready)  # noqa: E731
    begun, cpu = time.perf_counter(), time.process_time()
    found = work()
    seconds = time.perf_counter() - begun
    json.dump({"seconds": seconds, "cpu": time.process_time() - cpu, "over": found}, sys.stdout)


main()
