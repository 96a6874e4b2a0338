"""The walls between counties: every way to another county's rows that we could think of, tried and closed.

All of it as raw SQL on connections of the three roles, as somebody would who can run SQL in our place but does not
hold the signing key. The controls at the top show that the same statements do work within one's own county.
"""

from __future__ import annotations

import inspect
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.utils import ConnectionHandler

from qingfu.server.databases import connection_facts, django_databases
from qingfu.units.actions import hash_of, open_session
from qingfu.units.models import Membership, Person, Seat, Tenant, TenantModel, Unit
from qingfu.units.tenancy import (
    TOKEN_SECONDS,
    TenantError,
    as_tenant,
    current_tenant,
    sign,
    tenant_of_new_row,
)
from tests.factories import make_county

REFUSED = psycopg.errors.InsufficientPrivilege
TABLES_OF_UNITS = sorted(
    model._meta.db_table for model in apps.get_app_config("units").get_models() if model is not Tenant
)


@pytest.fixture(scope="module")
def ours(cluster):
    return make_county()


@pytest.fixture(scope="module")
def theirs(cluster):
    return make_county()


@pytest.fixture
def app(cluster):
    """A connection as the app has it, outside Django."""
    with psycopg.connect(**connection_facts("app")) as raw:
        yield raw
        raw.rollback()


def enter(raw: psycopg.Connection, tenant_id: int, **forged) -> None:
    """Begin a transaction of ``tenant_id`` on ``raw``, as as_tenant() does."""
    claim(raw, sign(tenant_id, forged.get("pid", raw.info.backend_pid), forged.get("now")))


def claim(raw: psycopg.Connection, token: str) -> None:
    raw.execute("SELECT set_config('qingfu.tenant', %s, true)", [token])


def tables_with_tenant() -> list[str]:
    with psycopg.connect(**connection_facts("backup")) as raw:
        rows = raw.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.columns "
            "JOIN information_schema.tables USING (table_schema, table_name) "
            "WHERE column_name = 'tenant_id' AND table_type = 'BASE TABLE' ORDER BY 1"
        )
        return [name for (name,) in rows]


# ---- the controls: within one's own county it works ----


def test_in_its_own_county_the_app_reads_and_writes(app, ours):
    enter(app, ours.tenant_id)
    assert app.execute("SELECT count(*) FROM units_person").fetchone()[0] == len(ours.people)
    assert app.execute("UPDATE units_person SET name = name WHERE account = 'wangli'").rowcount == 1


def test_both_counties_have_the_same_people_so_a_leak_would_show_as_a_double(ours, theirs):
    assert ours.people.keys() == theirs.people.keys() and ours.tenant_id != theirs.tenant_id


# ---- every table ----


def test_every_table_with_a_tenant_has_row_security_forced_and_a_policy_on_the_signed_tenant(cluster):
    """Tables of all rooms. One that the app may not touch at all (only functions do) needs no policy for it."""
    with psycopg.connect(**connection_facts("backup")) as raw:
        for table in tables_with_tenant():
            enabled, forced, app_may = raw.execute(
                "SELECT relrowsecurity, relforcerowsecurity, "
                "has_table_privilege('qingfu_app', oid, 'SELECT, INSERT, UPDATE, DELETE') "
                "FROM pg_class WHERE oid = %s::regclass",
                [table],
            ).fetchone()
            policies = raw.execute(
                "SELECT qual FROM pg_policies WHERE format('%%I.%%I', schemaname, tablename) = %s "
                "AND policyname = 'tenant'",
                [table],
            ).fetchall()
            assert enabled and forced, table
            assert not app_may or any("tenancy.current()" in (qual or "") for (qual,) in policies), table


def test_every_other_policy_is_known(cluster):
    """A second policy is a second door: each is listed here with what it opens."""
    known = {
        ("units_unit", "chain"),  # names of counties, cities, provinces and the nation are public
        ("units_unit", "lookup"), ("units_person", "lookup"), ("units_token", "lookup"),  # functions of the owner
        ("units_tenant", "everybody_reads"), ("units_tenant", "own_entry"),  # the register of tenants
    }  # fmt: skip
    with psycopg.connect(**connection_facts("backup")) as raw:
        found = raw.execute(
            "SELECT tablename, policyname FROM pg_policies WHERE policyname <> 'tenant' AND tablename LIKE 'units_%'"
        ).fetchall()
    assert set(found) == known


