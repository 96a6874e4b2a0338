"""Visits merged: fewest visit-days for those visited, then fewest travel-days. The format is in docs/merge.md."""

from typing import NamedTuple

from ..request import PlanError, is_name, sha256
from .bound import Run, fewest_days
from .exact import improve
from .problem import Problem, Visit, read
from .routes import length, plan_routes, router
from .search import Plan, search

MOST_EFFORT, EFFORT = 1500, 20  # rounds of ruin and recreate in all, and for each visit


class Result(NamedTuple):
    days: list[dict]  # {day, places: [{place, visits}], and with a start: routes, metres}
    unplaced: list[dict]  # {visit, why: closed (no open day in its window) | full}
    certificate: dict  # hashes, seed, counts, the bounds and the runs of days that prove them


def seal(visit: dict, nonce: str) -> str:
    """The SHA-256 that stands for an unannounced visit until it is done: its place and day can't be guessed from
    it as long as ``nonce`` (at least 32 random hex digits) is kept, nor changed afterwards. Raises PlanError."""
    if not isinstance(nonce, str) or len(nonce) < 32:
        raise PlanError("nonce：应为至少 32 位的随机十六进制数，否则地点和日期会被猜出")
    return sha256({"nonce": nonce, "visit": visit})


def merge(request: dict, seed: str) -> Result:
    """The plan for ``request``: most visits placed, then fewest visit-days, then fewest travel-days.

    The same request and seed give the same plan. Sealed visits are neither read nor moved: their inspectors are
    the authority's ``reserve`` of every day. Raises PlanError where the request is bad.
    """
    problem, listed = read(request), sha256(request)
    if not is_name(seed):
        raise PlanError("seed：请填种子（文字）")
    at = {name: [problem.visits[n] for n in numbers] for name, numbers in zip(problem.places, problem.at, strict=True)}
    by: dict[str, list[Visit]] = {name: [] for name in problem.authorities}
    for visit in problem.visits:
        by[problem.authorities[visit.authority]].append(visit)
    stays = {name: fewest_days(_windows(at[name], alike=True), problem.per_day[n]) for n, name in enumerate(at)}
    outings = {name: fewest_days(_windows(by[name]), problem.room[n]) for n, name in enumerate(by)}
    bounds, travel = [bound for bound, _ in stays.values()], [bound for bound, _ in outings.values()]
    effort = request.get("effort", min(MOST_EFFORT, EFFORT * len(problem.visits)))
    plan = search(problem, bounds, sum(travel), seed, effort)
    cost, ended = plan.cost(range(len(at))), False
    if cost > (0, sum(bounds), sum(travel)):
        plan, ended = improve(problem, plan, bounds, travel)
        cost = plan.cost(range(len(at)))
    days = _days(problem, plan)
    if "start" in request:
        _add_routes(days, request)
    unplaced = [
        {"visit": problem.visits[n].name, "why": "full" if problem.visits[n].days else "closed"}
        for numbers in plan.unplaced
        for n in sorted(numbers)
    ]
    certificate = {
        "request_sha256": listed,
        "result_sha256": sha256({"days": days, "unplaced": unplaced}),
        "seed": seed,
        "visits": len(problem.visits) - cost[0],
        "visit_days": cost[1],
        "travel_days": cost[2],
        "visit_days_bound": sum(bounds),
        "travel_days_bound": sum(travel),
        "runs": {"places": _runs(problem, stays), "authorities": _runs(problem, outings)},
        "searched": "all" if ended else "some",
        "router": router() if "start" in request else "",
    }
    return Result(days, unplaced, certificate)


def _windows(visits: list[Visit], alike: bool = False) -> list[tuple[int, int, int]]:
    """First and last open day and people; each visit counts one where they are ``alike``."""
    return [
        ((v.days & -v.days).bit_length() - 1, v.days.bit_length() - 1, 1 if alike else v.people)
        for v in visits
        if v.days
    ]  # fmt: skip


def _runs(problem: Problem, found: dict[str, tuple[int, list[Run]]]) -> dict[str, list[list[str]]]:
    return {
        name: [[problem.days[first], problem.days[last]] for first, last in runs]
        for name, (_, runs) in found.items()
        if runs
    }  # fmt: skip


def _days(problem: Problem, plan: Plan) -> list[dict]:
    places: dict[int, list[dict]] = {}
    for place, groups in enumerate(plan.groups):
        for day, members in groups:
            visits = [problem.visits[number].name for number in sorted(members)]
            places.setdefault(day, []).append({"place": problem.places[place], "visits": visits})
    return [{"day": problem.days[day], "places": places[day]} for day in sorted(places)]


def _add_routes(days: list[dict], request: dict) -> None:
    """Adds the round trips of every day that can be planned here. docs/merge.md says when not."""
    rows = {row["id"]: row for row in request["places"]}
    for number, day in enumerate(days):
        places = [rows[there["place"]] for there in day["places"]]
        routes = plan_routes(places, request["start"], request["stops"], seed=number)
        if routes is not None:
            day["routes"] = [[row["id"] for row in route] for route in routes]
            day["metres"] = length(routes, request["start"])
