"""The fewest days that visits can need: interval stabbing with a capacity a day.

Let y be 1 on the days used. Every run of days I must hold the n(I) people whose whole window lies in I: at least
ceil(n(I) / cap) of its days are used. With prefix sums this is a system of differences, so the least number of days
is a longest path; its forward steps are a family F of runs that proves it to anybody:

    days ≥ Σ over F of ceil(n(I) / cap) − Σ over days of max(0, times covered by F − 1)

For one place and visits of one person it is the exact optimum (for jobs of unit length, Chang, Gabow and Khuller 2014
call it active time); without a cap F is the disjoint windows of the textbook.
"""

from collections import Counter

Run = tuple[int, int]  # first and last day


def fewest_days(windows: list[tuple[int, int, int]], cap: int) -> tuple[int, list[Run]]:
    """The bound for ``windows`` (first day, last day, people) and the runs that prove it.

    Where the windows cannot be met at all the bound says nothing and is (0, []).
    """
    needs = _needs(windows, cap)
    nodes = sorted({first for first, _ in needs} | {last + 1 for _, last in needs})
    into = {node: [(first, need) for (first, last), need in needs.items() if last + 1 == node] for node in nodes}
    best = dict.fromkeys(nodes, 0)
    came: dict[int, int | None] = dict.fromkeys(nodes)
    for _ in range(len(nodes) + 1):
        before = dict(best)
        for left, node in zip([None, *nodes], nodes, strict=False):
            for source, need in [*into[node], *([(left, 0)] if left is not None else [])]:
                if best[source] + need > best[node]:
                    best[node], came[node] = best[source] + need, source
        for node, right in zip(reversed(nodes[:-1]), reversed(nodes[1:]), strict=True):
            if best[right] - (right - node) > best[node]:  # runs may overlap, at the price of the days they share
                best[node], came[node] = best[right] - (right - node), right
        if best == before:
            return _proof(nodes, best, came, needs)
    return 0, []


def _needs(windows: list[tuple[int, int, int]], cap: int) -> dict[Run, int]:
    """Days that each run needs, where its ends are the ends of windows."""
    people = Counter()
    for first, last, number in windows:
        people[first, last] += number
    lasts = sorted({last for _, last in people})
    inside = dict.fromkeys(lasts, 0)
    needs = {}
    for start in sorted({first for first, _ in people}, reverse=True):
        for last in lasts:
            inside[last] += people[start, last]
        total = 0
        for last in lasts:
            total += inside[last]
            if total and last >= start:
                needs[start, last] = -(-total // cap)
    return needs


def _proof(nodes, best, came, needs) -> tuple[int, list[Run]]:
    node = max(nodes, key=lambda n: best[n], default=None)
    bound, runs = best.get(node, 0), []
    while node is not None:
        source = came[node]
        if source is not None and source < node and best[node] > best[source]:
            runs.append((source, node - 1))
        node = source
    return bound, runs[::-1]
