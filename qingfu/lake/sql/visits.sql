SELECT {county} AS county, v.id AS visit_id, v.place_id AS bearer_id, l.unit_id AS issuer_unit_id, a.day, l.visit_type, l.minutes,
       EXISTS (SELECT FROM offices_sealedvisit s WHERE s.tenant_id = v.tenant_id AND s.visit_id = v.id) AS unannounced
FROM offices_visit v
JOIN offices_listed l ON l.tenant_id = v.tenant_id AND l.id = v.listed_id
JOIN offices_ask a ON a.tenant_id = v.tenant_id AND a.id = v.ask_id AND a.state = 'posted'
