"""Posts a second through ``post()``, beside hand-written pgbench on the same embedded server in the same run.

Data: one county of 12 schools with 24 classes each, the national rulebook and a school pack of 45 minutes, so that
each post takes from two budgets; random classes, the next 150 school days, one minute each. ``post()`` runs with row
security, audit trail and outbox from processes of Python. The pgbench script makes the same inserts, updates and
locks, statement by statement as one would write it by hand, on copies of the tables with the same indexes but
without row security and triggers. Both run in turns, three times; the ratio is the median of the three. The bar is
against pgbench as it comes (its simple protocol); ``-M prepared``, where the server plans nothing, stands beside it,
measured once. Both share the machine with whatever else runs on it: judge by the ratios. The server has its
usual configuration (fsync on) and, after some warming up, its statistics.

    python bench/ledger.py                   about 4 minutes: growth to 1 million demands
    python bench/ledger.py --part writers    about 1 1/2 minutes: the two ratios alone
    python bench/ledger.py --full            about 30 minutes: growth to 10 million demands
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
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

SCHOOLS, GRADES, CLASSES_IN_GRADE, DAYS, FULL_DAYS = 12, (3, 4), 12, 150, 10
WRITTEN = {"form": "written", "required": True, "place": "家庭"}
BAR, GRADE_BAR, REFUSED_BAR, GROWTH_BAR = 0.5, 3, 1.15, 0.75
PROCESSES = os.cpu_count() or 1
PACK = Path(__file__).parent / "ledger_pack.toml"
PGBENCH = Path(__file__).parent / "ledger_pgbench.sql"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="growth to 10 million demands")
    parser.add_argument("--part", choices=("writers", "shapes", "growth"), help="only this part")
    parser.add_argument("--seconds", type=float, default=3, help="of each single measurement")
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
        make_copies(server)
        warm_up(server, county)
        figures, passed = measure(server, county, options)
    finally:
        server.stop("immediate")
    if options.json:
        print(json.dumps(figures))
    return passed.count(False)


def measure(server, county: dict, options) -> tuple[dict, list[bool]]:
    """The figures, each part printed when it is done, and for each bar whether it was met."""
    begun, figures, passed = time.perf_counter(), {}, []
    parts = {"writers": beside_pgbench, "shapes": shapes, "growth": growth}
    for part in [parts[options.part]] if options.part else parts.values():
        found = part(server, county, options)
        figures |= found
        passed += report(found)
    print(f"{passed.count(True)} of {len(passed)} bars met, {time.perf_counter() - begun:.0f} s")
    return figures, passed


def beside_pgbench(server, county: dict, options) -> dict:
    """Posts a second with 1 and 16 writers, and pgbench in both protocols."""
    figures = {}
    for writers in (1, 16):
        rounds = []
        for _ in range(3):  # by turns, so that what else the machine does meets both
            theirs = pgbench(server, writers, options.seconds, "simple")
            rounds.append((posts(county, writers, options.seconds), theirs))
        for place, name in enumerate(("post", "pgbench")):
            figures[f"{name}_{writers}"] = statistics.median(one[place] for one in rounds)
        figures[f"ratio_{writers}"] = statistics.median(ours / theirs for ours, theirs in rounds)
        figures[f"prepared_{writers}"] = pgbench(server, writers, options.seconds, "prepared")
    return figures


def shapes(server, county: dict, options) -> dict:
    """One class, twelve classes, and a refusal: milliseconds of one request, one writer, in turns."""
    ways = {"single_ms": {}, "grade_ms": {"classes": CLASSES_IN_GRADE}, "refused_ms": {"minutes": 60}}
    rounds = [{name: 1000 / posts(county, 1, options.seconds, **way) for name, way in ways.items()} for _ in range(3)]
    return {name: statistics.median(one[name] for one in rounds) for name in ways}


def growth(server, county: dict, options) -> dict:
    """Posts a second with 16 writers on a ledger of so many demands."""
    figures = {}
    for size in (10_000, 1_000_000, 10_000_000)[: 3 if options.full else 2]:
        fill(server, county, size)
        figures[f"at_{size}"] = statistics.median(posts(county, 16, options.seconds) for _ in range(3))
    return figures


def warm_up(server, county: dict) -> None:
    """Some rows and the statistics of them, as autovacuum has them within the first minute; the full days."""
    import psycopg

    pgbench(server, 4, 3, "simple")
    posts(county, 4, 2)
    posts(county, 1, 1, full=True)
    with psycopg.connect(**server.connection("superuser"), autocommit=True) as connection:
        connection.execute("ANALYZE")


def report(figures: dict) -> list[bool]:
    """Print what was measured; for each bar whether it was met."""
    passed = []
    for writers in (1, 16):
        if f"post_{writers}" in figures:
            names = ("post", "pgbench", "prepared", "ratio")
            ours, theirs, prepared, ratio = (figures[f"{name}_{writers}"] for name in names)
            passed.append(ratio >= BAR)
            print(
                f"{writers:2} writers   post() {ours:7,.0f}/s   pgbench {theirs:7,.0f}/s   {ratio:.2f} (bar {BAR})"
                f"   pgbench -M prepared {prepared:7,.0f}/s"
            )
    if "single_ms" in figures:
        single, grade, refused = (figures[f"{name}_ms"] for name in ("single", "grade", "refused"))
        passed += [grade < GRADE_BAR * single, refused <= REFUSED_BAR * single]
        print(f"one class {single:.2f} ms   12 classes {grade:.2f} ms, {grade / single:.2f} of it (bar {GRADE_BAR})")
        print(f"a refusal {refused:.2f} ms, {refused / single:.2f} of it (bar {REFUSED_BAR})")
    grown = {int(name[3:]): rate for name, rate in figures.items() if name.startswith("at_")}
    for size, rate in grown.items():
        print(f"with {size:>10,} demands   {rate:7,.0f}/s, 16 writers")
    if grown:
        share = grown[max(grown)] / grown[min(grown)]
        passed.append(share >= GROWTH_BAR)
        print(f"the rate of the largest is {share:.2f} of the smallest (bar {GROWTH_BAR})")
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
    while len(days) <= DAYS + FULL_DAYS:
        days.append(calendar.next_school_day(days[-1]))
    return {
        "tenant_id": county.pk, "path": county.path, "grades": classes, "days": days[1 + FULL_DAYS :],
        "full_days": days[1 : 1 + FULL_DAYS],
    }  # fmt: skip


def posts(county: dict, writers: int, seconds: float, **how) -> float:
    """Requests a second of so many writers, each with its own connection: threads of one process for each
    core, as the web server has them. The clock starts when all are warm.
    """
    context = multiprocessing.get_context("spawn")
    processes = min(writers, PROCESSES)
    counts, ready = context.Queue(), context.Barrier(processes)
    threads = writers // processes
    started = [
        context.Process(target=write, args=(county, threads, seconds, ready, counts, how), daemon=True)
        for _ in range(processes)
    ]
    for process in started:
        process.start()
    rates = [counts.get(timeout=seconds * 20 + 120) for _ in started]
    for process in started:
        process.join()
    return sum(rates)


def write(county: dict, threads: int, seconds: float, ready, counts, how: dict) -> None:
    """One process of writers: they post until the time is over; tells their rate."""
    import django

    django.setup()
    learn_rules(county)
    if how.pop("full", False):
        fill_days(county)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda n: several(county, n, time.perf_counter() + 0.5, how), range(threads)))
        ready.wait()
        begun = time.perf_counter()
        done = list(pool.map(lambda n: several(county, n, begun + seconds, how), range(threads)))
        counts.put(sum(done) / (time.perf_counter() - begun))


def several(county: dict, number: int, until: float, how: dict) -> int:
    """One writer; returns how many posts she made."""
    from qingfu.ledger.actions import post

    me, chance = teacher(county), random.Random()
    expected = "refused" if how.get("minutes", 1) > 1 else "posted"
    count = 0
    while time.perf_counter() < until:
        answer = post(me, drafts(county, chance, **how), f"{chance.getrandbits(64):x}")
        assert answer.outcome == expected, answer
        count += 1
    return count


def teacher(county: dict):
    from qingfu.units.queries import Actor, Post

    place = (Post("teacher", county["tenant_id"], county["path"], "county", "语文"),)
    return Actor(county["tenant_id"], os.getpid(), "王丽", county["tenant_id"], place)


def fill_days(county: dict) -> None:
    """Three items for each class of one grade on the full days: 35 of 45 minutes."""
    from qingfu.ledger.actions import post

    for day in county["full_days"]:
        for minutes in (15, 10, 10):
            several_classes = item(day, minutes).for_bearers(county["grades"][0])
            post(teacher(county), several_classes, f"full-{day}-{minutes}-{random.random()}")


def learn_rules(county: dict) -> None:
    """What a worker has long met when the day begins: every school's rules on every day."""
    from qingfu.ledger.reckoning import reckonings
    from qingfu.units.tenancy import as_tenant

    with as_tenant(county["tenant_id"]):
        found = reckonings(county["tenant_id"], [pk for grade in county["grades"] for pk in grade])
    for pk, reckoning in found.items():
        for day in county["days"] + county["full_days"]:
            reckoning.rulebook.limits("homework", reckoning.bearer(pk), day)
            reckoning.calendar.day(day)


