-- Baselines: last year's figures, frozen. Versions are only added, by one door, each signed with the one before.

DROP FUNCTION IF EXISTS ledger.freeze_baseline(bigint, text, int, int, text);

-- What a signature covers: the version, and through ``before`` all earlier ones.
CREATE OR REPLACE FUNCTION ledger.baseline_sign(b ledger_baseline, before text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        before, b.tenant_id, b.bearer_id, b.limit_id, b.year, b.version, b.amount, b.origin, b.source, b.parts, b.person_id,
        b.office, b.reason, to_char(b.frozen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), b.after_attempt)::text, 'UTF8')), 'hex')
$$;

-- Freeze figures: [{bearer_id, limit_id, year, version, amount, origin, source, parts, person_id, office, reason}]. All
-- heads are moved first, in their order: posts under way end before, under the version before; later ones meet this one.
-- A row whose version is there already, or whose version before is not, is left out of what comes back.
CREATE OR REPLACE FUNCTION ledger.freeze_baselines(figures jsonb) RETURNS SETOF ledger_baseline
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
    head record;
    fresh ledger_baseline;
    before ledger_baseline;
BEGIN
    FOR head IN
        SELECT ledger.institution_of(tenant, f.bearer_id) AS institution, min(f.bearer_id) AS bearer
        FROM jsonb_to_recordset(figures) AS f(bearer_id bigint) GROUP BY 1 ORDER BY 1
    LOOP
        PERFORM ledger.move_heads(tenant, head.bearer);
    END LOOP;
    FOR fresh IN SELECT f.* FROM jsonb_array_elements(figures) AS one CROSS JOIN LATERAL
        jsonb_populate_record(NULL::ledger_baseline, one) AS f
    LOOP
        before := NULL;
        SELECT b.* INTO before FROM ledger_baseline b
        WHERE b.tenant_id = tenant AND b.bearer_id = fresh.bearer_id AND b.limit_id = fresh.limit_id AND b.year = fresh.year
        ORDER BY b.version DESC LIMIT 1;
        CONTINUE WHEN coalesce(before.version, 0) + 1 <> fresh.version;
        fresh.tenant_id := tenant;
        fresh.frozen_at := clock_timestamp();
        fresh.after_attempt := coalesce(pg_sequence_last_value(pg_get_serial_sequence('ledger_attempt', 'id')), 0);
        fresh.sha256 := ledger.baseline_sign(fresh, coalesce(before.sha256, ''));
        RETURN QUERY INSERT INTO ledger_baseline (
            tenant_id, bearer_id, limit_id, year, version, amount, origin, source, parts, person_id, office, reason,
            frozen_at, after_attempt, sha256)
        VALUES (tenant, fresh.bearer_id, fresh.limit_id, fresh.year, fresh.version, fresh.amount, fresh.origin, fresh.source, fresh.parts,
            fresh.person_id, fresh.office, fresh.reason, fresh.frozen_at, fresh.after_attempt, fresh.sha256)
        RETURNING *;
    END LOOP;
END $$;

-- Versions whose signature does not cover them and the one before.
CREATE OR REPLACE FUNCTION ledger.broken_baselines() RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
BEGIN
    RETURN QUERY SELECT s.id FROM (
        SELECT b AS found, b.id, b.sha256, b.version, lag(b.version) OVER same AS version_before,
               lag(b.sha256, 1, '') OVER same AS before
        FROM ledger_baseline b WHERE b.tenant_id = tenant
        WINDOW same AS (PARTITION BY b.bearer_id, b.limit_id, b.year ORDER BY b.version)) AS s
    WHERE (s.sha256 <> ledger.baseline_sign(s.found, s.before) OR s.version <> coalesce(s.version_before, 0) + 1)
      AND (s.found).frozen_at IS NOT NULL;  -- else frozen before versions were signed
END $$;

REVOKE ALL ON FUNCTION ledger.baseline_sign(ledger_baseline, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.freeze_baselines(jsonb), ledger.broken_baselines() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.freeze_baselines(jsonb), ledger.broken_baselines() TO qingfu_app;
