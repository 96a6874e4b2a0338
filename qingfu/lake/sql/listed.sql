SELECT {county} AS county, l.id AS listed_id, l.unit_id AS bearer_id, l.year, l.visit_type, l.state, l.own_item,
       make_date(l.year, 1, 1) AS starts, make_date(l.year, 12, 31) AS ends
FROM offices_listed l
