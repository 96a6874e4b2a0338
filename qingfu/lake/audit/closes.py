"""Close limits over many records: what had to be done in a window, or had to follow, and was not.

They say what `rulebook.judge.close_due` and `judge_close` say when a window ends, of what `ledger.close_windows`
judges: so much in a window, for classes; and publication, since the ledger is its record. A class is judged by a floor
on a kind that somebody enters for classes, and by days without homework. Only limits that warn or refuse.
"""

from __future__ import annotations

from collections.abc import Container

import ibis
import pyarrow as pa
from ibis import _

from qingfu.lake.audit.expressions import SCHEMA, amount_of, between, dated, key_of, measure_of
from qingfu.lake.reading import Lake
from qingfu.lake.rules import Rule
from qingfu.rulebook import Verdict
from qingfu.rulebook.judge import FULL_WEEK

HOMEWORK, FREE_DAY = "homework", "homework_free_day"  # the second: a school day on which no homework was asked
PUBLISHED = "published"  # the fact that the ledger is the record of
SUMS = ("at_least", "count_at_least")


def is_judged(rule: Rule, kinds: Container[str]) -> bool:
    """Whether a limit is one that the lake can judge, given the kinds that occur."""
    limit = rule.limit
    if limit.is_gate or "class" not in limit.bearers or limit.verdict < Verdict.WARN:
        return False
    if limit.form == "must_follow":
        return limit.kind == HOMEWORK and any(value.fact == PUBLISHED for value in limit.values)
    return limit.form in SUMS and (limit.kind in kinds or limit.kind == FREE_DAY)


def short(audit, rule: Rule) -> pa.Table:
    """What was not done, or not in time, with the columns of SCHEMA: ``over`` is what is missing."""
    found = _late(audit, rule) if rule.limit.form == "must_follow" else _floor(audit, rule)
    return found.to_pyarrow().cast(SCHEMA)


# ---- at least so much in a window ----


def _floor(audit, rule: Rule):
    limit = rule.limit
    wanted = _wanted(audit, rule)
    both = wanted.left_join(_done(audit, rule), ["county", "bearer_id", "window"])
    done = both.done.fill_null(0)
    both = both.mutate(amount=both.school_days - done if limit.kind == FREE_DAY else done)
    missed = both.filter(_.amount < _.cap)
    return missed.select(
        county=_.county, limit_id=ibis.literal(limit.id), bearer_id=_.bearer_id, window=key_of(missed, limit),
        demand_id=ibis.null("int64"), day=_.closes, amount=_.amount, cap=_.cap, over=_.cap - _.amount,
        origin=ibis.null("string"), verdict=ibis.null("string"),
    )  # fmt: skip


def _wanted(audit, rule: Rule):
    """Each class that the limit is for with each window that ends in the span, and what it asks for there."""
    limit = rule.limit
    windows = _windows(audit.lake, limit).group_by("county", "calendar", "window").agg(
        closes=_.day.max(), days=_.count(), lasts=_.lasts.max(), school_days=_.is_school_day.cast("int64").sum()
    )
    # A window that the calendar of the lake holds only a part of cannot be judged.
    windows = windows.filter(windows.days == windows.lasts, audit.in_span(windows.closes))
    if limit.window != "day":
        windows = windows.filter(windows.school_days > 0)
    asked = windows.mutate(cap=_asked_for(dated(windows.closes, limit, "floor"), windows.school_days, limit))
    classes = audit.lake.table("bearers").filter(_.kind == "class")
    classes = classes.select("county", "bearer_id", "starts", "ends", of="calendar")
    days = asked.filter(asked.cap.notnull()).rename(of="calendar", day="closes")
    placed = audit.placed(classes.join(days, ["county", "of"]).mutate(account=ibis.literal("")), rule)
    placed = placed.rename(closes="day")
    there = (placed.starts.isnull() | (placed.starts <= placed.closes)) & (
        placed.ends.isnull() | (placed.ends >= placed.closes)
    )
    return placed.filter(there).select("county", "bearer_id", "window", "closes", "school_days", "cap")


