-- Publish the head of the open tenant's chain as this day's, once a day. Made here, so that the application cannot publish
-- another. The day, or null where there is nothing to publish. See qingfu/units/actions/trail.py.
CREATE FUNCTION tenancy.publish_head() RETURNS date
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO units_publishedhead (tenant_id, day, head)
    SELECT s.tenant_id, (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date, s.head
    FROM units_auditseal s WHERE s.tenant_id = tenancy.current() ORDER BY s.id DESC LIMIT 1
    ON CONFLICT (tenant_id, day) DO NOTHING
    RETURNING day
$$;
REVOKE ALL ON FUNCTION tenancy.publish_head() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.publish_head() TO qingfu_app;
