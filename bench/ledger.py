"""Posts a second through ``post()``, beside hand-written pgbench on the same embedded server in the same run.

Data: one county of 12 schools with 24 classes each, the national rulebook and a school pack of 45 minutes, so that
each post takes from two budgets; random classes, the next 150 school days, one minute each. ``post()`` runs with row
security, audit trail and outbox from processes of Python. The pgbench script makes the same inserts, updates and
locks, statement by statement as one would write it by hand, on copies of the tables with the same indexes but
without row security and triggers. The server has its usual configuration (fsync on).

    python bench/ledger.py           about 3 minutes: growth to 1 million demands
    python bench/ledger.py --full    about 25 minutes: growth to 10 million demands
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

SCHOOLS, GRADES, CLASSES_IN_GRADE, DAYS = 12, (3, 4), 12, 150
WRITTEN = {"form": "written", "required": True, "place": "家庭"}
BAR, GRADE_BAR = 0.5, 3
PACK = Path(__file__).parent / "ledger_pack.toml"
PGBENCH = Path(__file__).parent / "ledger_pgbench.sql"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="growth to 10 million demands")
    parser.add_argument("--seconds", type=float, default=5, help="of each single measurement")
    parser.add_argument("--json", action="store_true", help="one JSON line beside the table")
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="qingfu-bench-"))
    home.chmod(0o755)
    try:
        return run(home, options)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run(home: Path, options) -> int:
    os.environ.update(QINGFU_HOME=str(home), QINGFU_POOL="0", DJANGO_SETTINGS_MODULE="qingfu.site.settings")
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    from qingfu.server.postgres import local_cluster

    server = local_cluster()
    server.start(die_with_parent=True)
    try:
        call_command("migrate", database="owner", verbosity=0)
        county = make_county()
        make_copies(server, county)
        figures = measure(server, county, options)
    finally:
        server.stop("immediate")
    if options.json:
        print(json.dumps(figures))
    return sum(not passed for passed in report(figures))


def measure(server, county: dict, options) -> dict:
    figures = {}
    for writers in (1, 16):
        rounds = []
        for _ in range(3):  # by turns, so that what else the machine does meets both
            by_hand = pgbench(server, writers, options.seconds)
            rounds.append((posts(county, writers, options.seconds), by_hand))
        figures[f"post_{writers}"] = statistics.median(ours for ours, _ in rounds)
        figures[f"pgbench_{writers}"] = statistics.median(theirs for _, theirs in rounds)
        figures[f"ratio_{writers}"] = statistics.median(ours / theirs for ours, theirs in rounds)
    figures["single_ms"] = 1000 / posts(county, 1, options.seconds)
    figures["grade_ms"] = 1000 / posts(county, 1, options.seconds, classes=CLASSES_IN_GRADE)
    figures["refused"] = posts(county, 1, options.seconds, minutes=61)
    for millions in (0.01, 0.1, 1, 10) if options.full else (0.01, 0.1, 1):
        fill(server, county, int(millions * 1_000_000))
        figures[f"at_{int(millions * 1_000_000)}"] = posts(county, 16, options.seconds)
    return figures


def report(figures: dict) -> list[bool]:
    """Print the table; for each bar whether it was met."""
    passed = []
    for writers in (1, 16):
        ours, theirs, ratio = (figures[f"{name}_{writers}"] for name in ("post", "pgbench", "ratio"))
        passed.append(ratio >= BAR)
        print(f"{writers:2} writers   post() {ours:8,.0f}/s   pgbench {theirs:8,.0f}/s   {ratio:.2f} (bar {BAR})")
    single, grade = figures["single_ms"], figures["grade_ms"]
    passed.append(grade < GRADE_BAR * single)
    print(f"12 classes at once {grade:.2f} ms   one {single:.2f} ms   {grade / single:.2f} (bar {GRADE_BAR})")
    passed.append(figures["refused"] * single / 1000 >= 0.9)
    print(f"refusals {figures['refused']:,.0f}/s   posts {1000 / single:,.0f}/s, one writer")
    grown = {int(name[3:]): rate for name, rate in figures.items() if name.startswith("at_")}
    for size, rate in grown.items():
        print(f"with {size:>10,} demands   {rate:8,.0f}/s, 16 writers")
    passed.append(min(grown.values()) >= 0.75 * max(grown.values()))
    return passed


def make_county() -> dict:
    """One county under the national rulebook; returns what a writer has to know."""
    from django.utils import timezone

    from qingfu.ledger.actions import publish_pack, sync_national
    from qingfu.rulebook import load_calendar
    from qingfu.units.actions import add_units, found_tenant
    from qingfu.units.models import Tenant, Unit
    from qingfu.units.queries import Actor, Post
    from qingfu.units.tenancy import as_tenant

    nation = found_tenant("nation", "全国")
    sync_national()
    county = found_tenant("county", "青禾县", parent=Tenant.objects.get(pk=nation.pk))
    classes = []
    with as_tenant(county.pk):
        for number in range(SCHOOLS):
            (school,) = add_units(county, [{"kind": "school", "name": f"第{number + 1}小学"}])
            grades = add_units(school, [{"kind": "grade", "name": f"{g}年级", "grade": g} for g in GRADES])
            for grade in grades:
                rows = [
                    {"kind": "class", "name": f"({n + 1})班", "grade": grade.grade, "seats": 40}
                    for n in range(CLASSES_IN_GRADE)
                ]
                classes.append([unit.pk for unit in add_units(grade, rows)])
    principal = Actor(county.pk, 1, "局长", county.pk, (Post("county_admin", county.pk, county.path, "county"),))
    with as_tenant(county.pk):
        schools = list(Unit.objects.filter(kind="school", tenant_id=county.pk).values_list("pk", flat=True))
    for number, school_id in enumerate(schools):
        publish_pack(principal, school_id, PACK.read_text().replace("NUMBER", str(number)))
    calendar, days = load_calendar(), [timezone.localdate()]
    while len(days) <= DAYS:
        days.append(calendar.next_school_day(days[-1]))
    return {"tenant_id": county.pk, "path": county.path, "grades": classes, "days": days[1:]}


def posts(county: dict, writers: int, seconds: float, **how) -> float:
    """Requests a second of ``writers`` processes, each with its own connection, after a second of warming up."""
    context = multiprocessing.get_context("spawn")
    counts = context.Queue()
    ready = context.Barrier(writers)
    started = [
        context.Process(target=write, args=(county, seconds, ready, counts, how), daemon=True) for _ in range(writers)
    ]
    for process in started:
        process.start()
    rates = [counts.get(timeout=seconds * 20 + 120) for _ in started]
    for process in started:
        process.join()
    return sum(rates)


def write(county: dict, seconds: float, ready, counts, how: dict) -> None:
    """One writer: posts until the time is over and tells its rate."""
    import django

    django.setup()
    from qingfu.ledger.actions import post
    from qingfu.units.queries import Actor, Post

    person = os.getpid()
    place = (Post("teacher", county["tenant_id"], county["path"], "county", "语文"),)
    teacher = Actor(county["tenant_id"], person, "王丽", county["tenant_id"], place)
    chance = random.Random(person)
    expected = "refused" if how.get("minutes", 1) > 60 else "posted"

    def several(until: float) -> int:
        count = 0
        while time.perf_counter() < until:
            answer = post(teacher, drafts(county, chance, **how), f"{chance.random()}")
            assert answer.outcome == expected, answer
            count += 1
        return count

    learn_rules(county)
    several(time.perf_counter() + 0.5)
    ready.wait()
    begun = time.perf_counter()
    counts.put(several(begun + seconds) / (time.perf_counter() - begun))


def learn_rules(county: dict) -> None:
    """What a worker has long met when the day begins: every school's rules on every day."""
    from qingfu.ledger.reckoning import reckonings
    from qingfu.units.tenancy import as_tenant

    with as_tenant(county["tenant_id"]):
        found = reckonings(county["tenant_id"], [pk for grade in county["grades"] for pk in grade])
    for pk, reckoning in found.items():
        for day in county["days"]:
            reckoning.rulebook.limits("homework", reckoning.bearer(pk), day)
            reckoning.calendar.day(day)


