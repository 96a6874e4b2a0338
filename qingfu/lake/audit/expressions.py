"""Small expressions that limits of every form are made from. Each says what its counterpart in the rulebook says."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from datetime import date
from functools import reduce
from operator import and_, or_

import ibis
import pyarrow as pa

from qingfu.lake.reading import Lake
from qingfu.lake.tables import AMOUNT, ATTRIBUTE, attributes_of
from qingfu.rulebook.judge import NIGHT_ENDS
from qingfu.rulebook.model import Condition, Limit, Value

WHEN = {"day_kind": "kind_of_day"}  # what a rule calls a column of the calendar, where the lake has another name
NOTHING = ("false", "0", "", "null", "[]", "{}")  # what counts as not said, as JSON writes it

SCHEMA = pa.schema([
    ("county", pa.string()), ("limit_id", pa.string()), ("bearer_id", pa.int64()), ("window", pa.string()),
    ("demand_id", pa.int64()), ("day", pa.date32()), ("amount", pa.int64()), ("cap", pa.int64()), ("over", pa.int64()),
    ("origin", pa.string()), ("verdict", pa.string()),
])  # fmt: skip


def under(asked, limit: Limit, lists: Container[str]) -> list:
    """Filters for what the conditions of a limit hold for; ``lists`` are the columns in which a text may be a list."""
    return [holds(asked, condition, lists) for condition in limit.where]


def measure_of(limit: Limit) -> str:
    return "times" if limit.form.startswith("count_") else limit.measure


def days_of(lake: Lake, names: Iterable[str]):
    """The calendars, with some of the windows that a day lies in."""
    return lake.table("days").rename(kind_of_day="kind").select("county", "calendar", "day", *names)


def amount_of(asked, measure: str):
    """How much of a measure a demand takes (`Demand.amount`): once, where it does not say how often."""
    if measure == "minutes":
        return asked.minutes
    name = AMOUNT + measure
    column = asked[name] if name in asked.columns else ibis.null("int64")
    return column.fill_null(1) if measure == "times" else column


def is_nothing(asked):
    """It states amounts and all of them are nought (`Demand.is_nothing`)."""
    others = [asked[name].fill_null(0) == 0 for name in asked.columns if name.startswith(AMOUNT)]
    return reduce(and_, others, (amount_of(asked, "times") == 0) & (asked.minutes.fill_null(0) == 0))


def attribute_column(key: str) -> str:
    """The column of demands that an attribute is in."""
    return key if key == "subject" else ATTRIBUTE + key


def attribute(table, key: str):
    name = attribute_column(key)
    return table[name] if name in table.columns else ibis.null("string")


def columns_of(limit: Limit) -> set[str]:
    """The columns of demands that a limit looks at by its own words."""
    measure = measure_of(limit)
    return {"minutes" if measure == "minutes" else AMOUNT + measure, *map(attribute_column, attributes_of(limit))}


def truthy(column):
    return column.fill_null("").notin(NOTHING)


def holds(asked, condition: Condition, lists: Container[str]):
    """`Condition.holds`: one of some values; a list holds if one of its items does; a missing one is false.

    Said as plainly as it can be: an engine that is asked for a value reads only where it occurs.
    """
    found = attribute(asked, condition.key)
    wanted = [_as_json_says(value) for value in condition.any_of]
    if condition.negated or "false" in wanted:
        found = found.fill_null("false")
    met = found.isin(wanted)
    if attribute_column(condition.key) in lists:
        in_list = [found.contains(json.dumps(value, ensure_ascii=False)) for value in condition.any_of]
        met = met | (found.startswith("[") & reduce(or_, in_list))
    return ~met if condition.negated else met


def can_hold(condition: Condition, stated: set[str]) -> bool:
    return condition.key in stated or condition.negated or False in condition.any_of


def _as_json_says(value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def span(start: date | None, end: date | None) -> tuple[date, date]:
    return start or date(1900, 1, 1), end or date(9999, 12, 31)


def between(day, value: Value):
    return day.between(*span(value.start, value.end))


def in_force(day, limit: Limit, name: str = ""):
    """Whether a value is in force on the day, and says the number ``name`` if one is asked for: the days themselves,
    which an engine compares while it reads."""
    values = [value for value in limit.values if not name or getattr(value, name) is not None]
    return reduce(or_, [between(day, value) for value in values] or [ibis.literal(False)])


def dated(day, limit: Limit, name: str):
    """A number of the value in force on the day; null on days that the series leaves out."""
    kind = "float64" if name == "share" else "int64"
    return ibis.cases(
        *((between(day, value), ibis.literal(getattr(value, name), kind)) for value in limit.values),
        else_=ibis.null(kind),
    )


def is_in(asked, value: Value):
    """`Calendar.is_in`: every condition of the value's ``when`` on the day."""
    return reduce(and_, (_of_day(asked, key).isin(list(few)) for key, few in value.when.items()))


def _of_day(asked, key: str):
    """What a condition looks at; a term is 1 or 2, the end of its key."""
    return asked.term.right(1).cast("int64") if key == "term" else asked[WHEN.get(key, key)]


def evening(time):
    return ibis.cases((time < NIGHT_ENDS, time + 24 * 60), else_=time)


def key_of(over, limit: Limit):
    """The key of a window, as the ledger writes it: made for what is over only, since text is dear."""
    as_written = {"month": "%Y-%m", "school_day": "%Y-%m-%d", "rest_day": "%Y-%m-%d", "day": "%Y-%m-%d"}
    key = over.window.strftime(as_written[limit.window]) if limit.window in as_written else over.window
    return key + "#" + over.part if limit.per else key
