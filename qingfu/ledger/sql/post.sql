-- The one door to demands, budgets, entries and holds: ledger.post, at the end of this file. docs/ledger.md tells
-- why each of its steps is as it is. The functions before it are its parts; nobody else may call them.

-- Every bearer is a unit of the tenant, so that no reference crosses a county; and the heads of all that they lie in
-- (school, township, tenant) were reckoned with, so that nobody asks under fewer rules than there are. Two statements
-- of few nodes: setting up a plan costs more here than running it.
CREATE OR REPLACE FUNCTION ledger.require_reckoned(tenant bigint, request jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    heads CONSTANT bigint[] := ARRAY(SELECT (h->>'unit_id')::bigint FROM jsonb_array_elements(request->'heads') AS h);
    strangers int;
    paths text[];
BEGIN
    SELECT count(*) FILTER (WHERE u.path IS NULL), array_agg(u.path) INTO strangers, paths
    FROM (SELECT (d->>'bearer_id')::bigint AS id FROM jsonb_array_elements(request->'drafts') AS d
          UNION SELECT (k->>'bearer_id')::bigint FROM jsonb_array_elements(request->'budgets') AS k) AS b
    LEFT JOIN LATERAL (SELECT u.path FROM units_unit u WHERE u.id = b.id AND u.tenant_id = tenant LIMIT 1) AS u ON true;
    IF strangers > 0 THEN
        RAISE EXCEPTION 'a bearer is no unit of this tenant' USING ERRCODE = '42501';
    ELSIF EXISTS (
        SELECT 1 FROM units_unit u
        WHERE u.tenant_id = tenant AND u.id <> ALL (heads) AND u.path = ANY (ARRAY(
                SELECT DISTINCT left(p, n) FROM unnest(paths) AS p, generate_series(4, length(p), 4) AS n))
          AND EXISTS (SELECT 1 FROM ledger_head h WHERE h.tenant_id = tenant AND h.unit_id = u.id OFFSET 0)) THEN
        RAISE EXCEPTION 'a head of tenant or school is missing' USING ERRCODE = '42501';
    END IF;
END $$;

-- Lock the demands to correct. False if one has moved on since the caller read it.
CREATE OR REPLACE FUNCTION ledger.lock_corrected(tenant bigint, corrections jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM jsonb_to_recordset(corrections) AS c(demand_id bigint)
               GROUP BY c.demand_id HAVING count(*) > 1) THEN
        RAISE EXCEPTION 'a demand is corrected twice in one request' USING ERRCODE = '22023';
    END IF;
    RETURN jsonb_array_length(corrections) = (
        SELECT count(*)
        FROM (SELECT c.* FROM jsonb_to_recordset(corrections) AS c(demand_id bigint, revision int)
              ORDER BY c.demand_id) AS c
        CROSS JOIN LATERAL (
            SELECT 1 FROM ledger_demand d
            WHERE d.tenant_id = tenant AND d.id = c.demand_id AND d.revision = c.revision
              AND d.state <> 'withdrawn' FOR NO KEY UPDATE) AS unmoved);
END $$;

-- Lock the holds that end. False if one has ended before; a lapsed one may still be converted, it just counts no more.
CREATE OR REPLACE FUNCTION ledger.lock_ended(tenant bigint, ends jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RETURN jsonb_array_length(ends->'holds') = (
        SELECT count(*)
        FROM (SELECT e.id::bigint FROM jsonb_array_elements_text(ends->'holds') AS e(id) ORDER BY 1) AS e
        CROSS JOIN LATERAL (
            SELECT 1 FROM ledger_hold h
            WHERE h.tenant_id = tenant AND h.id = e.id AND h.state = 'live' FOR NO KEY UPDATE) AS live);
END $$;

-- What live holds take from a budget, without those that end with this request. The clock decides what is live.
CREATE OR REPLACE FUNCTION ledger.held(tenant bigint, budget bigint, ends jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(e.amount), 0)
        FROM ledger_holdentry e
        CROSS JOIN LATERAL (SELECT h.state FROM ledger_hold h WHERE h.tenant_id = tenant AND h.id = e.hold_id OFFSET 0) AS h
        WHERE e.tenant_id = tenant AND e.budget_id = budget AND h.state = 'live' AND e.expires_at > clock_timestamp()
          AND NOT coalesce(ends->'holds' @> to_jsonb(e.hold_id), false));
END $$;

-- What waivers in force lift this limit by for this bearer, in a window that lies wholly inside theirs; null if none.
-- One that names an attempt (whose, and its key) counts for that attempt and for no other: since a key is answered once,
-- it cannot serve twice, and nobody else passes under it however many ask at the same moment.
CREATE OR REPLACE FUNCTION ledger.waivers(
    tenant bigint, request jsonb, bearer bigint, lim text, since date, until date) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT sum(w.extra) FROM ledger_waiver w
        WHERE w.tenant_id = tenant AND w.bearer_id = bearer AND w.limit_id = lim COLLATE "C"
          AND w.starts <= since AND w.ends >= until AND w.revoked_at IS NULL
          AND CASE WHEN w.attempt_key = '' THEN w.expires_at > clock_timestamp()
                   ELSE w.attempt_issuer_id = (request->>'issuer')::bigint AND w.attempt_key = request->>'key' END);