def test_no_reference_between_tenant_tables_crosses_a_county(cluster):
    """Row security does not hold for foreign keys, so beside each stands one that includes the tenant."""
    with psycopg.connect(**connection_facts("backup")) as raw:
        rows = raw.execute(
            """
            SELECT c.conrelid::regclass::text, a.attname
            FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.conrelid::regclass::text LIKE 'units_%'
              AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.conrelid AND attname = 'tenant_id')
              AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.confrelid AND attname = 'tenant_id')
              AND NOT EXISTS (
                  SELECT FROM pg_constraint d JOIN pg_attribute t ON t.attrelid = d.conrelid AND t.attname = 'tenant_id'
                  WHERE d.contype = 'f' AND d.conrelid = c.conrelid AND d.conkey @> (c.conkey || t.attnum))
            """
        ).fetchall()
    assert rows == []


@pytest.mark.parametrize("table", TABLES_OF_UNITS)
def test_without_a_tenant_every_table_raises_instead_of_being_empty(app, ours, theirs, table):
    """Where a table holds rows; an empty one has nothing to be silent about."""
    fill(ours)
    with pytest.raises(REFUSED, match="no tenant"):
        app.execute(f"SELECT tenant_id FROM {table} WHERE tenant_id > 0").fetchall()


def fill(county) -> None:
    """At least one row in every table."""
    from qingfu.units.actions import add_units, audit, issue_link, publish_head, seal_audit
    from qingfu.units.models import ClosedTerm, Family, Group, GroupClass, Promotion, Upload

    with as_tenant(county.tenant_id):
        if Upload.objects.exists():
            return
        class_ = county.class_("三(1)班")
        family = Family.objects.create()
        Seat.objects.create(unit=class_, number=1, family=family)
        group = Group.objects.create(school=county.schools["青禾县实验小学"], name="足球")
        GroupClass.objects.create(group=group, unit=class_)
        issue_link("class", county.tenant_id, class_.pk)
        audit(county.actor("王丽"), "test")
        seal_audit()
        publish_head()
        Upload.objects.create(name="a.xlsx", content=b"PK")
        Promotion.objects.create(school=county.schools["青禾县实验小学"], school_year=2026)
        ClosedTerm.objects.create(term_id="2026-2027-1", last_day="2027-01-22")
        add_units(county.unit, [{"kind": "bureau", "name": "教育局"}])


# ---- forged settings ----


def forgeries(own: str, theirs: int, pid: int) -> dict[str, str]:
    tenant, expires, _pid, signature = own.split(".")
    return {
        "empty": "",
        "the bare number": str(theirs),
        "nonsense": "x.y.z",
        "five parts": f"{own}.1",
        "unsigned": f"{theirs}.{expires}.{pid}.",
        "another county in a signed token": f"{theirs}.{expires}.{pid}.{signature}",
        "a longer life": f"{tenant}.{int(expires) + 1}.{pid}.{signature}",
        "another connection's number": f"{tenant}.{expires}.{pid + 1}.{signature}",
        "the signature in capitals": f"{tenant}.{expires}.{pid}.{signature.upper()}",
        "a signature of zeros": f"{theirs}.{expires}.{pid}.{'0' * 64}",
        "no number at all": f"a.b.c.{signature}",
        "a number with a space": f" {tenant}.{expires}.{pid}.{signature}",
        "SQL": f"{theirs}' OR '1'='1.{expires}.{pid}.{signature}",
    }


@pytest.mark.parametrize("name", forgeries("1.2.3.f", 4, 5))
def test_a_forged_setting_opens_nothing(app, ours, theirs, name):
    token = forgeries(sign(ours.tenant_id, app.info.backend_pid), theirs.tenant_id, app.info.backend_pid)[name]
    claim(app, token)
    with pytest.raises(psycopg.DatabaseError):
        app.execute("SELECT name FROM units_person").fetchall()


