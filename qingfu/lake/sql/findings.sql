SELECT {county} AS county, f.id AS finding_id, f.bearer_id, f.kind, f.limit_id, f.count, f.object_ids::text AS records,
       (f.opened_at AT TIME ZONE 'Asia/Shanghai')::date AS opened_day, f.due_day,
       (SELECT max(s.at AT TIME ZONE 'Asia/Shanghai')::date FROM findings_findingstep s
        WHERE s.tenant_id = f.tenant_id AND s.finding_id = f.id AND s.what = 'rectified' AND f.state <> 'open') AS rectified_day,
       (SELECT max(s.at AT TIME ZONE 'Asia/Shanghai')::date FROM findings_findingstep s
        WHERE s.tenant_id = f.tenant_id AND s.finding_id = f.id AND s.what = 'closed') AS closed_day,
       f.state, f.level
FROM findings_finding f
