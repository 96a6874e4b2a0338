SELECT {county} AS county, c.tenant_id AS bearer_id, c.released_on AS released_day, c.what, c.kind, c.answer <> '' AS answered,
       count(*) AS count
FROM offices_complaint c WHERE c.released_on IS NOT NULL GROUP BY c.tenant_id, c.released_on, c.what, c.kind, c.answer <> ''