def drafts(county: dict, chance: random.Random, classes: int = 1, minutes: int = 1) -> list:
    from qingfu.ledger.drafts import Draft

    draft = Draft(0, chance.choice(county["days"]), subject="语文", text="抄写第5课生字，朗读课文", minutes=minutes,
                  attributes=WRITTEN)  # fmt: skip
    return draft.for_bearers(chance.sample(chance.choice(county["grades"]), classes))


def pgbench(server, clients: int, seconds: float) -> float:
    """Transactions a second of the hand-written script."""
    facts = server.connection("superuser")
    arguments = ["-n", "-M", "prepared", "-f", str(PGBENCH), "-c", str(clients), "-j", "2", "-T", str(int(seconds))]
    done = subprocess.run(
        [server.program("pgbench"), *arguments, "-h", facts["host"], "-U", facts["user"], facts["dbname"]],
        env={**os.environ, "PGPASSFILE": facts["passfile"]}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode or "aborted" in done.stderr:
        raise RuntimeError(done.stderr)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("tps")]
    return float(line.split()[2])


def make_copies(server, county: dict) -> None:
    """The tables for pgbench: same columns and indexes, no triggers, no row security."""
    import psycopg

    tables = ["attempt", "head", "budget", "demand", "entry", "outbox"]
    with psycopg.connect(**server.connection("superuser")) as connection:
        connection.execute("CREATE SCHEMA hand")
        for table in tables:
            connection.execute(f"CREATE TABLE hand.{table} (LIKE public.ledger_{table} INCLUDING ALL)")
        connection.execute("CREATE TABLE hand.audit (LIKE public.units_auditrecord INCLUDING ALL)")
        connection.execute("ALTER TABLE hand.audit ALTER tenant_id DROP DEFAULT")
        connection.execute("ALTER TABLE hand.budget SET (fillfactor = 70)")
        connection.execute("ALTER TABLE hand.attempt SET (fillfactor = 70)")
        connection.execute("INSERT INTO hand.head VALUES (1, 1, 1)")
        connection.execute("INSERT INTO hand.head SELECT 1, 1 + n, 1 FROM generate_series(1, %s) AS n", [SCHOOLS])
    assert county["grades"]


