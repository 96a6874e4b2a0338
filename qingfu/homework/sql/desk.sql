-- All that a teacher's page shows, in one statement: the versions of what the process keeps (rules, calendar, names of
-- classes), her plan's items from today on, what she has posted for today on or has entered today, whether there is
-- anything of the rarer kind, which the page then asks for, and what the budgets of her classes hold (ledger.balance).
-- ``asked`` is what the process knows of her classes, worked out once: their ids, the units whose versions it keeps, and
-- which budgets to look at. Reads as the caller, under row security; a function only because a connection keeps the plans
-- of functions and of nothing else.
CREATE SCHEMA IF NOT EXISTS homework;
GRANT USAGE ON SCHEMA homework TO qingfu_app;

DROP FUNCTION IF EXISTS homework.desk(bigint, bigint, bigint[], date);  -- until 0004
CREATE OR REPLACE FUNCTION homework.desk(tenant bigint, person bigint, today date, asked jsonb)
RETURNS TABLE (
    heads jsonb, planned jsonb, posted jsonb, groups boolean, asked_of boolean, asked_by boolean, to_second boolean,
    balances jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    of_classes bigint[];
    heads_of bigint[];
    bearers bigint[];
    limits text[];
    keys text[];
    since date[];
    until date[];
BEGIN
    SELECT r.classes, r.heads, r.bearers, r.limits, r.keys, r.since, r.until
    INTO of_classes, heads_of, bearers, limits, keys, since, until
    FROM jsonb_to_record(asked) AS r(
        classes bigint[], heads bigint[], bearers bigint[], limits text[], keys text[], since date[], until date[]);
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_array(h.unit_id, h.version) ORDER BY h.unit_id), '[]')
         FROM ledger_head h WHERE h.tenant_id = tenant AND h.unit_id = ANY (heads_of)),
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'pk', i.id, 'day', i.day, 'subject', p.subject, 'text', i.text, 'form', i.form, 'required', i.required,
                    'minutes', i.minutes, 'place', i.place, 'classes', i.classes, 'plan_state', p.state,
                    'approval', s.attributes->'plan_approval') ORDER BY i.day, i.id), '[]')
         FROM homework_plan p JOIN homework_planitem i ON i.plan_id = p.id JOIN units_unit s ON s.id = p.school_id
         WHERE p.tenant_id = tenant AND p.author_id = person AND p.week_starts > today - 7 AND p.state <> 'draft'
           AND i.day >= today AND i.state = 'planned'),
        (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'id', d.id, 'attempt', d.attempt_id, 'subject', d.subject, 'text', d.text, 'day', d.day,
                    'minutes', d.stated_minutes, 'asked', d.attributes, 'late', d.late, 'state', d.state,
                    'entered_today', d.posted_day = today, 'class', u.name) ORDER BY d.day, d.posted_at, d.id), '[]')
         FROM ledger_demand d JOIN units_unit u ON u.id = d.bearer_id
         WHERE d.tenant_id = tenant AND d.issuer_id = person AND d.kind = 'homework' AND d.state <> 'withdrawn'
           AND (d.day >= today OR d.posted_day = today AND d.late)),
        EXISTS (SELECT 1 FROM units_groupclass g WHERE g.unit_id = ANY (of_classes)),
        EXISTS (SELECT 1 FROM homework_yieldrequest y WHERE y.tenant_id = tenant AND y.asked_id = person
                  AND y.state = 'asked' AND y.expires_at > clock_timestamp()),
        EXISTS (SELECT 1 FROM homework_yieldrequest y
                WHERE y.asker_id = person AND y.created_at >= clock_timestamp() - interval '1 day'),
        EXISTS (SELECT 1 FROM ledger_demand d WHERE d.tenant_id = tenant AND d.state = 'asked'),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(b.used, b.held, b.waived, b.parts) ORDER BY b.place), '[]')
         FROM ledger.balance(tenant, bearers, limits, keys, since, until, true)
              WITH ORDINALITY AS b(used, held, waived, parts, place));
END $$;
REVOKE ALL ON FUNCTION homework.desk(bigint, bigint, date, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION homework.desk(bigint, bigint, date, jsonb) TO qingfu_app;
