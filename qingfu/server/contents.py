"""What a database holds, as numbers to compare: for every table its rows and a hash of their contents."""

from __future__ import annotations

from collections.abc import Collection

import psycopg
from psycopg import sql

# Rows are hashed as text, so everything that changes how values are written as text is fixed.
TEXT_FORMS = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "search_path": "pg_catalog",
    "row_security": "off",  # an error instead of silently fewer rows
}

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_t'
    ORDER BY 1, 2
"""

# A sum does not depend on the order of rows; each row counts with 64 bits of its SHA-256.
COUNT_AND_HASH = """
    SELECT count(*), coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint::numeric), 0)::text
    FROM (
        SELECT encode(sha256(convert_to(whole_row::text, 'UTF8')), 'hex') AS hash FROM {} AS whole_row
    ) AS hashed
"""

Contents = dict[str, dict[str, int | str]]  # "schema.table" -> {"rows": …, "hash": …}


def contents(link: psycopg.Connection, without: Collection[str] = ()) -> Contents:
    """Rows and hash of every table but those ``without``, seen by the transaction of ``link``, whose role must see
    all rows."""
    for name, value in TEXT_FORMS.items():
        link.execute("SELECT set_config(%s, %s, false)", [name, value])
    return {f"{schema}.{table}": _one(link, schema, table) for schema, table in tables(link)
            if f"{schema}.{table}" not in without}  # fmt: skip


def tables(link: psycopg.Connection) -> list[tuple[str, str]]:
    """(schema, name) of every table that is not PostgreSQL's own."""
    return link.execute(TABLES).fetchall()


def is_empty(link: psycopg.Connection) -> bool:
    """Whether there is no table at all."""
    return link.execute(TABLES).fetchone() is None


def differences(expected: Contents, found: Contents) -> list[str]:
    """The tables that are not the same in both, each with both counts, for a person to read."""
    return [
        f"{table}: {_rows(expected, table)} → {_rows(found, table)}"
        for table in sorted({*expected, *found})
        if expected.get(table) != found.get(table)
    ]


def _one(link: psycopg.Connection, schema: str, table: str) -> dict[str, int | str]:
    rows, total = link.execute(sql.SQL(COUNT_AND_HASH).format(sql.Identifier(schema, table))).fetchone()
    return {"rows": rows, "hash": total}


def _rows(contents: Contents, table: str) -> object:
    return contents.get(table, {}).get("rows", "—")
