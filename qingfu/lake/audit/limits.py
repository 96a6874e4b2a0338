"""The rulebook's limits as Ibis expressions over many records at once.

The audit says of each limit what ``rulebook.charges`` and ``rulebook.judge`` say of one demand: the same windows, the
same dated values, the same conditions. It judges what stands, in the order in which it was asked: a demand is over if
it and all that was asked before it in its window exceed the cap of its day (design, invariant I5). Emergencies count
apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_

import ibis
import pyarrow as pa
from ibis import _

from qingfu.lake.reading import Lake
from qingfu.lake.rules import Rule, Rules, read_rules
from qingfu.lake.tables import AMOUNT, ATTRIBUTE
from qingfu.rulebook.judge import NIGHT_ENDS, SINGLE, minutes_of
from qingfu.rulebook.model import Condition, Limit, Pack, Value

DAY_COLUMNS = (
    "is_school_day", "is_workday", "weekday", "week_of_month", "kind_of_day", "week", "term", "school_year", "year"
)  # fmt: skip
BASE = (
    "county", "bearer_id", "demand_id", "attempt_id", "subject", "day", "due_day", "starts", "ends", "minutes",
    "is_split", "is_nothing", "origin", "verdict", "profile", "calendar",
)  # fmt: skip
WHEN = {"day_kind": "kind_of_day"}
NOTHING = ("false", "0", "", "null", "[]", "{}")  # what counts as not said, as JSON writes it
OWN_WINDOWS = ("week", "term", "school_year", "year")  # a column of the calendar each
SCHEMA = pa.schema([
    ("county", pa.string()), ("limit_id", pa.string()), ("bearer_id", pa.int64()), ("window", pa.string()),
    ("demand_id", pa.int64()), ("day", pa.date32()), ("amount", pa.int64()), ("cap", pa.int64()), ("over", pa.int64()),
    ("origin", pa.string()), ("verdict", pa.string()),
])  # fmt: skip
ROWS_AT_ONCE = 4_000_000  # demands: what two cores and 3 GB take without going to disk


@dataclass(frozen=True)
class Audit:
    """The demands of some counties between two days, before the rules that hold for them. ``asked`` are the standing
    demands with profile and calendar of their bearer and the windows of their day."""

    lake: Lake
    rules: Rules
    first: date
    last: date
    asked: ibis.Table

    @classmethod
    @contextmanager
    def of(cls, lake: Lake, first: date, last: date, proposed: Iterable[Pack] = ()) -> Iterator[Audit]:
        """All that rules look at, worked out once for the block."""
        rules = read_rules(lake, proposed)
        with lake.kept("asked", _asked(lake, rules)) as asked:
            yield cls(lake, rules, first, last, asked)

    def breaches(self, rule: Rule):
        """Every demand in the span that goes over a gate limit, as an expression with the columns of SCHEMA."""
        asked = self._under(rule)
        return self._single(asked, rule) if rule.limit.form in SINGLE else self._total(asked, rule)

    def gate_rules(self) -> Iterator[Rule]:
        """The gate limits that some demand here could break: of a kind that occurs, on attributes that are stated."""
        kinds = set(self.asked.select("kind").distinct().to_pyarrow()["kind"].to_pylist())
        names = [name for name in self.asked.columns if name.startswith(ATTRIBUTE)]
        stated = {name.removeprefix(ATTRIBUTE) for name in names} | {"subject"}
        for rule in self.rules.rules:
            limit = rule.limit
            if limit.is_gate and limit.kind in kinds and all(_can_hold(one, stated) for one in limit.where):
                yield rule

    def _under(self, rule: Rule):
        limit = rule.limit
        asked = self.asked.filter(_.kind == limit.kind)
        if len(rule.profiles) < self.rules.profiles:
            asked = asked.filter(_.profile.isin(sorted(rule.profiles)))
        conditions = [_holds(asked, condition) for condition in limit.where]
        held = asked.filter(*conditions) if conditions else asked
        # Only what this limit looks at: a plan of many columns costs more than the rows of a county.
        return held.select(*BASE, *sorted(_columns(limit) & set(held.columns)))

    # ---- limits that one demand can break by itself ----

    def _single(self, asked, rule: Rule):
        limit = rule.limit
        asked = asked.filter(~asked.is_nothing, self._in_span(asked.day))
        wrong, amount, cap = getattr(self, f"_{limit.form}")(asked, rule)
        bad = asked.mutate(wrong=wrong, amount=amount, cap=cap).filter(_.wrong)
        return bad.select(
            county=_.county, limit_id=ibis.literal(limit.id), bearer_id=_.bearer_id, window=_.demand_id.cast("string"),
            demand_id=_.demand_id, day=_.day, amount=_.amount.cast("int64"), cap=_.cap.cast("int64"),
            over=(_.amount - _.cap).cast("int64"), origin=_.origin, verdict=_.verdict,
        )  # fmt: skip

    def _each_at_most(self, asked, rule: Rule):
        amount, cap = _amount(asked, rule.limit.measure), _dated(asked.day, rule.limit, "cap")
        return amount > cap, amount, cap

    def _each_at_least(self, asked, rule: Rule):
        amount, cap = _amount(asked, rule.limit.measure), _dated(asked.day, rule.limit, "cap")
        return amount < cap, amount, cap

    def _never(self, asked, rule: Rule):
        return _in_force(asked.day, rule.limit), ibis.null("int64"), ibis.null("int64")

    def _never_in(self, asked, rule: Rule):
        met = [_between(asked.day, value) & _is_in(asked, value) for value in rule.limit.values]
        return reduce(or_, met), ibis.null("int64"), ibis.null("int64")

    def _not_before(self, asked, rule: Rule):
        return self._by_clock(asked, rule, lambda time, bound: time < bound)

    def _not_after(self, asked, rule: Rule):
        # An end at half past midnight belongs to the evening before.
        return self._by_clock(asked, rule, lambda time, bound: _evening(time) > bound)

    def _by_clock(self, asked, rule: Rule, is_wrong):
        wrong, bounds, times = [], [], []
        for value in rule.limit.values:
            time = asked.starts if value.on == "start" else asked.ends
            bound = self._bound(asked, value) + value.offset
            wrong.append(_between(asked.day, value) & is_wrong(time, bound))
            bounds.append((_between(asked.day, value), bound))
            times.append((_between(asked.day, value), time))
        return reduce(or_, wrong), ibis.cases(*times), ibis.cases(*bounds)

    def _bound(self, asked, value: Value):
        """A time of day in minutes, or what the local time of that name is for the bearer; null if nobody says."""
        if ":" in value.time:
            return ibis.literal(minutes_of(value.time), "int64")
        said = [time for time in self.rules.times if time.name == value.time]
        if not said:
            return ibis.null("int64")
        holds = [(asked.profile == time.profile) & asked.day.between(time.starts, time.ends) for time in said]
        minutes = [ibis.literal(time.minutes, "int64") for time in said]
        return ibis.cases(*zip(holds, minutes, strict=True))

    def _must_exist(self, asked, rule: Rule):
        met = [_between(asked.day, one) & ~_truthy(_attribute(asked, one.fact)) for one in rule.limit.values]
        return reduce(or_, met), ibis.null("int64"), ibis.null("int64")

    def _listed(self, asked, rule: Rule):
        name, listed = _attribute(asked, "name"), _truthy(_attribute(asked, "listed"))
        on_list = [
            asked.day.between(*_span(item.start, item.end)) & (name.fill_null("") == item.name if item.name else listed)
            for item in rule.items
        ]
        missing = ~reduce(or_, on_list) if on_list else ibis.literal(True)
        return _in_force(asked.day, rule.limit) & missing, ibis.null("int64"), ibis.null("int64")

    # ---- limits that keep a budget ----

    def _total(self, asked, rule: Rule):
        limit = rule.limit
        taken = self._taken(asked, limit)
        if limit.form == "share_at_most_last_year":
            taken = self._with_baseline(taken, limit)
        else:
            taken = taken.mutate(cap=_dated(taken.day, limit, "cap"))
        taken = taken.filter(_.cap.notnull(), _.amount > 0).mutate(cap=_.cap.floor().cast("int64"))
        taken = self._in_windows(taken, limit)
        # Few windows are over: only in these is it worth asking which demands took them there.
        sums = taken.group_by("county", "bearer_id", "window").agg(sum=_.amount.sum(), least=_.cap.min())
        full = sums.filter(sums["sum"] > sums["least"])
        inside = taken.semi_join(full, ["county", "bearer_id", "window"])
        order = ibis.range_window(
            group_by=["county", "bearer_id", "window"], order_by="attempt_id", preceding=None, following=0
        )
        # All that one request asked for in a window stands or falls together, so the running sum takes it at once.
        running = inside.mutate(so_far=_.amount.sum().over(order))
        over = running.filter(running.so_far > running.cap, self._in_span(running.day))
        return over.select(
            county=_.county, limit_id=ibis.literal(limit.id), bearer_id=_.bearer_id, window=_.window,
            demand_id=_.demand_id, day=_.day, amount=_.so_far.cast("int64"), cap=_.cap,
            over=(_.so_far - _.cap).cast("int64"), origin=_.origin, verdict=_.verdict,
        )  # fmt: skip

    def _taken(self, asked, limit: Limit):
        """What each demand takes, on the day that it takes it (`charges.share_of_day`)."""
        measure = "times" if limit.form == "count_at_most" else limit.measure
        taken = asked.mutate(amount=_amount(asked, measure))
        if measure != "minutes":
            return taken
        whole = taken.filter(~taken.is_split)
        if limit.split == "even":
            whole = self._on_evenings(whole)
        if not any(piece.rows for piece in self.lake.pieces if piece.table == "splits"):
            return whole
        split = self.lake.table("splits").select("county", "demand_id", share_day="day", share="minutes")
        parts = taken.filter(taken.is_split).join(split, ["county", "demand_id"])
        parts = self._on_day(parts.mutate(amount=_.share), taken.columns)
        return whole.union(parts.select(whole.columns))

    def _on_evenings(self, whole):
        """Minutes evenly on the evenings from the day asked to the day before it is due; the first get what is left."""
        evenings = ibis.greatest(1, (whole.due_day - whole.day).cast("int64")).fill_null(1)
        counted = whole.mutate(evenings=evenings)
        days = self.lake.table("days").select("county", "calendar", share_day="day")
        spread = counted.join(days, ["county", "calendar"]).filter(
            _.share_day >= _.day, (_.share_day - _.day).cast("int64") < _.evenings
        )
        number = (spread.share_day - spread.day).cast("int64")
        share = spread.amount // spread.evenings + (number < spread.amount % spread.evenings).cast("int64")
        return self._on_day(spread.mutate(amount=share), whole.columns)

    def _on_day(self, parts, columns: Iterable[str]):
        """Rows moved to their ``share_day``, with the windows of that day."""
        of_day = [name for name in DAY_COLUMNS if name in columns]
        kept = parts.drop("day", *of_day).rename(day="share_day")
        days = _days(self.lake).select("county", "calendar", "day", *of_day)
        return kept.join(days, ["county", "calendar", "day"]).select(*columns)

    def _with_baseline(self, taken, limit: Limit):
        """The cap as a share of last year's figure; rows without one are not judged."""
        known = self.lake.table("baselines").filter(_.limit_id == limit.id)
        known = known.select("county", "bearer_id", in_year="year", last="amount")
        dated = taken.mutate(share=_dated(taken.day, limit, "share"), in_year=taken.day.year().cast("int64"))
        joined = dated.join(known, ["county", "bearer_id", "in_year"])
        return joined.mutate(cap=_.share * _["last"])

    def _in_windows(self, taken, limit: Limit):
        """The window that each row falls in (`charges.budget_window`); days that do not count are left out."""
        kind = limit.window
        if kind in ("school_day", "rest_day"):
            taken = taken.filter(taken.is_school_day if kind == "school_day" else ~taken.is_school_day)
        if kind in ("school_day", "rest_day", "day"):
            key = taken.day.strftime("%Y-%m-%d")
        elif kind == "period":
            key = ibis.cases(*((_between(taken.day, value), f"{value.start}/{value.end}") for value in limit.values))
        elif kind == "standing":
            key = ibis.literal("standing")
        elif kind == "month":
            key = taken.day.strftime("%Y-%m")
        else:
            key = taken[kind]
        if limit.per:
            key = key + "#" + _attribute(taken, limit.per).fill_null("")
        return taken.mutate(window=key)

    def _in_span(self, day):
        return day.between(self.first, self.last)


