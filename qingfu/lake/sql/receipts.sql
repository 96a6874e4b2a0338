SELECT {county} AS county, r.id AS receipt_id, r.unit_id AS bearer_id, a.kind, a.day, r.handle_by AS due_day,
       r.handled_on AS handled_day
FROM offices_receipt r JOIN offices_ask a ON a.tenant_id = r.tenant_id AND a.id = r.ask_id AND a.state <> 'withdrawn'
