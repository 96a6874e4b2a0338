"""全县情况, 学校情况, 单位情况: what the indicators of a unit say, what changed, and what needs a person."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qingfu.findings import queries as findings
from qingfu.findings.models import Finding
from qingfu.lake import indicators
from qingfu.lake.indicators import Figure, Indicator
from qingfu.lake.manifest import LakeError
from qingfu.lake.reading import Lake, open_lake
from qingfu.reports.queries import work
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, scope, within

DATA = Path(__file__).parents[1] / "data"
TITLES = {"county": _("全县情况"), "school": _("学校情况"), "office": _("单位情况")}
"""The kinds of pages there are, and what they are called."""

PLACES = tuple(TITLES)

RECORDS_SHOWN = 50
KEPT = 256  # answers of a lake that did not change since
FIRST = 3  # indicators of a stage that stand there at once


@dataclass(frozen=True)
class Line:
    """One indicator in the term so far, and in the last two months that are over."""

    figure: Figure
    now: Figure | None = None
    then: Figure | None = None

    @property
    def one(self) -> Indicator:
        return self.figure.indicator

    @property
    def changed(self) -> str:
        """Whether the last month was "better" or "worse" than the one before; empty where it is neither."""
        if self.then is None or self.one.direction == "none" or self.now.value == self.then.value:
            return ""
        fell = self.now.value < self.then.value
        return "better" if fell == (self.one.direction == "lower") else "worse"


@dataclass(frozen=True)
class Stage:
    """A part of the page: what it asks, what is known, and which indicators have no records yet or may not be shown."""

    name: str
    asks: str
    lines: tuple[Line, ...]
    silent: tuple[Figure, ...]

    @property
    def first(self) -> tuple[Line, ...]:
        return self.lines[:FIRST]

    @property
    def others(self) -> tuple[Line, ...]:
        return self.lines[FIRST:]


@dataclass(frozen=True)
class Situation:
    """A unit from the first day of the term to the day of the records."""

    unit: Unit
    first: date
    last: date
    stages: tuple[Stage, ...]

    @property
    def is_compared(self) -> bool:
        """Whether anything has two whole months to set against each other."""
        return any(line.now for stage in self.stages for line in stage.lines)

    def _changed(self, how: str) -> list[Line]:
        return [line for stage in self.stages for line in stage.lines if line.changed == how]

    @property
    def worse(self) -> list[Line]:
        """What was heavier in the last month than in the one before, in the order of the page."""
        return self._changed("worse")

    @property
    def better(self) -> list[Line]:
        """What was lighter."""
        return self._changed("better")


@dataclass(frozen=True)
class Waiting:
    """What needs a person: findings that are hers to put right or to look back at, those of the unit that are past
    their day, and reports for her check or signature."""

    mine: int
    recheck: int
    late: int
    reports: int

    def __bool__(self) -> bool:
        return any((self.mine, self.recheck, self.late, self.reports))


@dataclass(frozen=True)
class One:
    """One indicator of a unit: the term, its months and grades, what lies right below, and some records."""

    figure: Figure
    months: list[Figure]
    grades: list[Figure]
    below: list[Figure]
    records: list[dict]
    digest: str

    @property
    def all(self) -> list[Figure]:
        return [self.figure, *self.months, *self.grades, *self.below]


# ---- whose ----


def places_for(actor: Actor) -> list[str]:
    """The kinds of pages of the units at which the actor's own roles are held."""
    return [
        place for place, said in pages().items()
        if any(post.kind in said["kinds"] for post in actor.posts_for(said["verb"]))
    ]  # fmt: skip


def units_of(actor: Actor, place: str) -> QuerySet[Unit]:
    """The units whose page of a kind the actor may see, the widest first. Raises Forbidden where there is none."""
    said = pages()[place]
    found = scope(actor, said["verb"]).filter(kind__in=said["kinds"]).order_by("depth", "path")
    if not found.exists():
        raise Forbidden(said["verb"])
    return found


def unit_of(actor: Actor, place: str, unit_id: int | None = None) -> Unit:
    """One of ``units_of``; the first of them without an id. Raises Forbidden, never saying whether it exists."""
    units = units_of(actor, place)
    found = units.first() if unit_id is None else units.filter(pk=unit_id).first()
    if found is None:
        raise Forbidden(pages()[place]["verb"])
    return found


def place_of(unit: Unit) -> str:
    """The kind of page that a unit has; empty where it has none."""
    return next((place for place in PLACES if unit.kind in pages()[place]["kinds"]), "")


# ---- what there is to say ----