def fill(server, county: dict, size: int) -> None:
    """Grow the ledger to ``size`` demands of earlier days, as a superuser: each with two entries in two budgets."""
    import psycopg

    with psycopg.connect(**server.connection("superuser"), autocommit=True) as connection:
        (there,) = connection.execute("SELECT count(*) FROM ledger_demand").fetchone()
        if there < size:
            connection.execute("SET session_replication_role = replica")
            connection.execute(FILL, {"tenant": county["tenant_id"], "number": size - there, "before": date.today(),
                                      "classes": [pk for grade in county["grades"] for pk in grade]})  # fmt: skip
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")


# Twenty items a class and day; older days further back. Attempts, audit records and entries as post() writes them.
FILL = """
WITH made AS (
    INSERT INTO ledger_demand (tenant_id, attempt_id, kind, issuer_id, bearer_id, subject, text, attributes, day, starts,
        ends, amounts, stated_minutes, factor, factor_version, charged_minutes, origin, state, revision, late, emergency,
        verdict, reason, posted_at, posted_day, minute_of_day, school_seq, week_id, term_id)
    SELECT %(tenant)s, 0, 'homework', n %% 2600, (%(classes)s::bigint[])[1 + n %% cardinality(%(classes)s)], '语文',
        '抄写第5课生字，朗读课文', '{"form": "written", "required": true, "place": "家庭"}',
        %(before)s::date - 1 - (n / cardinality(%(classes)s) / 20)::int, '', '', '{}', 1, 1, '', 1, 'post', 'posted', 0,
        false, false, 'pass', '', now(), %(before)s::date, 600, 1, '2025-W46', '2025-2026-1'
    FROM generate_series(1, %(number)s) AS n
    RETURNING tenant_id, id, bearer_id, day),
limits AS (SELECT unnest(ARRAY['cn.homework.written.g3-6', 'school.0.homework']) AS limit_id),
filled AS (
    INSERT INTO ledger_budget (tenant_id, bearer_id, limit_id, window_key, measure, starts, ends, used, held, apart)
    SELECT m.tenant_id, m.bearer_id, l.limit_id, m.day::text, 'minutes', m.day, m.day, count(*), 0, 0
    FROM made m, limits l GROUP BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (tenant_id, bearer_id, limit_id, window_key) DO UPDATE SET used = ledger_budget.used + excluded.used
    RETURNING tenant_id, id, bearer_id, starts)
INSERT INTO ledger_entry (tenant_id, budget_id, demand_id, attempt_id, amount, apart, day, recorded_at)
SELECT m.tenant_id, f.id, m.id, 0, 1, false, m.day, now()
FROM made m JOIN filled f ON f.bearer_id = m.bearer_id AND f.starts = m.day
"""


if __name__ == "__main__":
    raise SystemExit(main())
