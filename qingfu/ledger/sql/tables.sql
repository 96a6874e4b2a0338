-- What the database itself holds the ledger to. Columns are in qingfu/ledger/models.py.
CREATE SCHEMA ledger;
GRANT USAGE ON SCHEMA ledger TO qingfu_app;

-- The tenant inside the doors of this schema. Each door begins with ledger.enter(), which verifies the signed token
-- once; the policies of the owner, who is nobody but these doors, then compare with what it verified. (Every statement
-- of a post would verify it again else, a fifth of its time.) Whatever the app has put there before is overwritten.
CREATE FUNCTION ledger.enter() RETURNS bigint
LANGUAGE sql AS $$ SELECT set_config('ledger.tenant', tenancy.current()::text, true)::bigint $$;

ALTER TABLE ledger_attempt ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE ledger_demand ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE ledger_budget ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE ledger_entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE ledger_hold ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE ledger_outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE ledger_refusal ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;

-- What no figure can be, whoever writes it.
ALTER TABLE ledger_budget ADD CONSTRAINT budget_never_below_nought CHECK (used >= 0 AND apart >= 0 AND held >= 0);
ALTER TABLE ledger_demand ADD CONSTRAINT demand_never_below_nought
    CHECK (stated_minutes >= 0 AND charged_minutes >= 0 AND factor > 0);
ALTER TABLE ledger_waiver ADD CONSTRAINT waiver_never_below_nought CHECK (extra >= 0 AND starts <= ends);

-- Every post updates its budgets in place and its attempt once: room on the page keeps the indexes out of it.
ALTER TABLE ledger_budget SET (fillfactor = 70);
ALTER TABLE ledger_attempt SET (fillfactor = 70);

-- I1: a budget's `used` is the sum of its entries, because nothing but this trigger writes it.
CREATE FUNCTION ledger.sum_entries() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    tenant bigint;
    ids bigint[];
    counted bigint[];
    aparts bigint[];
BEGIN
    SELECT min(s.tenant_id), array_agg(s.budget_id), array_agg(s.counted), array_agg(s.apart)
    INTO tenant, ids, counted, aparts
    FROM (SELECT w.tenant_id, w.budget_id, coalesce(sum(w.amount) FILTER (WHERE NOT w.apart), 0) AS counted,
                 coalesce(sum(w.amount) FILTER (WHERE w.apart), 0) AS apart
          FROM written w GROUP BY w.tenant_id, w.budget_id) AS s;
    UPDATE public.ledger_budget b SET used = b.used + counted[array_position(ids, b.id)],
                               apart = b.apart + aparts[array_position(ids, b.id)]
    WHERE b.tenant_id = tenant AND b.id = ANY (ids);
    RETURN NULL;
END $$;
CREATE TRIGGER sum_entries AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.sum_entries();

-- The same for the number of pending entries.
CREATE FUNCTION ledger.count_pending() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.ledger_budget b SET held = b.held + s.number * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
    FROM (SELECT tenant_id, budget_id, count(*) AS number FROM changed GROUP BY tenant_id, budget_id) AS s
    WHERE b.tenant_id = s.tenant_id AND b.id = s.budget_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_added AFTER INSERT ON ledger_holdentry REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.count_pending();
CREATE TRIGGER count_removed AFTER DELETE ON ledger_holdentry REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.count_pending();

CREATE TRIGGER only_by_entries BEFORE UPDATE ON ledger_budget
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION tenancy.refuse_change();
CREATE TRIGGER starts_empty BEFORE INSERT ON ledger_budget
    FOR EACH ROW WHEN (NEW.used <> 0 OR NEW.held <> 0 OR NEW.apart <> 0) EXECUTE FUNCTION tenancy.refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON ledger_budget
    FOR EACH STATEMENT EXECUTE FUNCTION tenancy.refuse_change();
CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON ledger_demand
    FOR EACH STATEMENT EXECUTE FUNCTION tenancy.refuse_change();

-- The next version of a head. From a sequence, which no rollback turns back: a version that was undone never returns
-- for other rules. And the transaction says of itself that it now reads rules which nobody else may trust yet
-- (qingfu/ledger/reckoning.py).
CREATE SEQUENCE ledger.version AS bigint START 2;
CREATE FUNCTION ledger.next_version() RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('ledger.moved', 'yes', true);
    RETURN nextval('ledger.version');
END $$;

-- Heads: one for the tenant and one for each institution, from the moment that the unit exists.
CREATE FUNCTION ledger.add_head() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_head (tenant_id, unit_id, version) VALUES (NEW.tenant_id, NEW.id, ledger.next_version());
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_head AFTER INSERT ON units_unit FOR EACH ROW
    WHEN (NEW.id = NEW.tenant_id OR NEW.kind IN ('school', 'township', 'bureau', 'institution'))
    EXECUTE FUNCTION ledger.add_head();

-- A unit that was ever asked something stays. post() looks that its bearers are units of the tenant, set by set: a
-- foreign key would look for each row, a tenth of its time. A post under way holds the head that a removal moves.
CREATE FUNCTION ledger.unit_removed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger.enter();
    UPDATE ledger_head h SET version = ledger.next_version()
    FROM units_unit u
    WHERE h.tenant_id = OLD.tenant_id AND u.id = h.unit_id
      AND u.path = ANY (ARRAY(SELECT left(OLD.path, n) FROM generate_series(1, length(OLD.path)) AS n));
    IF EXISTS (SELECT 1 FROM ledger_demand d WHERE d.tenant_id = OLD.tenant_id AND d.bearer_id = OLD.id) THEN
        RAISE EXCEPTION 'unit % has demands', OLD.id USING ERRCODE = '23503';
    END IF;
    DELETE FROM ledger_head h WHERE h.tenant_id = OLD.tenant_id AND h.unit_id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER ledger_unit_removed BEFORE DELETE ON units_unit FOR EACH ROW EXECUTE FUNCTION ledger.unit_removed();

-- What a unit is decides which limits apply to it, so a change of it moves the heads above it.
CREATE FUNCTION ledger.unit_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE ledger_head h SET version = ledger.next_version()
    FROM units_unit u
    WHERE h.tenant_id = NEW.tenant_id AND u.tenant_id = NEW.tenant_id AND u.id = h.unit_id
      AND (u.path = ANY (ARRAY(SELECT left(NEW.path, n) FROM generate_series(1, length(NEW.path)) AS n))
        OR u.path = ANY (ARRAY(SELECT left(OLD.path, n) FROM generate_series(1, length(OLD.path)) AS n)))
      AND (u.id <> u.tenant_id OR NEW.id = u.tenant_id);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_unit_changed AFTER UPDATE ON units_unit FOR EACH ROW
    WHEN (OLD.kind IS DISTINCT FROM NEW.kind OR OLD.grade IS DISTINCT FROM NEW.grade
        OR OLD.system IS DISTINCT FROM NEW.system OR OLD.path IS DISTINCT FROM NEW.path
        OR OLD.attributes IS DISTINCT FROM NEW.attributes OR OLD.ends IS DISTINCT FROM NEW.ends)
    EXECUTE FUNCTION ledger.unit_changed();

-- Nor does a closed term accept what an open one does.
CREATE FUNCTION ledger.term_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE ledger_head h SET version = ledger.next_version()
    WHERE h.tenant_id = NEW.tenant_id AND h.unit_id = NEW.tenant_id;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_term_closed AFTER INSERT OR UPDATE ON units_closedterm
    FOR EACH ROW EXECUTE FUNCTION ledger.term_closed();