def test_a_token_seen_on_another_connection_is_worth_nothing_here(app, theirs):
    with psycopg.connect(**connection_facts("app")) as other:
        stolen = sign(theirs.tenant_id, other.info.backend_pid)
        claim(other, stolen)
        assert other.execute("SELECT count(*) FROM units_person").fetchone()[0] == len(theirs.people)
        claim(app, stolen)
        with pytest.raises(REFUSED, match="another connection"):
            app.execute("SELECT name FROM units_person").fetchall()
        other.rollback()


ENTER = "SELECT * FROM tenancy.enter(%s, %s, '{session,screen,code,setup}', current_date)"


def session_of(county, name: str) -> bytes:
    with as_tenant(county.tenant_id):
        return hash_of(open_session(county.people[name], "测试", timedelta(hours=1)))


def test_a_session_is_found_in_the_signed_tenant_only(app, ours, theirs):
    signed = sign(ours.tenant_id, app.info.backend_pid)
    here, there = session_of(ours, "王丽"), session_of(theirs, "王丽")
    assert app.execute(ENTER, [signed, here]).fetchone()[2:5] == (ours.people["王丽"].pk, ours.tenant_id, "王丽")
    assert app.execute("SELECT tenancy.current()").fetchone() == (ours.tenant_id,)
    assert app.execute(ENTER, [signed, there]).fetchone() is None


def test_a_session_without_the_signature_opens_nothing(app, ours, theirs):
    there, forged = session_of(theirs, "王丽"), sign(ours.tenant_id, app.info.backend_pid)
    with pytest.raises(REFUSED):
        app.execute(ENTER, [forged.replace(str(ours.tenant_id), str(theirs.tenant_id), 1), there])
    app.rollback()
    with pytest.raises(REFUSED):
        app.execute("SELECT tenancy.current()")


def test_an_old_token_is_worth_nothing(app, theirs):
    enter(app, theirs.tenant_id, now=time.time() - TOKEN_SECONDS - 1)
    with pytest.raises(REFUSED, match="expired"):
        app.execute("SELECT name FROM units_person").fetchall()


def test_signatures_by_guessed_keys_are_not_ours(app, theirs, monkeypatch):
    from qingfu.units import tenancy

    for guess in (b"", b"secret", b"\0" * 48):
        monkeypatch.setattr(tenancy, "secret", lambda _name, guess=guess: guess)
        token = sign(theirs.tenant_id, app.info.backend_pid)
        claim(app, token)
        with pytest.raises(REFUSED, match="not ours"):
            app.execute("SELECT name FROM units_person").fetchall()
        app.rollback()


# ---- as the app, inside one's own county: reaching out ----


