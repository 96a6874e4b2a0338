"""The rulebook's limits as Ibis expressions over many records at once.

The audit says of each limit what ``rulebook.charges`` and ``rulebook.judge`` say of one demand: the same windows, the
same dated values, the same conditions. It judges what stands, in the order in which it was asked: a demand is over if
it and all that was asked before it in its window exceed the cap of its day (design, invariant I5). Emergencies count
apart.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import count
from operator import or_

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from qingfu.lake.audit import closes
from qingfu.lake.audit.expressions import (
    SCHEMA,
    WHEN,
    amount_of,
    attribute,
    between,
    can_hold,
    columns_of,
    dated,
    days_of,
    evening,
    in_force,
    is_in,
    is_nothing,
    key_of,
    measure_of,
    span,
    truthy,
    under,
)  # fmt: skip
from qingfu.lake.reading import Lake
from qingfu.lake.rules import FIRST_DAY, LAST_DAY, Rule, Rules, read_rules
from qingfu.lake.tables import AMOUNT, ATTRIBUTE
from qingfu.rulebook.judge import SINGLE, minutes_of
from qingfu.rulebook.model import Limit, Pack, Value

WINDOW = ["county", "bearer_id", "window", "part"]  # what a budget is kept for
FEW = 100_000  # rows of a kind, for each limit that asks, that are kept in memory instead of looked for in the files
FEW_DAYS = 100_000  # days of bearers with a full window whose demands are kept in memory for the limits that ask
DAYS = ("school_day", "rest_day", "day")  # windows of a single day
NAMES = count(1)  # of tables that are kept
COLUMNS = (
    "county", "demand_id", "attempt_id", "bearer_id", "subject", "day", "due_day", "starts", "ends", "minutes",
    "is_split", "origin", "verdict", "stands", "emergency", "late", "posted_day",
)  # fmt: skip
FLAGS = ("is_split", "stands", "emergency", "late")
ALWAYS = ("county", "bearer_id", "account", "demand_id", "day", "origin", "verdict")
TAKEN = ("attempt_id", "stands", "emergency")
ROWS_AT_ONCE = 30_000_000  # demands: what 3 GB take without going to disk; each batch makes all plans anew


@dataclass(frozen=True)
class Audit:
    """The demands of some counties between two days, before the limits that hold for them.

    Budgets are looked at in two steps. First what each bearer is asked on each day, one scan for all limits that look
    at the same, and from these few rows the windows that are over; then, for the few bearers that have one, which
    demand took them there.
    """

    lake: Lake
    rules: Rules
    first: date
    last: date
    gates: tuple[Rule, ...]
    closes: tuple[Rule, ...]
    kinds: Mapping[str, int]  # with how many rows each
    lists: Container[str]  # columns of demands in which a text may be a list
    bearers: pa.Table
    whose: list[str]  # the columns that say whose a demand is: its unit, with the county if two have the same numbers
    keep: Callable  # (name, expression) -> a table that lasts as long as the audit
    named: Callable  # (expression) -> a view that does
    kept: dict

    @classmethod
    @contextmanager
    def of(
        cls, lake: Lake, first: date, last: date, proposed: Iterable[Pack] = (), only: Iterable[str] | None = None
    ) -> Iterator[Audit]:
        """An audit by the limits with the ids ``only``, else by every one, for the block."""
        rules = read_rules(lake, proposed, only)
        kinds = lake.kinds("demands")
        gates = tuple(_gates(lake, rules.rules, kinds))
        filled = lake.filled("demands")
        ends = tuple(rule for rule in rules.rules if closes.is_judged(lake, rule, kinds, filled))
        with ExitStack() as stack:
            def keep(name: str, expression):
                return stack.enter_context(lake.kept(name, expression))

            def named(expression):
                return stack.enter_context(lake.named(expression))

            bearers = rules.bearers
            units = bearers.group_by(["county", "bearer_id"]).aggregate([])["bearer_id"]
            whose = ["bearer_id"] if len(units.unique()) == len(units) else ["county", "bearer_id"]
            lists = lake.lists("demands")
            yield cls(lake, rules, first, last, gates, ends, kinds, lists, bearers, whose, keep, named, {})

    def found(self) -> pa.Table:
        """Every breach of every limit in the span, with the columns of SCHEMA."""
        single = [self._single(rule) for rule in self.gates if rule.limit.form in SINGLE]
        over = (one.to_pyarrow().cast(SCHEMA) for one in (*single, *self._budgets_over()))
        short = (closes.short(self, rule) for rule in self.closes)
        return pa.concat_tables([SCHEMA.empty_table(), *over, *short])

    def _budgets_over(self) -> Iterator:
        """Every demand in the span that goes over a limit that keeps a budget, limit by limit."""
        full: dict[tuple, list[tuple[Rule, pa.Table]]] = {}
        for rule in self.gates:
            windows = None if rule.limit.form in SINGLE else self._full(rule).to_pyarrow()
            if windows is not None and windows.num_rows:
                full.setdefault(_looks_at(rule.limit), []).append((rule, windows))
        for several in full.values():
            suspects = self._suspects(several[0][0].limit, [windows for _, windows in several])
            yield from (self._over(rule, windows, suspects) for rule, windows in several)

    def asked(self, limit: Limit, *names: str, kind: str = ""):
        """All that was asked of the kind of a limit (or another): the columns ``names`` with those that every limit
        looks at and those that this one does. Each column costs time in each step of a plan, so there are no more."""
        rows = self._of_kind(kind or limit.kind)
        wanted = {*ALWAYS, *names, *columns_of(limit)}
        return rows.select(*(name for name in rows.columns if name in wanted))

    def _of_kind(self, kind: str):
        """What was asked of a kind, planned once for all its limits: few rows as a table, many as a view. What the kind
        never says is not looked for in the files."""
        if kind not in self.kept:
            demands, said = self.lake.table("demands"), self.lake.said("demands", kind)
            single = [name for name in demands.columns if name in said and name.startswith((AMOUNT, ATTRIBUTE))]
            held = demands.filter(demands.kind == kind).select(*COLUMNS, *single)
            never = {name: ibis.literal(False) for name in FLAGS if name not in said}
            more = {"account": attribute(held, "account").fill_null(""), "nothing": is_nothing(held)}
            held = held.mutate(**more, **never)
            asking = sum(kind == rule.limit.kind for rule in (*self.gates, *self.closes))
            few = self.kinds.get(kind, 0) <= FEW * asking
            self.kept[kind] = self.keep(f"kind_{next(NAMES)}", held) if few else self.named(held)
        return self.kept[kind]

    def standing(self, limit: Limit, *names: str):
        """What stands of what a limit looks at, but for emergencies."""
        return self._held(self.asked(limit, "stands", "emergency", *names), limit)

    def _held(self, asked, limit: Limit):
        return asked.filter(asked.stands, ~asked.emergency, *self.under(asked, limit))

    def under(self, asked, limit: Limit) -> list:
        """Filters for what a limit looks at."""
        return under(asked, limit, self.lists)

    def placed(self, rows, rule: Rule):
        """Rows of those whom a limit is for on their ``day``, with their county, profile and calendar. Rows without
        accounts are what was asked of units themselves."""
        whom = self.whom(rule)
        same = [name for name in ("county", "bearer_id", "account") if name in rows.columns]
        if "account" not in same:
            whom = whom.filter(pc.equal(whom["account"], "")).drop_columns("account")
        if pc.all(pc.equal(whom["since"], FIRST_DAY)).as_py() and pc.all(pc.equal(whom["until"], LAST_DAY)).as_py():
            return rows.join(ibis.memtable(whom.drop_columns(["since", "until"])), same)
        placed = rows.join(ibis.memtable(whom), same)
        return placed.filter(placed.day.between(placed.since, placed.until)).drop("since", "until")

    def whom(self, rule: Rule) -> pa.Table:
        """Those whom a limit is for."""
        return self.bearers.filter(pc.is_in(self.bearers["profile"], pa.array(rule.profiles)))

    # ---- limits that one demand can break by itself ----

    def _single(self, rule: Rule):
        limit = rule.limit
        standing = self.standing(limit, "nothing", "starts", "ends")
        asked = standing.filter(self.in_span(standing.day), ~standing.nothing)
        asked = self._with_times(self.placed(asked, rule), {key for value in limit.values for key in value.when or ()})
        wrong, amount, cap = getattr(self, f"_{limit.form}")(asked, rule)
        return asked.filter(wrong).select(
            county=_.county, limit_id=ibis.literal(limit.id), bearer_id=_.bearer_id, window=_.demand_id.cast("string"),
            demand_id=_.demand_id, day=_.day, amount=amount.cast("int64"), cap=cap.cast("int64"),
            over=(amount - cap).cast("int64"), origin=_.origin, verdict=_.verdict,
        )  # fmt: skip

    def _each_at_most(self, asked, rule: Rule):
        amount, cap = amount_of(asked, rule.limit.measure), dated(asked.day, rule.limit, "cap")
        return amount > cap, amount, cap

    def _each_at_least(self, asked, rule: Rule):
        amount, cap = amount_of(asked, rule.limit.measure), dated(asked.day, rule.limit, "cap")
        return amount < cap, amount, cap

    def _never(self, asked, rule: Rule):
        return in_force(asked.day, rule.limit), ibis.null("int64"), ibis.null("int64")

    def _never_in(self, asked, rule: Rule):
        met = [between(asked.day, value) & is_in(asked, value) for value in rule.limit.values]
        return reduce(or_, met), ibis.null("int64"), ibis.null("int64")

    def _not_before(self, asked, rule: Rule):
        return self._by_clock(asked, rule, lambda time, bound: time < bound)

    def _not_after(self, asked, rule: Rule):
        # An end at half past midnight belongs to the evening before.
        return self._by_clock(asked, rule, lambda time, bound: evening(time) > bound)

    def _by_clock(self, asked, rule: Rule, is_wrong):
        wrong, bounds, times = [], [], []
        for value in rule.limit.values:
            time = asked.starts if value.on == "start" else asked.ends
            bound = self._bound(asked, value) + value.offset
            wrong.append(between(asked.day, value) & is_wrong(time, bound))
            bounds.append((between(asked.day, value), bound))
            times.append((between(asked.day, value), time))
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
        met = [between(asked.day, one) & ~truthy(attribute(asked, one.fact)) for one in rule.limit.values]
        return reduce(or_, met), ibis.null("int64"), ibis.null("int64")

    def _listed(self, asked, rule: Rule):
        name, listed = attribute(asked, "name"), truthy(attribute(asked, "listed"))
        on_list = [
            asked.day.between(*span(item.start, item.end)) & (name.fill_null("") == item.name if item.name else listed)
            for item in rule.items
        ]
        missing = ~reduce(or_, on_list) if on_list else ibis.literal(True)
        return in_force(asked.day, rule.limit) & missing, ibis.null("int64"), ibis.null("int64")

    # ---- limits that keep a budget ----

    def _full(self, rule: Rule):
        """The windows in which more is asked than a cap allows, with the days on which something in them is asked."""
        by_day = self._budgeted(self._by_day(rule.limit), rule)
        if self._is_of_a_day(rule):
            return by_day.filter(by_day.amount > by_day.cap).select(*WINDOW, "day")
        sums = by_day.group_by(WINDOW).agg(sum=_.amount.sum(), least=_.cap.min())
        return by_day.semi_join(sums.filter(sums["sum"] > sums["least"]), WINDOW).select(*WINDOW, "day")

    def _suspects(self, limit: Limit, full: list[pa.Table]):
        """What was asked on the days of full windows of limits that look at the same as ``limit``."""
        where = [*self.whose, "day"]
        whose = pa.concat_tables(one.select(where) for one in full).group_by(where).aggregate([])
        days, asked = ibis.memtable(whose), self._budgetable(limit)
        few = whose.num_rows <= FEW_DAYS
        if self._is_laid_elsewhere(limit):
            suspects = self._taken(limit, asked).semi_join(days, where)
            return self.keep(f"suspects_{next(NAMES)}", suspects) if few else suspects
        # Of the few that are left it costs nothing to ask what the limit looks at.
        suspects = asked.semi_join(days, where)
        return self._taken(limit, self.keep(f"suspects_{next(NAMES)}", suspects) if few else suspects)

    def _over(self, rule: Rule, full: pa.Table, suspects):
        """Which demands took the ``full`` windows over their cap, in the order in which they were asked."""
        limit = rule.limit
        taken = self._budgeted(suspects, rule)
        inside = taken.semi_join(ibis.memtable(full.group_by(WINDOW).aggregate([])), WINDOW)
        # All that one request asked for in a window stands or falls together, so the running sum takes it at once.
        order = ibis.range_window(group_by=WINDOW, order_by="attempt_id", preceding=None, following=0)
        running = inside.mutate(so_far=_.amount.sum().over(order))
        over = running.filter(running.so_far > running.cap, self.in_span(running.day))
        return over.select(
            county=_.county, limit_id=ibis.literal(limit.id), bearer_id=_.bearer_id, window=key_of(over, limit),
            demand_id=_.demand_id, day=_.day, amount=_.so_far.cast("int64"), cap=_.cap,
            over=(_.so_far - _.cap).cast("int64"), origin=_.origin, verdict=_.verdict,
        )  # fmt: skip

    def _budgeted(self, taken, rule: Rule):
        """What is taken by those whom a limit is for, with cap and window; what has neither is left out."""
        return self._in_windows(self._capped(self.placed(taken, rule), rule.limit), rule.limit)

    def _is_of_a_day(self, rule: Rule) -> bool:
        """Whether what is asked on a day is all that there is in a window: no other day, and no other account."""
        return rule.limit.window in DAYS and len(self._accounts(rule)) <= 1

    def _by_day(self, limit: Limit):
        """What each bearer is asked on each day of what a limit looks at.

        What is the same in a whole group is not what it is grouped by: that costs as much as reading the rows.
        """
        key = _looks_at(limit)
        if key not in self.kept:
            taken = self._taken(limit, self._budgetable(limit)).semi_join(ibis.memtable(self._units(limit)), self.whose)
            apart = [*self.whose, "day", *(["part"] if limit.per else []), *self._accounts_apart(limit)]
            by_day = taken.group_by(apart).agg(amount=_.amount.sum())
            by_day = by_day if limit.per else by_day.mutate(part=ibis.literal(""))
            self.kept[key] = self.keep(f"by_day_{next(NAMES)}", by_day) if len(self._alike(limit)) > 1 else by_day
        return self.kept[key]

    def _alike(self, limit: Limit) -> list[Rule]:
        """The gate limits that look at the same as one."""
        return [rule for rule in self.gates if _looks_at(rule.limit) == _looks_at(limit)]

    def _units(self, limit: Limit) -> pa.Table:
        """The units that some limit is for that looks at the same as this one."""
        whom = pa.concat_tables(self.whom(rule).select(self.whose) for rule in self._alike(limit))
        return whom.group_by(self.whose).aggregate([])

    def _accounts_apart(self, limit: Limit) -> list[str]:
        """Whether accounts of their own have to be told apart in what a limit looks at."""
        return ["account"] if any(self._accounts(rule) - {""} for rule in self._alike(limit)) else []

    def _accounts(self, rule: Rule) -> set[str]:
        return set(self.whom(rule)["account"].unique().to_pylist())

    def _budgetable(self, limit: Limit):
        """What was asked of the kind of a limit, with all that a budget is made of and nothing else."""
        if self._is_laid_elsewhere(limit):
            return self.asked(limit, *TAKEN, "is_split", "due_day")
        asked = self.asked(limit, *TAKEN)
        return asked if "county" in self.whose else asked.drop("county")

    def _is_laid_elsewhere(self, limit: Limit) -> bool:
        """Whether something may weigh on other days than the one that it was asked for."""
        return measure_of(limit) == "minutes" and (limit.split == "even" or self.lake.holds("splits"))

    def _taken(self, limit: Limit, asked):
        """What each demand of ``asked`` takes, on the day that it takes it (`charges.share_of_day`)."""
        held, measure = self._held(asked, limit), measure_of(limit)
        apart = self._accounts_apart(limit)
        if not apart:
            held = held.filter(held.account == "")
        part = attribute(held, limit.per).fill_null("") if limit.per else ibis.literal("")
        taken = held.mutate(amount=amount_of(held, measure), part=part)
        if self._is_laid_elsewhere(limit):
            whole = taken.filter(~taken.is_split) if self.lake.holds("splits") else taken
            whole = self._on_evenings(whole) if limit.split == "even" else whole
            taken = whole.union(self._as_split(taken)) if self.lake.holds("splits") else whole
        of_it = ("demand_id", "attempt_id", "day", "amount", "part", "origin", "verdict")
        taken = taken.select(*self.whose, *apart, *of_it)
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
            return self._with_baseline(taken, limit).mutate(cap=_.cap.floor().cast("int64"))
        held = taken.filter(in_force(taken.day, limit, "cap"))
        return held.mutate(cap=dated(held.day, limit, "cap"))

    def _with_baseline(self, taken, limit: Limit):
        """The cap as a share of last year's figure, in the version that each row met. Rows that met none have no cap,
        and still use the window up. Sums of days have the cap of the least version: that finds all that may be over."""
        known = self.lake.table("baselines").filter(_.limit_id == limit.id)
        held = taken.filter(in_force(taken.day, limit, "share"))
        shared = held.mutate(share=dated(held.day, limit, "share"), in_year=held.day.year().cast("int64"))
        if "attempt_id" not in taken.columns:
            same = ["county", "bearer_id", "in_year"]
            least = known.group_by("county", "bearer_id", in_year=known.year).agg(last=known.amount.min())
            return shared.join(least, same).mutate(cap=_.share * _["last"])
        known = known.select(
            where=known.county, whose=known.bearer_id, which=known.year, after=known.after_attempt,
            until=known.until_attempt, last=known.amount,
        )  # fmt: skip
        met = [
            shared.county == known["where"], shared.bearer_id == known.whose, shared.in_year == known.which,
            shared.attempt_id > known.after, known.until.isnull() | (shared.attempt_id <= known.until),
        ]  # fmt: skip
        return shared.left_join(known, met).mutate(cap=_.share * _["last"])

    def _with_times(self, rows, names: set[str]):
        """Rows with what their calendar says of their day."""
        names = sorted(WHEN.get(name, name) for name in names)
        return rows.join(days_of(self.lake, names), ["county", "calendar", "day"]) if names else rows

    def _in_windows(self, taken, limit: Limit):
        """The window that each row falls in (`charges.budget_window`); days that do not count are left out."""
        kind = limit.window
        if kind in ("school_day", "rest_day"):
            taken = self._with_times(taken, {"is_school_day"})
            taken = taken.filter(taken.is_school_day if kind == "school_day" else ~taken.is_school_day)
        if kind in DAYS:
            window = taken.day
        elif kind == "period":
            window = ibis.cases(*((between(taken.day, value), f"{value.start}/{value.end}") for value in limit.values))
        elif kind == "standing":
            window = ibis.literal("standing")
        elif kind == "month":
            window = taken.day.truncate("month")
        else:
            taken = self._with_times(taken, {kind})
            window = taken[kind]
        return taken.mutate(window=window)

    def in_span(self, day):
        """Whether a day lies in the span."""
        return day.between(self.first, self.last)


def audit(
    lake: Lake, first: date, last: date, proposed: Iterable[Pack] = (), only: Iterable[str] | None = None
) -> Found:
    """Every breach of a limit (of those with the ids ``only``, else of all) between two days, in all counties of the
    lake: of gate limits by what stands, of close limits where a window or a deadline ended.

    ``proposed`` packs take the place of those with their ids. Counties go through in batches, so that memory does not
    grow with a province; an engine of many machines takes them all at once.
    """
    proposed = list(proposed)
    limits: dict[str, Rule] = {}
    tables = []
    for codes in lake.batches(ROWS_AT_ONCE):
        with Audit.of(lake.of(codes), first, last, proposed, only) as one:
            limits |= {rule.limit.id: rule for rule in (*one.gates, *one.closes)}
            tables.append(one.found())
    whole = pa.concat_tables(tables or [SCHEMA.empty_table()])
    order = [(name, "ascending") for name in ("limit_id", "county", "bearer_id", "window", "demand_id", "day")]
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


def _looks_at(limit: Limit) -> tuple:
    """What a budget is made of: limits of which this is the same add up the same demands."""
    return limit.kind, limit.where, measure_of(limit), limit.split, limit.per


def _gates(lake: Lake, rules: Iterable[Rule], kinds: Container[str]) -> Iterator[Rule]:
    """The gate limits that some demand here could break: of a kind that occurs, on attributes that are stated."""
    stated = {name.removeprefix(ATTRIBUTE) for name in lake.filled("demands") if name.startswith(ATTRIBUTE)}
    stated.add("subject")
    for rule in rules:
        limit = rule.limit
        if limit.is_gate and limit.kind in kinds and all(can_hold(one, stated) for one in limit.where):
            yield rule
