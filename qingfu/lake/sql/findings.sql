SELECT {county} AS county, f.id AS finding_id, f.bearer_id, f.kind, f.limit_id, f.count, f.object_ids::text AS records,
       (f.opened_at AT TIME ZONE 'Asia/Shanghai')::date AS opened_day, f.due_day,
       CASE WHEN f.state = 'rectified' OR s.kept IS NOT NULL THEN s.rectified END AS rectified_day,
       coalesce(s.kept, s.closed) AS closed_day, f.state = 'closed' AND s.kept IS NULL AS dropped, f.state, f.level
FROM findings_finding f CROSS JOIN LATERAL (
    SELECT max(day) FILTER (WHERE what = 'rectified') AS rectified, max(day) FILTER (WHERE what = 'kept') AS kept,
           max(day) FILTER (WHERE what = 'closed') AS closed
    FROM (SELECT p.what, (p.at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM findings_findingstep p
          WHERE p.tenant_id = f.tenant_id AND p.finding_id = f.id) AS steps) AS s
