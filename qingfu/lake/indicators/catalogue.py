"""The catalogue of indicators as ``data/indicators.toml`` lays it down: what each says, and how it is worked out.

An expression is data. It names a table of the lake, which of its rows count (``where``), which of those it is about
(``part``), what is counted in them (rows, things that ``each`` tells apart, or the ``sum`` of a column), and a form:

- count, sum: how many, how much, of the part if one is named
- share: the part in all, in %
- ratio: one count in another (``per``), ``times`` 100 for %
- percentile: of the sums of a column for each class and day (``percent`` 50: the median), by nearest rank
- change: a count or sum against the same days of the year before, in %
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from qingfu.lake.tables import ATTRIBUTE, ROOM, tables

FORMS = ("count", "sum", "share", "ratio", "percentile", "change")
DIRECTIONS = ("lower", "higher", "none")
TESTS = ("is", "stated", "names", "at_least", "at_most", "not_after", "above")
OF_UNIT = ("unit_kind", "grade", "seats", "institution_id")
"""What a row also has from the unit that it belongs to."""


class CatalogueError(ValueError):
    """An indicator that is not written as the catalogue is to be written. ``str()`` names it."""


@dataclass(frozen=True)
class Condition:
    """A test on one column. ``is``: one of some values; ``stated``: there is something; ``names``: a text has one of
    these in it; ``at_least``, ``at_most``: a number; ``not_after``, ``above``: another column."""

    column: str
    test: str
    value: object


@dataclass(frozen=True)
class Measure:
    """What is counted: rows of a table that meet all of ``where``, the things that ``each`` tells apart in them, or
    the sum of a column. ``dated`` is the column with the day; empty for tables of what lasts. ``shares``: a demand that
    was laid on several days lies on each of them, with its minutes of that day."""

    table: str
    where: tuple[Condition, ...]
    each: tuple[str, ...] = ()
    sum: str = ""
    dated: str = ""
    shares: bool = False


@dataclass(frozen=True)
class Expression:
    """How an indicator is worked out: ``whole`` is what it looks at, ``part`` what it is about, ``per`` what that is
    set against. ``settled``: only days that were over when the lake was written. ``told``: of anonymous answers, what
    the figure tells besides their number (``pools.TOLD``)."""

    form: str
    whole: Measure
    part: Measure
    per: Measure | None = None
    percent: int = 0
    times: int = 1
    settled: bool = False
    told: str = "none"


@dataclass(frozen=True)
class Indicator:
    """指标: a named figure with its definition. ``direction`` says whether lower or higher is better, or neither;
    ``rows`` are the rules of the rulebook that it is about, as its packs number them."""

    id: str
    name: str
    definition: str
    unit: str
    direction: str
    decimals: int
    since: date
    source: str
    section: str
    expression: Expression
    rows: tuple[str, ...] = ()


@cache
def catalogue() -> dict[str, Indicator]:
    """All indicators, by id, in the order of the catalogue."""
    raw = tomllib.loads((ROOM / "data" / "indicators.toml").read_text("utf-8"))
    return {id: read_indicator(id, one) for id, one in raw.items()}


def attributes_asked() -> set[str]:
    """The attributes of demands that some indicator looks at: each becomes a column of the lake."""
    found = set()
    for indicator in catalogue().values():
        one = indicator.expression
        for measure in (one.whole, one.part, one.per):
            if measure is not None and tables()[measure.table].attributes:
                found |= {name.removeprefix(ATTRIBUTE) for name in columns_of(measure) if name.startswith(ATTRIBUTE)}
    return found


def columns_of(measure: Measure) -> set[str]:
    """The columns that a measure looks at."""
    compared = {one.value for one in measure.where if one.test in ("not_after", "above")}
    named = {one.column for one in measure.where} | compared | {*measure.each, measure.sum, measure.dated}
    return named - {""}


def read_indicator(id: str, raw: Mapping) -> Indicator:
    """An indicator from its table of the catalogue. Raises CatalogueError."""
    try:
        said = dict(raw)
        known = {name: said.pop(name) for name in ("name", "definition", "unit", "source", "section", "since")}
        direction, decimals, rows = said.pop("direction"), said.pop("decimals", 0), tuple(said.pop("rows", ()))
        if direction not in DIRECTIONS:
            raise CatalogueError(f"direction {direction}")
        expression = _expression(said)
        return Indicator(id=id, direction=direction, decimals=decimals, expression=expression, rows=rows, **known)
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"{id}: {error}") from error


def _expression(said: dict) -> Expression:
    form, per = said.pop("form"), said.pop("per", None)
    if form not in FORMS:
        raise CatalogueError(f"form {form}")
    numbers = {name: said.pop(name) for name in ("percent", "times", "settled", "told") if name in said}
    part = said.pop("part", {})
    whole = _measure(said)
    inside = replace(whole, where=(*whole.where, *_conditions(whole.table, part)))
    if form in ("share", "change"):
        numbers["times"] = 100
    if form == "change":
        numbers["settled"] = True  # days still to come are not set against days that were
    against = per and _measure({"table": whole.table, "shares": whole.shares, **per})
    return Expression(form, whole, inside, against, **numbers)


def _measure(said: Mapping) -> Measure:
    unknown = set(said) - {"table", "where", "each", "sum", "dated", "shares"}
    if unknown:
        raise CatalogueError(f"unknown {sorted(unknown)}")
    table = tables()[said["table"]]
    each = tuple(_column(table.name, name) for name in said.get("each", ()))
    total = said.get("sum", "")
    return Measure(
        table.name, tuple(_conditions(table.name, said.get("where", {}))), each,
        total and _column(table.name, total), said.get("dated", table.dated), said.get("shares", False),
    )  # fmt: skip


def _conditions(table: str, where: Mapping) -> Iterable[Condition]:
    for name, wanted in where.items():
        column = _column(table, name)
        tests = wanted if isinstance(wanted, dict) else {"is": wanted}
        for test, value in tests.items():
            if test not in TESTS:
                raise CatalogueError(f"test {test}")
            if test in ("is", "names"):
                value = tuple(value) if isinstance(value, list) else (value,)
            elif test in ("not_after", "above"):
                value = _column(table, value)
            yield Condition(column, test, value)


def _column(table: str, name: str) -> str:
    """The column that a name means: one of the table, one of its unit, or else an attribute of demands."""
    one = tables()[table]
    if name in one.names or name in OF_UNIT:
        return name
    if one.attributes:
        return name if name.startswith("amount_") else ATTRIBUTE + name
    raise CatalogueError(f"{table} has no column {name}")
