\set class random(1, 288)
\set day random(1, 150)
\set school 1 + 1 + (:class % 12)
\set key random(1, 9000000000000000)
BEGIN;
INSERT INTO hand.attempt (tenant_id, issuer_id, key, request_hash, verb, outcome, at)
VALUES (1, :client_id, :key::text, 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00', 'post', '', now())
ON CONFLICT DO NOTHING RETURNING id AS attempt \gset
SELECT version FROM hand.head WHERE tenant_id = 1 AND unit_id IN (1, :school) ORDER BY unit_id FOR SHARE;
INSERT INTO hand.budget (tenant_id, bearer_id, limit_id, window_key, measure, starts, ends, used, held, apart)
VALUES (1, :class, 'cn.homework.written.g3-6', :day::text, 'minutes', '2026-12-01', '2026-12-01', 0, 0, 0),
       (1, :class, 'school.homework', :day::text, 'minutes', '2026-12-01', '2026-12-01', 0, 0, 0)
ON CONFLICT (tenant_id, bearer_id, limit_id, window_key) DO NOTHING;
SELECT min(id) AS first, max(id) AS second, max(used) FROM (
    SELECT id, used FROM hand.budget
    WHERE tenant_id = 1 AND bearer_id = :class AND limit_id IN ('cn.homework.written.g3-6', 'school.homework')
      AND window_key = :day::text
    ORDER BY limit_id FOR NO KEY UPDATE) AS locked \gset
INSERT INTO hand.demand (tenant_id, attempt_id, kind, issuer_unit_id, issuer_id, bearer_id, subject, text, attributes,
    day, starts, ends, amounts, stated_minutes, factor, factor_version, charged_minutes, origin, state, revision, late,
    emergency, verdict, reason, posted_at, posted_day, minute_of_day, school_seq, week_id, term_id)
VALUES (1, :attempt, 'homework', :school, :client_id, :class, '语文', '抄写第5课生字，朗读课文',
    '{"form": "written", "required": true, "place": "家庭"}', '2026-12-01', '', '', '{}', 1, 1, '', 1, 'post', 'posted',
    0, false, false, 'pass', '', now(), '2026-11-22', 600, 60, '2026-W49', '2026-2027-1') RETURNING id AS demand \gset
INSERT INTO hand.entry (tenant_id, budget_id, demand_id, attempt_id, amount, apart, day, recorded_at)
VALUES (1, :first, :demand, :attempt, 1, false, '2026-12-01', now()),
       (1, :second, :demand, :attempt, 1, false, '2026-12-01', now());
UPDATE hand.budget SET used = used + 1 WHERE tenant_id = 1 AND id IN (:first, :second);
INSERT INTO hand.outbox (tenant_id, topic, object_id, at) VALUES (1, 'post', :attempt, now());
INSERT INTO hand.audit (tenant_id, at, actor_id, action, object_kind, object_id, unit_id, detail)
VALUES (1, now(), :client_id, 'post', 'attempt', :attempt, :school, '{"demands": 1}');
UPDATE hand.attempt SET outcome = 'posted', answer = jsonb_build_object('outcome', 'posted', 'attempt', :attempt::bigint,
    'demands', jsonb_build_array(:demand::bigint)) WHERE tenant_id = 1 AND id = :attempt;
COMMIT;
