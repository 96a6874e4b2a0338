-- How often something was tried of late, shared by all workers: the app may count and give back, not look or clear.
-- Unlogged: after a crash everybody may try again. Keys are HMACs, so no address and no account name is kept.
CREATE UNLOGGED TABLE tenancy.tries (
    kind text NOT NULL,
    key bytea NOT NULL,
    tries integer NOT NULL,
    ends timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX tries_ends ON tenancy.tries (ends);
REVOKE ALL ON tenancy.tries FROM PUBLIC;

CREATE FUNCTION tenancy.count_try(try_kind text, try_key bytea, seconds integer)
RETURNS TABLE (tries integer, seconds_left integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO tenancy.tries AS t (kind, key, tries, ends)
    VALUES (try_kind, try_key, 1, clock_timestamp() + make_interval(secs => seconds))
    ON CONFLICT (kind, key) DO UPDATE SET
        tries = CASE WHEN t.ends <= clock_timestamp() THEN 1 ELSE t.tries + 1 END,
        ends = CASE WHEN t.ends <= clock_timestamp() THEN excluded.ends ELSE t.ends END
    RETURNING t.tries, ceil(extract(epoch FROM t.ends - clock_timestamp()))::integer
$$;

CREATE FUNCTION tenancy.give_back_try(try_kind text, try_key bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE tenancy.tries SET tries = greatest(tries - 1, 0) WHERE kind = try_kind AND key = try_key
$$;

CREATE FUNCTION tenancy.forget_tries() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (DELETE FROM tenancy.tries WHERE ends <= clock_timestamp() RETURNING 1) SELECT count(*) FROM gone
$$;

REVOKE ALL ON FUNCTION tenancy.count_try(text, bytea, integer), tenancy.give_back_try(text, bytea),
    tenancy.forget_tries() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenancy.count_try(text, bytea, integer), tenancy.give_back_try(text, bytea),
    tenancy.forget_tries() TO qingfu_app;
