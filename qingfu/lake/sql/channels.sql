SELECT DISTINCT {county} AS county, c.id AS channel_id, c.unit_id AS bearer_id, c.carrier,
       c.kinds ? 'school' OR EXISTS (
         SELECT FROM units_unit u WHERE u.tenant_id = c.tenant_id AND u.kind = 'school' AND c.unit_ids @> to_jsonb(u.id)
       ) AS for_schools,
       c.since AS starts, CASE WHEN c.state <> 'kept' THEN c.decided_on END AS gone_day, r.day AS reviewed_day
FROM offices_channel c
LEFT JOIN offices_channelreview r ON r.tenant_id = c.tenant_id AND r.channel_id = c.id
LEFT JOIN offices_ask a ON a.tenant_id = c.tenant_id AND a.id = c.ask_id
WHERE c.ask_id IS NULL OR a.state IN ('posted', 'received')