READS = [
    "SELECT name FROM units_person WHERE tenant_id = {theirs}",
    "SELECT name FROM units_person WHERE id = {their_person}",
    "SELECT name FROM ONLY units_person WHERE id = {their_person} OR true AND tenant_id = {theirs}",
    "SELECT count(*) FROM units_person WHERE tenant_id = {theirs} HAVING count(*) > 0",
    "SELECT max(name) FROM units_person GROUP BY tenant_id HAVING tenant_id = {theirs}",
    "WITH p AS MATERIALIZED (SELECT * FROM units_person) SELECT name FROM p WHERE tenant_id = {theirs}",
    "SELECT p.name FROM units_unit u JOIN units_person p ON p.unit_id = u.id WHERE u.tenant_id = {theirs}",
    "SELECT p.name FROM units_tenant t CROSS JOIN LATERAL (SELECT * FROM units_person WHERE tenant_id = t.id) p "
    "WHERE t.id = {theirs}",
    "SELECT name FROM units_unit WHERE tenant_id = {theirs} AND kind IN ('school', 'grade', 'class')",
    "SELECT query_to_xml('SELECT * FROM units_person WHERE tenant_id = {theirs}', true, false, '')::text "
    "WHERE query_to_xml('SELECT * FROM units_person WHERE tenant_id = {theirs}', true, false, '')::text LIKE '%<name%'",
    "SELECT most_common_vals FROM pg_stats WHERE tablename LIKE 'units_%'",
    "SELECT * FROM units_person TABLESAMPLE SYSTEM (100) WHERE tenant_id = {theirs}",
]
WRITES = [
    "UPDATE units_person SET name = '改了' WHERE id = {their_person}",
    "UPDATE units_person SET tenant_id = {ours} WHERE id = {their_person}",
    "DELETE FROM units_membership WHERE tenant_id = {theirs}",
    "DELETE FROM units_token USING units_tenant WHERE units_token.tenant_id = {theirs}",
    "MERGE INTO units_person p USING (SELECT {their_person} AS id) s ON p.id = s.id "
    "WHEN MATCHED THEN UPDATE SET name = '改了'",
    "UPDATE units_unit SET name = '改了' WHERE id = {theirs}",
    "SELECT 1 FROM units_unit WHERE id = {theirs} FOR UPDATE",
]
FORBIDDEN = [
    # rows into another county, or out of one's own
    "INSERT INTO units_family (tenant_id, generation) VALUES ({theirs}, 1)",
    "UPDATE units_person SET tenant_id = {theirs} WHERE id = {our_person}",
    "INSERT INTO units_person (id, tenant_id, unit_id, name, pinyin, account, password, must_change_password, "
    "totp_generation, totp_step) VALUES ({their_person}, {ours}, {ours}, '', '', 'x', '', true, 1, 0) "
    "ON CONFLICT (id) DO UPDATE SET name = '改了'",
    "INSERT INTO units_tenant (id, name, kind) VALUES (999999999, '假县', 'county')",
    "UPDATE units_tenant SET name = '改了' WHERE id = {theirs}",
    "DELETE FROM units_tenant WHERE id = {theirs}",
    # the trail
    "UPDATE units_auditrecord SET action = 'nothing'",
    "DELETE FROM units_auditrecord",
    "TRUNCATE units_auditrecord",
    "DELETE FROM units_auditseal",
    "INSERT INTO units_auditseal (last_id, record_ids, head, at) VALUES (1, '{{}}', '', now())",
    "SELECT tenancy.after_restore('', '')",
    # the key, the counters, the walls themselves
    "SELECT * FROM tenancy.signing",
    "SELECT count(*) FROM tenancy.signing",
    "INSERT INTO tenancy.signing (inner_pad, outer_pad) VALUES ('', '')",
    "UPDATE tenancy.signing SET inner_pad = ''",
    "SELECT * FROM tenancy.tries",
    "DELETE FROM tenancy.tries",
    "COPY tenancy.signing TO STDOUT",
    "SET ROLE qingfu_owner",
    "SET ROLE qingfu_backup",
    "SET SESSION AUTHORIZATION qingfu_owner",
    "SET session_replication_role = replica",
    "ALTER ROLE qingfu_app BYPASSRLS",
    "ALTER TABLE units_person DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE units_person NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY tenant ON units_person",
    "CREATE POLICY open ON units_person USING (true)",
    "DROP TRIGGER append_only ON units_auditrecord",
    "ALTER TABLE units_auditrecord DISABLE TRIGGER ALL",
    "CREATE OR REPLACE FUNCTION tenancy.current() RETURNS bigint LANGUAGE sql AS 'SELECT {theirs}::bigint'",
    "CREATE FUNCTION tenancy.mine() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    "CREATE FUNCTION public.mine() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    "CREATE TABLE public.mine AS SELECT * FROM units_person",
    "CREATE TEMP TABLE mine AS SELECT * FROM units_person",
    "CREATE VIEW public.mine AS SELECT * FROM units_person",
    "CREATE SCHEMA mine",
    "GRANT qingfu_owner TO qingfu_app",
    "TRUNCATE units_person",
    "SELECT setval('units_unit_id_seq', 1)",
    "SELECT last_value FROM units_person_id_seq",
    # past the tables
    "COPY units_person TO '/tmp/people'",
    "COPY units_person TO PROGRAM 'cat'",
    "COPY units_person FROM PROGRAM 'true'",
    "SELECT pg_read_file('base')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT * FROM pg_statistic",
    "SELECT rolpassword FROM pg_authid",
    "CREATE EXTENSION dblink",
    "LOAD 'plpgsql'",
    "SET log_statement = 'all'",
]


