SELECT {county} AS county, f.id AS form_id, t.key::bigint AS bearer_id, f.unit_id AS issuer_unit_id,
       (f.created_at AT TIME ZONE 'Asia/Shanghai')::date AS day, (t.value ->> 0)::int AS asked, (t.value ->> 1)::int AS avoided,
       (t.value ->> 0)::int + (t.value ->> 1)::int AS cells, (t.value ->> 2)::int AS minutes_saved
FROM offices_dataform f CROSS JOIN LATERAL jsonb_each(f.tally) AS t
