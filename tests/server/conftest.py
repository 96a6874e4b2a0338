"""Clusters of their own for these tests: they crash them."""

import os
import shutil

import psycopg
import pytest

from qingfu.server.backup import grant_reading
from qingfu.server.secrets import secret
from qingfu.server.testing import temporary_cluster, temporary_folder

ROOT = os.geteuid() == 0


@pytest.fixture
def folder():
    """A temporary folder that the service user may enter; pytest's own is closed to it."""
    made = temporary_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module", params=[16, 18])
def lasting_cluster(request):
    """A cluster of each version for all tests of a file, which crash it as they like."""
    with temporary_cluster(request.param) as server:
        yield server


@pytest.fixture
def cluster(lasting_cluster):
    """A running cluster, once of each version, with nothing in it."""
    lasting_cluster.start(die_with_parent=True)
    run(lasting_cluster, "DROP OWNED BY qingfu_owner")
    return lasting_cluster


@pytest.fixture
def home(folder, monkeypatch):
    """An installation of its own, with nothing in it."""
    monkeypatch.setenv("QINGFU_HOME", str(folder / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("QINGFU_PG_VERSION", raising=False)
    secret.cache_clear()
    yield folder / "home"
    secret.cache_clear()


def run(cluster, statement, *values, role="owner"):
    """Run one statement and commit; gives the rows, if it has any."""
    with psycopg.connect(**cluster.connection(role)) as link:
        cursor = link.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def fill(cluster, rows=500):
    """Tables of many kinds of value, one under forced row security, one with day keys."""
    run(
        cluster,
        """
        CREATE TABLE units_school (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id bigint NOT NULL, name text NOT NULL,
            opened date, facts jsonb, share numeric(6, 3), ratio float, photo bytea, known timestamptz,
            grades int[], terms daterange, upper_name text GENERATED ALWAYS AS (upper(name)) STORED
        );
        ALTER TABLE units_school ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON units_school
            USING (tenant_id = current_setting('test.tenant', true)::bigint);
        CREATE TABLE homework_item (id bigserial PRIMARY KEY, text text, minutes int CHECK (minutes > 0));
        CREATE INDEX ON homework_item (text);
        CREATE TABLE notices_daykey (day date PRIMARY KEY, key bytea NOT NULL);
        CREATE SCHEMA tenancy;
        CREATE FUNCTION tenancy.double(n int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT n * 2';
        GRANT SELECT, INSERT ON homework_item TO qingfu_app;
        GRANT USAGE ON homework_item_id_seq TO qingfu_app;
        """,
    )
    run(
        cluster,
        """
        INSERT INTO homework_item (text, minutes)
        SELECT '抄写第' || n || '课生字2遍，朗读课文', 1 + mod(n, 40) FROM generate_series(1, %s) n
        """,
        rows,
    )
    run(
        cluster,
        """
        INSERT INTO units_school (tenant_id, name, opened, facts, share, ratio, photo, known, grades, terms)
        SELECT 1 + mod(n, 3), '青禾县第' || n || '小学 é', date '1951-09-01' + n,
            jsonb_build_object('班级', n), n / 7.0, 1.0 / n, sha256(n::text::bytea),
            timestamptz '2025-11-12 07:30+08' + n * interval '1m',
            ARRAY[1, mod(n, 6)], daterange('2025-09-01', '2026-01-31')
        FROM generate_series(1, %s) n
        """,
        rows,
        role="superuser",
    )
    run(cluster, "INSERT INTO notices_daykey VALUES ('2025-11-12', '\\xfeed')")
    give_to_backup(cluster)


def give_to_backup(cluster):
    """What migrations end with: the backup role may read."""
    with psycopg.connect(**cluster.connection("owner")) as link:
        grant_reading(link)