def names_of(ours, theirs) -> dict[str, int]:
    return {
        "ours": ours.tenant_id, "theirs": theirs.tenant_id, "our_person": ours.people["王丽"].pk,
        "their_person": theirs.people["王丽"].pk,
    }  # fmt: skip


@pytest.mark.parametrize("statement", READS)
def test_reading_another_county_finds_nothing(app, ours, theirs, statement):
    enter(app, ours.tenant_id)
    assert app.execute(statement.format(**names_of(ours, theirs))).fetchall() == []


@pytest.mark.parametrize("statement", WRITES)
def test_writing_another_county_touches_nothing(app, ours, theirs, statement):
    enter(app, ours.tenant_id)
    assert app.execute(statement.format(**names_of(ours, theirs))).rowcount == 0


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_this_is_not_allowed_to_the_app(app, ours, theirs, statement):
    fill(ours)
    enter(app, ours.tenant_id)
    with pytest.raises(psycopg.DatabaseError) as refusal:
        app.execute(statement.format(**names_of(ours, theirs)))
    assert refusal.value.sqlstate in {"42501", "0A000"}, refusal.value


def test_row_security_switched_off_raises_instead_of_showing_all(app, ours):
    enter(app, ours.tenant_id)
    app.execute("SET LOCAL row_security = off")
    with pytest.raises(REFUSED, match="row-level security"):
        app.execute("SELECT name FROM units_person").fetchall()


def test_copy_out_carries_the_rows_of_the_own_county_only(app, ours):
    enter(app, ours.tenant_id)
    with app.cursor().copy("COPY (SELECT tenant_id FROM units_person) TO STDOUT") as copy:
        assert {row[0] for row in copy.rows()} == {str(ours.tenant_id)}
    with app.cursor().copy("COPY units_person (tenant_id) TO STDOUT") as copy:
        assert {row[0] for row in copy.rows()} == {str(ours.tenant_id)}


def test_copy_in_is_refused(app, ours, theirs):
    enter(app, ours.tenant_id)
    with (
        pytest.raises(psycopg.errors.FeatureNotSupported),
        app.cursor().copy("COPY units_family (tenant_id, generation) FROM STDIN") as copy,
    ):
        copy.write_row((theirs.tenant_id, 1))


@pytest.mark.parametrize("leak", [
    "SELECT id FROM units_person WHERE name::int = 1",
    "SELECT id FROM units_person WHERE 1 / (CASE WHEN tenant_id = {theirs} THEN 0 ELSE 1 END) = 1",
    "SELECT id FROM units_unit WHERE (name || 'x')::int = 1 AND tenant_id = {theirs} AND kind = 'class'",
])  # fmt: skip
def test_error_messages_tell_nothing_of_another_county(app, ours, theirs, leak):
    """A function that could blab is not run on rows that the policy has not let through."""
    with as_tenant(theirs.tenant_id):
        Person.objects.filter(pk=theirs.people["何老师"].pk).update(name="邻县何")
    enter(app, ours.tenant_id)
    try:
        app.execute(leak.format(**names_of(ours, theirs)))
    except psycopg.DatabaseError as error:
        assert "邻县" not in str(error) and "zero" not in str(error)


def test_plans_show_no_value_of_another_county(app, ours, theirs):
    enter(app, ours.tenant_id)
    rows = app.execute("EXPLAIN (ANALYZE, VERBOSE, BUFFERS) SELECT * FROM units_person ORDER BY name").fetchall()
    plan = "\n".join(line for (line,) in rows)
    assert f"rows={len(ours.people)}" in plan.replace(".00", "")
    assert "王丽" not in plan


def test_what_other_connections_are_running_is_hidden(app, ours, theirs):
    with psycopg.connect(**connection_facts("app")) as other:
        enter(other, theirs.tenant_id)
        other.execute("SELECT id FROM units_person WHERE name = '邻县何'")
        seen = app.execute("SELECT query FROM pg_stat_activity WHERE query LIKE '%邻县%'").fetchall()
        other.rollback()
    assert seen == []


