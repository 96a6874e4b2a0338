"""Figures: what indicators come to for a unit with all below it, told by unit, window, subject or grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

from qingfu.lake.indicators.catalogue import Indicator, Measure, catalogue, columns_of
from qingfu.lake.indicators.ground import Ground, Window, ground_of, grounds_of, year_before
from qingfu.lake.indicators.pools import Cell, cell_ends, cells_between, lost_too_much, middle_of, pooled
from qingfu.lake.manifest import LakeError
from qingfu.lake.reading import Lake
from qingfu.lake.tables import tables

WINDOWS = ("term", "week", "month")
BY = ("unit", *WINDOWS, "subject", "grade")
OWN = "本级"
"""What the unit's own part is called beside its children."""

ROWS_AT_ONCE = 6_000_000  # demands of counties that go through together: what 3 GB take without going to disk

SHOWN, HIDDEN, MISSING = "shown", "hidden", "missing"


@dataclass(frozen=True)
class Figure:
    """What an indicator comes to for a unit between two days. ``by`` are pairs such as ("week", "2026-W36").

    ``value`` is in the indicator's unit, rounded half up to its decimals. ``numerator`` and ``denominator`` are what a
    share, ratio or change was made of; of a count or sum the numerator, of a percentile the denominator. ``records`` is
    how many records were looked at. ``state``: "missing" where there are none, or nothing to set them against; "hidden"
    where too few people answered (then nothing else is said).
    """

    indicator: Indicator
    unit_id: int
    unit_name: str
    first: date
    last: date
    by: tuple[tuple[str, str], ...]
    value: Decimal | None
    numerator: int | None
    denominator: int | None
    records: int
    state: str


@dataclass(frozen=True)
class Sum:
    """What a figure is made of, before it is put as one."""

    numerator: int | None = None
    denominator: int | None = None
    records: int = 0
    spread: Counter = field(default_factory=Counter)


def figures(
    lake: Lake, ids: Iterable[str], unit_id: int, first: date, last: date, by: Sequence[str] = ()
) -> list[Figure]:
    """The indicators ``ids`` for a unit and all below it, from ``first`` to ``last``.

    ``by`` tells them by "unit" (its children, and itself where it has records of its own), by one of "term", "week",
    "month" (windows of the unit's calendar, as far as they lie in the span), by "subject" and "grade". An indicator of
    records that have no subject gives nothing by subject. Raises LakeError for an id, a unit or a ``by`` that is not
    there.
    """
    asked = [indicator_of(one) for one in ids]
    return Asking.of(lake, unit_id, first, last, by).figures(asked)


def figures_of_counties(lake: Lake, ids: Iterable[str], first: date, last: date) -> Iterator[Figure]:
    """The indicators ``ids`` for every county of a lake, county by county: what ``figures`` says of each.

    Making a plan costs more than the rows of one county, so some go through together: as many as memory allows, of
    those whose records were written on the same day. Raises LakeError for an id that is not there.
    """
    asked = [indicator_of(one) for one in ids]
    on_a_day: dict[date, list[str]] = {}
    for code, one in lake.manifests.items():
        on_a_day.setdefault(date.fromisoformat(one.exported_at[:10]), []).append(code)
    for codes in on_a_day.values():
        for batch in lake.of(tuple(codes)).batches(ROWS_AT_ONCE):
            yield from Asking(grounds_of(lake.of(batch)), first, last, ()).figures(asked)


def indicator_of(id: str) -> Indicator:
    """An indicator by its id. Raises LakeError."""
    if id not in catalogue():
        raise LakeError(f"没有指标 {id}。qingfu indicators 列出全部指标。")
    return catalogue()[id]


def _told_by(by: Sequence[str]) -> tuple[str, ...]:
    unknown = [one for one in by if one not in BY]
    if unknown:
        raise LakeError(f"指标不能按 {unknown[0]} 分。可以按 {'、'.join(BY)}。")
    if len([one for one in by if one in WINDOWS]) > 1 or len(set(by)) < len(by):
        raise LakeError("学期、周、月只能选一个，每种只写一次。")
    return tuple(by)


