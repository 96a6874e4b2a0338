# ruff: noqa: F401
"""Everything that only reads, one module for each area."""

from qingfu.offices.queries.asks import (
    asked_lately,
    bearer_names,
    came_in,
    inbox_of,
    one_ask,
    parts_of,
    waiting_for_review,
    waiting_of,
    with_issuers,
)
from qingfu.offices.queries.meetings import (
    busy_halves,
    busy_rows,
    feed,
    look,
    meetings_of,
    next_workday,
    one_meeting,
    planned_of,
)
from qingfu.offices.queries.standing import Allowance, allowances, bearers_for, unit_of, units_of
