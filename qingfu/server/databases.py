"""The ``DATABASES`` of Django, without starting anything.

The aliases are the roles: ``default`` is the app, which sees what row security lets it see; ``owner``
migrates; ``backup`` reads everything.

An external server is named by ``DATABASE_URL`` (the app role), ``DATABASE_OWNER_URL`` and
``DATABASE_BACKUP_URL``; the last two default to the first, which is good enough to look around and which
``qingfu doctor`` complains about. Without ``DATABASE_URL`` it is the embedded server of this installation,
whose passwords libpq reads from their files when it connects: so settings can be imported before the server
was ever started.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import psycopg
from psycopg.conninfo import conninfo_to_dict

from qingfu.server import binaries
from qingfu.server.postgres import Cluster, local_cluster

ALIASES = {"default": "app", "owner": "owner", "backup": "backup"}
URLS = {"app": "DATABASE_URL", "owner": "DATABASE_OWNER_URL", "backup": "DATABASE_BACKUP_URL"}
LIBPQ_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}
POOL_SIZE = 8  # connections of one web process; four processes and the worker stay far under 300
POOL_WAIT_SECONDS = 10
POOLED_ENGINE = "qingfu.site.postgresql"
DJANGO_TIME_ZONE = "UTC"  # of every connection, with USE_TZ
# DISCARD ALL without DISCARD PLANS: the plans of our functions belong to nobody and cost time to make.
LEAVE_NOTHING = (
    "CLOSE ALL; RESET ALL; DEALLOCATE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD TEMP; "
    "DISCARD SEQUENCES"
)


@dataclass(frozen=True)
class Database:
    """A running database, embedded (then ``cluster`` says which) or external, for programs of PostgreSQL."""

    cluster: Cluster | None

    @cached_property
    def server_version(self) -> int:
        """The major version of the server, such as 18."""
        if self.cluster:
            return self.cluster.version
        with psycopg.connect(**connection_facts("owner")) as link:
            return link.info.server_version // 10000

    @property
    def client_version(self) -> int:
        """The version of the programs to use: the oldest that is not older than the server, or our newest.

        Newer ones would do for a dump, but pg_restore sets parameters that older servers do not know.
        """
        return min((v for v in binaries.FOLDERS if v >= self.server_version), default=binaries.NEWEST)

    def connection(self, role: str, database: str | None = None) -> dict[str, str]:
        """What psycopg.connect needs to connect as ``role``, to the product's own database or another."""
        facts = self.cluster.connection(role) if self.cluster else connection_facts(role)
        return {**facts, "dbname": database} if database else facts

    def client_environment(self, role: str, database: str | None = None) -> dict[str, str]:
        """The environment in which psql, pg_dump … connect as ``role``: no password on a command line."""
        facts = self.connection(role, database)
        ours = {LIBPQ_VARIABLES[name]: str(value) for name, value in facts.items()}
        return {**{k: v for k, v in os.environ.items() if not k.startswith("PG")}, **ours}


@contextmanager
def running_database() -> Iterator[Database]:
    """The database in use; the embedded server is started for the time being if it does not run."""
    if external():
        yield Database(None)
        return
    with local_cluster().running() as cluster:
        yield Database(cluster)


def external() -> bool:
    """Whether the database is somebody else's server, so that nothing embedded is to be started."""
    return bool(os.environ.get("DATABASE_URL"))


def connection_facts(role: str) -> dict[str, str]:
    """What psycopg.connect needs to connect as ``role`` (app, owner, backup) to the server in use."""
    if external():
        return conninfo_to_dict(os.environ.get(URLS[role]) or os.environ["DATABASE_URL"])
    return local_cluster().connection(role)


def django_databases(pool: bool | None = None) -> dict[str, dict]:
    """``DATABASES`` for the settings. ``pool`` for ``default``: yes, unless QINGFU_POOL=0."""
    databases = {alias: _django(connection_facts(role)) for alias, role in ALIASES.items()}
    if pool if pool is not None else os.environ.get("QINGFU_POOL") != "0":
        databases["default"]["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": POOL_SIZE,
            "timeout": POOL_WAIT_SECONDS,
        }
        databases["default"]["ENGINE"] = POOLED_ENGINE
        databases["default"]["CONN_HEALTH_CHECKS"] = False  # the engine looks by itself, without a round trip
        databases["default"]["OPTIONS"]["options"] = _options(databases["default"]["OPTIONS"])
    return databases


def leave_nothing_behind(link: psycopg.Connection) -> None:
    """When a connection goes back to the pool: the next request may be another county's. One round trip.

    Settings, prepared statements, cursors, locks and temporary tables of a session would else outlive the transaction.
    """
    try:
        link.rollback()
        link.autocommit = True
        link.execute(LEAVE_NOTHING)
    except psycopg.Error:
        link.close()  # the pool throws it away and makes another


def _options(options: dict) -> str:
    """Django sets the time zone once for a connection; so that RESET ALL goes back to it, it is the session's own."""
    return f"{options.get('options', '')} -c TimeZone={DJANGO_TIME_ZONE}".strip()


def _django(facts: dict[str, str]) -> dict:
    facts = dict(facts)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": facts.pop("host", ""),
        "PORT": str(facts.pop("port", "")),
        "NAME": facts.pop("dbname", ""),
        "USER": facts.pop("user", ""),
        "PASSWORD": facts.pop("password", ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "qingfu", **facts},
    }