@pytest.mark.parametrize("table, column, target", [
    ("units_membership", "unit_id", "unit"), ("units_membership", "person_id", "person"),
    ("units_seat", "unit_id", "unit"), ("units_person", "unit_id", "unit"),
    ("units_groupclass", "unit_id", "unit"), ("units_promotion", "school_id", "unit"),
])  # fmt: skip
def test_a_row_here_cannot_point_to_a_row_there(app, ours, theirs, table, column, target):
    fill(ours)
    enter(app, ours.tenant_id)
    there = theirs.people["王丽"].pk if target == "person" else theirs.class_("三(1)班").pk
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        app.execute(f"UPDATE {table} SET {column} = %s WHERE id = (SELECT max(id) FROM {table})", [there])
        app.execute("SET CONSTRAINTS ALL IMMEDIATE")


# ---- the functions ----


def test_the_lookups_give_numbers_and_nothing_of_the_password(app, theirs):
    from qingfu.units.actions import issue_initial_passwords

    with as_tenant(theirs.tenant_id):
        [(person, plain)] = issue_initial_passwords(theirs.actor("管理员"), [theirs.people["王丽"]])
        stored = Person.objects.get(pk=person.pk).password
    school = theirs.schools["青禾县实验小学"].code
    recipe = app.execute("SELECT tenancy.password_recipe(%s, 'wangli')", [school]).fetchone()[0]
    assert stored.startswith(recipe) and recipe.endswith("$") and len(stored) - len(recipe) == 43
    for wrong in ("", recipe, plain, stored[:-1], stored + "x", None):
        found = app.execute("SELECT * FROM tenancy.authenticate(%s, 'wangli', %s)", [school, wrong]).fetchall()
        assert found == []
    found = app.execute("SELECT * FROM tenancy.authenticate(%s, 'wangli', %s)", [school, stored]).fetchall()
    assert found == [(theirs.tenant_id, person.pk)]


def test_every_function_that_acts_as_the_owner_fixes_its_search_path_and_is_not_for_everybody(cluster):
    with psycopg.connect(**connection_facts("backup")) as raw:
        rows = raw.execute(
            """
            SELECT p.oid::regprocedure::text, p.proconfig, has_function_privilege('qingfu_backup', p.oid, 'EXECUTE')
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """
        ).fetchall()
    assert len(rows) >= 7
    for name, configuration, backup_may in rows:
        assert any(setting.startswith("search_path=") for setting in configuration or []), name
        assert not backup_may, name


# ---- the other two roles ----


def test_the_owner_does_not_read_or_write_a_countys_rows_without_its_tenant(cluster, ours):
    """She reads three tables, for the lookups; everything else, and every write, needs a tenant like anybody."""
    fill(ours)
    readable = {"units_unit", "units_person", "units_token"}
    for table in TABLES_OF_UNITS:
        with psycopg.connect(**connection_facts("owner")) as raw:
            if table not in readable:
                with pytest.raises(REFUSED):
                    raw.execute(f"SELECT tenant_id FROM {table} WHERE tenant_id > 0").fetchall()
                raw.rollback()
            with pytest.raises(REFUSED):
                raw.execute(f"UPDATE {table} SET tenant_id = tenant_id")
            raw.rollback()


def test_even_the_owner_does_not_change_the_trail(cluster, ours):
    fill(ours)
    with psycopg.connect(**connection_facts("owner")) as raw:
        for statement in (
            "UPDATE units_auditrecord SET action = ''",
            "DELETE FROM units_auditrecord",
            "TRUNCATE units_auditrecord",
            "DELETE FROM units_auditseal",
        ):
            enter(raw, ours.tenant_id)
            with pytest.raises(REFUSED):
                raw.execute(statement)
            raw.rollback()


def test_the_backup_reads_no_key(cluster):
    """With the pads of the signing key it could pose as any county on the app's connection."""
    for table in ("tenancy.signing", "tenancy.tries"):
        with psycopg.connect(**connection_facts("backup")) as raw, pytest.raises(REFUSED):
            raw.execute(f"SELECT * FROM {table}")


def test_the_backup_reads_every_county_and_writes_nothing(cluster, ours, theirs):
    with psycopg.connect(**connection_facts("backup")) as raw:
        tenants = {row[0] for row in raw.execute("SELECT DISTINCT tenant_id FROM units_person")}
        assert tenants >= {ours.tenant_id, theirs.tenant_id}
        for table in tables_with_tenant():
            for statement in (
                f"DELETE FROM {table}",
                f"UPDATE {table} SET tenant_id = 0",
                f"TRUNCATE {table}",
            ):
                with pytest.raises(REFUSED):
                    raw.execute(statement)
                raw.rollback()


