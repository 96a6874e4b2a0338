-- Tell the planner what a large import has brought: tables that were empty a moment ago would be planned for as empty ones
-- until autovacuum comes by. Only the owner of a table may; the tables are named here, and no row leaves. It sees the rows
-- of the transaction that calls it. Waits for nobody but another import or vacuum. See qingfu/units/actions/workbook.py.
CREATE FUNCTION tenancy.gather_statistics() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    ANALYZE units_unit, units_person, units_membership, units_group, units_groupclass;
END $$;
REVOKE ALL ON FUNCTION tenancy.gather_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.gather_statistics() TO qingfu_app;
