"""``qingfu doctor``: is this installation sound, and if not, what is to be done.

Each check is one function that gives Findings; they only read. A check that cannot be made is a failure too.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import psycopg

from qingfu.server import binaries
from qingfu.server.backup import last_backup, product_version
from qingfu.server.configuration import memory_of_machine
from qingfu.server.databases import Database, running_database
from qingfu.server.home import home
from qingfu.server.messages import say
from qingfu.server.postgres import DATABASE, ROLES
from qingfu.server.secrets import key_folder
from qingfu.server.tls import Certificate

GIB = 1024**3
DISK_WARN, DISK_FAIL = 5 * GIB, GIB
MEMORY_WARN = 2 * GIB
CERTIFICATE_WARN = timedelta(days=30)
CALENDAR_WARN = timedelta(days=60)
BACKUP_WARN = timedelta(days=7)
CLOCK_FAIL_SECONDS = 5

# What each role may be: superuser, bypasses row security, creates roles, creates databases, reads every table there is.
EXPECTED_ATTRIBUTES = {
    "qingfu_owner": (False, False, False, True, False),
    "qingfu_app": (False, False, False, False, False),
    "qingfu_backup": (False, True, False, False, False),
}


@dataclass(frozen=True)
class Finding:
    """One line: ``level`` is ok, warn or fail; ``text`` says what is, ``advice`` what to do, if anything."""

    check: str
    level: str
    text: str
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def examine() -> Iterator[Finding]:
    """All findings, in the order in which a person would look. An embedded server is started for it."""
    for check in (disk, memory, versions, file_modes, certificate, calendar, backups):
        yield from _guarded(check)
    try:
        with running_database() as database:
            yield from health(database)
            for check in DATABASE_CHECKS:
                yield from _guarded(lambda check=check: check(database))
    except Exception as error:
        yield _fail("health", reason=error)


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(home() if home().exists() else home().parent).free
    level = "fail" if free < DISK_FAIL else "warn" if free < DISK_WARN else "ok"
    yield _finding("disk", level, gib=f"{free / GIB:.1f}", home=home())


def memory() -> Iterator[Finding]:
    size = memory_of_machine()
    yield _finding("memory", "warn" if size < MEMORY_WARN else "ok", gib=f"{size / GIB:.1f}")


def versions() -> Iterator[Finding]:
    yield _finding("versions", "ok", product=product_version(), python=platform.python_version())


def file_modes() -> Iterator[Finding]:
    """Secrets are readable by their owner only."""
    open_files = [path for path in _secret_files() if path.stat().st_mode & 0o077]
    if open_files:
        yield _fail("file_modes", files=" ".join(map(str, open_files)))
    else:
        yield _ok("file_modes")


def certificate() -> Iterator[Finding]:
    own = Certificate(home() / "tls" / "server.crt", home() / "tls" / "server.key")
    if not own.certificate.exists():
        return
    left = own.ends() - datetime.now(UTC)
    level = "fail" if left < timedelta() else "warn" if left < CERTIFICATE_WARN else "ok"
    yield _finding("certificate", level, ends=own.ends().date(), days=left.days)


def calendar() -> Iterator[Finding]:
    """The holidays of the State Council are known to the end of the year that it has announced last."""
    if not find_spec("chinese_calendar"):
        yield _fail("calendar_missing")
        return
    from chinese_calendar import constants

    known_until = date(max(constants.holidays).year, 12, 31)
    left = known_until - date.today()
    level = "fail" if left < timedelta() else "warn" if left < CALENDAR_WARN else "ok"
    yield _finding("calendar", level, until=known_until)


def backups() -> Iterator[Finding]:
    made = last_backup()
    if made is None:
        yield _finding("backup_never", "warn")
        return
    age = datetime.now(UTC) - made
    yield _finding("backup", "warn" if age > BACKUP_WARN else "ok", days=age.days)


def health(database: Database) -> Iterator[Finding]:
    with _link(database) as link:
        version = link.execute("SHOW server_version").fetchone()[0].split()[0]
    yield _ok("health", version=version)
    if database.cluster and database.cluster.version < binaries.NEWEST:
        yield _finding("outdated", "warn", version=database.cluster.version, newest=binaries.NEWEST)


def role_attributes(database: Database) -> Iterator[Finding]:
    with _link(database) as link:
        rows = link.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, "
            "pg_has_role(rolname, 'pg_read_all_data', 'MEMBER') FROM pg_roles WHERE rolname = ANY (%s)",
            [list(EXPECTED_ATTRIBUTES)],
        ).fetchall()
    found = {name: tuple(attributes) for name, *attributes in rows}
    wrong = [name for name, wanted in EXPECTED_ATTRIBUTES.items() if found.get(name) != wanted]
    yield _fail("roles", roles="、".join(wrong)) if wrong else _ok("roles")


def app_owns_nothing(database: Database) -> Iterator[Finding]:
    with _link(database) as link:
        owned = link.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = %s)",
            [ROLES["app"]],
        ).fetchone()[0]
    yield _fail("app_owns", count=owned) if owned else _ok("app_owns")


def row_security(database: Database) -> Iterator[Finding]:
    """Every table with a ``tenant_id`` has row security, and it is FORCEd on the owner as well."""
    with _link(database) as link:
        tables = link.execute(
            """
            SELECT c.oid::regclass::text, c.relrowsecurity AND c.relforcerowsecurity
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
            WHERE c.relkind IN ('r', 'p') AND NOT a.attisdropped ORDER BY 1
            """
        ).fetchall()
    bare = [table for table, forced in tables if not forced]
    yield _fail("row_security", tables=" ".join(bare)) if bare else _ok("row_security", count=len(tables))


def migrations(database: Database) -> Iterator[Finding]:
    """Whether the tables are those of this version of the product."""
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--check", "--database", "owner"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "qingfu.site.settings"},
        capture_output=True,
        check=False,
    )
    yield _fail("migrations") if done.returncode else _ok("migrations")


def trail(database: Database) -> Iterator[Finding]:
    """Whether the audit trail of every county is what was sealed and published (``qingfu units audit verify``)."""
    done = subprocess.run(
        [sys.executable, "-m", "qingfu.cli", "units", "audit", "verify", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    counties = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode not in (0, 1) or (done.returncode and not counties):
        said = [line for line in done.stderr.splitlines() if "Error: " in line]
        raise RuntimeError(said[-1] if said else done.stderr)
    wrong = [one["name"] for one in counties if one["broken"] or one["unsealed"] or one["published_but_gone"]]
    yield _fail("trail", names="、".join(wrong)) if wrong else _ok("trail", count=len(counties))


def clock(database: Database) -> Iterator[Finding]:
    """Limits are kept by the clock of the database, in Chinese time."""
    with _link(database) as link:
        zone, now = link.execute("SELECT current_setting('timezone'), clock_timestamp()").fetchone()
    apart = abs((datetime.now(UTC) - now).total_seconds())
    if zone != "Asia/Shanghai":
        yield _fail("timezone", zone=zone)
    if apart > CLOCK_FAIL_SECONDS:
        yield _fail("clock", seconds=round(apart))
    if zone == "Asia/Shanghai" and apart <= CLOCK_FAIL_SECONDS:
        yield _ok("clock", now=f"{now:%Y-%m-%d %H:%M}")


def leftovers(database: Database) -> Iterator[Finding]:
    """Databases and clusters that a restore or an upgrade kept aside: they hold children's data too."""
    if not database.cluster:
        return
    with _link(database) as link:
        names = [
            name
            for (name,) in link.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{DATABASE}_before_"]
            )
        ]
    folders = [str(path) for path in database.cluster.data_dir.parent.glob("*.before-*")]
    if names or folders:
        yield _finding("leftovers", "warn", what=" ".join(names + folders))