class Asking:
    """One asking: a unit (or one each of several counties that were written on the same day), a span, and by what it is
    told. Windows are those of the first one's calendar."""

    def __init__(self, grounds: Sequence[Ground], first: date, last: date, by: tuple[str, ...]):
        self.grounds, self.first, self.last, self.by = grounds, first, last, by
        self.written = grounds[0].written
        kind = next((one for one in by if one in WINDOWS), "")
        self.windows = grounds[0].windows(kind, first, last) if kind else [Window("", first, last)]

    @classmethod
    def of(cls, lake: Lake, unit_id: int, first: date, last: date, by: Sequence[str] = ()) -> Asking:
        """Raises LakeError for a unit or a ``by`` that is not there, or days in the wrong order."""
        if last < first:
            raise LakeError("最后一天比第一天早，请改正。")
        return cls([ground_of(lake, unit_id)], first, last, _told_by(by))

    def figures(self, asked: Sequence[Indicator]) -> list[Figure]:
        """The figures of some indicators, in their order, unit by unit."""
        fitting = [one for one in asked if "subject" not in self.by or _has_subject(one)]
        found = self._plain([one for one in fitting if not is_anonymous(one)])
        found |= self._anonymous([one for one in fitting if is_anonymous(one)])
        return [
            figure for number, ground in enumerate(self.grounds) for one in fitting
            for figure in self._told(ground, one, found[one.id].get(number, {}))
        ]  # fmt: skip

    # ---- records that anybody may count ----

    def _plain(self, asked: Sequence[Indicator]) -> dict[str, dict[int, dict[tuple, Sum]]]:
        """For each indicator, and the number of each ground, what it is made of in each group."""
        needed: dict[tuple, list[Measure]] = {}
        for one in asked:
            for measure, when in _counted(one):
                needed.setdefault((measure.table, measure.dated, measure.shares, when), []).append(measure)
        counts, spreads = {}, {}
        for (*_, when), measures in needed.items():
            scan = self._scan(measures[0], self._when(when), self.by, measures)
            found = scan.counts(measures)
            counts |= {(measure, when): several for measure, several in found.items()}
            wanted = {one.expression.part for one in asked if one.expression.form == "percentile"} & set(measures)
            spreads |= {measure: scan.spread(measure) if found[measure] else {} for measure in wanted}
        return {one.id: _by_ground(_sums(one, counts, spreads)) for one in asked}

    def _scan(
        self, like: Measure, windows: Sequence[Window], by: Iterable[str], measures: Iterable[Measure] | None = None,
        *, apart: bool = False,
    ):  # fmt: skip
        """The rows of a measure's table, for some measures or for whoever reads all of their columns."""
        from qingfu.lake.indicators.scan import CHILD, GRADE, SUBJECT, WINDOW, Scan

        names = {"unit": CHILD, "subject": SUBJECT, "grade": GRADE} | dict.fromkeys(WINDOWS, WINDOW)
        columns = None if measures is None else {column for one in measures for column in columns_of(one)}
        keys = [names[one] for one in by]
        return Scan(
            self.grounds, like.table, like.dated, windows, keys, columns, apart=apart, shares=like.shares
        )  # fmt: skip

    def _when(self, when: str) -> list[Window]:
        """The windows themselves, as far as they were over, or a year before."""
        if when == "settled":
            over = self.written - timedelta(days=1)
            return [replace(one, last=min(one.last, over)) for one in self.windows]
        if when == "before":
            over = self._when("settled")
            return [Window(one.key, year_before(one.first), year_before(one.last)) for one in over]
        return self.windows

    def rows_behind(self, one: Indicator, limit: int) -> list[dict]:
        """The rows that an indicator looks at; of a change also those of the year before, uncounted."""
        expression = one.expression
        found = []
        whens = ("settled" if expression.settled else "now", *(["before"] if expression.form == "change" else []))
        for when in whens:
            scan = self._scan(expression.whole, self._when(when), ())
            rows = scan.behind(expression.whole, expression.part, limit - len(found))
            found += rows if when != "before" else [{**row, "counted": False} for row in rows]
        return found

    # ---- what people said without a name ----

    def _anonymous(self, asked: Sequence[Indicator]) -> dict[str, dict[int, dict[tuple, Sum | None]]]:
        """As ``_plain``; None for what is hidden."""
        by_table: dict[tuple[str, str], list[Indicator]] = {}
        for one in asked:
            measure = one.expression.whole
            by_table.setdefault((measure.table, measure.dated), []).append(one)
        return {id: sums for several in by_table.values() for id, sums in self._pooled(several).items()}

    def cells_behind(self, one: Indicator) -> list[dict]:
        """The cells of anonymous answers that an indicator is made of, the latest first."""
        kind = tables()[one.expression.whole.table].anonymous
        (ground,) = self.grounds
        starts, cells = self._cells([one])
        found = []
        for number, start in reversed(list(enumerate(starts))):
            for unit_id, cell in pooled(ground, cells[one.id].get(0, {}).get(number, {}), one.expression.told).items():
                part = {} if one.expression.told == "none" else {"part": cell.part}
                row = {"unit_id": unit_id, "first": start, "last": cell_ends(kind, start), "answers": cell.answers}
                found.append({**row, **part, "counted": True})
        return found

    def _pooled(self, asked: Sequence[Indicator]) -> dict[str, dict[int, dict[tuple, Sum | None]]]:
        starts, cells = self._cells(asked)
        return {
            one.id: {
                number: self._grouped(ground, one, starts, cells[one.id].get(number, {}))
                for number, ground in enumerate(self.grounds)
            }
            for one in asked
        }

    def _cells(self, asked: Sequence[Indicator]) -> tuple[list[date], dict[str, dict[int, dict]]]:
        """The weeks or months of the span, and for each indicator of one table and each ground what was said in each of
        them, by unit."""
        kind = tables()[asked[0].expression.whole.table].anonymous
        starts = cells_between(kind, self.first, self.last, self.written)
        if not starts:
            return [], {one.id: {} for one in asked}
        windows = [Window(str(start), start, cell_ends(kind, start)) for start in starts]
        measures = [measure for one in asked for measure, _ in _counted(one)]
        scan = self._scan(measures[0], windows, ("week", "unit"), measures, apart=True)
        counts = scan.counts(measures)
        # A median and a percentile of the same are spread out once.
        wanted = {one.expression.part for one in asked if one.expression.form == "percentile"}
        spreads = {part: scan.spread(part) for part in wanted}
        return starts, {one.id: _cells(one, counts, spreads.get(one.expression.part, {})) for one in asked}

    def _grouped(
        self, ground: Ground, one: Indicator, starts: Sequence[date], cells: dict
    ) -> dict[tuple, Sum | None]:
        kind = tables()[one.expression.whole.table].anonymous
        said: dict[tuple, list[Cell]] = {}
        kept: dict[tuple, list[Cell]] = {}
        for number, start in enumerate(starts):
            several = cells.get(number, {})
            for unit_id, cell in several.items():
                said.setdefault(self._group(ground, unit_id, kind, start), []).append(cell)
            for unit_id, cell in pooled(ground, several, one.expression.told).items():
                kept.setdefault(self._group(ground, unit_id, kind, start), []).append(cell)
        return {
            key: None if lost_too_much(said.get(key, ()), kept.get(key, ())) else _sum_of(one, kept.get(key, ()))
            for key in said | kept
        }

    def _group(self, ground: Ground, unit_id: int, kind: str, start: date) -> tuple:
        """The values of ``by`` for what was said in a unit in one week or month."""
        if not self.by:
            return ()
        place = ground.places[unit_id]
        values = {"unit": place.child, "grade": place.grade_on(middle_of(kind, start))}
        values |= dict.fromkeys(WINDOWS, self._window_of(kind, start))
        return tuple(values[one] for one in self.by)

    def _window_of(self, kind: str, start: date) -> int | None:
        middle = middle_of(kind, start)
        return next((number for number, one in enumerate(self.windows) if one.first <= middle <= one.last), None)

    # ---- as figures ----

    def _told(self, ground: Ground, one: Indicator, found: dict[tuple, Sum | None]) -> Iterator[Figure]:
        for key in self._keys(ground, found):
            yield self._figure(ground, one, key, found.get(key, Sum()))

    def _keys(self, ground: Ground, found: Iterable[tuple]) -> list[tuple]:
        """Every child in every window, whether it has records or not; subjects and grades as they occur."""
        columns = []
        for place, name in enumerate(self.by):
            there = {key[place] for key in found}
            if name == "unit":
                own = [ground.unit.id] if ground.unit.id in there else []
                columns.append([*(one.id for one in self._children(ground)), *own])
            elif name in WINDOWS:
                columns.append(range(len(self.windows)))
            else:
                columns.append(sorted(there, key=lambda value: (value is None or value == "", value or 0)))
        return list(product(*columns))

    def _children(self, ground: Ground):
        return [one for one in ground.children if one.exists(self.first, self.last)]

    def _figure(self, ground: Ground, one: Indicator, key: tuple, sums: Sum | None) -> Figure:
        unit, window = ground.unit, Window("", self.first, self.last)
        told = []
        for name, value in zip(self.by, key, strict=True):
            if name == "unit":
                unit = ground.places[value]
                told.append((name, OWN if unit is ground.unit else unit.name))
            elif name in WINDOWS:
                window = self.windows[value]
                told.append((name, window.key))
            else:
                told.append((name, "" if value is None else str(value)))
        place = (one, unit.id, unit.name, window.first, window.last, tuple(told))
        if sums is None:
            return Figure(*place, None, None, None, 0, HIDDEN)
        value = None if window.last < one.since else _value(one, sums)
        if value is None:
            return Figure(*place, None, None, None, 0, MISSING)
        return Figure(*place, value, sums.numerator, sums.denominator, sums.records, SHOWN)


