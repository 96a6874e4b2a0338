-- A family's tap becomes one more in a counter, and nothing else. That it has answered today is known only by a keyed
-- hash, whose key lies in an unlogged table, is read by nobody but these functions, and is destroyed the next morning.
CREATE SCHEMA notices;
GRANT USAGE ON SCHEMA notices TO qingfu_app;

-- What the functions go by, from data/answers.toml (written after every migration): so no caller can say which evening
-- it is, how few are enough, or what may be answered.
CREATE TABLE notices.rule (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    day_starts time NOT NULL,
    zone text NOT NULL,
    floor int NOT NULL
);
CREATE TABLE notices.band (
    grade int NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (grade, code)
);
REVOKE ALL ON notices.rule, notices.band FROM PUBLIC;

-- The present evening: a day lasts until day_starts of the next morning.
CREATE FUNCTION notices.evening() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ((clock_timestamp() AT TIME ZONE r.zone) - r.day_starts::interval)::date FROM notices.rule r
$$;

-- Counters of the present evening are read by nobody: they would show whose tap moves them.
CREATE POLICY evening_over ON notices_familycount AS RESTRICTIVE FOR SELECT TO qingfu_app
    USING (day < (SELECT notices.evening()));

-- The key of an evening: HMAC-SHA256 pads (RFC 2104), as in tenancy.signing.
CREATE UNLOGGED TABLE notices_daykey (
    tenant_id bigint NOT NULL,
    day date NOT NULL,
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL,
    PRIMARY KEY (tenant_id, day)
);

-- Who has answered: ``mark`` hides seat and kind, ``choice`` hides the answer too. Without the key both are noise.
CREATE UNLOGGED TABLE notices_answered (
    tenant_id bigint NOT NULL,
    day date NOT NULL,
    mark bytea NOT NULL,
    choice bytea NOT NULL,
    PRIMARY KEY (tenant_id, day, mark)
);

-- No grant to anybody. The owner, whose functions these are, also sweeps what other tenants left.
ALTER TABLE notices_daykey ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices_daykey FORCE ROW LEVEL SECURITY;
ALTER TABLE notices_answered ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices_answered FORCE ROW LEVEL SECURITY;
CREATE POLICY functions ON notices_daykey TO qingfu_owner USING (true) WITH CHECK (true);
CREATE POLICY functions ON notices_answered TO qingfu_owner USING (true) WITH CHECK (true);
REVOKE ALL ON notices_daykey, notices_answered FROM PUBLIC;

