"""Single checks of one dated limit with OpenFisca: a fresh simulation for each question.

Reads `[day, minutes]` questions as JSON from standard input, writes the rate and the number refused as JSON.
"""

import json
import sys
import time

from openfisca_core.entities import Entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

CLASS = Entity("class", "classes", "", "")

CAPS = {
    "cap": {
        "description": "每天书面作业总时长",
        "reference": "教基厅函〔2021〕13号",
        "unit": "minutes",
        "values": {"2013-06-30": {"value": 60}, "2021-04-08": {"value": 60}},
    }
}


class minutes(Variable):
    value_type = int
    entity = CLASS
    definition_period = DateUnit.DAY


class over(Variable):
    value_type = bool
    entity = CLASS
    definition_period = DateUnit.DAY

    def formula(classes, period, parameters):
        return classes("minutes", period) > parameters(period).cap


def system() -> TaxBenefitSystem:
    homework = TaxBenefitSystem([CLASS])
    homework.add_variables(minutes, over)
    homework.parameters = ParameterNode("", data=CAPS)
    return homework


def main() -> None:
    questions = json.load(sys.stdin)
    homework = system()
    cap = homework.parameters.cap
    refused = 0
    begun = time.perf_counter()
    for day, amount in questions:
        simulation = SimulationBuilder().build_from_dict(
            homework, {"classes": {"a": {"minutes": {day: amount}}}}
        )
        is_over = bool(simulation.calculate("over", day)[0])
        answer = ("refuse" if is_over else "pass", cap(day), cap.metadata.get("reference"))
        refused += answer[0] == "refuse"
    seconds = time.perf_counter() - begun
    json.dump({"rate": len(questions) / seconds, "refused": refused}, sys.stdout)


main()
