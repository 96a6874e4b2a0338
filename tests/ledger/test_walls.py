"""The app's own connection, with any SQL: it reads its county's ledger and writes it through the doors only."""

import hashlib
import json

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError
from django.utils import timezone

from qingfu.ledger.actions import change_calendar, post, publish_pack
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Budget
from qingfu.ledger.reckoning import Unknown
from qingfu.rulebook import load_calendar
from qingfu.units.models import Tenant
from qingfu.units.tenancy import as_tenant, sign
from tests.factories import make_county

from .conftest import WRITTEN, new_key
from .packs import county_pack

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
        "ledger.baseline_sign(NULL, '')",
    ],
)
def test_the_app_calls_no_part_of_a_door(county, call):
    with pytest.raises(ProgrammingError, match="permission denied"):
        attempt(county.tenant_id, f"SELECT {call}")


DOORS = {
    "publish_pack": "ledger.publish_pack(%(unit)s, 'x', 'county', 'x', 'x', NULL, NULL, 1)",
    "change_calendar": "ledger.change_calendar(%(unit)s, now()::date, now()::date, 'holiday', '', '', 'x', false, 1)",
    "grant_waiver": "ledger.grant_waiver(%(unit)s, 'x', now()::date, now()::date, 1, 1, 'x', 'x', now(), NULL, '')",
    "freeze_baselines": "ledger.freeze_baselines(jsonb_build_array(jsonb_build_object('bearer_id', %(unit)s::bigint)))",
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("whose", ["another county's", "another school's", "the nation's"])
def test_no_door_opens_for_a_unit_of_somebody_else(county, national, door, whose):
    """Nor does it move a head there, which would make everybody wait."""
    other = make_county()
    unit = {
        "another county's": other.tenant_id,
        "another school's": other.schools["青禾县实验小学"].pk,
        "the nation's": Tenant.objects.get(kind="nation").pk,
    }[whose]
    before = attempt(other.tenant_id, "SELECT unit_id, version FROM ledger_head")
    with pytest.raises(ProgrammingError, match="no unit of this tenant"):
        attempt(county.tenant_id, f"SELECT {DOORS[door]}", {"unit": unit})
    assert attempt(other.tenant_id, "SELECT unit_id, version FROM ledger_head") == before


def test_a_waiver_of_another_county_is_not_revoked_and_moves_nothing_there(county, national):
    """The door takes the waiver alone, and finds out itself whose head it moves."""
    other = make_county()
    (granted,) = attempt(other.tenant_id, f"SELECT {DOORS['grant_waiver']}", {"unit": other.tenant_id})
    before = attempt(other.tenant_id, "SELECT unit_id, version FROM ledger_head")
    with pytest.raises(ProgrammingError, match="no unit of this tenant"):
        attempt(county.tenant_id, "SELECT ledger.revoke_waiver(%s)", granted)
    assert attempt(other.tenant_id, "SELECT unit_id, version FROM ledger_head") == before


def test_the_hash_of_a_pack_is_that_of_its_text(national):
    """Nobody hands one in: the door computes it."""
    tenant_id = make_county().tenant_id
    door = "ledger.publish_pack(%(unit)s, 'county.x', 'county', 'x', '[pack]', NULL, NULL, 1)"
    ((stored,),) = attempt(tenant_id, f"SELECT sha256 FROM {door}", {"unit": tenant_id})
    assert stored == hashlib.sha256(b"[pack]").hexdigest()


def test_no_stored_hash_brings_the_rules_of_one_county_into_another(national, evening):
    """Somebody writes a laxer text under the hash of a stricter one, and this process reads it first."""
    strict, other, mine = county_pack(45), make_county(), make_county()
    lax = strict.replace("cap = 45", "cap = 59")
    publish_pack(other.actor("管理员"), other.tenant_id, lax)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_pack DISABLE TRIGGER append_only")
    try:
        forged = hashlib.sha256(strict.encode()).hexdigest()
        as_owner(other.tenant_id, "UPDATE ledger_pack SET sha256 = %s WHERE tenant_id = %s", [forged, other.tenant_id])
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_pack ENABLE TRIGGER append_only")
    for where, minutes, outcome in ((other, 59, "posted"), (mine, 46, "refused")):
        if where is mine:
            publish_pack(mine.actor("管理员"), mine.tenant_id, strict)
        draft = Draft(where.class_("三(2)班").pk, evening, subject="语文", minutes=minutes, attributes=WRITTEN)
        assert post(where.actor("王丽"), [draft], new_key()).outcome == outcome


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
