"""The app's own connection, with any SQL: it reads its county's ledger and writes it through the doors only."""

import json

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError
from django.utils import timezone

from qingfu.ledger.actions import change_calendar, post
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Budget
from qingfu.ledger.reckoning import Unknown
from qingfu.rulebook import load_calendar
from qingfu.units.tenancy import as_tenant, sign
from tests.factories import make_county

from .conftest import WRITTEN, new_key

TABLES = (
    "head", "pack", "calendarchange", "attempt", "demand", "budget", "entry", "hold", "holdentry", "waiver",
    "baseline", "outbox", "refusal",
)  # fmt: skip


@pytest.fixture(scope="module")
def county(national):
    """One county for all of this file: most of it only knocks at doors."""
    return make_county()


@pytest.fixture(scope="module")
def posted(county):
    """A row in every table that a post writes, and one in the calendar."""
    day = load_calendar().next_school_day(timezone.localdate())
    far = day.replace(year=day.year + 1)
    admin = county.actor("管理员")
    change_calendar(admin, county.unit.pk, far, far, day_kind="rest_day", source="青禾县教育局通知")
    draft = Draft(county.class_("三(1)班").pk, day, subject="语文", minutes=20, attributes=WRITTEN)
    return post(county.actor("王丽"), [draft], new_key())


def attempt(tenant_id: int, statement: str, arguments=()):
    """Run SQL as the app, inside the county. Returns the rows, if any."""
    with as_tenant(tenant_id), connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall() if cursor.description else None


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger_{table} (tenant_id) VALUES (1)",
        "UPDATE ledger_{table} SET tenant_id = tenant_id",
        "DELETE FROM ledger_{table}",
        "TRUNCATE ledger_{table}",
        "COPY ledger_{table} FROM STDIN",
    ],
)
def test_the_app_writes_no_table_of_the_ledger(county, posted, table, statement):
    with pytest.raises(ProgrammingError, match="permission denied"):
        attempt(county.tenant_id, statement.format(table=table))


@pytest.mark.parametrize(
    "call",
    [
        "ledger.write_demands(1, 1, now(), '{}', '[]')",
        "ledger.correct(1, '[]')",
        "ledger.move_heads(1, 1)",
        "ledger.enter()",
        "ledger.over(1, '{}')",
    ],
)
def test_the_app_calls_no_part_of_a_door(county, call):
    with pytest.raises(ProgrammingError, match="permission denied"):
        attempt(county.tenant_id, f"SELECT {call}")


@pytest.mark.parametrize("table", TABLES)
def test_without_a_tenant_nothing_is_read_and_an_error_says_so(county, posted, table):
    with pytest.raises(ProgrammingError, match="no tenant"), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ledger_{table}")


@pytest.mark.parametrize("table", ("demand", "budget", "entry", "attempt", "outbox"))
def test_another_county_sees_none_of_it(county, posted, table):
    other = make_county()
    assert attempt(other.tenant_id, f"SELECT * FROM ledger_{table}") == []
    assert attempt(other.tenant_id, f"SELECT * FROM ledger_{table} WHERE tenant_id = %s", [county.tenant_id]) == []


def test_a_forged_tenant_opens_no_door(county, posted):
    """Neither a setting without a signature nor the one that the doors use among themselves."""
    other = make_county()
    with pytest.raises(ProgrammingError, match="token"), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('qingfu.tenant', %s, false)", [f"{county.tenant_id}.9999999999.1.00"])
        try:
            cursor.execute("SELECT ledger.sweep()")
        finally:
            cursor.execute("SELECT set_config('qingfu.tenant', '', false)")
    forged = "SELECT set_config('ledger.tenant', %s, true)"
    with as_tenant(other.tenant_id), connection.cursor() as cursor:
        cursor.execute(forged, [str(county.tenant_id)])
        cursor.execute("SELECT count(*) FROM ledger_demand")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM ledger.take_outbox(10)")
        assert cursor.fetchone() == (0,)


def test_a_token_of_another_connection_opens_no_door(county, cluster):
    """Somebody read it in a log and calls the door that takes one."""
    token = sign(county.tenant_id, connection.connection.info.backend_pid)
    with (
        psycopg.connect(**cluster.connection("app")) as thief,
        pytest.raises(psycopg.Error, match="another connection"),
    ):
        thief.execute("SELECT ledger.post_as(%s, '{}')", [token])


def test_one_connection_serves_two_counties_and_mixes_nothing(national, evening):
    one, other = make_county(), make_county()
    for n in range(3):
        for where in (one, other):
            class_ = where.class_("三(1)班").pk
            draft = Draft(class_, evening, subject="语文", minutes=10 if where is one else 30, attributes=WRITTEN)
            assert post(where.actor("王丽"), [draft], f"{n}").ok is (where is one or n < 2)
    for where, used in ((one, 30), (other, 60)):
        with as_tenant(where.tenant_id):
            assert [b.used for b in Budget.objects.all()] == [used]


def test_a_class_of_another_county_is_no_bearer(county, evening):
    other = make_county()
    with pytest.raises(Unknown):
        post(county.actor("王丽"), [Draft(other.class_("三(1)班").pk, evening, minutes=10)], new_key())


def test_a_request_that_names_a_bearer_of_another_county_is_refused_by_the_database(county):
    drafts = [{"bearer_id": make_county().class_("三(1)班").pk}]
    request = {"verb": "post", "issuer": 1, "key": "x", "hash": "x", "heads": [], "budgets": [], "charges": []}
    with pytest.raises(ProgrammingError, match="no unit of this tenant"):
        attempt(county.tenant_id, "SELECT ledger.post(%s::jsonb)", [json.dumps({**request, "drafts": drafts})])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount = 0",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "UPDATE ledger_budget SET used = 0",
        "DELETE FROM ledger_budget",
        "DELETE FROM ledger_demand",
        "UPDATE ledger_pack SET toml = ''",
    ],
)
def test_not_even_the_owner_rewrites_what_is_entered(county, posted, statement):
    """Inside the county, as a migration or a door would be."""
    with pytest.raises(ProgrammingError, match="append-only"):
        as_owner(county.tenant_id, statement)


def test_a_budget_cannot_begin_with_something_used(county, posted):
    full = (
        "INSERT INTO ledger_budget"
        " (tenant_id, bearer_id, limit_id, window_key, measure, starts, ends, used, held, apart)"
        " VALUES (%s, 1, 'x', 'x', 'minutes', now(), now(), 5, 0, 0)"
    )
    with pytest.raises(ProgrammingError, match="append-only"):
        as_owner(county.tenant_id, full, [county.tenant_id])


def as_owner(tenant_id: int, statement: str, arguments=()) -> None:
    """Run SQL as the owner of the tables, inside the county as a door does."""
    with as_tenant(tenant_id, using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT ledger.enter()")
        cursor.execute(statement, arguments)


def test_a_class_that_was_asked_something_cannot_be_removed(county, posted):
    with pytest.raises(Exception, match="has demands"):
        attempt(county.tenant_id, "DELETE FROM units_unit WHERE id = %s", [county.class_("三(1)班").pk])
