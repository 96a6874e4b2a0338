-- Open the tenant of a transaction and say who holds a token of one of ``kinds`` in it, with the roles in force on a day:
-- what tenancy.resolve, set_config and tenancy.actor do, in one round trip, since every page of a signed-in person begins
-- with it. ``signed`` alone decides what can be seen, here as everywhere (tenancy.current()): all is read as the caller,
-- under row security. No row where no live token of this tenant has the hash; no person where she has left.
CREATE FUNCTION tenancy.enter(signed text, token_hash bytea, kinds text[], today date)
RETURNS TABLE (
    kind text, token_id bigint, person_id bigint, tenant_id bigint, name text, unit_id bigint, place text,
    with_code boolean, posts jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('qingfu.tenant', signed, true);
    RETURN QUERY
    SELECT t.kind::text, t.id, p.id, p.tenant_id, p.name::text, p.unit_id, u.name::text, t.code_given,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(m.role, m.unit_id, at.path, at.kind, m.subject) ORDER BY m.id), '[]')
            FROM units_membership m JOIN units_unit at ON at.id = m.unit_id
            WHERE m.person_id = p.id AND m.starts <= today AND (m.ends IS NULL OR m.ends >= today))
    FROM units_token t
    LEFT JOIN units_person p ON p.id = t.subject_id AND (p.left_on IS NULL OR p.left_on >= today)
    LEFT JOIN units_unit u ON u.id = p.unit_id
    WHERE t.hash = token_hash AND t.kind = ANY (kinds) AND t.revoked_at IS NULL
      AND (t.expires_at IS NULL OR t.expires_at > now());
END $$;
REVOKE ALL ON FUNCTION tenancy.enter(text, bytea, text[], date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.enter(text, bytea, text[], date) TO qingfu_app;
