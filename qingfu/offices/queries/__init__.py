# ruff: noqa: F401
"""Everything that only reads, one module for each area."""

from qingfu.offices.queries.asks import (
    arrival_at,
    asked_lately,
    bearer_names,
    came_in,
    inbox_of,
    one_ask,
    parts_of,
    waiting_for_review,
    waiting_of,
    with_issuers,
    withdrawals_asked,
)
from qingfu.offices.queries.below import (
    Totals,
    correction,
    grassroots,
    picture_of,
    released,
    samples,
    sent,
    still_held,
    totals,
    view,
)
from qingfu.offices.queries.inspections import (
    INSPECTED_KINDS,
    can_be_anonymous,
    caps_in_force,
    company_of,
    days_of,
    gain_of,
    listed_in,
    merged_plans,
    notices_for,
    one_listed,
    one_visit_at,
    open_visits,
    quiet_days,
    sealed_of,
    tallies,
    visits_at,
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
from qingfu.offices.queries.standing import (
    Allowance,
    allowances,
    bearers_for,
    emergencies,
    offices_of,
    unit_of,
    units_of,
)
