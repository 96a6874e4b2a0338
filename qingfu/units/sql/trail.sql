-- The audit trail's time and its hash chain are made here, so that nobody who can only write records can backdate one
-- or forge a seal. See qingfu/units/actions/trail.py.
CREATE FUNCTION tenancy.stamp() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT ON units_auditrecord FOR EACH ROW EXECUTE FUNCTION tenancy.stamp();

REVOKE INSERT ON units_auditseal FROM qingfu_app;

-- No transaction lasts longer: a record that commits late is at most this much older than sealed ones.
CREATE FUNCTION tenancy.latest_commit() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '1 day' $$;

-- What a seal hashes of a record.
CREATE FUNCTION tenancy.audit_text(r public.units_auditrecord) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_array(
        r.tenant_id, r.id, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), r.actor_id, r.action,
        r.object_kind, r.object_id, r.unit_id, r.detail)::text
$$;

-- Add the records of the open tenant that no seal covers yet, ten thousand at most, to its chain. The seal's id, or null.
CREATE FUNCTION tenancy.seal_audit() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := tenancy.current();
    last units_auditseal;
    since timestamptz := '-infinity';
    chain bytea := decode(repeat('00', 32), 'hex');
    ids bigint[] := '{}';
    found_record units_auditrecord;
    made bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('units.seal_audit'), hashtext(tenant::text));
    SELECT * INTO last FROM units_auditseal s WHERE s.tenant_id = tenant ORDER BY s.id DESC LIMIT 1;
    IF FOUND THEN
        chain := last.head;
        SELECT max(a.at) - tenancy.latest_commit() INTO since
        FROM units_auditrecord a WHERE a.tenant_id = tenant AND a.id = ANY (last.record_ids);
    END IF;
    FOR found_record IN
        SELECT a.* FROM units_auditrecord a
        WHERE a.tenant_id = tenant AND a.at >= since AND a.id NOT IN (
            SELECT unnest(s.record_ids) FROM units_auditseal s
            WHERE s.tenant_id = tenant AND s.last_id >= (
                SELECT min(b.id) FROM units_auditrecord b WHERE b.tenant_id = tenant AND b.at >= since))
        ORDER BY a.id LIMIT 10000
    LOOP
        chain := sha256(chain || convert_to(tenancy.audit_text(found_record), 'UTF8'));
        ids := ids || found_record.id;
    END LOOP;
    IF ids = '{}' THEN
        RETURN NULL;
    END IF;
    INSERT INTO units_auditseal (tenant_id, last_id, record_ids, head, at)
    VALUES (tenant, (SELECT max(i) FROM unnest(ids) AS i), ids, chain, clock_timestamp())
    RETURNING id INTO made;
    RETURN made;
END $$;

-- After a restore (qingfu/server/backup.py), as the owner: the signing key, which is in no dump, and no session of
-- before, since some that were ended after the backup would be live again.
CREATE FUNCTION tenancy.after_restore(new_inner_pad bytea, new_outer_pad bytea) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO tenancy.signing (inner_pad, outer_pad) VALUES (new_inner_pad, new_outer_pad)
    ON CONFLICT (only_row) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad;
    ALTER TABLE units_token NO FORCE ROW LEVEL SECURITY;
    UPDATE units_token SET revoked_at = clock_timestamp()
    WHERE kind IN ('session', 'screen', 'code', 'setup') AND revoked_at IS NULL;
    ALTER TABLE units_token FORCE ROW LEVEL SECURITY;
END $$;

REVOKE ALL ON FUNCTION tenancy.stamp(), tenancy.latest_commit(), tenancy.audit_text(public.units_auditrecord),
    tenancy.seal_audit(), tenancy.after_restore(bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.latest_commit(), tenancy.audit_text(public.units_auditrecord), tenancy.seal_audit()
    TO qingfu_app;
