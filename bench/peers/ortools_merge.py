"""OR-Tools on the same visits and routes: python ortools_merge.py FILE.json prints what it found in the time given."""

import json
import sys
from math import hypot

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.sat.python import cp_model


def merge(request: dict, seconds: float) -> dict:
    """Visit-days and travel-days by CP-SAT, first minimised a thousand times before the second."""
    model = cp_model.CpModel()
    blocked = [day for day in request["days"] if any(b["first"] <= day <= b["last"] for b in request["blocked"])]
    days = [day for day in request["days"] if day not in blocked]
    stay, out, at, sent = {}, {}, {}, {}
    for row in request["visits"]:
        chosen = []
        for day in (day for day in days if row["first"] <= day <= row["last"]):
            on = model.new_bool_var("")
            chosen.append(on)
            at.setdefault((row["place"], day), []).append(on)
            sent.setdefault((row["authority"], day), []).append((on, row["people"]))
        model.add_exactly_one(chosen)
    per_day = {row["id"]: row["per_day"] for row in request["places"]}
    room = {row["id"]: row["inspectors"] for row in request["authorities"]}
    for key, there in at.items():
        stay[key] = model.new_bool_var("")
        model.add(sum(there) <= per_day[key[0]])
        for on in there:
            model.add_implication(on, stay[key])
    for key, going in sent.items():
        out[key] = model.new_bool_var("")
        model.add(sum(on * people for on, people in going) <= room[key[0]])
        for on, _ in going:
            model.add_implication(on, out[key])
    model.minimize(1000 * sum(stay.values()) + sum(out.values()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {}
    return {name: sum(map(solver.value, of.values())) for name, of in (("visit_days", stay), ("travel_days", out))}


def route(places: list[dict], start: dict, stops: int, seconds: float) -> int:
    """Metres of the routes by guided local search."""
    rows = [start, *places]
    far = [[round(hypot(a["x"] - b["x"], a["y"] - b["y"])) for b in rows] for a in rows]
    manager = pywrapcp.RoutingIndexManager(len(rows), len(places), 0)
    model = pywrapcp.RoutingModel(manager)
    transit = model.RegisterTransitCallback(lambda a, b: far[manager.IndexToNode(a)][manager.IndexToNode(b)])
    model.SetArcCostEvaluatorOfAllVehicles(transit)
    one = model.RegisterUnaryTransitCallback(lambda a: int(manager.IndexToNode(a) != 0))
    model.AddDimension(one, 0, stops, True, "stops")
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.SAVINGS
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(seconds * 1000))
    return model.SolveWithParameters(parameters).ObjectiveValue()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    print(json.dumps(merge(**asked["merge"]) if "merge" in asked else [route(**row) for row in asked["routes"]]))
