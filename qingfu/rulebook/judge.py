"""Whether a demand keeps the limits.

Three questions: `judge_single` for the gate forms that one demand can break by itself, `judge_total` for a
charge on top of what a budget already holds, `close_due` and `judge_close` for the forms that are judged when
a window or a deadline ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import floor
from typing import TYPE_CHECKING

from .calendar import Calendar
from .model import (
    FORMS,
    Bearer,
    Breach,
    Charge,
    Demand,
    InForce,
    Requirement,
    Unjudged,
    Window,
)
from .sentences import breach_sentence, percent, weekday
from .words import word

if TYPE_CHECKING:
    from .rulebook import Rulebook

FULL_WEEK = 5  # days of school, or of work
AT_SCHOOL = ("class", "school", "teacher")  # bearers that work on school days; the others on working days of offices
SHARES = ("share_at_least_of_whole", "share_at_most_of_whole")
SUMS = ("at_least", "count_at_least")
UNDATED = ("each", "period", "standing")  # windows that do not end by the calendar
FREE_DAY = "homework_free_day"  # what the rulebook calls a school day on which no homework was asked
SCHOOL_APPS = {"item": "school_apps"}  # how it calls the yearly clean-up of what schools must use
NIGHT_ENDS = 5 * 60  # an end at half past midnight belongs to the evening before


@dataclass(frozen=True, slots=True)
class Case:
    """One demand before one limit."""

    rulebook: Rulebook
    in_force: InForce
    demand: Demand
    calendar: Calendar

    @property
    def value(self):
        return self.in_force.value

    def breach(self, amount=None, cap=None, **words) -> Breach:
        cap = cap or self.in_force.cap
        reason = breach_sentence(self.in_force, amount=amount, cap=cap, **words)
        return Breach(self.in_force, self.in_force.verdict, reason, cap, amount)

    def unjudged(self, missing: str) -> Unjudged:
        return Unjudged(self.in_force, missing)


def judge_single(rulebook: Rulebook, demand: Demand, calendar: Calendar) -> list[Breach]:
    """The limits that this demand breaks by itself, in the order of the chain."""
    return [found for found in _single(rulebook, demand, calendar) if isinstance(found, Breach)]


def judge_alone(
    rulebook: Rulebook, demand: Demand, calendar: Calendar, baseline: int | None = None
) -> tuple[list[Breach], list[Unjudged]]:
    """What the demand breaks by itself, as `judge_single`, and the gate limits that apply but cannot be judged, with
    what is missing: both from one look at each limit, as every posting needs them.
    """
    found = [one for one in _single(rulebook, demand, calendar) if one is not None]
    breaches = [one for one in found if isinstance(one, Breach)]
    unjudged = [one for one in found if isinstance(one, Unjudged)]
    return breaches, unjudged + list(_totals_unjudged(rulebook, demand, baseline))


def _totals_unjudged(rulebook: Rulebook, demand: Demand, baseline: int | None):
    if demand.is_nothing:
        return
    for in_force in rulebook.asked(demand, demand.day).totals:
        limit = in_force.limit
        if limit.form != "count_at_most" and demand.amount(limit.measure) is None:
            yield Unjudged(in_force, limit.measure)
        elif limit.form == "share_at_most_last_year" and baseline is None:
            yield Unjudged(in_force, "last_year")


def _single(rulebook: Rulebook, demand: Demand, calendar: Calendar):
    """What each limit that is judged by the demand alone says: a Breach, an Unjudged or None."""
    if demand.is_nothing:
        return
    for in_force in rulebook.asked(demand, demand.day).singles:
        test = SINGLE[in_force.limit.form]
        yield test(Case(rulebook, in_force, demand, calendar))


def _each_at_most(case: Case):
    measure = case.in_force.limit.measure
    amount = case.demand.amount(measure)
    if amount is None:
        return case.unjudged(measure)
    return case.breach(amount) if amount > case.value.cap else None


def _each_at_least(case: Case):
    measure = case.in_force.limit.measure
    amount = case.demand.amount(measure)
    if amount is None:
        return case.unjudged(measure)
    return case.breach(amount) if amount < case.value.cap else None


def _never(case: Case):
    return case.breach()


def _never_in(case: Case):
    day = case.demand.day
    if not case.calendar.is_in(case.value.when, day):
        return None
    kind = word("day_kinds", case.calendar.day(day).kind)
    return case.breach(day.isoformat(), day=day, weekday=weekday(day), day_kind=kind)


def _not_before(case: Case):
    return _compare_times(case, lambda time, bound: minutes_of(time) < bound)


def _not_after(case: Case):
    return _compare_times(case, lambda time, bound: evening_minutes_of(time) > bound)


def _compare_times(case: Case, is_wrong):
    value, demand = case.value, case.demand
    time = demand.start if value.on == "start" else demand.end
    if time is None:
        return case.unjudged(value.on)
    bound = value.time
    if ":" not in bound:
        bound = case.rulebook.local_time(value.time, demand.bearer, demand.day)
        if bound is None:
            return case.unjudged(value.time)
    limit = minutes_of(bound) + value.offset
    return case.breach(time, cap=clock_text(limit)) if is_wrong(time, limit) else None


def _must_exist(case: Case):
    fact = case.value.fact
    if case.demand.attributes.get(fact):
        return None
    return case.breach(fact=word("facts", fact))


def _listed(case: Case):
    """On the list by name; or, where only the list's dates are held, said to be on a list valid that day."""
    attributes, day = case.demand.attributes, case.demand.day
    for item in case.rulebook.list_items(case.value.list, day):
        if item.name == attributes.get("name") if item.name else attributes.get("listed"):
            return None
    return case.breach(day=day)


