-- A person of the open tenant with the roles in force on a day, in one round trip: every page begins with it. As the
-- caller, under row security; a function only because a connection keeps the plans of functions and of nothing else.
CREATE FUNCTION tenancy.actor(person bigint, token bigint, today date)
RETURNS TABLE (tenant_id bigint, name text, unit_id bigint, place text, with_code boolean, posts jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT p.tenant_id, p.name::text, p.unit_id, u.name::text,
           EXISTS (SELECT 1 FROM units_token t WHERE t.id = token AND t.code_given),
           (SELECT coalesce(jsonb_agg(jsonb_build_array(m.role, m.unit_id, at.path, at.kind, m.subject) ORDER BY m.id), '[]')
            FROM units_membership m JOIN units_unit at ON at.id = m.unit_id
            WHERE m.person_id = person AND m.starts <= today AND (m.ends IS NULL OR m.ends >= today))
    FROM units_person p LEFT JOIN units_unit u ON u.id = p.unit_id
    WHERE p.id = person AND (p.left_on IS NULL OR p.left_on >= today);
END $$;
REVOKE ALL ON FUNCTION tenancy.actor(bigint, bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.actor(bigint, bigint, date) TO qingfu_app;
