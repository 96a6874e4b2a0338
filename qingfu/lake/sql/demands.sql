SELECT {county} AS county, to_char(d.day, 'YYYY-MM') AS month, d.id AS demand_id, d.attempt_id, d.kind, d.issuer_unit_id,
       d.issuer_id, d.bearer_id, d.group_id, d.subject, d.day, d.due_day,
       CASE WHEN d.starts <> '' THEN split_part(d.starts, ':', 1)::int * 60 + split_part(d.starts, ':', 2)::int END AS starts,
       CASE WHEN d.ends <> '' THEN split_part(d.ends, ':', 1)::int * 60 + split_part(d.ends, ':', 2)::int END AS ends,
       coalesce(d.charged_minutes, (d.amounts ->> 'minutes')::int) AS minutes, d.stated_minutes, d.factor,
       d.amounts::text AS amounts, d.attributes::text AS attributes, d.split IS NOT NULL AS is_split, d.origin, d.state,
       d.state <> 'withdrawn' AS stands, d.late, d.emergency, d.verdict, d.over::text AS over, d.posted_day, d.minute_of_day, d.school_seq, d.week_id,
       d.term_id{more}
FROM ledger_demand d
