-- The only reads without a tenant: who holds this token, and whose account is this.
CREATE FUNCTION tenancy.resolve(token_hash bytea)
RETURNS TABLE (tenant_id bigint, kind text, subject_id bigint, token_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.tenant_id, t.kind, t.subject_id, t.id
    FROM public.units_token t
    WHERE t.hash = token_hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
$$;

CREATE FUNCTION tenancy.authenticate(unit_code text, account text)
RETURNS TABLE (tenant_id bigint, person_id bigint, password text, totp_secret text, must_change_password boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.tenant_id, p.id, p.password, p.totp_secret, p.must_change_password
    FROM public.units_person p JOIN public.units_unit u ON u.id = p.unit_id
    WHERE u.code = unit_code AND u.code <> '' AND p.account = authenticate.account
      AND (p.left_on IS NULL OR p.left_on >= current_date)
$$;

REVOKE ALL ON FUNCTION tenancy.resolve(bytea), tenancy.authenticate(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.resolve(bytea), tenancy.authenticate(text, text) TO qingfu_app;

-- Names of counties, cities, provinces and the nation are public: a school sees the chain above it.
CREATE POLICY chain ON units_unit FOR SELECT USING (kind IN ('nation', 'province', 'city', 'county'));
