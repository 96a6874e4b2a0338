SELECT {county} AS county, w.id AS waiver_id, w.bearer_id, w.limit_id, w.starts, w.ends, w.extra,
       (w.granted_at AT TIME ZONE 'Asia/Shanghai')::date AS granted_day,
       (w.revoked_at AT TIME ZONE 'Asia/Shanghai')::date AS revoked_day
FROM ledger_waiver w
