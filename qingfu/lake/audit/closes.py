"""Close limits over many records: what had to be done in a window, or had to follow, and was not.

They say what `rulebook.judge.close_due` and `judge_close` say when a window ends, of what `ledger.close_windows`
judges, by the same records: sums and counts where somebody of the same school or office entered such a thing in the
window, shares by what was said of their part, days without homework, the yearly clean-up by the register of apps, and
publication, since the ledger is its record. Only limits that warn or refuse.
"""

from __future__ import annotations

from collections.abc import Container
from fractions import Fraction
from functools import reduce
from operator import and_

import ibis
import pyarrow as pa
from ibis import _

from qingfu.lake.audit.expressions import (
    SCHEMA,
    amount_of,
    attribute,
    attribute_column,
    between,
    dated,
    holds,
    key_of,
    measure_of,
)
from qingfu.lake.reading import Lake
from qingfu.lake.rules import Rule
from qingfu.rulebook import Limit, Verdict
from qingfu.rulebook.judge import AT_SCHOOL, FREE_DAY, FULL_WEEK, SCHOOL_APPS, SHARES, SUMS, UNDATED
from qingfu.rulebook.model import all_hold

HOMEWORK = "homework"
CLEANUP = "cleanup"  # whose record is the register of apps and groups
PUBLISHED = "published"  # the fact that the ledger is the record of
OWN = ""  # the account of what a unit is asked, beside those that begin with what stands in them
ACCOUNT = ["county", "bearer_id", "account"]
ALIKE = ["county", "institution_id", "kind"]  # units whose entries say that such things are entered at all


def is_judged(lake: Lake, rule: Rule, kinds: Container[str], filled: Container[str]) -> bool:
    """Whether a lake holds the record that answers a close limit: ``kinds`` of demands that occur in it, ``filled``
    columns of demands in which something is said."""
    limit = rule.limit
    if limit.is_gate or limit.verdict < Verdict.WARN:
        return False
    if limit.form == "must_follow":
        return limit.kind == HOMEWORK and any(value.fact == PUBLISHED for value in limit.values)
    if limit.window in UNDATED:
        return False
    if limit.kind == CLEANUP:
        return limit.form in SUMS and lake.holds("channels") and all_hold(limit.where, SCHOOL_APPS)
    return _kind_of(limit) in kinds and all(attribute_column(key) in filled for key in limit.must_say)


def short(audit, rule: Rule) -> pa.Table:
    """What was not done, or not in time, with the columns of SCHEMA: ``over`` is what is missing (of a share that is
    too large: what is too much)."""
    judge = {"must_follow": _late, **dict.fromkeys(SUMS, _floor), **dict.fromkeys(SHARES, _share)}[rule.limit.form]
    return judge(audit, rule).to_pyarrow().cast(SCHEMA)


def _kind_of(limit: Limit) -> str:
    """The kind of the demands that answer a limit."""
    return HOMEWORK if limit.kind == FREE_DAY else limit.kind


def _told(missed, limit: Limit, over):
    """What was missed in a window, with the columns of SCHEMA."""
    return missed.select(
        county=_.county, limit_id=ibis.literal(limit.id), bearer_id=_.bearer_id, window=key_of(missed, limit),
        demand_id=ibis.null("int64"), day=_.closes, amount=_.amount, cap=_.cap, over=over,
        origin=ibis.null("string"), verdict=ibis.null("string"),
    )  # fmt: skip


# ---- whose windows end, and what is on record of them ----


def _ending(audit, rule: Rule):
    """Each account that the limit is for with each window that ends in the span and has a day of work; what the limit
    asks there is of the day on which it ``closes``."""
    limit = rule.limit
    windows = _windows(audit.lake, limit).group_by("county", "calendar", "window").agg(
        opens=_.day.min(), closes=_.day.max(), days=_.count(), lasts=_.lasts.max(),
        school_days=_.is_school_day.cast("int64").sum(), workdays=_.is_workday.cast("int64").sum(),
    )  # fmt: skip
    # A window that the calendar of the lake holds only a part of cannot be judged.
    windows = windows.filter(windows.days == windows.lasts, audit.in_span(windows.closes)).drop("days", "lasts")
    units = audit.lake.table("bearers").select("county", "bearer_id", "institution_id", "kind", "starts", "ends")
    whom = ibis.memtable(audit.whom(rule)).join(units, ["county", "bearer_id"])
    ending = whom.join(windows, ["county", "calendar"])
    at_school = ending.kind.isin(AT_SCHOOL) & (ending.account == OWN)
    ending = ending.mutate(at_work=ibis.ifelse(at_school, ending.school_days, ending.workdays))
    there = (ending.starts.isnull() | (ending.starts <= ending.closes)) & (
        ending.ends.isnull() | (ending.ends >= ending.closes)
    )
    ending = ending.filter(there, ending.closes.between(ending.since, ending.until))
    if limit.window == "day":
        return ending
    return ending.filter(ending.at_work == 0 if limit.window == "rest_day" else ending.at_work > 0)


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
    return days.select("county", "calendar", "day", "is_school_day", "is_workday", window=window, lasts=lasts)


def _answering(audit, limit: Limit):
    """What stands of the kind of a limit and says something under each attribute that it looks at."""
    asked = audit.asked(limit, "stands", kind=_kind_of(limit))
    return asked.filter(asked.stands, *(_says(asked, key) for key in limit.must_say))


def _held(audit, limit: Limit):
    """What of it the limit looks at. What is an emergency was done all the same."""
    asked = _answering(audit, limit)
    return asked.filter(asked.stands, *audit.under(asked, limit))


def _says(asked, key: str):
    found = attribute(asked, key)
    return found.notnull() & (found != "") if key == "subject" else found.notnull()


