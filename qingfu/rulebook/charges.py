"""What a demand costs: the one definition, used by posting, audit and levelling.

Minutes that span days go where `Demand.split` says; else all of them to the day of the demand, or, where the
limit says `split = "even"`, evenly to the evenings before the day it is due. Everything else (times,
characters …) goes to the day of the demand. The kind of the day decides: what is asked for a rest day falls
in rest-day windows and not in school-day windows. A limit with `per` keeps one budget for each value of that
attribute: its windows' keys end in "#value".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from .calendar import Calendar, days_between
from .model import Charge, Demand, InForce, Limit, Window

if TYPE_CHECKING:
    from .rulebook import Rulebook


def charges(rulebook: Rulebook, demand: Demand, calendar: Calendar) -> list[Charge]:
    """The charges of a demand in the order of the chain, one for each limit and window.

    Pure: the same demand, packs and calendar always give the same charges. A demand of 0 takes nothing.
    """
    taken: dict[tuple[str, Window], Charge] = {}
    for day in days_of(rulebook, demand):
        for in_force in rulebook.asked(demand, day).totals:
            limit = in_force.limit
            amount = share_of_day(demand, limit, day)
            window = budget_window(in_force, day, calendar) if amount else None
            if window is None:
                continue
            if limit.per:
                window = replace(window, key=f"{window.key}#{demand.attributes.get(limit.per, '')}")
            earlier = taken.get((limit.id, window))
            if earlier:
                amount, in_force = amount + earlier.amount, earlier.in_force
            taken[limit.id, window] = Charge(limit.id, demand.bearer.id, window, amount, in_force)
    return list(taken.values())


def days_of(rulebook: Rulebook, demand: Demand) -> list[date]:
    """The days that a demand may take something from."""
    if demand.split is not None:
        return sorted({demand.day, *demand.split})
    if demand.due is None:
        return [demand.day]
    first = rulebook.totals(demand.kind, demand.bearer, demand.day)
    return evenings(demand) if any(it.limit.split == "even" for it in first) else [demand.day]


def evenings(demand: Demand) -> list[date]:
    """From the day of the demand to the day before it is due; at least the first."""
    if demand.due is None or demand.due <= demand.day:
        return [demand.day]
    return days_between(demand.day, demand.due - timedelta(days=1))


def share_of_day(demand: Demand, limit: Limit, day: date) -> int:
    """How much of the demand falls on a day, in the unit that the limit counts."""
    measure = "times" if limit.form == "count_at_most" else limit.measure
    amount = demand.amount(measure) or 0
    if measure == "minutes" and demand.split is not None:
        return demand.split.get(day, 0)
    if measure == "minutes" and limit.split == "even":
        return even_share(amount, evenings(demand), day)
    return amount if day == demand.day else 0


def even_share(amount: int, days: list[date], day: date) -> int:
    """The part of an amount for one of several days; what is left over goes to the first ones."""
    if day not in days:
        return 0
    each, left = divmod(amount, len(days))
    return each + (days.index(day) < left)


def budget_window(in_force: InForce, day: date, calendar: Calendar) -> Window | None:
    """The window of a limit that a day falls in; None where the limit does not count such days."""
    kind, value = in_force.limit.window, in_force.value
    if kind == "period":
        return Window(kind, f"{value.start}/{value.end}", value.start, value.end)
    if kind == "standing":
        return Window(kind, kind, in_force.limit.values[0].start, date.max)
    if kind == "school_day" and not calendar.day(day).is_school_day:
        return None
    if kind == "rest_day" and calendar.day(day).is_school_day:
        return None
    return calendar.window(kind, day)
