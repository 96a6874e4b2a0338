"""The tenant of a piece of work: one county, city, province or the nation.

Row-level security compares every row's ``tenant_id`` with ``tenancy.current()``. That function believes only a
token that this process has signed for this very database connection and for a short time, so neither a forged
setting nor a token seen on another connection opens another county's rows (design, section 6).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from qingfu.server.secrets import secret

# A token is believed at the start of a transaction (now() is its start), so it need only outlive the way from here to
# the database, and what the clocks of two machines differ by.
TOKEN_SECONDS = 10
SETTING = "qingfu.tenant"
OPENING: tuple[str, Sequence] = (f"SELECT set_config('{SETTING}', %s, true)", ())


class TenantError(RuntimeError):
    """Tenant tables were touched outside ``as_tenant()``, or two tenants met in one transaction."""


@contextmanager
def as_tenant(
    tenant_id: int, using: str = DEFAULT_DB_ALIAS, opening: tuple[str, Sequence] = OPENING
) -> Iterator[tuple | None]:
    """Open a transaction on ``using`` in which the rows of ``tenant_id`` (a Unit id), and no others, exist.

    Inside a transaction of the same tenant it is a savepoint. Raises TenantError inside another tenant's. ``opening``
    is the statement that opens the tenant, with its values after the signed token: one that has to read something at
    once may do both. What it answers, one row or None, is given.
    """
    connection = connections[using]
    active = current_tenant(using)
    if active is not None and active != tenant_id:
        raise TenantError(f"a transaction of tenant {active} cannot become one of tenant {tenant_id}")
    with transaction.atomic(using=using):
        answer = _open(connection, tenant_id, *opening) if active is None or opening is not OPENING else None
        if active is None:
            connection.qingfu_tenant = tenant_id
        try:
            yield answer
            if active is None and len(connection.savepoint_ids) > 0:
                _leave(connection)  # an outer transaction goes on: it must not keep this tenant
        finally:
            if active is None:
                connection.qingfu_tenant = None


def current_tenant(using: str = DEFAULT_DB_ALIAS) -> int | None:
    """The tenant whose transaction is open on ``using``, or None."""
    return getattr(connections[using], "qingfu_tenant", None)


def tenant_of_new_row() -> int:
    """Default of every ``tenant_id`` column. Raises TenantError outside ``as_tenant()``."""
    for alias in connections:
        active = current_tenant(alias)
        if active is not None:
            return active
    raise TenantError("tenant rows are written inside as_tenant() only")


def sign(tenant_id: int, backend_pid: int, now: float | None = None) -> str:
    """A token for ``tenant_id`` on the connection served by ``backend_pid``, good for TOKEN_SECONDS."""
    expires = int(now if now is not None else time.time()) + TOKEN_SECONDS
    message = f"{tenant_id}.{expires}.{backend_pid}"
    return f"{message}.{hmac.new(secret('tenant'), message.encode(), hashlib.sha256).hexdigest()}"


def _leave(connection) -> None:
    connection.connection.execute(f"SELECT set_config('{SETTING}', '', true)")


def _open(connection, tenant_id: int, statement: str, values: Sequence) -> tuple | None:
    connection.ensure_connection()
    raw = connection.connection
    # This cursor binds on the server (Django's own binds in the client), so the token never shows in pg_stat_activity.
    token = sign(tenant_id, raw.info.backend_pid)
    return psycopg.Cursor(raw).execute(statement, [token, *values]).fetchone()
