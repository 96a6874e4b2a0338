-- What a teacher's page shows beside her classes: her plan's items from today on, what she has posted for today on or has
-- entered today; and whether there is anything of the rarer kind, which the page then asks for. Reads as the caller, under
-- row security; a function only because a connection keeps the plans of functions and of nothing else.
CREATE SCHEMA homework;
GRANT USAGE ON SCHEMA homework TO qingfu_app;

CREATE FUNCTION homework.desk(tenant bigint, person bigint, of_classes bigint[], today date)
RETURNS TABLE (
    planned jsonb, posted jsonb, groups boolean, asked_of boolean, asked_by boolean, to_second boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY SELECT
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
        EXISTS (SELECT 1 FROM ledger_demand d WHERE d.tenant_id = tenant AND d.state = 'asked');
END $$;
REVOKE ALL ON FUNCTION homework.desk(bigint, bigint, bigint[], date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION homework.desk(bigint, bigint, bigint[], date) TO qingfu_app;