def audit(lake: Lake, first: date, last: date, proposed: Iterable[Pack] = ()) -> Found:
    """Every breach of a gate limit by what stands between two days, in all counties of the lake.

    ``proposed`` packs take the place of those with their ids. Counties go through in batches, so that memory does not
    grow with a province; an engine of many machines takes them all at once.
    """
    proposed = list(proposed)
    limits: dict[str, Rule] = {}
    tables = []
    for codes in _batches(lake):
        with Audit.of(lake.of(codes), first, last, proposed) as one:
            for rule in one.gate_rules():
                limits[rule.limit.id] = rule
                tables.append(one.breaches(rule).to_pyarrow().cast(SCHEMA))
    whole = pa.concat_tables(tables) if tables else SCHEMA.empty_table()
    order = [(name, "ascending") for name in ("limit_id", "county", "bearer_id", "window", "demand_id")]
    return Found(whole.sort_by(order), limits)


@dataclass(frozen=True)
class Found:
    """What an audit found: ``rows`` is an Arrow table of SCHEMA, ``limits`` the rules that were asked, by id."""

    rows: pa.Table
    limits: dict[str, Rule]

    def by_limit(self) -> list[dict]:
        """For each limit that was broken: how many demands, bearers and windows."""
        counted = self.rows.group_by("limit_id").aggregate([("demand_id", "count"), ("bearer_id", "count_distinct")])
        windows = self.rows.group_by(["limit_id", "county", "bearer_id", "window"]).aggregate([])
        per = dict(_counts(windows["limit_id"]))
        return [
            {"limit_id": row["limit_id"], "demands": row["demand_id_count"], "bearers": row["bearer_id_count_distinct"],
             "windows": per[row["limit_id"]]}
            for row in counted.sort_by("limit_id").to_pylist()
        ]  # fmt: skip