def _in_windows(audit, rule: Rule, rows):
    """Rows of the accounts that the limit is for, with the window of their day."""
    whom = audit.whom(rule).group_by([*ACCOUNT, "calendar"]).aggregate([])
    placed = rows.join(ibis.memtable(whom), ACCOUNT)
    return placed.join(_windows(audit.lake, rule.limit), ["county", "calendar", "day"])


# ---- at least so much in a window ----


def _floor(audit, rule: Rule):
    limit = rule.limit
    ending = _ending(audit, rule)
    ending = ending.mutate(cap=_asked_for(dated(ending.closes, limit, "floor"), ending.at_work, limit))
    ending = ending.filter(ending.cap.notnull())
    known = _cleaned_up(audit, ending) if limit.kind == CLEANUP else _counted(audit, rule, ending)
    return _told(known.filter(known.amount < known.cap), limit, _.cap - _.amount)


def _asked_for(floor, at_work, limit):
    """`judge.close_due`: a short week asks its part, rounded down; counts in days at most the days of work."""
    if limit.measure == "days":
        return ibis.least(floor, at_work)
    if limit.window != "week":
        return floor
    return ibis.cases((at_work >= FULL_WEEK, floor), else_=(floor * at_work // FULL_WEEK).cast("int64"))


def _counted(audit, rule: Rule, ending):
    """The windows of which there is a record, with the ``amount`` that was done in each."""
    limit = rule.limit
    both = ending.left_join(_done(audit, rule), [*ACCOUNT, "window"])
    entered = _entered(audit, limit)
    # An account beside a unit's own begins with what stands in it.
    begun = both.filter(both.account != OWN, both.done.notnull())
    own = both.filter(both.account == OWN).semi_join(entered, [*ALIKE, "window"])
    known = own.union(begun)
    done = known.done.fill_null(0)
    return known.mutate(amount=known.school_days - done if limit.kind == FREE_DAY else done)


def _entered(audit, limit: Limit):
    """The windows in which anything that answers a limit was entered, by school or office and kind of unit."""
    units = audit.lake.table("bearers").select("county", "bearer_id", "institution_id", "kind", "calendar")
    rows = _answering(audit, limit).filter(_.account == OWN).select("county", "bearer_id", "day")
    days = rows.join(units, ["county", "bearer_id"]).select(*ALIKE, "calendar", "day").distinct()
    windows = _windows(audit.lake, limit).select("county", "calendar", "day", "window")
    return days.join(windows, ["county", "calendar", "day"]).select(*ALIKE, "window").distinct()


def _done(audit, rule: Rule):
    """How much was done in each window; for days without homework, on how many school days there was some."""
    limit = rule.limit
    held = _held(audit, limit)
    if limit.kind != FREE_DAY:
        rows = held.select(*ACCOUNT, "day", amount=amount_of(held, measure_of(limit)))
        placed = _in_windows(audit, rule, rows)
        return placed.group_by(*ACCOUNT, "window").agg(done=_.amount.sum().fill_null(0).cast("int64"))
    placed = _in_windows(audit, rule, held.select(*ACCOUNT, "day").distinct())
    return placed.filter(placed.is_school_day).group_by(*ACCOUNT, "window").agg(done=_.count())


def _cleaned_up(audit, ending):
    """The years of counties in which schools had to use any app or group at the end, with an ``amount`` of one where
    each of them was looked at within the year."""
    used = audit.lake.table("channels").filter(_.for_schools)
    used = used.select("county", "channel_id", "gone_day", "reviewed_day", since_day="starts")
    of_counties = ending.filter(ending.kind == "county", ending.account == OWN)
    in_use = of_counties.join(used, "county").filter(
        _.since_day <= _.closes, _.gone_day.isnull() | (_.gone_day > _.closes)
    )
    seen = in_use.reviewed_day.between(in_use.opens, in_use.closes).fill_null(False)
    each = in_use.group_by("county", "bearer_id", "window", "closes", "cap", "channel_id").agg(seen=seen.any())
    years = each.group_by("county", "bearer_id", "window", "closes", "cap").agg(all_seen=each.seen.all())
    return years.mutate(amount=years.all_seen.cast("int64"))


# ---- a share of a whole ----


def _share(audit, rule: Rule):
    """``amount`` is the part that was done, ``cap`` the least part (or, of a share at most, the most) of that whole."""
    limit = rule.limit
    held = _held(audit, limit)
    is_part = reduce(and_, (holds(held, condition, audit.lists) for condition in limit.part), ibis.literal(True))
    amount = amount_of(held, measure_of(limit)).fill_null(0)
    rows = held.select(*ACCOUNT, "day", amount=amount, of_part=ibis.ifelse(is_part, amount, 0))
    sums = (
        _in_windows(audit, rule, rows)
        .group_by(*ACCOUNT, "window")
        .agg(amount=_.of_part.sum().cast("int64"), whole=_.amount.sum().cast("int64"))
    )
    both = _ending(audit, rule).join(sums.filter(sums.whole > 0), [*ACCOUNT, "window"])
    at_least = limit.form == "share_at_least_of_whole"
    caps = [(between(both.closes, value), _part_of(both.whole, value.share, at_least)) for value in limit.values]
    both = both.mutate(cap=ibis.cases(*caps))
    if at_least:
        return _told(both.filter(both.amount < both.cap), limit, _.cap - _.amount)
    return _told(both.filter(both.amount > both.cap), limit, _.amount - _.cap)


def _part_of(whole, share: float, at_least: bool):
    """The least whole number that is a share of ``whole``, or the most: by the decimal that the pack has written."""
    numerator, denominator = Fraction(str(share)).as_integer_ratio()
    return ((whole * numerator + (denominator - 1 if at_least else 0)) // denominator).cast("int64")


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