def _has_subject(one: Indicator) -> bool:
    return all("subject" in tables()[measure.table].names for measure, _ in _counted(one))


def is_anonymous(one: Indicator) -> bool:
    return bool(tables()[one.expression.whole.table].anonymous)


def _counted(one: Indicator) -> Iterator[tuple[Measure, str]]:
    """What is counted for an indicator, and when: "now", "settled" or "before"."""
    expression = one.expression
    when = "settled" if expression.settled else "now"
    yield expression.whole, when
    yield expression.part, when
    if expression.per is not None:
        yield expression.per, when
    if expression.form == "change":
        yield expression.whole, "before"


def _sums(one: Indicator, counts: dict, spreads: dict) -> dict[tuple, Sum]:
    """What was counted, put together for each group."""
    expression = one.expression
    when = "settled" if expression.settled else "now"
    whole, part = counts[expression.whole, when], counts[expression.part, when]
    if expression.form == "percentile":
        return {key: _of_spread(found) for key, found in spreads[expression.part].items()}
    if expression.form in ("count", "sum"):
        return {key: Sum(_of(part, key), None, found.rows) for key, found in whole.items()}
    if expression.form == "share":
        return {key: Sum(_of(part, key), found.value, found.rows) for key, found in whole.items()}
    if expression.form == "change":
        before = counts[expression.whole, "before"]
        return {
            key: Sum(_of(whole, key), _of(before, key), _rows(whole, key) + _rows(before, key))
            for key in whole | before
        }
    per = counts[expression.per, when]
    return {key: Sum(_of(part, key), found.value, _records(one, whole, per, key)) for key, found in per.items()}