SINGLE = {
    "each_at_most": _each_at_most,
    "each_at_least": _each_at_least,
    "never": _never,
    "never_in": _never_in,
    "not_before": _not_before,
    "not_after": _not_after,
    "must_exist": _must_exist,
    "listed": _listed,
}


def cap_of(in_force: InForce, baseline: int | None = None) -> int | None:
    """What a budget of an accumulating limit holds; None where it is a share of a figure not known."""
    if in_force.limit.form != "share_at_most_last_year":
        return in_force.value.cap
    return None if baseline is None else floor(in_force.value.share * baseline)


def judge_total(charge: Charge, used: int, baseline: int | None = None) -> Breach | None:
    """Whether a charge goes over, with `used` already taken from the budget; the breach's amount is the sum.

    `baseline` is last year's figure for limits that are a share of it; without it these are not judged.
    """
    in_force, total = charge.in_force, used + charge.amount
    cap = cap_of(in_force, baseline)
    if cap is None or total <= cap:
        return None
    form = in_force.limit.form
    reason = breach_sentence(
        in_force,
        template=f"{form}_first" if used == 0 and not in_force.value.share else form,
        cap=cap,
        used=used,
        amount=charge.amount,
        total=total,
        over=total - cap,
        share=percent(in_force.value.share or 0),
    )
    return Breach(in_force, in_force.verdict, reason, cap, total)


def close_due(in_force: InForce, bearer: Bearer, window: Window, calendar: Calendar) -> Requirement | None:
    """What a close limit requires of a bearer in a window, and by when; None where it requires nothing then.

    For must_follow the window is the day of the demand, and the deadline counts from it. A week cut short by
    holidays asks its part of a weekly floor, rounded down; counts in days ask at most the days of the window on
    which the bearer works: school days, of offices their working days. Raises ValueError for a gate limit.
    """
    limit, value = in_force.limit, in_force.value
    if FORMS[limit.form].gate:
        raise ValueError(f"{limit.id} 在发布时判断，不在周期结束时判断")
    if limit.form == "must_follow":
        return Requirement(in_force, bearer.id, window, follow_by(value.within, window, calendar), fact=value.fact)
    days = len(_days_at_work(bearer, window, calendar))
    if _asks_nothing(limit.window, days):
        return None
    deadline = calendar.term(window.start).end if limit.window == "term" else window.end
    if value.share is not None:
        return Requirement(in_force, bearer.id, window, deadline, share=value.share)
    return Requirement(in_force, bearer.id, window, deadline, floor=_floor_in(in_force, window, days))


def _days_at_work(bearer: Bearer, window: Window, calendar: Calendar) -> list:
    if bearer.kind in AT_SCHOOL:
        return calendar.school_days(window.start, window.end)
    return calendar.workdays(window.start, window.end)


def _asks_nothing(window: str, days: int) -> bool:
    """Whether a window with so many days of work asks nothing: without one, or, of a day of rest, with one."""
    return window != "day" and (days > 0) == (window == "rest_day")


def follow_by(within, window: Window, calendar: Calendar):
    """The last day on which what must follow is in time."""
    if "days" in within:
        return window.end + timedelta(days=within["days"])
    return calendar.add_school_days(window.end, within["school_days"])


def _floor_in(in_force: InForce, window: Window, days: int) -> int | float:
    wanted = in_force.value.floor
    if in_force.limit.measure == "days":
        return min(wanted, days)
    if window.kind != "week":
        return wanted
    return wanted if days >= FULL_WEEK else floor(wanted * days / FULL_WEEK)


def judge_close(requirement: Requirement, done: int | float, whole: int | float | None = None) -> Breach | None:
    """Whether a requirement was met: by the sum or count done, its share of ``whole``, or the fact (truthy). Where
    there is nothing of the whole, no share of it is too small or too large.
    """
    in_force = requirement.in_force
    form = in_force.limit.form
    words = {"amount": done, "cap": requirement.floor}
    if requirement.fact is not None:
        met = bool(done)
        words |= {"fact": word("facts", requirement.fact), "deadline": requirement.deadline}
    elif requirement.share is not None:
        if not whole:
            return None
        part = done / whole
        met = part <= requirement.share if form == "share_at_most_of_whole" else part >= requirement.share
        words |= {"amount": percent(part), "share": percent(requirement.share)}
    else:
        met = done >= requirement.floor
        words |= {"over": requirement.floor - done}
    if met:
        return None
    cap = requirement.fact or requirement.share or requirement.floor
    return Breach(in_force, in_force.verdict, breach_sentence(in_force, **words), cap, words["amount"])


def minutes_of(time: str) -> int:
    """Minutes since midnight of "HH:MM"."""
    return int(time[:2]) * 60 + int(time[3:])


def evening_minutes_of(time: str) -> int:
    """The same, with the hours after midnight counted on from the evening before."""
    minutes = minutes_of(time)
    return minutes + 24 * 60 if minutes < NIGHT_ENDS else minutes


def clock_text(minutes: int) -> str:
    """ "HH:MM" of minutes since midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