# ---- as_tenant(): one connection, many counties ----


def people_seen() -> set[int]:
    return set(Person.objects.values_list("tenant_id", flat=True))


def assert_nothing_open() -> None:
    assert current_tenant() is None
    with pytest.raises(DatabaseError), transaction.atomic():
        list(Person.objects.all())


def test_two_counties_take_turns_on_one_connection(ours, theirs):
    pids = set()
    for _ in range(25):
        for county in (ours, theirs):
            with as_tenant(county.tenant_id):
                pids.add(connection.connection.info.backend_pid)
                assert people_seen() == {county.tenant_id}
            assert_nothing_open()
    assert len(pids) == 1


@contextmanager
def ends(how: str):
    """Leave the block by commit, by rollback or by an exception."""
    try:
        yield
        if how == "rollback":
            transaction.set_rollback(True)
        elif how == "exception":
            raise RuntimeError
        elif how == "database error":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
    finally:
        pass


@pytest.mark.parametrize("how", ["commit", "rollback", "exception", "database error"])
def test_a_used_connection_keeps_no_tenant(ours, theirs, how):
    try:
        with as_tenant(ours.tenant_id), ends(how):
            assert people_seen() == {ours.tenant_id}
    except (RuntimeError, DatabaseError):
        pass
    assert_nothing_open()
    with as_tenant(theirs.tenant_id):
        assert people_seen() == {theirs.tenant_id}


@pytest.mark.parametrize("how", ["commit", "rollback", "exception", "database error"])
def test_a_tenant_inside_a_longer_transaction_ends_with_its_block(ours, theirs, how):
    with transaction.atomic():
        try:
            with as_tenant(ours.tenant_id), ends(how):
                assert people_seen() == {ours.tenant_id}
        except (RuntimeError, DatabaseError):
            pass
        assert_nothing_open()
        with as_tenant(theirs.tenant_id):
            assert people_seen() == {theirs.tenant_id}


def test_a_savepoint_of_the_same_county_leaves_the_outer_block_in_it(ours):
    with as_tenant(ours.tenant_id):
        with as_tenant(ours.tenant_id):
            assert people_seen() == {ours.tenant_id}
        with pytest.raises(RuntimeError), as_tenant(ours.tenant_id):
            raise RuntimeError
        assert people_seen() == {ours.tenant_id}


def test_a_transaction_of_one_county_cannot_become_one_of_another(ours, theirs):
    with as_tenant(ours.tenant_id):
        with pytest.raises(TenantError), as_tenant(theirs.tenant_id):
            pass
        assert people_seen() == {ours.tenant_id}


def test_a_new_row_without_a_tenant_raises(cluster):
    with pytest.raises(TenantError):
        tenant_of_new_row()
    with pytest.raises(TenantError):
        Seat(number=1)


def test_the_same_through_the_orm(ours, theirs):
    with as_tenant(ours.tenant_id):
        for model in apps.get_app_config("units").get_models():
            if issubclass(model, TenantModel):
                assert not model.objects.filter(tenant_id=theirs.tenant_id).exists()
        there = theirs.class_("三(1)班")
        assert not Unit.objects.filter(path__range=(theirs.unit.path + "0", theirs.unit.path_end)).exists()
        assert Unit.objects.filter(pk=there.pk).update(name="改了") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Seat.objects.create(tenant_id=theirs.tenant_id, unit=there, number=1)
    with pytest.raises(IntegrityError), as_tenant(ours.tenant_id):
        Membership.objects.create(
            person_id=ours.people["王丽"].pk, unit_id=there.pk, role="teacher", starts="2026-09-01"
        )
    with as_tenant(theirs.tenant_id):
        assert Unit.objects.get(pk=there.pk).name == "三(1)班"


def test_counties_at_the_same_time_on_connections_of_their_own(ours, theirs):
    def look(county) -> bool:
        try:
            for _ in range(20):
                with as_tenant(county.tenant_id):
                    if people_seen() != {county.tenant_id}:
                        return False
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(look, [ours, theirs] * 4))