END $$;

-- Who took what from a budget: subjects and offices, never persons.
CREATE OR REPLACE FUNCTION ledger.taken(tenant bigint, budget bigint) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('subject', t.subject, 'unit_id', t.issuer_unit_id, 'amount', t.amount)
                                  ORDER BY t.amount DESC, t.subject), '[]')
        FROM (SELECT d.subject, d.issuer_unit_id, sum(e.amount) AS amount
              FROM ledger_entry e
              CROSS JOIN LATERAL (SELECT d.subject, d.issuer_unit_id FROM ledger_demand d
                                  WHERE d.tenant_id = tenant AND d.id = e.demand_id OFFSET 0) AS d
              WHERE e.tenant_id = tenant AND e.budget_id = budget AND NOT e.apart
              GROUP BY d.subject, d.issuer_unit_id HAVING sum(e.amount) <> 0) AS t);
END $$;

-- Every limit that the request goes over, as objects: what is used, held, asked, waived, and the verdict left.
CREATE OR REPLACE FUNCTION ledger.over(tenant bigint, request jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(o.item), '[]') FROM (
            SELECT jsonb_build_object(
                'b', k.pos - 1, 'bearer_id', k.bearer_id, 'limit_id', k.limit_id, 'window_key', k.window_key,
                'school_id', k.school_id, 'cap', k.cap, 'used', b.used, 'held', h.amount, 'asked', k.delta,
                'waived', w.amount, 'taken', ledger.taken(tenant, b.id), 'drafts', c.drafts, 'demands', c.demands,
                'verdict', CASE WHEN b.used + h.amount + k.delta > k.cap + w.amount THEN k.verdict ELSE 0 END
            ) AS item
            FROM ROWS FROM (jsonb_to_recordset(request->'budgets') AS (
                bearer_id bigint, limit_id text, window_key text, starts date, ends date, cap bigint, delta bigint,
                verdict int, waivable boolean, school_id bigint))
                WITH ORDINALITY AS k(
                bearer_id, limit_id, window_key, starts, ends, cap, delta, verdict, waivable, school_id, pos)
            CROSS JOIN LATERAL (
                SELECT b.id, b.used FROM ledger_budget b WHERE b.tenant_id = tenant AND b.bearer_id = k.bearer_id
                  AND b.limit_id = k.limit_id COLLATE "C" AND b.window_key = k.window_key COLLATE "C" OFFSET 0) AS b
            CROSS JOIN LATERAL (SELECT ledger.held(tenant, b.id, request->'ends') AS amount) AS h
            CROSS JOIN LATERAL (
                SELECT CASE WHEN k.waivable THEN coalesce(
                    ledger.waivers(tenant, request, k.bearer_id, k.limit_id, k.starts, k.ends), 0) ELSE 0 END AS amount) AS w
            CROSS JOIN LATERAL (
                SELECT coalesce(jsonb_agg(DISTINCT c.n) FILTER (WHERE c.n IS NOT NULL), '[]') AS drafts,
                       coalesce(jsonb_agg(DISTINCT c.demand_id) FILTER (WHERE c.demand_id IS NOT NULL), '[]') AS demands
                FROM jsonb_to_recordset(request->'charges') AS c(n int, demand_id bigint, b int)
                WHERE c.b = k.pos - 1) AS c
            WHERE k.delta > 0 AND b.used + h.amount + k.delta > k.cap
            UNION ALL
            SELECT jsonb_build_object(
                'bearer_id', s.bearer_id, 'limit_id', s.limit_id, 'school_id', s.school_id, 'text', s.text,
                'drafts', jsonb_build_array(s.n),
                'verdict', CASE WHEN s.waivable AND ledger.waivers(tenant, request, s.bearer_id, s.limit_id, s.day, s.day) IS NOT NULL
                           THEN 0 ELSE s.verdict END)
            FROM jsonb_to_recordset(coalesce(request->'breaches', '[]')) AS s(
                n int, bearer_id bigint, limit_id text, day date, verdict int, waivable boolean, school_id bigint, text text)
        ) AS o);
