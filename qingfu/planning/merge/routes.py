"""The round trips of one day: cars from the seat, a few places each, by PyVRP; up to seven places exactly."""

from math import hypot

MOST_EXACT = 7
ITERATIONS = 3000  # of PyVRP; a number and not a time, so that anybody gets the same routes


def metres(one: dict, other: dict) -> int:
    """Straight distance between two rows with x and y in metres."""
    return round(hypot(one["x"] - other["x"], one["y"] - other["y"]))


def length(routes: list[list[dict]], start: dict) -> int:
    """Metres of all ``routes``, each from ``start`` and back."""
    return sum(metres(a, b) for route in routes for a, b in zip([start, *route], [*route, start], strict=True))


def router() -> str:
    """What plans days of more than seven places: "pyvrp 0.14.1", or "" where the extra [planning] isn't installed."""
    try:
        import pyvrp  # noqa: F401
    except ImportError:
        return ""
    from importlib.metadata import version

    return f"pyvrp {version('pyvrp')}"


def plan_routes(places: list[dict], start: dict, stops: int, seed: int, iterations: int = ITERATIONS):
    """The shortest routes found that visit every row of ``places`` once, at most ``stops`` in a route.

    None where there are more than seven places and PyVRP (extra [planning]) isn't installed.
    """
    if len(places) <= MOST_EXACT:
        return _exactly(places, start, stops)
    return _by_pyvrp(places, start, stops, seed, iterations) if router() else None


def _exactly(places: list[dict], start: dict, stops: int) -> list[list[dict]]:
    """Held and Karp (1962) for each set of places, then the best division into sets."""
    number = len(places)
    end: dict[tuple[int, int], tuple[int, list[int]]] = {}  # (set, last place): metres and order
    for last in range(number):
        end[1 << last, last] = metres(start, places[last]), [last]
    tour: dict[int, tuple[int, list[int]]] = {}
    for group in range(1, 1 << number):
        if group.bit_count() > stops:
            continue
        members = [n for n in range(number) if group >> n & 1]
        for last in members if len(members) > 1 else []:
            rest = group & ~(1 << last)
            end[group, last] = min(
                (end[rest, n][0] + metres(places[n], places[last]), [*end[rest, n][1], last])
                for n in members
                if n != last
            )
        tour[group] = min((end[group, n][0] + metres(places[n], start), end[group, n][1]) for n in members)
    best: dict[int, tuple[int, list[list[int]]]] = {0: (0, [])}
    for group in range(1, 1 << number):
        first = group & -group
        best[group] = min(
            (tour[part][0] + best[group ^ part][0], [tour[part][1], *best[group ^ part][1]])
            for part in tour
            if part & group == part and part & first
        )
    return [[places[n] for n in order] for order in best[(1 << number) - 1][1]]


def _by_pyvrp(places: list[dict], start: dict, stops: int, seed: int, iterations: int) -> list[list[dict]]:
    from pyvrp import Model
    from pyvrp.stop import MaxIterations

    model, rows = Model(), [start, *places]
    where = [model.add_location(row["x"], row["y"]) for row in rows]
    depot = model.add_depot(where[0])
    model.add_vehicle_type(len(places), capacity=stops, start_depot=depot, end_depot=depot)
    for location in where[1:]:
        model.add_client(location, delivery=1)
    for one, a in zip(where, rows, strict=True):
        for other, b in zip(where, rows, strict=True):
            model.add_edge(one, other, metres(a, b))
    found = model.solve(MaxIterations(iterations), seed=seed, display=False).best
    return [[places[stop.idx] for stop in route if stop.is_client()] for route in found.routes()]
