SELECT {county} AS county, b.bearer_id, b.limit_id, b.year, b.amount, b.source, b.origin, b.version, b.after_attempt,
       lead(b.after_attempt) OVER (PARTITION BY b.bearer_id, b.limit_id, b.year ORDER BY b.version) AS until_attempt
FROM ledger_baseline b
