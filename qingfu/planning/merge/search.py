"""Merging at any size: places by earliest deadline into what room is left, then ruin and recreate.

A plan of a place is a few groups of its visits, each on one day. Every place is planned exactly (fewest days, then
fewest new outings) into the room that the others left; what is improved by ruin and recreate is that room.
"""

import hashlib
import random
from collections.abc import Iterable

from .problem import Problem

MOST_STEPS = 4000  # of one place's search; beyond it the best grouping so far is taken
RUINED = 12  # places taken out besides those that must move


class Plan:
    """Which visits stand on which day, with the inspectors still free; all days are bits of an integer."""

    def __init__(self, problem: Problem):
        self.problem = problem
        sizes: list[set[int]] = [set() for _ in problem.authorities]
        for visit in problem.visits:
            sizes[visit.authority].add(visit.people)
        every = (1 << len(problem.days)) - 1
        self.left = [[room] * len(problem.days) for room in problem.room]
        self.free = [dict.fromkeys(sorted(found), every) for found in sizes]  # days with room for so many people
        self.out = [0] * len(problem.authorities)  # days on which the authority is on the road already
        self.there: list[dict[int, list[int]]] = [{} for _ in problem.authorities]  # day: places, once for each visit
        self.groups: list[list[tuple[int, list[int]]]] = [[] for _ in problem.places]  # (day, visits)
        self.unplaced: list[list[int]] = [[] for _ in problem.places]

    def put(self, place: int, groups: list[tuple[int, list[int]]], unplaced: list[int]) -> None:
        self.groups[place], self.unplaced[place] = groups, unplaced
        for day, members in groups:
            for number in members:
                visit = self.problem.visits[number]
                self._use(visit.authority, day, visit.people)
                self.there[visit.authority].setdefault(day, []).append(place)
                self.out[visit.authority] |= 1 << day

    def take_out(self, place: int) -> tuple[list[tuple[int, list[int]]], list[int]]:
        groups, unplaced = self.groups[place], self.unplaced[place]
        self.groups[place], self.unplaced[place] = [], []
        for day, members in groups:
            for number in members:
                visit = self.problem.visits[number]
                self._use(visit.authority, day, -visit.people)
                places = self.there[visit.authority][day]
                places.remove(place)
                if not places:
                    del self.there[visit.authority][day]
                    self.out[visit.authority] &= ~(1 << day)
        return groups, unplaced

    def _use(self, authority: int, day: int, people: int) -> None:
        left = self.left[authority][day] = self.left[authority][day] - people
        for size, days in self.free[authority].items():
            self.free[authority][size] = days | 1 << day if left >= size else days & ~(1 << day)

    def days_with_room(self, authority: int, people: int) -> int:
        """Bits of the days on which ``people`` more inspectors are free."""
        if people in self.free[authority]:
            return self.free[authority][people]
        return sum(1 << day for day, left in enumerate(self.left[authority]) if left >= people)

    def cost(self, places: Iterable[int]) -> tuple[int, int, int]:
        """Visits of ``places`` that found no day, their visit-days, and all travel-days: in this order of weight."""
        return (
            sum(len(self.unplaced[place]) for place in places),
            sum(len(self.groups[place]) for place in places),
            sum(map(len, self.there)),
        )


