SELECT {county} AS county, b.bearer_id, b.limit_id, b.year, b.amount, b.source
FROM ledger_baseline b