def _counts(column) -> Iterator[tuple[str, int]]:
    return ((one["values"], one["counts"]) for one in column.value_counts().to_pylist())


def _batches(lake: Lake) -> Iterator[tuple[str, ...]]:
    """Counties that together have at most ROWS_AT_ONCE demands, one at least; all where many machines work."""
    if lake.backend.name != "duckdb":
        yield lake.codes
        return
    rows: dict[str, int] = {}
    for piece in lake.pieces:
        if piece.table == "demands":
            rows[piece.county] = rows.get(piece.county, 0) + piece.rows
    batch, size = [], 0
    for code in lake.codes:
        if batch and size + rows.get(code, 0) > ROWS_AT_ONCE:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(code)
        size += rows.get(code, 0)
    if batch:
        yield tuple(batch)


# ---- small expressions ----


def _asked(lake: Lake, rules: Rules):
    demands = lake.table("demands")
    bearers = ibis.memtable(rules.bearers).rename(account_="account")
    account = _attribute(demands, "account").fill_null("")
    standing = demands.filter(demands.stands & ~demands.emergency).mutate(account_=account)
    placed = standing.join(bearers, ["county", "bearer_id", "account_"])
    dated = placed.join(_days(lake), ["county", "calendar", "day"])
    more = sorted(name for name in lake.filled("demands") if name.startswith((AMOUNT, ATTRIBUTE)))
    return dated.mutate(is_nothing=_is_nothing(dated)).select("kind", *BASE, *more, *DAY_COLUMNS)