def drafts(county: dict, chance: random.Random, classes: int = 1, minutes: int = 1) -> list:
    """One minute for so many classes of a grade; more than a minute goes to days that are nearly full."""
    grade = chance.choice(county["grades"]) if minutes == 1 else county["grades"][0]
    day = chance.choice(county["days"] if minutes == 1 else county["full_days"])
    return item(day, minutes).for_bearers(chance.sample(grade, classes))


def item(day: date, minutes: int):
    from qingfu.ledger.drafts import Draft

    text = "抄写第5课生字，朗读课文"
    return Draft(0, day, subject="语文", text=text, minutes=minutes, attributes=WRITTEN)


def pgbench(server, clients: int, seconds: float, mode: str) -> float:
    """Transactions a second of the hand-written script."""
    facts = server.connection("superuser")
    arguments = ["-n", "-M", mode, "-f", str(PGBENCH), "-c", str(clients), "-j", "2", "-T", str(int(seconds))]
    done = subprocess.run(
        [server.program("pgbench"), *arguments, "-h", facts["host"], "-U", facts["user"], facts["dbname"]],
        env={**os.environ, "PGPASSFILE": facts["passfile"]}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode or "aborted" in done.stderr:
        raise RuntimeError(done.stderr)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("tps")]
    return float(line.split()[2])


def make_copies(server) -> None:
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


# Twenty items a class and day, older ones further back; demands, budgets and entries as post() writes them.
FILL = """
WITH made AS (
    INSERT INTO ledger_demand (tenant_id, attempt_id, kind, issuer_id, bearer_id, subject, text, attributes, day,
        starts, ends, amounts, stated_minutes, factor, factor_version, charged_minutes, origin, state, revision, late,
        emergency, verdict, reason, posted_at, posted_day, minute_of_day, school_seq, week_id, term_id)
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
