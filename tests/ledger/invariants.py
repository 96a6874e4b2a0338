"""I1, I2 and I4 of the design, looked up in what one county's ledger holds."""

from __future__ import annotations

from django.db import connection

from qingfu.ledger import reckoning
from qingfu.ledger.models import Demand
from qingfu.ledger.standing import load_standing
from qingfu.units.tenancy import as_tenant

SUMS = """
SELECT b.id FROM ledger_budget b
LEFT JOIN (SELECT budget_id, sum(amount) FILTER (WHERE NOT apart) AS used, sum(amount) FILTER (WHERE apart) AS apart
           FROM ledger_entry GROUP BY budget_id) AS e ON e.budget_id = b.id
WHERE b.used <> coalesce(e.used, 0) OR b.apart <> coalesce(e.apart, 0)
   OR b.held <> (SELECT count(*) FROM ledger_holdentry h WHERE h.budget_id = b.id)
"""
OVER = "SELECT id, limit_id, used FROM ledger_budget WHERE used > (%s::jsonb->>limit_id)::int"


def broken(tenant_id: int, caps: str = "{}") -> list[str]:
    """What is wrong, in words; ``caps`` is JSON, limit id → cap that no budget may be above."""
    with as_tenant(tenant_id):
        return [
            *(f"I1: budget {row[0]} is not the sum of its entries" for row in _rows(SUMS)),
            *(f"I2: budget {row[0]} of {row[1]} holds {row[2]}" for row in _rows(OVER, [caps])),
            *(f"I4: demand {demand_id} has other entries than its charges" for demand_id in _uncharged(tenant_id)),
        ]


def _rows(statement: str, arguments=()) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall()


def _uncharged(tenant_id: int) -> list[int]:
    """Demands whose entries are not exactly what ``charges`` gives (nothing, once withdrawn)."""
    demands = Demand.objects.filter(emergency=False)
    standing = load_standing(demands.values_list("id", flat=True))
    found = reckoning.reckonings(tenant_id, {one.demand.bearer_id for one in standing.values()})
    wrong = []
    for one in standing.values():
        its = found[one.demand.bearer_id]
        charges = its.rulebook.charges(one.asked(its.bearer(one.demand.bearer_id, one.demand.day)), its.calendar)
        wanted = {(c.limit_id, c.window.key): c.amount for c in charges}
        there = {(share.budget.limit_id, share.budget.window_key): share.amount for share in one.shares}
        if there != ({} if one.demand.state == "withdrawn" else wanted):
            wrong.append(one.demand.id)
    return wrong