def _columns(limit: Limit) -> set[str]:
    """The columns beside BASE that the expression of a limit names."""
    measure = "times" if limit.form == "count_at_most" else limit.measure
    attributes = {limit.per, "name", "listed", *(value.fact for value in limit.values if value.fact)}
    found = {AMOUNT + measure, *(ATTRIBUTE + key for key in attributes), "is_school_day"}
    found |= {limit.window} & set(OWN_WINDOWS)
    return found | {WHEN.get(key, key) for value in limit.values for key in value.when or ()}


def _days(lake: Lake):
    return lake.table("days").rename(kind_of_day="kind").select("county", "calendar", "day", *DAY_COLUMNS)


def _amount(asked, measure: str):
    """How much of a measure a demand takes (`Demand.amount`): once, where it does not say how often."""
    if measure == "minutes":
        return asked.minutes
    name = AMOUNT + measure
    column = asked[name] if name in asked.columns else ibis.null("int64")
    return column.fill_null(1) if measure == "times" else column


def _is_nothing(asked):
    """It states amounts and all of them are nought (`Demand.is_nothing`)."""
    others = [asked[name].fill_null(0) == 0 for name in asked.columns if name.startswith(AMOUNT)]
    return reduce(and_, others, (_amount(asked, "times") == 0) & (asked.minutes.fill_null(0) == 0))


