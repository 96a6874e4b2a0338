"""全县情况: monitor, assess, feed back, intervene, assure, from the same indicators as every report."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from qingfu.lake import indicators
from qingfu.lake.indicators import Figure, Indicator
from qingfu.lake.reading import Lake, open_lake
from qingfu.reports.queries.work import lake_of
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden

DATA = Path(__file__).parents[1] / "data"
RECORDS_SHOWN = 50
KEPT = 64  # answers of a lake that did not change since


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
    """One of the five: what it asks, what is known, and which indicators have no records yet or may not be shown."""

    name: str
    asks: str
    lines: tuple[Line, ...]
    silent: tuple[Figure, ...]


@dataclass(frozen=True)
class Situation:
    """The county from the first day of the term to the day of the records."""

    county: Unit
    first: date
    last: date
    stages: tuple[Stage, ...]

    @property
    def worse(self) -> list[Line]:
        """What was heavier in the last month than in the one before, in the order of the page."""
        return [line for stage in self.stages for line in stage.lines if line.changed == "worse"]


@dataclass(frozen=True)
class One:
    """One indicator of the county: the term, its months, what lies right below the county, and some records."""

    figure: Figure
    months: list[Figure]
    below: list[Figure]
    records: list[dict]
    digest: str

    @property
    def bars(self) -> list[tuple[Figure, int]]:
        """Each month with the length of its bar: 100 for the longest, 0 where there is nothing to show."""
        most = max((abs(one.value) for one in self.months if one.value), default=0)
        return [(one, round(100 * abs(one.value) / most) if one.value else 0) for one in self.months]


def county_of(actor: Actor) -> Unit:
    """The county whose situation the actor may see. Raises Forbidden."""
    held = [post.unit_id for post in actor.posts_for("see_county")]
    if not held:
        raise Forbidden("see_county")
    return Unit.objects.get(pk=held[0])


def situation(county: Unit) -> Situation:
    """What the indicators of the five stages come to. Raises NoRecords."""
    lake = lake_of(county)
    first, last = _term(lake, county)
    ids = tuple(dict.fromkeys(id for stage in stages() for id in stage["indicators"]))
    found = {one.indicator.id: one for one in kept_figures(lake, ids, county.pk, first, last)}
    months: dict[str, list[Figure]] = {}
    for one in kept_figures(lake, ids, county.pk, first, last, ("month",)):
        if _is_whole(one, last):
            months.setdefault(one.indicator.id, []).append(one)
    return Situation(county, first, last, tuple(_stage(said, found, months) for said in stages()))


def one_indicator(county: Unit, indicator_id: str) -> One:
    """An indicator with all that the county's page shows of it. Raises NoRecords, and LookupError for one that
    is not in the catalogue."""
    if indicator_id not in indicators.catalogue():
        raise LookupError(indicator_id)
    lake = lake_of(county)
    span = _term(lake, county)
    ids = (indicator_id,)
    return One(
        kept_figures(lake, ids, county.pk, *span)[0], kept_figures(lake, ids, county.pk, *span, ("month",)),
        kept_figures(lake, ids, county.pk, *span, ("unit",)),
        indicators.records(lake, indicator_id, county.pk, *span, limit=RECORDS_SHOWN), indicators.digest(lake),
    )  # fmt: skip


def all_figures(county: Unit) -> tuple[list[Figure], str]:
    """Every indicator of the catalogue for the county, for the term and by month, and which export that was."""
    lake = lake_of(county)
    span, ids = _term(lake, county), tuple(indicators.catalogue())
    whole = kept_figures(lake, ids, county.pk, *span)
    return [*whole, *kept_figures(lake, ids, county.pk, *span, ("month",))], indicators.digest(lake)


@cache
def stages() -> list[dict]:
    """The five stages as data/stages.toml lays them down."""
    return tomllib.loads((DATA / "stages.toml").read_text("utf-8"))["stage"]


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


def _term(lake: Lake, county: Unit) -> tuple[date, date]:
    from qingfu.lake.indicators.ground import term_until_written

    return term_until_written(lake, county.pk)


def kept_figures(
    lake: Lake, ids: Iterable[str], unit_id: int, first: date, last: date, by: tuple[str, ...] = ()
) -> list[Figure]:
    """``indicators.figures``, remembered as long as the lake does not change."""
    return list(_remembered(indicators.digest(lake), lake.folder, lake.codes, tuple(ids), unit_id, first, last, by))


@lru_cache(maxsize=KEPT)
def _remembered(digest, folder, codes, ids, unit_id, first, last, by) -> tuple[Figure, ...]:
    """Figures of a lake that has not changed since are the same."""
    return tuple(indicators.figures(open_lake(folder, codes), ids, unit_id, first, last, by))
