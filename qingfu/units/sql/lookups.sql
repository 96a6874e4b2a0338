-- The only reads without a tenant: who holds this token, and whose account is this.
CREATE FUNCTION tenancy.resolve(token_hash bytea)
RETURNS TABLE (tenant_id bigint, kind text, subject_id bigint, token_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.tenant_id, t.kind, t.subject_id, t.id
    FROM public.units_token t
    WHERE t.hash = token_hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
$$;

-- Codes are one set for all counties, because sign-in begins with one: which of these does somebody else have?
CREATE FUNCTION tenancy.codes_taken(codes text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT u.code FROM public.units_unit u WHERE u.code = ANY (codes) AND u.tenant_id <> tenancy.current()
$$;

REVOKE ALL ON FUNCTION tenancy.resolve(bytea), tenancy.codes_taken(text[]), tenancy.password_recipe(text, text),
    tenancy.authenticate(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.resolve(bytea), tenancy.codes_taken(text[]), tenancy.password_recipe(text, text),
    tenancy.authenticate(text, text, text) TO qingfu_app;

-- Names of counties, cities, provinces and the nation are public: a school sees the chain above it.
CREATE POLICY chain ON units_unit FOR SELECT USING (kind IN ('nation', 'province', 'city', 'county'));

-- The register of tenants is read by everybody and written by the tenant itself, once.
ALTER TABLE units_tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE units_tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody_reads ON units_tenant FOR SELECT USING (true);
CREATE POLICY own_entry ON units_tenant FOR INSERT WITH CHECK (id = (SELECT tenancy.current()));
GRANT SELECT, INSERT ON units_tenant TO qingfu_app;
GRANT SELECT ON units_tenant TO qingfu_backup;
