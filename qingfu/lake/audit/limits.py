"""The rulebook's limits as Ibis expressions over many records at once.

The audit says of each limit what ``rulebook.charges`` and ``rulebook.judge`` say of one demand: the same windows, the
same dated values, the same conditions. It judges what stands, in the order in which it was asked: a demand is over if
it and all that was asked before it in its window exceed the cap of its day (design, invariant I5). Emergencies count
apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from qingfu.lake.reading import Lake
from qingfu.lake.rules import Rule, Rules, read_rules
from qingfu.lake.tables import AMOUNT, ATTRIBUTE
from qingfu.rulebook.judge import NIGHT_ENDS, SINGLE, minutes_of
from qingfu.rulebook.model import Condition, Limit, Pack, Value

WHEN = {"day_kind": "kind_of_day"}
NOTHING = ("false", "0", "", "null", "[]", "{}")  # what counts as not said, as JSON writes it
WINDOW = ["county", "bearer_id", "window", "part"]  # what a budget is kept for
SCHEMA = pa.schema([
    ("county", pa.string()), ("limit_id", pa.string()), ("bearer_id", pa.int64()), ("window", pa.string()),
    ("demand_id", pa.int64()), ("day", pa.date32()), ("amount", pa.int64()), ("cap", pa.int64()), ("over", pa.int64()),
    ("origin", pa.string()), ("verdict", pa.string()),
])  # fmt: skip
ROWS_AT_ONCE = 4_000_000  # demands: what two cores and 3 GB take without going to disk


@dataclass(frozen=True)
class Audit:
    """The demands of some counties between two days, before the gate limits that hold for them.

    Budgets are looked at in two steps. First what each bearer is asked on each day, one scan for all limits that look
    at the same, and from these few rows the windows that are over; then, for the few bearers that have one, which
    demand took them there.
    """

    lake: Lake
    rules: Rules
    first: date
    last: date
    gates: tuple[Rule, ...]
    bearers: pa.Table
    keep: Callable  # (name, expression) -> a table that lasts as long as the audit
    kept: dict

    @classmethod
    @contextmanager
    def of(
        cls, lake: Lake, first: date, last: date, proposed: Iterable[Pack] = (), only: Iterable[str] | None = None
    ) -> Iterator[Audit]:
        """An audit by the gate limits with the ids ``only``, else by every one, for the block."""
        rules = read_rules(lake, proposed)
        gates = tuple(_gates(lake, rules, only))
        with ExitStack() as stack:
            def keep(name: str, expression):
                return stack.enter_context(lake.kept(name, expression))

            yield cls(lake, rules, first, last, gates, pa.Table.from_pylist(rules.bearers), keep, {})

    def found(self) -> pa.Table:
        """Every breach of every limit in the span, with the columns of SCHEMA."""
        return pa.concat_tables([SCHEMA.empty_table(), *(self.breaches(rule) for rule in self.gates)])

    def breaches(self, rule: Rule) -> pa.Table:
        """Every demand in the span that goes over a gate limit, with the columns of SCHEMA."""
        if rule.limit.form in SINGLE:
            return self._single(rule).to_pyarrow().cast(SCHEMA)
        full = self._full(rule).to_pyarrow()
        return self._over(rule, full).to_pyarrow().cast(SCHEMA) if full.num_rows else SCHEMA.empty_table()

    def _standing(self, kind: str):
        """What stands of a kind. Columns that hold nothing are left out: every name costs time in a plan."""
        demands = self.lake.table("demands")
        empty = {name for name in demands.columns if name.startswith((AMOUNT, ATTRIBUTE))} - self.lake.filled("demands")
        held = demands.filter(demands.stands & ~demands.emergency, demands.kind == kind).drop(*empty)
        return held.mutate(account=_attribute(held, "account").fill_null(""))

    def _placed(self, rows, rule: Rule):
        """Rows of those whom a limit is for, with their profile and calendar."""
        whom = self.bearers.filter(pc.is_in(self.bearers["profile"], pa.array(rule.profiles)))
        return rows.join(ibis.memtable(whom), ["county", "bearer_id", "account"])

    # ---- limits that one demand can break by itself ----

    def _single(self, rule: Rule):
        limit = rule.limit
        standing = self._standing(limit.kind)
        asked = _under(standing, limit).filter(self._in_span(standing.day), ~_is_nothing(standing))
        asked = self._with_times(self._placed(asked, rule), {key for value in limit.values for key in value.when or ()})
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

    def _full(self, rule: Rule):
        """The windows in which more is asked than a cap allows, with the days on which something in them is asked."""
        by_day = self._budgeted(self._by_day(rule.limit), rule)
        sums = by_day.group_by(WINDOW).agg(sum=_.amount.sum(), least=_.cap.min())
        return by_day.semi_join(sums.filter(sums["sum"] > sums["least"]), WINDOW).select(*WINDOW, "day")

    def _over(self, rule: Rule, full: pa.Table):
        """Which demands took the ``full`` windows over their cap, in the order in which they were asked."""
        limit = rule.limit
        asked = _under(self._standing(limit.kind), limit)
        # What is spread over days lies in the window by days that its own is not among.
        where = ["county", "bearer_id"] if self._moves(limit) else ["county", "bearer_id", "day"]
        suspects = asked.semi_join(ibis.memtable(full.group_by(where).aggregate([])), where)
        taken = self._budgeted(self._taken(suspects, limit), rule)
        inside = taken.semi_join(ibis.memtable(full.group_by(WINDOW).aggregate([])), WINDOW)
        # All that one request asked for in a window stands or falls together, so the running sum takes it at once.
        order = ibis.range_window(group_by=WINDOW, order_by="attempt_id", preceding=None, following=0)
        running = inside.mutate(so_far=_.amount.sum().over(order))
        over = running.filter(running.so_far > running.cap, self._in_span(running.day))
        return over.select(
            county=_.county, limit_id=ibis.literal(limit.id), bearer_id=_.bearer_id, window=_key(over, limit),
            demand_id=_.demand_id, day=_.day, amount=_.so_far.cast("int64"), cap=_.cap,
            over=(_.so_far - _.cap).cast("int64"), origin=_.origin, verdict=_.verdict,
        )  # fmt: skip

    def _budgeted(self, taken, rule: Rule):
        """What is taken by those whom a limit is for, with cap and window; what has neither is left out."""
        return self._in_windows(self._capped(self._placed(taken, rule), rule.limit), rule.limit)

    def _moves(self, limit: Limit) -> bool:
        return _measure(limit) == "minutes" and (limit.split == "even" or self.lake.holds("splits"))

    def _by_day(self, limit: Limit):
        """What each bearer is asked on each day of what a limit looks at."""
        key = (limit.kind, limit.where, _measure(limit), limit.split, limit.per)
        if key not in self.kept:
            taken = self._taken(_under(self._standing(limit.kind), limit), limit)
            by_day = taken.group_by("county", "bearer_id", "account", "day", "part").agg(amount=_.amount.sum())
            self.kept[key] = self.keep(f"by_day_{len(self.kept)}", by_day)
        return self.kept[key]

    def _taken(self, asked, limit: Limit):
        """What each demand takes, on the day that it takes it (`charges.share_of_day`)."""
        measure = _measure(limit)
        part = _attribute(asked, limit.per).fill_null("") if limit.per else ibis.literal("")
        taken = asked.mutate(amount=_amount(asked, measure), part=part)
        more = ["due_day"] if limit.split == "even" else []
        taken = taken.select("county", "bearer_id", "account", "demand_id", "attempt_id", "day", "is_split", "amount",
                             "part", "origin", "verdict", *more)  # fmt: skip
        if measure == "minutes":
            whole = taken.filter(~taken.is_split) if self.lake.holds("splits") else taken
            whole = self._on_evenings(whole) if limit.split == "even" else whole
            taken = whole.union(self._as_split(taken)) if self.lake.holds("splits") else whole
        return taken.filter(taken.amount > 0)

    def _as_split(self, taken):
        """What the issuer laid on several days, on these days."""
        split = self.lake.table("splits").select("county", "demand_id", share_day="day", share="minutes")
        parts = taken.filter(taken.is_split).join(split, ["county", "demand_id"])
        return parts.mutate(day=_.share_day, amount=_.share).select(taken.columns)

    def _on_evenings(self, whole):
        """Minutes evenly on the evenings from the day asked to the day before it is due; the first get what is left."""
        evenings = ibis.greatest(1, (whole.due_day - whole.day).cast("int64")).fill_null(1)
        counted = whole.mutate(evenings=evenings)
        days = self.lake.table("days").select("county", share_day="day").distinct()
        spread = counted.join(days, "county").filter(
            _.share_day >= _.day, (_.share_day - _.day).cast("int64") < _.evenings
        )
        number = (spread.share_day - spread.day).cast("int64")
        share = spread.amount // spread.evenings + (number < spread.amount % spread.evenings).cast("int64")
        return spread.mutate(day=spread.share_day, amount=share).select(whole.columns)

    def _capped(self, taken, limit: Limit):
        """Rows with the cap of their day; those of days on which the limit is not in force are left out."""
        if limit.form == "share_at_most_last_year":
            taken = self._with_baseline(taken, limit)
        else:
            taken = taken.mutate(cap=_dated(taken.day, limit, "cap")).filter(_.cap.notnull())
        return taken.mutate(cap=_.cap.floor().cast("int64"))

    def _with_baseline(self, taken, limit: Limit):
        """The cap as a share of last year's figure, in the version that each row met. Rows that met none have no cap,
        and still use the window up. Sums of days have the cap of the least version: that finds all that may be over."""
        known = self.lake.table("baselines").filter(_.limit_id == limit.id)
        dated = taken.mutate(share=_dated(taken.day, limit, "share"), in_year=taken.day.year().cast("int64"))
        dated = dated.filter(dated.share.notnull())
        if "attempt_id" not in taken.columns:
            same = ["county", "bearer_id", "in_year"]
            least = known.group_by("county", "bearer_id", in_year=known.year).agg(last=known.amount.min())
            return dated.join(least, same).mutate(cap=_.share * _["last"])
        known = known.select(
            where=known.county, whose=known.bearer_id, which=known.year, after=known.after_attempt,
            until=known.until_attempt, last=known.amount,
        )  # fmt: skip
        met = [
            dated.county == known["where"], dated.bearer_id == known.whose, dated.in_year == known.which,
            dated.attempt_id > known.after, known.until.isnull() | (dated.attempt_id <= known.until),
        ]  # fmt: skip
        return dated.left_join(known, met).mutate(cap=_.share * _["last"])

    def _with_times(self, rows, names: set[str]):
        """Rows with what their calendar says of their day."""
        names = sorted(WHEN.get(name, name) for name in names)
        return rows.join(_days(self.lake, names), ["county", "calendar", "day"]) if names else rows

    def _in_windows(self, taken, limit: Limit):
        """The window that each row falls in (`charges.budget_window`); days that do not count are left out."""
        kind = limit.window
        if kind in ("school_day", "rest_day"):
            taken = self._with_times(taken, {"is_school_day"})
            taken = taken.filter(taken.is_school_day if kind == "school_day" else ~taken.is_school_day)
        if kind in ("school_day", "rest_day", "day"):
            window = taken.day
        elif kind == "period":
            window = ibis.cases(*((_between(taken.day, value), f"{value.start}/{value.end}") for value in limit.values))
        elif kind == "standing":
            window = ibis.literal("standing")
        elif kind == "month":
            window = taken.day.truncate("month")
        else:
            taken = self._with_times(taken, {kind})
            window = taken[kind]
        return taken.mutate(window=window)

    def _in_span(self, day):
        return day.between(self.first, self.last)


def audit(
    lake: Lake, first: date, last: date, proposed: Iterable[Pack] = (), only: Iterable[str] | None = None
) -> Found:
    """Every breach of a gate limit (of those with the ids ``only``, else of all) by what stands between two days, in
    all counties of the lake.

    ``proposed`` packs take the place of those with their ids. Counties go through in batches, so that memory does not
    grow with a province; an engine of many machines takes them all at once.
    """
    proposed = list(proposed)
    limits: dict[str, Rule] = {}
    tables = []
    for codes in _batches(lake):
        with Audit.of(lake.of(codes), first, last, proposed, only) as one:
            limits |= {rule.limit.id: rule for rule in one.gates}
            tables.append(one.found())
    whole = pa.concat_tables(tables or [SCHEMA.empty_table()])
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


def _gates(lake: Lake, rules: Rules, only: Iterable[str] | None) -> Iterator[Rule]:
    """The gate limits that some demand here could break: of a kind that occurs, on attributes that are stated."""
    ids = None if only is None else set(only)
    kinds = set(lake.table("demands").select("kind").distinct().to_pyarrow()["kind"].to_pylist())
    stated = {name.removeprefix(ATTRIBUTE) for name in lake.filled("demands") if name.startswith(ATTRIBUTE)}
    stated.add("subject")
    for rule in rules.rules:
        limit = rule.limit
        wanted = limit.is_gate and (ids is None or limit.id in ids)
        if wanted and limit.kind in kinds and all(_can_hold(one, stated) for one in limit.where):
            yield rule


def _under(asked, limit: Limit):
    """Of what is asked, that for which the conditions of a limit hold."""
    conditions = [_holds(asked, condition) for condition in limit.where]
    return asked.filter(*conditions) if conditions else asked


def _key(over, limit: Limit):
    """The key of a window, as the ledger writes it: made for what is over only, since text is dear."""
    as_written = {"month": "%Y-%m", "school_day": "%Y-%m-%d", "rest_day": "%Y-%m-%d", "day": "%Y-%m-%d"}
    key = over.window.strftime(as_written[limit.window]) if limit.window in as_written else over.window
    return key + "#" + over.part if limit.per else key


def _measure(limit: Limit) -> str:
    return "times" if limit.form == "count_at_most" else limit.measure


def _days(lake: Lake, names: Iterable[str]):
    """The calendars, with some of the windows that a day lies in."""
    return lake.table("days").rename(kind_of_day="kind").select("county", "calendar", "day", *names)


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


def _attribute_column(key: str) -> str:
    return key if key == "subject" else ATTRIBUTE + key


def _attribute(table, key: str):
    name = _attribute_column(key)
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