def search(problem: Problem, bounds: list[int], fewest_out: int, seed: str, effort: int) -> Plan:
    """A good plan: ``bounds`` are the fewest days of each place, ``effort`` the rounds of ruin and recreate; it
    stops where no place can have fewer days and the authorities are out on no more than ``fewest_out``."""
    plan = Plan(problem)
    chance = random.Random(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    for place in sorted(range(len(problem.places)), key=lambda p: (_slack(problem, p), p)):
        _recreate(plan, place, bounds[place], chance)
    loose = {place for place in range(len(problem.places)) if _loose(plan, place, bounds)}
    for _ in range(effort):
        if not loose and sum(map(len, plan.there)) == fewest_out:
            break
        ruined = _ruin_and_recreate(plan, bounds, loose, chance)
        loose.difference_update(ruined)
        loose.update(place for place in ruined if _loose(plan, place, bounds))
    return plan


def _loose(plan: Plan, place: int, bounds: list[int]) -> bool:
    return bool(plan.unplaced[place]) or len(plan.groups[place]) > bounds[place]


def _slack(problem: Problem, place: int) -> int:
    return min((problem.visits[n].days.bit_count() for n in problem.at[place]), default=0)


def _ruin_and_recreate(plan: Plan, bounds: list[int], loose: set[int], chance: random.Random) -> list[int]:
    """One round, which is undone where it made the plan worse; the places that it touched."""
    if loose and chance.random() < 0.7:
        ruined = _around(plan, sorted(loose)[_below(len(loose), chance)], chance)
    else:
        ruined = _outing(plan, chance)
    before = plan.cost(ruined)
    kept = {place: plan.take_out(place) for place in ruined}
    for place in sorted(ruined, key=lambda p: (p not in loose, chance.random())):
        _recreate(plan, place, bounds[place], chance)
    if plan.cost(ruined) > before:
        for place in ruined:
            plan.take_out(place)
        for place, (groups, unplaced) in kept.items():
            plan.put(place, groups, unplaced)
    return ruined


def _around(plan: Plan, place: int, chance: random.Random) -> list[int]:
    """The place and others that hold what it needs: inspectors of the same authorities inside its windows."""
    rivals = set()
    for number in plan.problem.at[place]:
        visit = plan.problem.visits[number]
        for day, others in plan.there[visit.authority].items():
            if visit.days >> day & 1:
                rivals.update(others)
    return [place, *_some(sorted(rivals - {place}), RUINED, chance)]


def _outing(plan: Plan, chance: random.Random) -> list[int]:
    """The places of one small outing of an authority, and some others that it visits."""
    authorities = [number for number, days in enumerate(plan.there) if days]
    if not authorities:
        return []
    there = plan.there[authorities[_below(len(authorities), chance)]]
    days = sorted(there)
    day = min((days[_below(len(days), chance)] for _ in range(3)), key=lambda d: (len(there[d]), d))
    others = sorted({place for places in there.values() for place in places} - set(there[day]))
    return [*sorted(set(there[day])), *_some(others, RUINED // 2, chance)]


def _below(number: int, chance: random.Random) -> int:
    return int(chance.random() * number)  # random() alone gives the same numbers in every version of Python


def _some(rows: list[int], number: int, chance: random.Random) -> list[int]:
    rows = list(rows)
    for position in range(min(number, len(rows))):
        other = position + _below(len(rows) - position, chance)
        rows[position], rows[other] = rows[other], rows[position]
    return rows[:number]


def _recreate(plan: Plan, place: int, fewest: int, chance: random.Random) -> None:
    """Plans the visits of one place into the room that is left; leaves out those that find none."""
    visits, unplaced = [], []
    for number in plan.problem.at[place]:
        visit = plan.problem.visits[number]
        fits = visit.days & plan.days_with_room(visit.authority, visit.people)
        (visits if fits else unplaced).append(number)
    while visits:
        for most in range(max(1, fewest if not unplaced else 1), min(len(visits), plan.problem.most_days[place]) + 1):
            groups = _Grouping(plan, place, visits, most).best(chance)
            if groups is not None:
                plan.put(place, groups, unplaced)
                return
        unplaced.append(visits.pop(_below(len(visits), chance)))
    plan.put(place, [], unplaced)


class _Grouping:
    """The visits of one place in at most ``most`` groups, with the fewest authorities sent out for it alone."""

    def __init__(self, plan: Plan, place: int, visits: list[int], most: int):
        self.plan, self.most, self.size = plan, most, plan.problem.per_day[place]
        self.visits = visits
        self.rows = [plan.problem.visits[number] for number in visits]
        self.fits = [row.days & plan.days_with_room(row.authority, row.people) for row in self.rows]
        self.known: dict[int, tuple[int, int]] = {}
        self.steps = 0
        self.found: tuple[int, list[tuple[int, int]]] | None = None

    def best(self, chance: random.Random) -> list[tuple[int, list[int]]] | None:
        self._descend(0, [])
        if self.found is None:
            return None
        groups, used = [], 0
        for bits, days in sorted(self.found[1], key=lambda group: group[1].bit_count()):
            days = self._days(bits, self._outings(bits, days & ~used)[1], chance)
            if not days:
                return None
            used |= days
            groups.append((days.bit_length() - 1, [v for n, v in enumerate(self.visits) if bits >> n & 1]))
        return groups

    def _descend(self, number: int, groups: list[tuple[int, int]]) -> None:
        """Visits in the order of their deadlines, into a group that stands before a new one: the first grouping
        that is reached is the one of earliest deadlines."""
        self.steps += 1
        if self.steps > MOST_STEPS and self.found:
            return
        if number == len(self.rows):
            cost = sum(self._known(bits, days)[0] for bits, days in groups)
            if self.found is None or cost < self.found[0]:
                self.found = cost, list(groups)
            return
        for position, (bits, days) in enumerate(groups):
            both = days & self.fits[number]
            if both and bits.bit_count() < self.size and (both := self._same_authority(bits, number, both)):
                groups[position] = bits | 1 << number, both
                self._descend(number + 1, groups)
                groups[position] = bits, days
        if len(groups) < self.most:
            groups.append((1 << number, self.fits[number]))
            self._descend(number + 1, groups)
            groups.pop()

    def _same_authority(self, bits: int, number: int, days: int) -> int:
        """Days of ``days`` with room for all visits of one authority in the group."""
        row = self.rows[number]
        people = sum(r.people for n, r in enumerate(self.rows) if bits >> n & 1 and r.authority == row.authority)
        return days & self.plan.days_with_room(row.authority, people + row.people) if people else days

    def _known(self, bits: int, days: int) -> tuple[int, int]:
        if bits not in self.known:
            self.known[bits] = self._outings(bits, days)
        return self.known[bits]

    def _outings(self, bits: int, days: int) -> tuple[int, int]:
        """Authorities that must go out newly for this group, and the days on which it is so few."""
        layers = [days]  # layers[k]: days on which k of the authorities are out already
        authorities = {row.authority for n, row in enumerate(self.rows) if bits >> n & 1}
        for authority in authorities:
            out = self.plan.out[authority]
            layers.append(layers[-1] & out)
            for k in range(len(layers) - 2, 0, -1):
                layers[k] |= layers[k - 1] & out
        out_already = max(k for k, found in enumerate(layers) if found or k == 0)
        return len(authorities) - out_already, layers[out_already]

    def _days(self, bits: int, days: int, chance: random.Random) -> int:
        """One of ``days``, by lot; 0 where there is none."""
        for _ in range(_below(days.bit_count(), chance)):
            days &= days - 1
        return days & -days