END $$;

-- Why what goes over is not written, or null. The verdicts are those of qingfu.rulebook.Verdict.
CREATE OR REPLACE FUNCTION ledger.refusal(request jsonb, over jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    worst CONSTANT int := (SELECT max((o->>'verdict')::int) FROM jsonb_array_elements(over) AS o);
BEGIN
    IF worst = 4 THEN
        RETURN 'refused';
    ELSIF worst = 3 THEN
        RETURN 'needs_waiver';
    ELSIF worst = 2 AND EXISTS (
        SELECT 1 FROM jsonb_array_elements(over) AS o, jsonb_array_elements_text(o->'drafts') AS n
        WHERE (o->>'verdict')::int = 2 AND coalesce(request->'drafts'->(n::int)->>'reason', '') = '') THEN
        RETURN 'needs_reason';
    END IF;
    RETURN NULL;
END $$;

-- For each draft that goes over something: what, how that came about, and the gravest of it.
CREATE OR REPLACE FUNCTION ledger.how_over(over jsonb) RETURNS TABLE (n int, items jsonb, worst text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT w.n, jsonb_agg(jsonb_build_object('limit_id', w.limit_id, 'window_key', w.window_key, 'how', w.how)),
           (array_agg(w.how ORDER BY w.rank DESC))[1]
    FROM (SELECT drafts.n::int AS n, o->>'limit_id' AS limit_id, o->>'window_key' AS window_key, h.how, h.rank
          FROM jsonb_array_elements(over) AS o
          CROSS JOIN LATERAL jsonb_array_elements_text(o->'drafts') AS drafts(n)
          JOIN (VALUES (0, 'waived', 3), (1, 'informed', 1), (2, 'warned', 2), (3, 'recorded', 4), (4, 'recorded', 4))
            AS h(verdict, how, rank) ON h.verdict = (o->>'verdict')::int) AS w
    GROUP BY w.n;
END $$;

-- Write the drafts as demands, in their order; returns their ids in that order.
CREATE OR REPLACE FUNCTION ledger.write_demands(
    tenant bigint, attempt bigint, moment timestamptz, request jsonb, went_over jsonb) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    WITH written AS (
        INSERT INTO ledger_demand (
            tenant_id, attempt_id, kind, issuer_unit_id, issuer_id, bearer_id, group_id, subject, text, attributes,
            day, due_day, starts, ends, amounts, stated_minutes, factor, factor_version, charged_minutes, split,
            origin, state, revision, late, emergency, verdict, over, reason, posted_at, posted_day, minute_of_day,
            school_seq, week_id, term_id)
        SELECT tenant, attempt, d.kind, d.issuer_unit_id, d.issuer_id, d.bearer_id, d.group_id,
            coalesce(d.subject, ''), coalesce(d.text, ''), coalesce(d.attributes, '{}'), d.day, d.due_day, coalesce(d.starts, ''),
            coalesce(d.ends, ''), coalesce(d.amounts, '{}'), d.stated_minutes, d.factor, coalesce(d.factor_version, ''),
            d.charged_minutes, d.split,
            CASE request->>'verb' WHEN 'record' THEN 'record' ELSE 'post' END, 'posted', 0, coalesce(d.late, false),
            coalesce(d.emergency, false), 'pass', NULL, coalesce(d.reason, ''), moment, (moment AT TIME ZONE 'Asia/Shanghai')::date,
            extract(hour FROM moment AT TIME ZONE 'Asia/Shanghai') * 60
                + extract(minute FROM moment AT TIME ZONE 'Asia/Shanghai'),
            d.school_seq, d.week_id, d.term_id
        FROM ROWS FROM (jsonb_to_recordset(request->'drafts') AS (
            kind text, issuer_unit_id bigint, issuer_id bigint, bearer_id bigint, group_id bigint, subject text,
            text text, attributes jsonb, day date, due_day date, starts text, ends text, amounts jsonb,
            stated_minutes int, factor numeric, factor_version text, charged_minutes int, split jsonb, late boolean,
            emergency boolean, reason text, school_seq int, week_id text, term_id text))
            WITH ORDINALITY AS d(
            kind, issuer_unit_id, issuer_id, bearer_id, group_id, subject, text, attributes, day, due_day, starts,
            ends, amounts, stated_minutes, factor, factor_version, charged_minutes, split, late, emergency, reason,
            school_seq, week_id, term_id, pos)
        ORDER BY d.pos
        RETURNING id)
    SELECT array_agg(id ORDER BY id) INTO ids FROM written;
    IF went_over <> '[]' THEN
        UPDATE ledger_demand d SET verdict = o.worst, over = o.items
        FROM ledger.how_over(went_over) AS o WHERE d.tenant_id = tenant AND d.id = ids[o.n + 1];
    END IF;
    RETURN ids;
END $$;

-- Write holds with their pending entries, in place of demands.
CREATE OR REPLACE FUNCTION ledger.write_holds(
    tenant bigint, attempt bigint, moment timestamptz, request jsonb, budget_ids bigint[]) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    WITH written AS (
        INSERT INTO ledger_hold (tenant_id, attempt_id, issuer_id, asked_id, purpose, drafts, first_day, state,
                                 expires_at, created_at)
        SELECT tenant, attempt, (request->>'issuer')::bigint, h.asked_id, h.purpose, h.drafts, h.first_day, 'live',
               h.expires_at, moment
        FROM ROWS FROM (jsonb_to_recordset(request->'holds') AS (
            asked_id bigint, purpose text, drafts jsonb, first_day date, expires_at timestamptz))
            WITH ORDINALITY AS h(asked_id, purpose, drafts, first_day, expires_at, pos)
        ORDER BY h.pos
        RETURNING id)
    SELECT array_agg(id ORDER BY id) INTO ids FROM written;
    INSERT INTO ledger_holdentry (tenant_id, budget_id, hold_id, amount, expires_at)
    SELECT tenant, budget_ids[c.b + 1], ids[c.h + 1], sum(c.amount),
           (request->'holds'->c.h->>'expires_at')::timestamptz
    FROM jsonb_to_recordset(request->'charges') AS c(b int, h int, amount int) GROUP BY c.b, c.h;
    RETURN jsonb_build_object('outcome', 'held', 'attempt', attempt, 'holds', to_jsonb(ids), 'demands', '[]'::jsonb);
END $$;

-- Change demands that stand: what a correction does not name stays. Their entries are reversed by charges.
CREATE OR REPLACE FUNCTION ledger.correct(tenant bigint, corrections jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_demand d SET
        revision = d.revision + 1,
        state = coalesce(c.state, d.state),
        stated_minutes = coalesce(c.stated_minutes, d.stated_minutes),
        charged_minutes = coalesce(c.charged_minutes, d.charged_minutes),
        amounts = coalesce(c.amounts, d.amounts),
        split = coalesce(c.split, d.split),
        withdrawal = coalesce(c.withdrawal, d.withdrawal)
    FROM jsonb_to_recordset(corrections) AS c(
        demand_id bigint, state text, stated_minutes int, charged_minutes int, amounts jsonb, split jsonb,
        withdrawal jsonb)
    WHERE d.tenant_id = tenant AND d.id = c.demand_id;
END $$;

-- The request is built by qingfu/ledger/actions.py:
--   verb, issuer, key, hash, unit      who asks for what, under which idempotency key
--   heads      [{unit_id, version}]    what the caller reckoned with
--   first_day                          the earliest day that is asked for: once over, it is closed to asking, and
--                                      so is every budget whose window is over
--   closed                             a sentence: why nothing can be asked there any more (an ended class or term)
--   before                             a withdrawal frees budgets only before this moment
--   outcome                            what to answer in place of "posted"
--   budgets    [{bearer_id, limit_id, window_key, …, cap, verdict, waivable, delta}] each once, in key order
--   drafts     [{…}]                   demands to write
--   charges    [{n | demand_id, b, h, amount, apart, day}]  n, b and h count drafts, budgets and holds from 0
--   breaches   [{n, …}]                limits that a draft breaks by itself
--   corrections [{demand_id, revision, …}]  trims, withdrawals, moves of demands that stand
--   ends       {holds, state}          holds that are over with this
--   holds      [{…}]                   write holds in place of demands
CREATE OR REPLACE FUNCTION ledger.post(request jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- Its plans are kept for the life of a connection: they must be right for a table of any size, empty or of millions.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    tenant CONSTANT bigint := ledger.enter();
    verb CONSTANT text := request->>'verb';
    asks CONSTANT boolean := verb IN ('post', 'hold');  -- and may be refused; the other verbs state what happened
    issuer CONSTANT bigint := (request->>'issuer')::bigint;
    attempt bigint;
    place tid;  -- of the attempt's row, which is ours alone until we commit
    earlier record;
    budget_ids bigint[];
    demand_ids bigint[] := '{}';
    tight boolean := false;
    first_end date;  -- of the windows that something is taken from
    over jsonb := '[]';
    stop text;  -- why nothing is written
    said jsonb;
    moment timestamptz;
BEGIN
    -- 1. The key. A twin that is still at work makes us wait here for its commit or its end.
    INSERT INTO ledger_attempt (tenant_id, issuer_id, key, request_hash, verb, outcome, at)
    VALUES (tenant, issuer, request->>'key', request->>'hash', verb, '', clock_timestamp())
    ON CONFLICT (tenant_id, issuer_id, key) DO NOTHING RETURNING id, ctid INTO attempt, place;
    IF attempt IS NULL THEN
        SELECT a.request_hash, a.answer INTO STRICT earlier FROM ledger_attempt a
        WHERE a.tenant_id = tenant AND a.issuer_id = issuer AND a.key = request->>'key';
        IF earlier.request_hash <> request->>'hash' THEN
            RETURN jsonb_build_object('outcome', 'key_reused');
        END IF;
        RETURN earlier.answer || jsonb_build_object('repeated', true);
    END IF;

    -- 2. The heads: nothing that we reckoned with may move before we commit.
    IF (SELECT count(*)
        FROM jsonb_to_recordset(request->'heads') AS r(unit_id bigint, version bigint)
        CROSS JOIN LATERAL (
            SELECT 1 FROM ledger_head h
            WHERE h.tenant_id = tenant AND h.unit_id = r.unit_id AND h.version = r.version FOR SHARE) AS unmoved
       ) <> jsonb_array_length(request->'heads') THEN
        DELETE FROM ledger_attempt WHERE tenant_id = tenant AND id = attempt;
        RETURN jsonb_build_object('outcome', 'retry', 'moved', 'heads');
    END IF;

    PERFORM ledger.require_reckoned(tenant, request);

    IF asks AND request->'drafts' @? '$[*] ? (@.emergency == true)' THEN
        RAISE EXCEPTION 'an emergency is recorded, not asked' USING ERRCODE = '42501';
    END IF;

    -- 3. What is corrected or ended, in the order of ids.
    IF request ? 'corrections' AND NOT ledger.lock_corrected(tenant, request->'corrections') THEN
        DELETE FROM ledger_attempt WHERE tenant_id = tenant AND id = attempt;
        RETURN jsonb_build_object('outcome', 'retry', 'moved', 'demands');
    END IF;
    IF request ? 'ends' AND NOT ledger.lock_ended(tenant, request->'ends') THEN
        stop := 'hold_gone';
    END IF;

    -- 4. The budgets: make the missing ones, then lock all, both in key order, which is the order of the request.
    -- A lock waits for whoever holds the row and then sees what that one left. LATERAL, so that each is found by
    -- its key and locked in its turn, however the planner thinks of a table that was empty when it looked.
    IF stop IS NULL AND jsonb_array_length(request->'budgets') > 0 THEN
        INSERT INTO ledger_budget (tenant_id, bearer_id, limit_id, window_key, measure, starts, ends, used, held, apart)
        SELECT tenant, k.bearer_id, k.limit_id, k.window_key, k.measure, k.starts, k.ends, 0, 0, 0
        FROM jsonb_to_recordset(request->'budgets') AS k(
            bearer_id bigint, limit_id text, window_key text, measure text, starts date, ends date)
        LEFT JOIN LATERAL (
            SELECT 1 AS found FROM ledger_budget b WHERE b.tenant_id = tenant AND b.bearer_id = k.bearer_id
              AND b.limit_id = k.limit_id COLLATE "C" AND b.window_key = k.window_key COLLATE "C" LIMIT 1
        ) AS already ON true
        WHERE already.found IS NULL
        ON CONFLICT (tenant_id, bearer_id, limit_id, window_key) DO NOTHING;

        SELECT array_agg(b.id), bool_or(k.delta > 0 AND (b.held > 0 OR b.used + k.delta > k.cap)),
               min(k.ends) FILTER (WHERE k.delta > 0)
        INTO budget_ids, tight, first_end
        FROM jsonb_to_recordset(request->'budgets') AS k(
            bearer_id bigint, limit_id text, window_key text, ends date, cap bigint, delta bigint)
        CROSS JOIN LATERAL (
            SELECT b.id, b.used, b.held FROM ledger_budget b
            WHERE b.tenant_id = tenant AND b.bearer_id = k.bearer_id AND b.limit_id = k.limit_id COLLATE "C"
              AND b.window_key = k.window_key COLLATE "C" FOR NO KEY UPDATE) AS b;
    END IF;

    -- 5. The check. Only a budget that is close needs waivers and holds to be looked for.
    IF asks AND (request ? 'closed' OR least((request->>'first_day')::date, first_end)
                 < (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date) THEN
        stop := coalesce(stop, 'closed');
    END IF;
    IF (request->>'before')::timestamptz <= clock_timestamp() THEN  -- no answer yet: the caller asks in another way
        DELETE FROM ledger_attempt WHERE tenant_id = tenant AND id = attempt;
        RETURN jsonb_build_object('outcome', 'too_late');
    END IF;
    IF stop IS NULL AND (tight OR request ? 'breaches') THEN
        over := ledger.over(tenant, request);
        IF asks THEN
            stop := ledger.refusal(request, over);
        END IF;
    END IF;

    -- 6. Write.
    moment := clock_timestamp();
    IF stop IS NULL THEN
        IF request ? 'corrections' THEN
            PERFORM ledger.correct(tenant, request->'corrections');
        END IF;
        IF request ? 'ends' THEN
            UPDATE ledger_hold SET state = request#>>'{ends,state}', ended_at = moment
            WHERE tenant_id = tenant AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(request#>'{ends,holds}')::bigint));
        END IF;
        IF verb = 'hold' THEN
            said := ledger.write_holds(tenant, attempt, moment, request, budget_ids);
        ELSE
            IF jsonb_array_length(request->'drafts') > 0 THEN
                demand_ids := ledger.write_demands(tenant, attempt, moment, request, over);
            END IF;
            INSERT INTO ledger_entry (tenant_id, budget_id, demand_id, attempt_id, amount, apart, day, recorded_at)
            SELECT tenant, budget_ids[c.b + 1], coalesce(c.demand_id, demand_ids[c.n + 1]), attempt, c.amount,
                   coalesce(c.apart, false), c.day, moment
            FROM jsonb_to_recordset(request->'charges') AS c(
                n int, demand_id bigint, b int, amount int, apart boolean, day date);
            said := jsonb_build_object('outcome', coalesce(request->>'outcome', 'posted'), 'attempt', attempt,
                                       'demands', to_jsonb(demand_ids));
        END IF;
        IF request ? 'corrections' THEN
            said := said || jsonb_build_object(
                'corrected', jsonb_path_query_array(request->'corrections', '$[*].demand_id'));
        END IF;
        INSERT INTO ledger_outbox (tenant_id, topic, object_id, at) VALUES (tenant, verb, attempt, moment);
        INSERT INTO units_auditrecord (tenant_id, at, actor_id, action, object_kind, object_id, unit_id, detail)
        VALUES (tenant, moment, nullif(issuer, 0), verb, 'attempt', attempt, (request->>'unit')::bigint,
                jsonb_build_object('demands', cardinality(demand_ids)));
    ELSE
        said := jsonb_build_object('outcome', stop, 'attempt', attempt, 'demands', '[]'::jsonb);
        IF stop = 'closed' AND request ? 'closed' THEN
            said := said || jsonb_build_object('why', request->>'closed');
        END IF;
        INSERT INTO ledger_refusal (tenant_id, school_id, day, limit_id)
        SELECT tenant, (o->>'school_id')::bigint, (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date, o->>'limit_id'
        FROM jsonb_array_elements(over) AS o WHERE (o->>'verdict')::int >= 2;
    END IF;

    IF over <> '[]' THEN
        said := said || jsonb_build_object('over', over);
    END IF;
    UPDATE ledger_attempt a SET outcome = said->>'outcome', answer = said
    WHERE a.ctid = place;
    RETURN said;
END $$;

-- The same in a transaction of its own: the caller's signed tenant and the request in one round trip.
CREATE OR REPLACE FUNCTION ledger.post_as(token text, request jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.set_config('qingfu.tenant', token, true);
    RETURN ledger.post(request);
END $$;