CREATE FUNCTION notices.pad(secret bytea, mask int) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(set_byte('\x00', 0, CASE WHEN n < length(secret) THEN get_byte(secret, n) ELSE 0 END # mask),
                      '' ORDER BY n)
    FROM generate_series(0, 63) AS n
$$;

-- The key of an evening, made by the first who asks. Making it removes what is left of the evenings before.
CREATE FUNCTION notices.key_of(tenant bigint, evening date) RETURNS notices_daykey
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found_key notices_daykey;
    fresh bytea;
BEGIN
    SELECT * INTO found_key FROM notices_daykey k WHERE k.tenant_id = tenant AND k.day = evening;
    IF FOUND THEN
        RETURN found_key;
    END IF;
    DELETE FROM notices_answered a WHERE a.tenant_id = tenant AND a.day < evening;
    DELETE FROM notices_daykey k WHERE k.tenant_id = tenant AND k.day < evening;
    fresh := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    INSERT INTO notices_daykey VALUES (tenant, evening, notices.pad(fresh, 54), notices.pad(fresh, 92))
    ON CONFLICT DO NOTHING;
    SELECT * INTO found_key FROM notices_daykey k WHERE k.tenant_id = tenant AND k.day = evening;
    RETURN found_key;
END $$;

CREATE FUNCTION notices.mac(k notices_daykey, message text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(k.outer_pad || sha256(k.inner_pad || convert_to(message, 'UTF8')))
$$;

-- One counter up or down. A counter at nought is no row.
CREATE FUNCTION notices.count(tenant bigint, pool bigint, evening date, what text, which text, step int) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF step > 0 THEN
        INSERT INTO notices_familycount AS f (tenant_id, unit_id, day, kind, band, count)
        VALUES (tenant, pool, evening, what, which, 1)
        ON CONFLICT (tenant_id, unit_id, day, kind, band) DO UPDATE SET count = f.count + 1;
        RETURN;
    END IF;
    DELETE FROM notices_familycount f WHERE f.tenant_id = tenant AND f.unit_id = pool AND f.day = evening
        AND f.kind = what AND f.band = which AND f.count = 1;
    IF NOT FOUND THEN
        UPDATE notices_familycount f SET count = f.count - 1 WHERE f.tenant_id = tenant AND f.unit_id = pool
            AND f.day = evening AND f.kind = what AND f.band = which;
    END IF;
END $$;

-- A tap for one seat, this evening: ``band`` is one of its grade's for time, empty for the other questions, null to take
-- the answer back. A class with fewer seats than the floor is counted in the county. The word that comes back is the
-- same whatever happened: else a guess and a ROLLBACK would tell what a seat has answered.
CREATE FUNCTION notices.answer(seat bigint, what text, band text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := tenancy.current();
    evening CONSTANT date := notices.evening();
    pool bigint;
    bands text[];
    k notices_daykey;
    own_mark bytea;
    before bytea;
    now_chosen bytea;
    step record;
BEGIN
    SELECT CASE WHEN u.seats >= r.floor THEN u.id ELSE tenant END,
           CASE what WHEN 'time' THEN ARRAY(SELECT b.code FROM notices.band b WHERE b.grade = u.grade)
                     WHEN 'unposted' THEN ARRAY[''] WHEN 'bedtime' THEN ARRAY[''] ELSE ARRAY[]::text[] END
    INTO STRICT pool, bands
    FROM units_seat s JOIN units_unit u ON u.id = s.unit_id CROSS JOIN notices.rule r
    WHERE s.tenant_id = tenant AND s.id = seat;
    IF bands = '{}' OR NOT coalesce(band = ANY (bands), true) THEN
        RAISE EXCEPTION 'nobody asked that' USING ERRCODE = '22023';
    END IF;
    k := notices.key_of(tenant, evening);
    own_mark := notices.mac(k, seat || '.' || what);
    now_chosen := notices.mac(k, seat || '.' || what || '.' || band);
    IF band IS NULL THEN
        DELETE FROM notices_answered a WHERE a.tenant_id = tenant AND a.day = evening AND a.mark = own_mark
        RETURNING a.choice INTO before;
    ELSE
        INSERT INTO notices_answered VALUES (tenant, evening, own_mark, now_chosen) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            PERFORM notices.count(tenant, pool, evening, what, band, 1);
            RETURN 'heard';
        END IF;
        SELECT a.choice INTO before FROM notices_answered a
        WHERE a.tenant_id = tenant AND a.day = evening AND a.mark = own_mark FOR UPDATE;
        IF before = now_chosen THEN
            RETURN 'heard';
        END IF;
        UPDATE notices_answered a SET choice = now_chosen
        WHERE a.tenant_id = tenant AND a.day = evening AND a.mark = own_mark;
    END IF;
    -- The old answer is found by trying all of them; counters move in one order, so that two families never wait in a ring.
    FOR step IN
        SELECT b AS which, -1 AS up FROM unnest(bands) AS b
        WHERE notices.mac(k, seat || '.' || what || '.' || b) = before
        UNION ALL SELECT band, 1 WHERE band IS NOT NULL
        ORDER BY 1
    LOOP
        PERFORM notices.count(tenant, pool, evening, what, step.which, step.up);
    END LOOP;
    RETURN 'heard';
END $$;

-- Destroy the keys and marks of evenings that are over, of every tenant. TRUNCATE gives both tables new files, so that
-- not even a dead row stays; what is of this evening is put back.
CREATE FUNCTION notices.destroy_keys() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    evening CONSTANT date := notices.evening();
    keys notices_daykey[];
    marks notices_answered[];
    before int;
BEGIN
    LOCK TABLE notices_daykey, notices_answered IN ACCESS EXCLUSIVE MODE;
    SELECT count(*) INTO before FROM notices_daykey k WHERE k.day < evening;
    keys := ARRAY(SELECT k FROM notices_daykey k WHERE k.day >= evening);
    marks := ARRAY(SELECT a FROM notices_answered a WHERE a.day >= evening);
    TRUNCATE notices_daykey, notices_answered;
    INSERT INTO notices_daykey SELECT * FROM unnest(keys);
    INSERT INTO notices_answered SELECT * FROM unnest(marks);
    RETURN before;
END $$;

-- Remove the open tenant's counts of some kinds of answers from before a day; returns how many rows.
CREATE FUNCTION notices.forget_counts(kinds text[], before date) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM notices_familycount f
        WHERE f.tenant_id = tenancy.current() AND f.kind = ANY (kinds) AND f.day < before RETURNING 1)
    SELECT count(*)::int FROM gone
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA notices FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notices.answer(bigint, text, text), notices.destroy_keys(), notices.evening(),
    notices.forget_counts(text[], date) TO qingfu_app;