def test_the_token_never_stands_in_a_statement(ours, monkeypatch):
    """It is bound on the server: a log of statements or of activity does not carry it."""
    seen = []
    original = psycopg.Cursor.execute

    def watched(self, query, *rest, **more):
        seen.append((type(self), query))
        return original(self, query, *rest, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", watched)
    with as_tenant(ours.tenant_id):
        pass
    setting = [kind for kind, query in seen if "set_config('qingfu.tenant', %s" in query]
    assert setting == [psycopg.Cursor]  # Django's own cursors would bind in the client
    assert not any(f"{ours.tenant_id}." in query for query in seen)


# ---- jobs ----


def test_job_arguments_are_numbers(cluster):
    """A job's row lies outside the walls, so it may say whose and which, never what."""
    from procrastinate.contrib.django import app as jobs

    import qingfu.units.jobs  # noqa: F401

    ours = [task for name, task in jobs.tasks.items() if name.startswith("qingfu.units")]
    assert ours
    for task in ours:
        names = set(inspect.signature(task.func).parameters)
        assert names <= {"tenant_id", "timestamp"}, task.name


# ---- the pool ----


@pytest.fixture
def pooled(cluster):
    """A connection of Django's from a pool of one, as an installation has it."""
    settings = django_databases(pool=True)["default"]
    settings["OPTIONS"]["pool"] |= {"min_size": 1, "max_size": 1}
    wrapper = ConnectionHandler({"default": settings})["default"]
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def test_what_one_request_leaves_on_a_connection_is_gone_for_the_next(pooled, ours):
    """Whoever can run SQL could leave the token for later, or a statement under the name of ours for others to run."""
    pooled.ensure_connection()
    raw = pooled.connection
    pid = raw.info.backend_pid
    raw.execute("SELECT set_config('qingfu.tenant', %s, false)", [sign(ours.tenant_id, pid)])
    raw.execute("SET statement_timeout = 1")
    raw.execute("PREPARE post AS SELECT 1")
    raw.execute("SELECT pg_advisory_lock(7)")
    pooled.close()

    with pooled.cursor() as cursor:
        assert pooled.connection.info.backend_pid == pid
        cursor.execute(
            "SELECT current_setting('qingfu.tenant'), current_setting('statement_timeout'), "
            "(SELECT count(*) FROM pg_prepared_statements), "
            "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), "
            "current_setting('TimeZone')"
        )
        assert cursor.fetchone() == ("", "0", 0, 0, "UTC")


def test_a_connection_that_broke_in_a_request_is_replaced_for_the_next(pooled, cluster):
    pooled.ensure_connection()
    pid = pooled.connection.info.backend_pid
    with psycopg.connect(**cluster.connection("superuser")) as raw:
        raw.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    pooled.close()
    with pooled.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != pid


def test_a_connection_that_broke_in_the_pool_is_replaced_for_the_next_request(pooled, cluster):
    pooled.ensure_connection()
    pid = pooled.connection.info.backend_pid
    pooled.close()
    with psycopg.connect(**cluster.connection("superuser")) as raw:
        raw.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pooled.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != pid


def test_a_transaction_left_open_ends_with_the_request(pooled, ours):
    pooled.set_autocommit(False)
    raw = pooled.connection
    raw.execute("SELECT set_config('qingfu.tenant', %s, true)", [sign(ours.tenant_id, raw.info.backend_pid)])
    pooled.close()
    with pooled.cursor() as cursor:
        cursor.execute("SELECT current_setting('qingfu.tenant', true)")
        assert not cursor.fetchone()[0]


def test_a_token_lives_for_seconds_and_a_long_transaction_outlives_it(app, ours):
    """It is judged by the start of the transaction, so a slow import needs no longer one."""
    assert TOKEN_SECONDS <= 10
    enter(app, ours.tenant_id, now=time.time() - TOKEN_SECONDS + 2)
    app.execute("SELECT pg_sleep(2.5)")
    assert app.execute("SELECT count(*) FROM units_person").fetchone()[0] == len(ours.people)
