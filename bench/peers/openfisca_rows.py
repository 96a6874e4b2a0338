"""One dated limit with openfisca-core over many rows: python openfisca_rows.py ROWS arrays|records prints its rate.

A row is a demand, a person of the model; classes are its groups, and a class is over where the minutes of its members
on a day are more than the cap in force on it. The whole day is asked at once. "arrays": one simulation, the minutes of
each day as an array that is there before the clock starts. "records": a simulation of each day built from its records,
the input that OpenFisca documents.
"""

import json
import sys
import time
from datetime import date, timedelta

import numpy as np
from openfisca_core.entities import Entity, GroupEntity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

DEMAND = Entity("demand", "demands", "", "")
CLASS = GroupEntity("class_", "classes", "", "", roles=[{"key": "member", "plural": "members"}])
DAYS, ROWS_OF_A_CLASS = 196, 12
CAPS = {"cap": {"values": {"2013-06-30": {"value": 60}, "2021-04-08": {"value": 60}}}}


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


def simulation(system: TaxBenefitSystem, classes: int):
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("demand", np.arange(classes * ROWS_OF_A_CLASS))
    groups = builder.declare_entity("class_", np.arange(classes))
    builder.join_with_persons(groups, np.repeat(np.arange(classes), ROWS_OF_A_CLASS), np.array(["member"]))
    return builder.build(system)


def from_arrays(system: TaxBenefitSystem, classes: int, days: list[tuple]) -> int:
    asked, found = simulation(system, classes), 0
    for day, asked_minutes in days:
        asked.set_input("minutes", day, asked_minutes)
        found += int(asked.calculate("over", day).sum())
    return found


def from_records(system: TaxBenefitSystem, classes: int, days: list[tuple]) -> int:
    members = [[f"{c}-{n}" for n in range(ROWS_OF_A_CLASS)] for c in range(classes)]
    groups, found = {str(c): {"members": of} for c, of in enumerate(members)}, 0
    for day, asked_minutes in days:
        each = zip((name for of in members for name in of), asked_minutes.tolist(), strict=True)
        records = {"demands": {name: {"minutes": {day: number}} for name, number in each}, "classes": groups}
        found += int(SimulationBuilder().build_from_dict(system, records).calculate("over", day).sum())
    return found


def main() -> None:
    classes = int(sys.argv[1]) // (DAYS * ROWS_OF_A_CLASS)
    work = {"arrays": from_arrays, "records": from_records}[sys.argv[2]]
    system = TaxBenefitSystem([DEMAND, CLASS])
    system.add_variables(minutes, over)
    system.parameters = ParameterNode("", data=CAPS)
    draw = np.random.default_rng(20251112)
    days = [
        ((date(2025, 9, 1) + timedelta(days=n)).isoformat(), draw.integers(2, 10, classes * ROWS_OF_A_CLASS))
        for n in range(DAYS)
    ]
    begun, cpu = time.perf_counter(), time.process_time()
    found = work(system, classes, days)
    seconds = time.perf_counter() - begun
    rate = classes * ROWS_OF_A_CLASS * DAYS / seconds
    said = {"seconds": seconds, "cpu": time.process_time() - cpu, "rate": rate, "checks": rate, "over": found}
    json.dump(said, sys.stdout)


main()
