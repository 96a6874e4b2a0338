"""What could be done instead of a new meeting: merge, append (套开), move, hold by video, send a note. Pure.

Every proposal says what it saves those invited, in minutes by the published tariff. Of other offices' meetings nothing
is known here but the half-day and who is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qingfu.offices.convening import figures

Half = tuple[date, str]


@dataclass(frozen=True)
class Wanted:
    """The meeting that is planned: its half-days, who is invited, and what it takes of each of them.

    ``around`` are the minutes of a unit that go with any meeting (preparation, telling afterwards), ``way`` those of
    its travel; ``note`` what the same as a note would take of all together; None where it cannot be one.
    """

    halves: tuple[Half, ...]
    invited: frozenset[int]
    minutes: int
    around: Mapping[int, int]
    way: Mapping[int, int]
    note: int | None = None


@dataclass(frozen=True)
class Other:
    """A meeting that stands. ``ask_id`` only of the organiser's own; ``on_site`` whether people come for it."""

    halves: tuple[Half, ...]
    invited: frozenset[int]
    on_site: bool
    ask_id: int | None = None


@dataclass(frozen=True)
class Proposal:
    """``kind``: merge, append, move, video or note. ``saves`` minutes of all invited; ``shared`` units concerned;
    ``clashes`` how many would be busy then, for a move."""

    kind: str
    saves: int
    shared: int = 0
    half: Half | None = None
    ask_id: int | None = None
    clashes: int = 0


def propose(
    wanted: Wanted, others: Sequence[Other], free: Sequence[Half], busy: Mapping[Half, frozenset[int]]
) -> list[Proposal]:
    """The proposals worth a look, the one that saves most first.

    ``free`` are half-days on which the rules would let it be held; ``busy`` who is taken when, standing meetings and
    visits included.
    """
    found = [*_merge(wanted, others), *_append(wanted, others), *_move(wanted, free, busy), *_video(wanted)]
    if wanted.note is not None and wanted.note < wanted.minutes:
        found.append(Proposal("note", wanted.minutes - wanted.note, len(wanted.invited)))
    return sorted(found, key=lambda one: (-one.saves, one.kind))


def clashes(wanted: Wanted, busy: Mapping[Half, frozenset[int]]) -> frozenset[int]:
    """Who of those invited is taken already in one of its half-days."""
    return frozenset().union(*(busy.get(half, frozenset()) & wanted.invited for half in wanted.halves))


def _enough(wanted: Wanted, other: Other) -> frozenset[int]:
    """The units that both call, if they are a large enough share of those invited; else nobody."""
    shared = wanted.invited & other.invited
    return shared if len(shared) >= float(figures()["proposals"]["share"]) * len(wanted.invited) else frozenset()


def _merge(wanted: Wanted, others: Iterable[Other]) -> list[Proposal]:
    """With one of the organiser's own: who is called to both need come once."""
    first, near = wanted.halves[0][0], figures()["proposals"]["near_days"]
    each = {unit: wanted.way.get(unit, 0) + wanted.around.get(unit, 0) for unit in wanted.invited}
    return [
        Proposal("merge", _sum(each, shared), len(shared), one.halves[0], one.ask_id)
        for one in others
        if one.ask_id and abs((one.halves[0][0] - first).days) <= near and (shared := _enough(wanted, one))
    ]


def _append(wanted: Wanted, others: Iterable[Other]) -> list[Proposal]:
    """套开: right after another one to which many of the same come anyway; that saves their way."""
    first, near = wanted.halves[0][0], figures()["proposals"]["near_days"]
    found = [
        Proposal("append", _sum(wanted.way, shared), len(shared), one.halves[0])
        for one in others
        if not one.ask_id and one.on_site and abs((one.halves[0][0] - first).days) <= near
        and (shared := _enough(wanted, one))
    ]  # fmt: skip
    return [one for one in found if one.saves]


def _move(wanted: Wanted, free: Iterable[Half], busy: Mapping[Half, frozenset[int]]) -> list[Proposal]:
    """To the half-day with fewest clashes, the nearest of those, if that is fewer than now."""
    now = len(clashes(wanted, busy))
    counted = [(len(busy.get(half, frozenset()) & wanted.invited), half) for half in free]
    best = min(counted, default=None, key=lambda one: (one[0], abs((one[1][0] - wanted.halves[0][0]).days), one[1]))
    if best is None or best[0] >= now:
        return []
    return [Proposal("move", 0, now - best[0], best[1], clashes=best[0])]


def _video(wanted: Wanted) -> list[Proposal]:
    saved = sum(wanted.way.values())
    return [Proposal("video", saved, len(wanted.invited))] if saved else []


def _sum(minutes: Mapping[int, int], units: Iterable[int]) -> int:
    return sum(minutes.get(unit, 0) for unit in units)