def situation(unit: Unit, place: str) -> Situation:
    """What the indicators of a page come to. Raises NoRecords."""
    lake = work.lake_of(unit)
    first, last = _term(lake, unit)
    said = pages()[place]["stage"]
    ids = ids_of(place)
    found = {one.indicator.id: one for one in kept_figures(lake, ids, unit.pk, first, last)}
    months: dict[str, list[Figure]] = {}
    for one in kept_figures(lake, ids, unit.pk, first, last, ("month",)):
        if _is_whole(one, last):
            months.setdefault(one.indicator.id, []).append(one)
    return Situation(unit, first, last, tuple(_stage(one, found, months) for one in said))


def waiting_in(actor: Actor, unit: Unit) -> Waiting:
    """What needs the actor, and what nobody put right in time in a unit."""
    tabs = findings.tab_counts(actor)
    late = Q(state=Finding.State.OPEN, due_day__lt=timezone.localdate())
    inside = findings.visible(actor).filter(within([unit.path], "bearer__path"))
    found = inside.aggregate(late=Count("pk", filter=late))
    return Waiting(tabs["mine"], tabs["recheck"], found["late"], work.waiting_for(actor))


def one_indicator(unit: Unit, place: str, indicator_id: str) -> One:
    """An indicator with all that a unit's page shows of it. Raises NoRecords, and LookupError for one that the page
    does not have."""
    if indicator_id not in ids_of(place):
        raise LookupError(indicator_id)
    lake = work.lake_of(unit)
    span, ids = _term(lake, unit), (indicator_id,)
    grades = [one for one in kept_figures(lake, ids, unit.pk, *span, ("grade",)) if one.by[0][1]]
    return One(
        kept_figures(lake, ids, unit.pk, *span)[0], kept_figures(lake, ids, unit.pk, *span, ("month",)),
        grades if len(grades) > 1 else [], kept_figures(lake, ids, unit.pk, *span, ("unit",)),
        indicators.records(lake, indicator_id, unit.pk, *span, limit=RECORDS_SHOWN), indicators.digest(lake),
    )  # fmt: skip


def all_figures(unit: Unit, place: str) -> tuple[list[Figure], str]:
    """Every indicator of a page for a unit, for the term and by month, and which export that was. Raises NoRecords."""
    lake = work.lake_of(unit)
    span, ids = _term(lake, unit), ids_of(place)
    whole = kept_figures(lake, ids, unit.pk, *span)
    return [*whole, *kept_figures(lake, ids, unit.pk, *span, ("month",))], indicators.digest(lake)


@cache
def pages() -> dict[str, dict]:
    """The pages as data/situations.toml lays them down, by what they are of."""
    return tomllib.loads((DATA / "situations.toml").read_text("utf-8"))


def ids_of(place: str) -> tuple[str, ...]:
    """The indicators that a page opens: of a county all there are, else those that stand on it."""
    if place == "county":
        return tuple(indicators.catalogue())
    return tuple(dict.fromkeys(id for stage in pages()[place]["stage"] for id in stage["indicators"]))


def _stage(said: dict, found: dict[str, Figure], months: dict[str, list[Figure]]) -> Stage:
    figures = [found[id] for id in said["indicators"]]
    lines = tuple(_line(one, months.get(one.indicator.id, [])) for one in figures if one.state == "shown")
    return Stage(said["name"], said["asks"], lines, tuple(one for one in figures if one.state != "shown"))


def _line(figure: Figure, months: list[Figure]) -> Line:
    if len(months) < 2 or not all(one.state == "shown" for one in months[-2:]):
        return Line(figure)
    then, now = months[-2:]
    return Line(figure, now, then)


def _is_whole(one: Figure, written: date) -> bool:
    """Whether a month lies in the term from its first day to its last, and was over when the records were written."""
    return one.first.day == 1 and (one.last + timedelta(days=1)).day == 1 and one.last < written


def _term(lake: Lake, unit: Unit) -> tuple[date, date]:
    from qingfu.lake.indicators.ground import term_until_written

    try:
        return term_until_written(lake, unit.pk)
    except LakeError as error:  # it was founded after the export
        raise work.NoRecords(str(error)) from error


def kept_figures(
    lake: Lake, ids: Iterable[str], unit_id: int, first: date, last: date, by: tuple[str, ...] = ()
) -> list[Figure]:
    """``indicators.figures``, remembered as long as the lake does not change."""
    return list(_remembered(indicators.digest(lake), lake.folder, lake.codes, tuple(ids), unit_id, first, last, by))


@lru_cache(maxsize=KEPT)
def _remembered(digest, folder, codes, ids, unit_id, first, last, by) -> tuple[Figure, ...]:
    """Figures of a lake that has not changed since are the same."""
    return tuple(indicators.figures(open_lake(folder, codes), ids, unit_id, first, last, by))