def _records(one: Indicator, whole: dict, per: dict, key: tuple) -> int:
    """What a ratio looked at: what is set against units has records only where there is something of it."""
    return _rows(per if one.expression.per.dated else whole, key)


def _of(counts: dict, key: tuple) -> int:
    return counts[key].value if key in counts else 0


def _rows(counts: dict, key: tuple) -> int:
    return counts[key].rows if key in counts else 0


def _of_spread(spread: Counter) -> Sum:
    total = sum(spread.values())
    return Sum(None, total, total, spread)


def _cells(one: Indicator, counts: dict, spreads: dict) -> dict[int, dict[int, dict[int, Cell]]]:
    """What was said, by the number of the ground, by that of the week or month and by unit."""
    expression = one.expression
    answers = counts[expression.per or expression.whole]
    found: dict[int, dict[int, dict[int, Cell]]] = {}
    for key in answers | counts[expression.part]:
        ground, number, unit_id = key
        cell = Cell(_rows(answers, key), _rows(counts[expression.part], key), spreads.get(key) or Counter())
        found.setdefault(ground, {}).setdefault(number, {})[unit_id] = cell
    return found


def _by_ground(sums: dict[tuple, Sum]) -> dict[int, dict[tuple, Sum]]:
    """The groups of each ground, by its number."""
    found: dict[int, dict[tuple, Sum]] = {}
    for (ground, *key), one in sums.items():
        found.setdefault(ground, {})[tuple(key)] = one
    return found


def _sum_of(one: Indicator, cells: Iterable[Cell]) -> Sum:
    whole = Cell()
    for cell in cells:
        whole.add(cell)
    form = one.expression.form
    if form == "percentile":
        return _of_spread(whole.spread)
    return Sum(whole.part, None if form == "count" else whole.answers, whole.answers)


def _value(one: Indicator, sums: Sum) -> Decimal | None:
    """The value to its decimals; None where there are no records, or nothing to divide by."""
    form, exact = one.expression.form, None
    if not sums.records:
        return None
    if form in ("count", "sum"):
        exact = Decimal(sums.numerator)
    elif form == "percentile":
        exact = Decimal(_nearest_rank(sums.spread, one.expression.percent))
    elif sums.denominator:
        grown = sums.numerator - sums.denominator if form == "change" else sums.numerator
        exact = Decimal(grown * one.expression.times) / Decimal(sums.denominator)
    return exact if exact is None else exact.quantize(Decimal(1).scaleb(-one.decimals), ROUND_HALF_UP)


def _nearest_rank(spread: Counter, percent: int) -> int:
    """The smallest value that ``percent`` of a hundred do not exceed."""
    rank = -(-percent * sum(spread.values()) // 100)
    for value in sorted(spread):
        rank -= spread[value]
        if rank <= 0:
            return value
    raise ValueError("an empty spread has no percentile")