def _asked_for(floor, school_days, limit):
    """`judge.close_due`: a short week asks its part, rounded down; counts in days at most the school days."""
    if limit.measure == "days":
        return ibis.least(floor, school_days)
    if limit.window != "week":
        return floor
    return ibis.cases((school_days >= FULL_WEEK, floor), else_=(floor * school_days // FULL_WEEK).cast("int64"))


def _windows(lake: Lake, limit):
    """The days of each calendar with the window of a limit, and how many days that lasts."""
    days = lake.table("days")
    month, year = days.day.month(), days.day.year()
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    of_month = ibis.cases((month == 2, ibis.ifelse(is_leap, 29, 28)), (month.isin([4, 6, 9, 11]), 30), else_=31)
    window, lasts = {
        "week": (days.week, ibis.literal(7)),
        "month": (days.day.truncate("month"), of_month),
        "term": (days.term, (days.term_ends - days.term_starts).cast("int64") + 1),
        "school_year": (days.school_year, (days.school_year_ends - days.school_year_starts).cast("int64") + 1),
        "year": (days.year, ibis.ifelse(is_leap, 366, 365)),
    }.get(limit.window, (days.day, ibis.literal(1)))
    return days.select("county", "calendar", "day", "is_school_day", window=window, lasts=lasts)


def _done(audit, rule: Rule):
    """How much each class did in each window; for days without homework, on how many school days it had some."""
    limit = rule.limit
    asked = audit.asked(limit, "stands", kind=HOMEWORK if limit.kind == FREE_DAY else "")
    # What is an emergency was done all the same.
    held = asked.filter(asked.stands, *audit.under(asked, limit))
    amount = ibis.literal(1, "int64") if limit.kind == FREE_DAY else amount_of(held, measure_of(limit))
    rows = audit.placed(held.select("county", "bearer_id", "account", "day", amount=amount), rule)
    if limit.kind == FREE_DAY:
        rows = rows.distinct()
    placed = rows.join(_windows(audit.lake, limit), ["county", "calendar", "day"])
    if limit.kind == FREE_DAY:
        placed = placed.filter(placed.is_school_day)
    return placed.group_by("county", "bearer_id", "window").agg(done=_.amount.sum().cast("int64"))


# ---- published in time ----


def _late(audit, rule: Rule):
    """Homework that was entered after the last day on which it had to be published."""
    limit = rule.limit
    asked = audit.asked(limit, "late", "posted_day")
    is_late = [asked.late, asked.day < asked.posted_day, audit.in_span(asked.posted_day)]
    late = asked.filter(*is_late, *audit.under(asked, limit))
    placed = audit.placed(late, rule)
    cases = [
        _follow_by(audit.lake, placed.filter(between(placed.day, value)), value.within)
        for value in limit.values if value.fact == PUBLISHED
    ]  # fmt: skip
    found = (ibis.union(*cases) if len(cases) > 1 else cases[0]).mutate(amount=(_.posted_day - _.day).cast("int64"))
    missed = found.filter(found.amount > found.cap)
    return missed.select(
        county=_.county, limit_id=ibis.literal(limit.id), bearer_id=_.bearer_id, window=_.demand_id.cast("string"),
        demand_id=_.demand_id, day=_.day, amount=_.amount, cap=_.cap, over=_.amount - _.cap,
        origin=_.origin, verdict=_.verdict,
    )  # fmt: skip


def _follow_by(lake: Lake, rows, within: dict):
    """Rows with the number of days within which what must follow is in time (`judge.follow_by`)."""
    rows = rows.select("county", "calendar", "bearer_id", "demand_id", "day", "posted_day", "origin", "verdict")
    if "days" in within:
        return rows.mutate(cap=ibis.literal(within["days"], "int64"))
    days = lake.table("days").select("county", "calendar", "day", "is_school_day")
    upto = ibis.cumulative_window(group_by=["county", "calendar"], order_by="day")
    numbered = days.mutate(number=days.is_school_day.cast("int64").sum().over(upto))
    ends = numbered.filter(numbered.is_school_day).select("county", "calendar", "number", last_day="day")
    begun = rows.join(numbered.select("county", "calendar", "day", "number"), ["county", "calendar", "day"])
    ended = begun.mutate(number=begun.number + within["school_days"]).join(ends, ["county", "calendar", "number"])
    return ended.mutate(cap=(ended.last_day - ended.day).cast("int64")).select(*rows.columns, "cap")
