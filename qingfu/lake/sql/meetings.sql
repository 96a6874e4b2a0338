SELECT {county} AS county, m.id AS meeting_id, a.unit_id AS bearer_id, a.day, m.minutes, m.actual_minutes, m.people, m.video
FROM offices_meeting m JOIN offices_ask a ON a.tenant_id = m.tenant_id AND a.id = m.ask_id AND a.state = 'posted'
