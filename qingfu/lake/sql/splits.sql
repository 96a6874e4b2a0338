SELECT {county} AS county, to_char(d.day, 'YYYY-MM') AS month, d.id AS demand_id, s.key::date AS day,
       s.value::int AS minutes
FROM (SELECT * FROM ledger_demand WHERE split IS NOT NULL) AS d CROSS JOIN LATERAL jsonb_each_text(d.split) AS s