def _attribute(table, key: str):
    if key == "subject":
        return table.subject
    name = ATTRIBUTE + key
    return table[name] if name in table.columns else ibis.null("string")


def _truthy(column):
    return column.fill_null("").notin(NOTHING)


def _holds(asked, condition: Condition):
    """`Condition.holds`: one of some values; a list holds if one of its items does; a missing one is false."""
    found = _attribute(asked, condition.key).fill_null("false")
    wanted = [_as_json_says(value) for value in condition.any_of]
    met = found.isin(wanted)
    in_list = [found.contains(json.dumps(value, ensure_ascii=False)) for value in condition.any_of]
    met = met | (found.startswith("[") & reduce(or_, in_list))
    return ~met if condition.negated else met


def _can_hold(condition: Condition, stated: set[str]) -> bool:
    return condition.key in stated or condition.negated or False in condition.any_of


def _as_json_says(value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _span(start: date | None, end: date | None) -> tuple[date, date]:
    return start or date(1900, 1, 1), end or date(9999, 12, 31)


def _between(day, value: Value):
    return day.between(*_span(value.start, value.end))


def _in_force(day, limit: Limit):
    return reduce(or_, (_between(day, value) for value in limit.values))


def _dated(day, limit: Limit, name: str):
    """A number of the value in force on the day; null on days that the series leaves out."""
    kind = "float64" if name == "share" else "int64"
    return ibis.cases(
        *((_between(day, value), ibis.literal(getattr(value, name), kind)) for value in limit.values),
        else_=ibis.null(kind),
    )


def _is_in(asked, value: Value):
    """`Calendar.is_in`: every condition of the value's ``when`` on the day."""
    return reduce(and_, (asked[WHEN.get(key, key)].isin(list(few)) for key, few in value.when.items()))


def _evening(time):
    return ibis.cases((time < NIGHT_ENDS, time + 24 * 60), else_=time)