DATABASE_CHECKS: tuple[Callable[[Database], Iterator[Finding]], ...] = (
    role_attributes,
    app_owns_nothing,
    row_security,
    migrations,
    trail,
    clock,
    leftovers,
)


def _link(database: Database) -> psycopg.Connection:
    return psycopg.connect(**{"connect_timeout": 3, **database.connection("owner")})


def _secret_files() -> list[Path]:
    kinds = ("postgres/*/passwords/*", "tls/*.key")
    return [*key_folder().glob("*.key*"), *(path for kind in kinds for path in home().glob(kind))]


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of ``check``; one failure if it cannot be made."""
    try:
        yield from check()
    except Exception as error:
        yield _fail("broken_check", reason=f"{type(error).__name__}: {error}")


def _ok(check: str, **facts: object) -> Finding:
    return _finding(check, "ok", **facts)


def _fail(check: str, **facts: object) -> Finding:
    return _finding(check, "fail", **facts)


def _finding(check: str, level: str, **facts: object) -> Finding:
    """A finding in the words of ``doctor_<check>_ok``, or ``…_bad`` and ``…_advice``, of messages.toml."""
    if level == "ok":
        return Finding(check, level, say(f"doctor_{check}_ok", **facts))
    return Finding(check, level, say(f"doctor_{check}_bad", **facts), say(f"doctor_{check}_advice", **facts))
