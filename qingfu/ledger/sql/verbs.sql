-- The other doors: packs, calendar, waivers, the outbox, and what is swept away.

-- The school, township, bureau or institution that a unit is or lies in, else the tenant: whose head it moves.
-- Every door begins by asking for it, so none opens for a unit of another tenant.
CREATE OR REPLACE FUNCTION ledger.institution_of(tenant bigint, unit bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    place CONSTANT text := (SELECT path FROM units_unit WHERE id = unit AND tenant_id = tenant);
BEGIN
    IF place IS NULL THEN
        RAISE EXCEPTION 'unit % is no unit of this tenant', unit USING ERRCODE = '42501';
    END IF;
    RETURN (
        SELECT u.id FROM units_unit u JOIN ledger_head h ON h.tenant_id = tenant AND h.unit_id = u.id
        WHERE u.path = ANY (ARRAY(SELECT left(place, n) FROM generate_series(1, length(place)) AS n))
        ORDER BY length(u.path) DESC LIMIT 1);
END $$;

-- Move the head of a unit of the tenant, and those of everything that stands below it.
CREATE OR REPLACE FUNCTION ledger.move_heads(tenant bigint, unit bigint) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    institution CONSTANT bigint := ledger.institution_of(tenant, unit);
    moved int;
BEGIN
    -- Heads hold nothing but versions, so the owner may move those of the counties below a city in one
    -- transaction: else a post could commit between the publication and the news of it.
    WITH above AS (SELECT path FROM units_unit WHERE id = institution),
    locked AS (
        SELECT h.tenant_id, h.unit_id FROM ledger_head h
        JOIN units_unit t ON t.id = h.tenant_id JOIN units_unit u ON u.id = h.unit_id, above
        WHERE starts_with(u.path, above.path) AND (h.unit_id = h.tenant_id OR h.unit_id = institution)
        ORDER BY h.unit_id FOR NO KEY UPDATE OF h)
    UPDATE ledger_head h SET version = ledger.next_version() FROM locked
    WHERE h.tenant_id = locked.tenant_id AND h.unit_id = locked.unit_id;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;
DROP POLICY IF EXISTS move ON ledger_head;
CREATE POLICY move ON ledger_head FOR ALL TO qingfu_owner USING (true) WITH CHECK (true);

-- The packs of the levels above the counties are public, and a county reckons with them.
DROP POLICY IF EXISTS chain ON ledger_pack;
CREATE POLICY chain ON ledger_pack FOR SELECT USING (level IN ('nation', 'province', 'city'));

-- Publish the next version of a pack at a unit of the open tenant. Returns its row.
CREATE OR REPLACE FUNCTION ledger.publish_pack(
    unit bigint, pack text, pack_level text, pack_title text, content text, since date, until date,
    person bigint) RETURNS ledger_pack
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
    made ledger_pack;
BEGIN
    PERFORM ledger.move_heads(tenant, unit);  -- first: it waits for the posts under way, and later ones wait for us
    INSERT INTO ledger_pack (tenant_id, unit_id, pack_id, version, level, title, toml, sha256, starts, ends,
                             published_at, published_by)
    SELECT tenant, unit, pack, 1 + coalesce(max(p.version), 0), pack_level, pack_title, content,
           encode(sha256(convert_to(content, 'UTF8')), 'hex'), since, until, clock_timestamp(), person
    FROM ledger_pack p WHERE p.tenant_id = tenant AND p.unit_id = unit AND p.pack_id = pack COLLATE "C"
    RETURNING * INTO made;
    INSERT INTO ledger_outbox (tenant_id, topic, object_id, at) VALUES (tenant, 'pack', made.id, clock_timestamp());
    RETURN made;
END $$;

-- Declare days or a term at a unit of the open tenant. Returns the id of the change.
CREATE OR REPLACE FUNCTION ledger.change_calendar(
    unit bigint, since date, until date, kind text, term text, title text, cited text, is_provisional boolean,
    person bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
    made bigint;
BEGIN
    PERFORM ledger.move_heads(tenant, unit);
    INSERT INTO ledger_calendarchange (tenant_id, unit_id, starts, ends, day_kind, term_id, name, source, provisional,
                                       recorded_at, recorded_by)
    VALUES (tenant, unit, since, until, kind, term, title, cited, is_provisional, clock_timestamp(), person)
    RETURNING id INTO made;
    INSERT INTO ledger_outbox (tenant_id, topic, object_id, at) VALUES (tenant, 'calendar', made, clock_timestamp());
    RETURN made;
END $$;

-- Permission to go over one limit: until a moment, or for the one attempt that it names, by its issuer and key. It
-- only lets more through, so posts under way need not wait for it.
CREATE OR REPLACE FUNCTION ledger.grant_waiver(
    bearer bigint, lim text, since date, until date, more int, person bigint, of_office text, why text,
    expires timestamptz, of_issuer bigint, of_key text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
    made bigint;
BEGIN
    PERFORM ledger.institution_of(tenant, bearer);
    INSERT INTO ledger_waiver (tenant_id, bearer_id, limit_id, starts, ends, extra, person_id, office, reason,
                               granted_at, expires_at, attempt_issuer_id, attempt_key)
    VALUES (tenant, bearer, lim, since, until, more, person, of_office, why, clock_timestamp(), expires, of_issuer, of_key)
    RETURNING id INTO made;
    RETURN made;
END $$;

-- Take a waiver back. Posts that reckon with it hold its head: this waits for them, and later ones find it gone.
CREATE OR REPLACE FUNCTION ledger.revoke_waiver(waiver bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
    bearer CONSTANT bigint := (SELECT w.bearer_id FROM ledger_waiver w WHERE w.tenant_id = tenant AND w.id = waiver);
BEGIN
    PERFORM ledger.move_heads(tenant, bearer);
    UPDATE ledger_waiver SET revoked_at = clock_timestamp()
    WHERE tenant_id = tenant AND id = waiver AND revoked_at IS NULL;
    RETURN FOUND;
END $$;

-- Take up to `number` messages out of the outbox, oldest first. They are gone when the caller commits.
CREATE OR REPLACE FUNCTION ledger.take_outbox(number int) RETURNS TABLE (topic text, object_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
BEGIN
    RETURN QUERY
    WITH taken AS (
        SELECT o.id FROM ledger_outbox o WHERE o.tenant_id = tenant ORDER BY o.id LIMIT number FOR UPDATE SKIP LOCKED),
    gone AS (
        DELETE FROM ledger_outbox o USING taken WHERE o.tenant_id = tenant AND o.id = taken.id
        RETURNING o.id, o.topic, o.object_id)
    SELECT gone.topic::text, gone.object_id FROM gone ORDER BY gone.id;
END $$;

-- Sweep: pending entries of holds that ended or lapsed, and refused attempts and what is counted of them after 30 days.
CREATE OR REPLACE FUNCTION ledger.sweep() RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
    over bigint[];
    refused int;
    counts int;
BEGIN
    UPDATE ledger_hold SET state = 'expired', ended_at = clock_timestamp()
    WHERE tenant_id = tenant AND id IN (
        SELECT h.id FROM ledger_hold h
        WHERE h.tenant_id = tenant AND h.state = 'live' AND h.expires_at <= clock_timestamp()
        ORDER BY h.id FOR NO KEY UPDATE SKIP LOCKED);
    over := ARRAY(
        SELECT DISTINCT e.hold_id FROM ledger_holdentry e JOIN ledger_hold h ON h.tenant_id = tenant AND h.id = e.hold_id
        WHERE e.tenant_id = tenant AND h.state <> 'live');
    PERFORM 1 FROM ledger_budget b
    WHERE b.tenant_id = tenant AND b.id IN (
        SELECT e.budget_id FROM ledger_holdentry e WHERE e.tenant_id = tenant AND e.hold_id = ANY (over))
    ORDER BY b.bearer_id, b.limit_id, b.window_key FOR NO KEY UPDATE;
    DELETE FROM ledger_holdentry e WHERE e.tenant_id = tenant AND e.hold_id = ANY (over);
    DELETE FROM ledger_attempt a WHERE a.tenant_id = tenant AND a.at < clock_timestamp() - interval '30 days'
        AND a.outcome NOT IN ('posted', 'held', 'needs_second');
    GET DIAGNOSTICS refused = ROW_COUNT;
    DELETE FROM ledger_refusal r WHERE r.tenant_id = tenant
        AND r.day < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date - 30;
    GET DIAGNOSTICS counts = ROW_COUNT;
    RETURN jsonb_build_object('holds', cardinality(over), 'refused', refused, 'counts', counts);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    ledger.post(jsonb), ledger.post_as(text, jsonb),
    ledger.publish_pack(bigint, text, text, text, text, date, date, bigint),
    ledger.change_calendar(bigint, date, date, text, text, text, text, boolean, bigint),
    ledger.grant_waiver(bigint, text, date, date, int, bigint, text, text, timestamptz, bigint, text),
    ledger.revoke_waiver(bigint), ledger.take_outbox(int), ledger.sweep()
    TO qingfu_app;
