SELECT {county} AS county, s.id AS spared_id, s.unit_id AS bearer_id,
       (s.made_at AT TIME ZONE 'Asia/Shanghai')::date AS day, s.first, s.last
FROM reports_spared s WHERE s.withdrawn_at IS NULL
