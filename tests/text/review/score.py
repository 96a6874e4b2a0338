"""Matching what the reader finds with what is annotated or planted, and counting by kind and sub.

A finding and an annotation match when they are of one kind, of one file and share a character. Each is used once:
pairs with the largest overlap first. Rows have the keys of the annotated collections, and ``end_line`` where a span
runs over a line end.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

END_OF_LINE = 1_000_000


@dataclass
class Tally:
    """What was found of one kind or sub: annotated, hit, hit with the exact fix, reported in vain."""

    annotated: int = 0
    hit: int = 0
    fixed: int = 0
    false: int = 0

    @property
    def recall(self) -> float | None:
        return self.hit / self.annotated if self.annotated else None

    @property
    def precision(self) -> float | None:
        said = self.hit + self.false
        return self.hit / said if said else None


@dataclass
class Score:
    """Tallies by kind and by (kind, sub), with the rows that were missed and those reported in vain."""

    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    subs: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    missed: list[dict] = field(default_factory=list)
    false: list[dict] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        for mine, theirs in ((self.kinds, other.kinds), (self.subs, other.subs)):
            for key, tally in theirs.items():
                for name in ("annotated", "hit", "fixed", "false"):
                    setattr(mine[key], name, getattr(mine[key], name) + getattr(tally, name))
        self.missed += other.missed
        self.false += other.false


def span(row: dict) -> tuple[tuple[int, int], tuple[int, int]]:
    """((line, character) of the start, the same of the end)."""
    return (row["line"], row["start"]), (row.get("end_line", row["line"]), row["end"])


def overlap(one: dict, other: dict) -> int:
    """Characters that two rows share; a shared line end counts as one character."""
    start, end = max(span(one)[0], span(other)[0]), min(span(one)[1], span(other)[1])
    if start >= end:
        return 0
    return end[1] - start[1] if start[0] == end[0] else END_OF_LINE - start[1] + end[1]


def matches(annotated: list[dict], found: list[dict]) -> list[tuple[int, int]]:
    """Pairs (place in ``annotated``, place in ``found``), one to one, the largest overlap first."""
    by_place = defaultdict(list)
    for place, row in enumerate(found):
        for line in range(row["line"], row.get("end_line", row["line"]) + 1):
            by_place[row["file"], row["kind"], line].append(place)
    candidates = []
    for place, row in enumerate(annotated):
        near = by_place[row["file"], row["kind"], row["line"]]
        candidates += [(overlap(row, found[other]), place, other) for other in near if overlap(row, found[other])]
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for _, place, other in sorted(candidates, key=lambda c: (-c[0], c[1], c[2])):
        if place not in taken[0] and other not in taken[1]:
            taken[0].add(place)
            taken[1].add(other)
            pairs.append((place, other))
    return pairs


def score(annotated: Iterable[dict], found: Iterable[dict]) -> Score:
    """Recall, exact fixes and vain findings. A vain finding is counted under its own kind and sub."""
    annotated, found = list(annotated), list(found)
    result = Score()
    pairs = dict(matches(annotated, found))
    for place, row in enumerate(annotated):
        hit = place in pairs
        fixed = hit and repaired(row, found[pairs[place]])
        for tally in (result.kinds[row["kind"]], result.subs[row["kind"], row["sub"]]):
            tally.annotated += 1
            tally.hit += hit
            tally.fixed += fixed
        if not hit:
            result.missed.append(row)
    used = set(pairs.values())
    for other, row in enumerate(found):
        if other not in used:
            result.kinds[row["kind"]].false += 1
            result.subs[row["kind"], row["sub"]].false += 1
            result.false.append(row)
    return result


def repaired(annotated: dict, found: dict) -> bool:
    """Whether both repairs lead to the same text, though their spans may differ by characters that both keep."""
    if not found.get("known", True):
        return False
    if span(annotated) == span(found):
        return annotated["fix"] == found["fix"]
    if span(annotated)[0][0] != span(found)[1][0]:
        return False
    return widened(annotated, found) == widened(found, annotated)


def widened(row: dict, other: dict) -> str | None:
    """The repair of ``row`` over the union of both spans, its missing ends read from ``other``'s text."""
    left, right = row["start"] - other["start"], other["end"] - row["end"]
    before = other["text"][:left] if left > 0 else ""
    after = other["text"][-right:] if right > 0 else ""
    return before + row["fix"] + after


def alarms(found: Iterable[dict], least: str = "warning") -> list[dict]:
    """The findings of severity ``least`` or above."""
    order = ("hint", "warning", "error")
    return [row for row in found if order.index(row["severity"]) >= order.index(least)]


def table(result: Score, recall_only: frozenset[str] = frozenset()) -> str:
    """Lines of kind and sub with counts; for ``recall_only`` kinds, whose annotations are samples, no precision."""
    lines = [f"{'kind':24}{'sub':20}{'there':>6}{'hit':>6}{'R':>7}{'vain':>6}{'P':>7}{'fixed':>7}"]
    for kind in sorted(result.kinds):
        lines.append(_row(kind, "", result.kinds[kind], kind in recall_only))
        for (of, sub), tally in sorted(result.subs.items()):
            if of == kind:
                lines.append(_row("", sub, tally, kind in recall_only))
    return "\n".join(lines)


def _row(kind: str, sub: str, tally: Tally, recall_only: bool) -> str:
    recall = "-" if tally.recall is None else f"{tally.recall:.3f}"
    precision = "-" if recall_only or tally.precision is None else f"{tally.precision:.3f}"
    return f"{kind:24}{sub:20}{tally.annotated:6}{tally.hit:6}{recall:>7}{tally.false:6}{precision:>7}{tally.fixed:7}"
