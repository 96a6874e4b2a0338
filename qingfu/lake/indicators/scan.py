"""Indicators as Ibis expressions: all measures of one table in one pass over its rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from operator import and_

import ibis
import pyarrow as pa

from qingfu.lake.indicators.catalogue import OF_UNIT, Condition, Measure
from qingfu.lake.indicators.ground import Ground, Window
from qingfu.lake.tables import ATTRIBUTE, Table, tables
from qingfu.units.years import grade_on_rows

GROUND, CHILD, WINDOW, SUBJECT, GRADE = "in_ground", "in_unit", "in_window", "in_subject", "in_grade"
WEIGHT = "in_weight"
NOT_SAID = ("", "null", "[]", "{}")

PLACES = pa.schema([
    ("of_county", pa.string()), (GROUND, pa.int64()), ("of_bearer", pa.int64()), (CHILD, pa.int64()),
    ("of_unit_kind", pa.string()), ("of_grade", pa.int64()), ("of_seats", pa.int64()),
    ("of_institution_id", pa.int64()), ("of_entered", pa.int64()), ("of_first_grade", pa.int64()),
])  # fmt: skip

DAYS = pa.schema([(WINDOW, pa.int64()), ("on_day", pa.date32())])

Key = tuple
"""The number of the ground, and the values of the columns that a figure is told by, in their order."""


@dataclass(frozen=True)
class Count:
    """What a measure came to in one group, and in how many records."""

    value: int
    rows: int


class Scan:
    """The rows of one table that belong to some units and lie in some windows, read once for all that is asked of them.

    ``grounds`` are the units, each of a county of its own. ``keys`` are some of CHILD, WINDOW, SUBJECT, GRADE. Without
    WINDOW the windows together are one span. ``columns`` are those that measures will look at; without them all.
    ``apart``: every unit is its own CHILD. ``shares``: what was laid on several days lies on these.
    """

    def __init__(
        self, grounds: Sequence[Ground], table: str, dated: str, windows: Sequence[Window], keys: Sequence[str],
        columns: Iterable[str] | None = None, *, apart: bool = False, shares: bool = False,
    ):  # fmt: skip
        self.table: Table = tables()[table]
        self.grounds, self.lake = grounds, grounds[0].lake
        self.is_one = len(grounds) == 1
        self.keys = list(keys) if self.is_one else [GROUND, *keys]
        self.is_empty = not self.lake.holds(table)
        self._asked = columns, dated, windows, apart, shares
        self.filled = self.lake.filled(table) | {f"of_{name}" for name in OF_UNIT}
        self.kinds = self.lake.kinds(table)
        self._known: dict[Condition, object] = {}

    @cached_property
    def rows(self):
        """The rows as an expression; a table without any is never asked for."""
        columns, dated, _, _, shares = self._asked
        rows = self._of_counties(columns, shares)
        return self._placed(self._in_time(rows, dated), dated)

    @cached_property
    def _shape(self) -> tuple:
        """All that the text of a statement over the rows depends on, but for what is asked of them."""
        columns, dated, windows, _, shares = self._asked
        views = [self._in_backend(name) for name in (self.table.name, "splits")]
        spans = tuple((one.first, one.last) for one in windows) if dated and WINDOW not in self.keys else ()
        counties = tuple(one.county for one in self.grounds)
        held = tuple(self.lake.columns(self.table.name))
        looked_at = None if columns is None else frozenset(columns)
        return (*views, held, counties, looked_at, dated, shares, tuple(self.keys), spans)

    def _in_backend(self, name: str) -> str:
        """What a table is called in the backend, where it is from now on, with rows or without."""
        return self.lake.view(name) if self.lake.holds(name) else self.lake.table(name).get_name()

    @cached_property
    def _lent(self) -> dict[str, pa.Table]:
        """What the statement reads beside the lake: the units, and days or spans of the windows."""
        _, dated, windows, apart, _ = self._asked
        lent = {"scan_places": self._places(apart)}
        if not dated:
            lent["scan_spans"] = self._spans(windows)
        elif WINDOW in self.keys:
            lent["scan_days"] = self._days(windows)
        return lent

    def _of_counties(self, columns: Iterable[str] | None, shares: bool):
        """The rows of the units' counties, with only the columns named: a plan of many columns costs more than rows."""
        rows = self.lake.table(self.table.name)
        rows = rows.filter(rows.county.isin([one.county for one in self.grounds]))
        if columns is not None:
            always = {"county", self.table.bearer, self.table.weight, self.table.dated, *self.table.lasts, "subject"}
            always |= {"demand_id", "is_split"} if shares else set()
            rows = rows.select(*sorted((always | set(columns)) & set(rows.columns)))
        return self._on_their_days(rows) if shares and self.lake.holds("splits") else rows

    def _on_their_days(self, rows):
        """What was laid on several days, on these (`charges.share_of_day`)."""
        is_split = rows.is_split.fill_null(False)
        split = self.lake.table("splits").select("county", "demand_id", share_day="day", share="minutes")
        parts = rows.filter(is_split).join(split, ["county", "demand_id"])
        parts = parts.mutate(day=parts.share_day, minutes=parts.share).select(rows.columns)
        return rows.filter(~is_split).union(parts)

    def _in_time(self, rows, dated: str):
        if not dated:
            return self._lasting(rows)
        if WINDOW in self.keys:
            return rows.join(self._lend("scan_days"), [(dated, "on_day")])
        spans = (rows[dated].between(one.first, one.last) for one in self._asked[2])
        return rows.filter(ibis.or_(*spans))

    def _lasting(self, rows):
        """Rows that stand on the last day of a window, or on the day the lake was written if that is still to come."""
        spans = self._lend("scan_spans")
        starts, ends = (rows[name] for name in self.table.lasts)
        stands = ends > spans.on_day if self.table.lasts_before else ends >= spans.on_day
        return rows.join(spans, [starts.isnull() | (starts <= spans.on_day), ends.isnull() | stands])

    def _lend(self, name: str):
        return self.lake.lend(name, self._lent[name])

    @staticmethod
    def _days(windows: Sequence[Window]) -> pa.Table:
        """Every day of the windows; a span that lies ahead has none yet."""
        return pa.Table.from_pylist([
            {WINDOW: number, "on_day": date.fromordinal(n)} for number, one in enumerate(windows)
            for n in range(one.first.toordinal(), one.last.toordinal() + 1)
        ], DAYS)  # fmt: skip

    def _spans(self, windows: Sequence[Window]) -> pa.Table:
        """The day by which each window is told of what lasts; without WINDOW they are one."""
        written = self.grounds[0].written
        spans = [(one.first, one.last) for one in windows]
        spans = spans if WINDOW in self.keys else [(spans[0][0], spans[-1][1])]
        return pa.Table.from_pylist(
            [{WINDOW: n, "on_day": max(first, min(last, written))} for n, (first, last) in enumerate(spans)], DAYS
        )

    def _places(self, apart: bool) -> pa.Table:
        places = [
            {"of_county": ground.county, GROUND: number, "of_bearer": one.id, CHILD: one.id if apart else one.child,
             "of_unit_kind": one.kind, "of_grade": one.grade, "of_seats": one.seats,
             "of_institution_id": one.institution_id, "of_entered": one.entered, "of_first_grade": one.first_grade}
            for number, ground in enumerate(self.grounds) for one in ground.places.values()
        ]  # fmt: skip
        return pa.Table.from_pylist(places, PLACES)

    def _placed(self, rows, dated: str):
        whom = self._lend("scan_places")
        placed = rows.join(whom, [("county", "of_county"), (self.table.bearer, "of_bearer")])
        if dated:
            then = grade_on_rows(placed.of_grade, placed.of_first_grade, placed.of_entered, placed[dated])
            placed = placed.mutate(of_grade=then)
        subject = placed.subject.fill_null("") if "subject" in self.table.names else ibis.literal("")
        weight = placed[self.table.weight] if self.table.weight else ibis.literal(1, "int64")
        return placed.mutate(**{SUBJECT: subject, GRADE: placed.of_grade, WEIGHT: weight})

    def counts(self, measures: Iterable[Measure]) -> dict[Measure, dict[Key, Count]]:
        """What each measure comes to in each group, in one pass. Groups without a record are left out."""
        found: dict[Measure, dict[Key, Count]] = {measure: {} for measure in measures}
        possible = [measure for measure in found if not self.is_empty and self._can_hold(measure)]
        if not possible:
            return found
        for row in self._told(("counts", *possible), lambda: self._counted(possible)):
            key = self._key(row)
            for number, measure in enumerate(possible):
                rows = int(row[f"n{number}"])
                if rows:
                    found[measure][key] = Count(int(row.get(f"v{number}", rows)), rows)
        return found

    def _counted(self, measures: Sequence[Measure]):
        terms = {}
        for number, measure in enumerate(measures):
            met = self._met(measure)
            terms[f"n{number}"] = met.ifelse(self.rows[WEIGHT], 0).sum().fill_null(0)
            if measure.sum or measure.each:
                terms[f"v{number}"] = self._value(measure, met)
        return self.rows.group_by(self.keys).aggregate(**terms) if self.keys else self.rows.aggregate(**terms)

    def _told(self, what: tuple, make: Callable) -> list[dict]:
        return self.lake.told((*self._shape, *what), make, self._lent).to_pylist()

    def _key(self, row: dict) -> Key:
        return (*((0,) if self.is_one else ()), *(row[name] for name in self.keys))

    def spread(self, measure: Measure) -> dict[Key, Counter]:
        """How often each value of a sum occurs in each group."""
        found: dict[Key, Counter] = {}
        if self.is_empty or not self._can_hold(measure):
            return found
        for row in self._told(("spread", measure), lambda: self._spread(measure)):
            found.setdefault(self._key(row), Counter())[int(row["value_"])] = int(row["often_"])
        return found

    def _spread(self, measure: Measure):
        rows = self.rows.filter(self._met(measure))
        rows = rows.mutate(value_=self._number(measure.sum))
        if measure.each:
            each = [name for name in (self._name(one) for one in measure.each) if name not in self.keys]
            rows = rows.group_by([*self.keys, *each]).aggregate(value_=rows.value_.sum()).mutate(**{WEIGHT: 1})
        rows = rows.filter(rows.value_.notnull())
        return rows.group_by([*self.keys, "value_"]).aggregate(often_=rows[WEIGHT].sum())

    def behind(self, measure: Measure, part: Measure, limit: int) -> list[dict]:
        """The rows that a measure looks at, those of the part first and marked ``counted``, the latest first."""
        rows = self.rows.filter(self._met(measure)).mutate(counted=self._met(part))
        names = [name for name in rows.columns if name in self.table.names or name.startswith((ATTRIBUTE, "amount_"))]
        latest = [self.table.dated] if self.table.dated else []
        ordered = rows.order_by(rows.counted.desc(), *(rows[name].desc() for name in latest), *self.table.order)
        return ordered.limit(limit).select(*names, "counted").to_pyarrow().to_pylist()

    def _can_hold(self, measure: Measure) -> bool:
        """Whether some row here may meet it: of a kind that occurs, with the columns that must hold something."""
        for one in measure.where:
            if one.column == "kind" and one.test == "is" and not self.kinds.keys() & set(one.value):
                return False
            needed = one.test != "stated" or one.value
            if needed and self._name(one.column) not in self.filled:
                return False
        return True

    # ---- small expressions ----

    def _met(self, measure: Measure):
        return reduce(and_, map(self._holds, measure.where)) if measure.where else ibis.literal(True)

    def _holds(self, condition: Condition):
        """Whether a condition is met; made once, since many measures have the same."""
        if condition not in self._known:
            self._known[condition] = self._tested(condition).fill_null(False)
        return self._known[condition]

    def _tested(self, condition: Condition):
        column, value = self._column(condition.column), condition.value
        if condition.test == "is":
            return column.isin([_as_written(one, condition.column) for one in value])
        if condition.test == "stated":
            stated = column.notnull()
            if column.type().is_string():
                stated = stated & column.notin(NOT_SAID)
            return stated == value
        if condition.test in ("at_least", "at_most"):
            number = self._number(condition.column)
            return number >= value if condition.test == "at_least" else number <= value
        if condition.test == "names":
            return ibis.or_(*(column.contains(one) for one in value))
        other = self._column(value)
        return column <= other if condition.test == "not_after" else column > other

    def _value(self, measure: Measure, met):
        if measure.sum:
            return met.ifelse(self._number(measure.sum), 0).sum().fill_null(0)
        return self._thing(measure.each).nunique(where=met)

    def _thing(self, each: Sequence[str]):
        columns = [self._column(one) for one in each]
        if len(columns) == 1:
            return columns[0]
        return reduce(lambda left, right: left + "/" + right, (one.cast("string") for one in columns))

    def _number(self, name: str):
        column = self._column(name)
        return column.try_cast("int64") if column.type().is_string() else column.cast("int64")

    def _column(self, name: str):
        """A column by the name of the catalogue; nothing where this lake does not have it."""
        name = self._name(name)
        return self.rows[name] if name in self.rows.columns else ibis.null("string")

    def _name(self, name: str) -> str:
        return f"of_{name}" if name in OF_UNIT and name not in self.table.names else name


def _as_written(value, column: str):
    """A value as the column holds it: attributes are text, as JSON writes it."""
    return json.dumps(value) if column.startswith(ATTRIBUTE) and not isinstance(value, str) else value
