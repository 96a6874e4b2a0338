-- What budgets hold now, whether they have a row yet or not, in the order of the arrays: used, held, what waivers lift
-- them by for whoever asks (so not those that name one attempt) and, where asked for, which subjects took and hold how
-- much, the largest first. Reads as the caller, under row security; a function only because a connection keeps the plans
-- of functions and of nothing else.
CREATE OR REPLACE FUNCTION ledger.balance(
    tenant bigint, bearers bigint[], limits text[], keys text[], since date[], until date[], by_subject boolean)
RETURNS TABLE (used bigint, held bigint, waived bigint, parts jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT coalesce(b.used, 0), coalesce(h.amount, 0), coalesce(w.amount, 0), coalesce(t.parts, '[]') || coalesce(h.parts, '[]')
    FROM unnest(bearers, limits, keys, since, until) WITH ORDINALITY AS k(bearer, lim, key, starts, ends, place)
    LEFT JOIN LATERAL (
        SELECT b.id, b.used, b.held FROM ledger_budget b
        WHERE b.tenant_id = tenant AND b.bearer_id = k.bearer AND b.limit_id = k.lim COLLATE "C"
          AND b.window_key = k.key COLLATE "C" LIMIT 1) AS b ON true
    LEFT JOIN LATERAL (
        SELECT sum(s.amount)::bigint AS amount,
               jsonb_agg(jsonb_build_array(s.subject, s.amount, 'held') ORDER BY s.amount DESC, s.subject) AS parts
        FROM (SELECT coalesce(h.drafts->0->>'subject', '') AS subject, sum(e.amount) AS amount
              FROM ledger_holdentry e
              CROSS JOIN LATERAL (SELECT h.drafts FROM ledger_hold h WHERE h.tenant_id = tenant AND h.id = e.hold_id
                                    AND h.state = 'live' LIMIT 1) AS h
              WHERE e.tenant_id = tenant AND e.budget_id = b.id AND e.expires_at > clock_timestamp()
              GROUP BY 1) AS s
        WHERE b.held > 0) AS h ON true
    LEFT JOIN LATERAL (
        SELECT sum(w.extra) AS amount FROM ledger_waiver w
        WHERE w.tenant_id = tenant AND w.bearer_id = k.bearer AND w.limit_id = k.lim COLLATE "C"
          AND w.starts <= k.starts AND w.ends >= k.ends AND w.revoked_at IS NULL
          AND w.attempt_key = '' AND w.expires_at > clock_timestamp()) AS w ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(s.subject, s.amount, '') ORDER BY s.amount DESC, s.subject) AS parts
        FROM (SELECT d.subject, sum(e.amount) AS amount
              FROM ledger_entry e
              CROSS JOIN LATERAL (SELECT d.subject FROM ledger_demand d
                                  WHERE d.tenant_id = tenant AND d.id = e.demand_id LIMIT 1) AS d
              WHERE e.tenant_id = tenant AND e.budget_id = b.id AND NOT e.apart
              GROUP BY d.subject HAVING sum(e.amount) <> 0) AS s
        WHERE by_subject AND b.used > 0) AS t ON true
    ORDER BY k.place;
END $$;
REVOKE ALL ON FUNCTION ledger.balance(bigint, bigint[], text[], text[], date[], date[], boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.balance(bigint, bigint[], text[], text[], date[], date[], boolean) TO qingfu_app;

-- A Reckoning keeps its units, and pages show their names: a new name moves the heads like whatever else a unit is.
CREATE OR REPLACE TRIGGER ledger_unit_changed AFTER UPDATE ON units_unit FOR EACH ROW
    WHEN (OLD.kind IS DISTINCT FROM NEW.kind OR OLD.grade IS DISTINCT FROM NEW.grade
        OR OLD.system IS DISTINCT FROM NEW.system OR OLD.path IS DISTINCT FROM NEW.path
        OR OLD.attributes IS DISTINCT FROM NEW.attributes OR OLD.ends IS DISTINCT FROM NEW.ends
        OR OLD.name IS DISTINCT FROM NEW.name)
    EXECUTE FUNCTION ledger.unit_changed();
