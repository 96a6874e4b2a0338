"""Merging small cases to the end: every visit on every day of its window, cut where the bounds say it's no use."""

from .problem import Problem
from .search import Plan

MOST_VISITS = 24
MOST_STEPS = 10_000


def improve(problem: Problem, plan: Plan, bounds: list[int], travel: list[int]) -> tuple[Plan, bool]:
    """The best plan that was found, and whether it is proven to be the best: it is where the search came to its end.

    ``bounds`` and ``travel`` are the fewest visit-days of each place and travel-days of each authority.
    """
    if len(problem.visits) > MOST_VISITS:
        return plan, False
    search = _Search(problem, plan, bounds, travel)
    search.descend(0)
    return search.best_plan(), search.steps <= MOST_STEPS


class _Search:
    def __init__(self, problem: Problem, plan: Plan, bounds: list[int], travel: list[int]):
        self.problem, self.bounds, self.travel = problem, bounds, travel
        self.order = [number for numbers in problem.at for number in numbers]
        self.best, self.known, self.days = plan.cost(range(len(problem.places))), plan, None
        self.steps = 0
        self.at: list[int | None] = []  # the day of each visit in order so far, None where it is left out
        self.used: list[dict[int, int]] = [{} for _ in problem.places]  # day: visits there
        self.people: list[dict[int, int]] = [{} for _ in problem.authorities]  # day: people out

    def descend(self, position: int) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS or self._least(position) >= self.best:
            return
        if position == len(self.order):
            self.best, self.days = self._least(position), list(self.at)
            return
        visit = self.problem.visits[self.order[position]]
        used, people = self.used[visit.place], self.people[visit.authority]
        days = [day for day in range(visit.days.bit_length()) if visit.days >> day & 1]
        for day in sorted(days, key=lambda d: (d not in used, d not in people, d)):
            if not self._fits(visit, day):
                continue
            used[day] = used.get(day, 0) + 1
            people[day] = people.get(day, 0) + visit.people
            self.at.append(day)
            self.descend(position + 1)
            self.at.pop()
            _give_back(used, day, 1)
            _give_back(people, day, visit.people)
        self.at.append(None)
        self.descend(position + 1)
        self.at.pop()

    def _fits(self, visit, day: int) -> bool:
        used, problem = self.used[visit.place], self.problem
        crowded = used.get(day, 0) >= problem.per_day[visit.place]
        too_often = day not in used and len(used) >= problem.most_days[visit.place]
        return not crowded and not too_often and (
            self.people[visit.authority].get(day, 0) + visit.people <= problem.room[visit.authority]
        )  # fmt: skip

    def _least(self, position: int) -> tuple[int, int, int]:
        """What any way to go on costs at least."""
        unplaced = self.at.count(None)
        out = [len(days) for days in self.people]
        if unplaced:  # the bounds count visits that have no day
            return unplaced, sum(map(len, self.used)), sum(out)
        visit_days = sum(max(len(used), bound) for used, bound in zip(self.used, self.bounds, strict=True))
        return 0, visit_days, sum(map(max, out, self.travel))

    def best_plan(self) -> Plan:
        if self.days is None:
            return self.known
        plan, day_of = Plan(self.problem), dict(zip(self.order, self.days, strict=True))
        for place, numbers in enumerate(self.problem.at):
            groups: dict[int, list[int]] = {}
            for number in numbers:
                if day_of[number] is not None:
                    groups.setdefault(day_of[number], []).append(number)
            plan.put(place, sorted(groups.items()), [number for number in numbers if day_of[number] is None])
        return plan


def _give_back(counts: dict[int, int], day: int, number: int) -> None:
    counts[day] -= number
    if not counts[day]:
        del counts[day]
