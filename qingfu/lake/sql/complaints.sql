SELECT {county} AS county, c.tenant_id AS bearer_id, c.released_on AS released_day, c.what, c.kind, c.answer <> '' AS answered,
       coalesce(c.answered_on < date_trunc('month', c.released_on) + interval '1 month', false) AS in_time, count(*) AS count
FROM offices_complaint c WHERE c.released_on IS NOT NULL GROUP BY c.tenant_id, c.released_on, c.what, c.kind, answered, in_time
