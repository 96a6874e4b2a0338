-- The tenant of a transaction, and the two reads that come before it. See qingfu/units/tenancy.py.
CREATE SCHEMA tenancy;
GRANT USAGE ON SCHEMA tenancy TO qingfu_app, qingfu_backup;
GRANT USAGE ON SCHEMA public TO qingfu_app, qingfu_backup;

-- HMAC-SHA256 pads of the signing key. No grant: only functions of the owner read it.
CREATE TABLE tenancy.signing (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL
);
REVOKE ALL ON tenancy.signing FROM PUBLIC;

CREATE FUNCTION tenancy.current() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    token text := current_setting('qingfu.tenant', true);
    parts text[];
    message text;
    pads record;
BEGIN
    IF token IS NULL OR token = '' THEN
        RAISE EXCEPTION 'no tenant: tenant tables are touched inside as_tenant() only' USING ERRCODE = '42501';
    END IF;
    parts := string_to_array(token, '.');
    IF array_length(parts, 1) <> 4 THEN
        RAISE EXCEPTION 'tenant token is malformed' USING ERRCODE = '42501';
    END IF;
    message := parts[1] || '.' || parts[2] || '.' || parts[3];
    SELECT inner_pad, outer_pad INTO STRICT pads FROM tenancy.signing;
    IF encode(sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(message, 'UTF8'))), 'hex') <> parts[4] THEN
        RAISE EXCEPTION 'tenant token is not ours' USING ERRCODE = '42501';
    END IF;
    IF parts[2]::bigint < extract(epoch FROM now()) THEN
        RAISE EXCEPTION 'tenant token has expired' USING ERRCODE = '42501';
    END IF;
    IF parts[3]::int <> pg_backend_pid() THEN
        RAISE EXCEPTION 'tenant token belongs to another connection' USING ERRCODE = '42501';
    END IF;
    RETURN parts[1]::bigint;
END $$;

CREATE FUNCTION tenancy.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tenancy FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.current() TO qingfu_app;
