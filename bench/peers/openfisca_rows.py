"""One dated limit with openfisca-core over many rows: python openfisca_rows.py rule|files|records|arrays|ready prints
its rate.

It reads JSON from standard input: `rows`, an .npz file with `bearer`, `day` (since 1970) and `minutes` of what the
limit looks at; for "files" and "rule" the Parquet files by month, for "files" the `classes` that the limit is for, and
for "rule" the `units` that there are with the `grades` of classes. A row is a demand, a person of the model; classes
are its groups, and a class is over where the minutes of its members on a day are more than the cap in force on it. Each
day has other members, so each has a simulation; all rows of a day are asked at once. The clock starts:

- rule: before the Parquet files are read; every row goes in, and the model says what counts and for whom
- files: before the Parquet files are read; what does not count is left out while they are read, by hand
- records: with a dictionary for each row, which becomes the input that OpenFisca documents
- arrays: with three arrays, a row after the other
- ready: with a simulation of each day, its members known, and the minutes of each in its order: an addition is left
"""

import json
import sys
import time
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from openfisca_core.entities import Entity, GroupEntity
from openfisca_core.indexed_enums import Enum
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


class Kind(Enum):
    homework = "homework"
    other = "other"


class Form(Enum):
    written = "written"
    other = "other"


class kind(Variable):
    value_type = Enum
    possible_values = Kind
    default_value = Kind.other
    entity = DEMAND
    definition_period = DateUnit.DAY


class form(Variable):
    value_type = Enum
    possible_values = Form
    default_value = Form.other
    entity = DEMAND
    definition_period = DateUnit.DAY


class required(Variable):
    value_type = bool
    entity = DEMAND
    definition_period = DateUnit.DAY


class stands(Variable):
    value_type = bool
    entity = DEMAND
    definition_period = DateUnit.DAY


class emergency(Variable):
    value_type = bool
    entity = DEMAND
    definition_period = DateUnit.DAY


class counted(Variable):
    value_type = int
    entity = DEMAND
    definition_period = DateUnit.DAY

    def formula(demands, period):
        is_written = (demands("kind", period) == Kind.homework) * (demands("form", period) == Form.written)
        stands = demands("stands", period) * ~demands("emergency", period)
        return is_written * demands("required", period) * stands * demands("minutes", period)


class grade(Variable):
    value_type = int
    entity = CLASS
    definition_period = DateUnit.DAY


class over_in_its_grade(Variable):
    value_type = bool
    entity = CLASS
    definition_period = DateUnit.DAY

    def formula(classes, period, parameters):
        is_meant = (classes("grade", period) >= 3) * (classes("grade", period) <= 6)
        return is_meant * (classes.sum(classes.members("counted", period)) > parameters(period).cap)


def system_with_caps() -> TaxBenefitSystem:
    system = TaxBenefitSystem([DEMAND, CLASS])
    system.add_variables(minutes, over, kind, form, required, stands, emergency, counted, grade, over_in_its_grade)
    system.parameters = ParameterNode("", data=CAPS)
    return system


SYSTEM = system_with_caps()


def by_day(days: np.ndarray, *columns: np.ndarray) -> list[tuple]:
    """(day, the values of each column) of each day."""
    order = np.argsort(days, kind="stable")
    starts = np.flatnonzero(np.diff(days[order], prepend=-1))
    pieces = zip(*(np.split(one[order], starts[1:]) for one in columns), strict=True)
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
    return sum(answer(simulation(whose), day, some) for day, whose, some in by_day(days, bearers, asked))


def by_rule(months: list[list[str]], units: list[int], grades: list[int]) -> int:
    """A month's files at a time, each day a simulation of all that was asked on it."""
    units, grades, found = np.array(units), np.array(grades), 0
    names = ["bearer_id", "minutes", "kind", "attribute_form", "attribute_required", "stands", "emergency"]
    for files in months:
        rows = pq.read_table(files, columns=["day", *names], partitioning=None)
        words = {"kind": "homework", "attribute_form": "written", "attribute_required": "true"}
        said = [pc.equal(rows[name], words[name]) if name in words else rows[name] for name in names]
        columns = [pc.fill_null(one, False if one.type == pa.bool_() else 0) for one in said]
        for day, whose, *some in by_day(rows["day"].cast("int32").to_numpy(), *(one.to_numpy() for one in columns)):
            found += ruled(day, whose, some, grades[np.searchsorted(units, np.unique(whose))])
    return found


def ruled(day: str, bearers: np.ndarray, some: list[np.ndarray], grades: np.ndarray) -> int:
    asked = simulation(bearers)
    minutes, is_homework, is_written, *flags = some
    asked.set_input("minutes", day, minutes)
    asked.set_input("kind", day, np.where(is_homework, Kind.homework.index, Kind.other.index))
    asked.set_input("form", day, np.where(is_written, Form.written.index, Form.other.index))
    for name, values in zip(("required", "stands", "emergency"), flags, strict=True):
        asked.set_input(name, day, values)
    asked.set_input("grade", day, grades)
    return int(asked.calculate("over_in_its_grade", day).sum())


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
        "rule": lambda: by_rule(given["months"], given["units"], given["grades"]),
        "files": lambda: from_files([one for month in given["months"] for one in month], given["classes"]),
        "arrays": lambda: from_arrays(*columns),
    }.get(start)
    if start == "records":
        told = [
            {"demand_id": n, "bearer_id": int(bearer), "day": date.fromisoformat(iso(day)), "minutes": int(asked)}
            for n, (bearer, day, asked) in enumerate(zip(*columns, strict=True))
        ]
        work = lambda: from_records(told)  # noqa: E731
    if start == "ready":
        bearer, days, asked = columns
        ready = [(simulation(whose), day, some) for day, whose, some in by_day(days, bearer, asked)]
        work = lambda: sum(answer(*one) for one in ready)  # noqa: E731
    begun, cpu = time.perf_counter(), time.process_time()
    found = work()
    seconds = time.perf_counter() - begun
    json.dump({"seconds": seconds, "cpu": time.process_time() - cpu, "over": found}, sys.stdout)


main()
