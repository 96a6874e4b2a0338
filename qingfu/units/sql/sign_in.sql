-- Who has left may sign in to the end of her last day: here, where the server's own day is that of Greenwich.

-- What a password must be stretched with: the stored hash up to its salt, never the digest behind it.
CREATE OR REPLACE FUNCTION tenancy.password_recipe(unit_code text, account text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT regexp_replace(p.password, '[^$]*$', '')
    FROM public.units_person p JOIN public.units_unit u ON u.id = p.unit_id
    WHERE u.code = unit_code AND u.code <> '' AND p.account = password_recipe.account AND p.password <> ''
      AND (p.left_on IS NULL OR p.left_on >= (now() AT TIME ZONE 'Asia/Shanghai')::date)
$$;

-- Whose account this is, for whoever knows the password: the caller has stretched it by the recipe. So not even
-- somebody who runs SQL as the app can carry another county's hashes away.
CREATE OR REPLACE FUNCTION tenancy.authenticate(unit_code text, account text, stretched text)
RETURNS TABLE (tenant_id bigint, person_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.tenant_id, p.id
    FROM public.units_person p JOIN public.units_unit u ON u.id = p.unit_id
    WHERE u.code = unit_code AND u.code <> '' AND p.account = authenticate.account AND p.password <> ''
      AND sha256(convert_to(p.password, 'UTF8')) = sha256(convert_to(stretched, 'UTF8'))
      AND (p.left_on IS NULL OR p.left_on >= (now() AT TIME ZONE 'Asia/Shanghai')::date)
$$;
