"""One dated limit with openfisca-core over many rows: python openfisca_rows.py ROWS prints its rate as JSON.

A row is a demand, a person of the model; classes are its groups, and a class is over where the minutes of its members
on a day are more than the cap in force on it. One simulation for all demands of a day, the whole day at once, which is
how it is asked about many. The arrays are made before the clock starts.
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


def main() -> None:
    classes = int(sys.argv[1]) // (DAYS * ROWS_OF_A_CLASS)
    system = TaxBenefitSystem([DEMAND, CLASS])
    system.add_variables(minutes, over)
    system.parameters = ParameterNode("", data=CAPS)
    draw = np.random.default_rng(20251112)
    days = [
        ((date(2025, 9, 1) + timedelta(days=n)).isoformat(), draw.integers(2, 10, classes * ROWS_OF_A_CLASS))
        for n in range(DAYS)
    ]
    begun, cpu = time.perf_counter(), time.process_time()
    asked = simulation(system, classes)
    found = 0
    for day, asked_minutes in days:
        asked.set_input("minutes", day, asked_minutes)
        found += int(asked.calculate("over", day).sum())
    seconds = time.perf_counter() - begun
    rate = classes * ROWS_OF_A_CLASS * DAYS / seconds
    said = {"seconds": seconds, "cpu": time.process_time() - cpu, "rate": rate, "checks": rate, "over": found}
    json.dump(said, sys.stdout)


main()
