"""The audit trail: who did what; nobody changes it, and a change would show."""

import ast
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from django.test import Client

import qingfu.units.actions
from qingfu.server.databases import connection_facts
from qingfu.units import jobs
from qingfu.units.actions import (
    audit,
    audit_anonymous,
    cut_off_person,
    issue_initial_passwords,
    publish_head,
    seal_audit,
)
from qingfu.units.models import AuditRecord, AuditSeal, PublishedHead
from qingfu.units.queries import audit_head, heads_not_held, trail, unsealed_audit, verify_audit
from qingfu.units.tenancy import as_tenant, sign
from tests.factories import make_county


@pytest.fixture
def inside(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        yield fresh_county


def some_deeds(county, count=3) -> None:
    for number in range(count):
        audit(county.actor("王丽"), "test", unit_id=county.class_("三(1)班").pk, 数=number, 空=None, 中="文")


# ---- the chain ----


def test_a_sealed_trail_holds(inside):
    some_deeds(inside)
    seal = seal_audit()
    assert seal.last_id == AuditRecord.objects.latest("id").id and len(seal.record_ids) == 3
    some_deeds(inside)
    seal_audit()
    assert verify_audit() is None and AuditSeal.objects.count() == 2


def test_nothing_new_makes_no_seal(inside):
    some_deeds(inside)
    assert seal_audit() and seal_audit() is None


def app_in(county) -> psycopg.Connection:
    """A connection as the app has it, in a transaction of the county: somebody who can run SQL in our place."""
    raw = psycopg.connect(**connection_facts("app"))
    raw.execute("SELECT set_config('qingfu.tenant', %s, true)", [sign(county.tenant_id, raw.info.backend_pid)])
    return raw


WRITE = (
    "INSERT INTO units_auditrecord (at, action, object_kind, detail) "
    "VALUES (now() - interval '40 days', 'forged', '', '{}') RETURNING id, at > now() - interval '1 minute'"
)


def test_records_that_commit_late_are_covered_by_the_next_seal(fresh_county):
    """Ids are given at the start of a deed, and a longer one commits after a shorter one that began later."""
    with app_in(fresh_county) as slow:
        late, _ = slow.execute(WRITE).fetchone()
        with as_tenant(fresh_county.tenant_id):
            some_deeds(fresh_county)
            assert late not in seal_audit().record_ids
        slow.commit()
    with as_tenant(fresh_county.tenant_id):
        assert seal_audit().record_ids == [late] and verify_audit() is None


def test_the_database_says_when_a_deed_was_done(fresh_county):
    """Else a record could be given a day that was sealed long ago, and never be sealed itself."""
    with as_tenant(fresh_county.tenant_id):
        some_deeds(fresh_county)
        seal_audit()
    with app_in(fresh_county) as raw:
        forged, is_now = raw.execute(WRITE).fetchone()
    assert is_now
    with as_tenant(fresh_county.tenant_id):
        assert seal_audit().record_ids == [forged]


def test_a_seal_is_made_by_the_database_only(fresh_county):
    with app_in(fresh_county) as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute(
            "INSERT INTO units_auditseal (last_id, record_ids, head, at) "
            "VALUES (9000000000000000000, '{}', sha256(''), now())"
        )


def test_a_record_that_should_have_been_sealed_and_was_not_is_reported(fresh_county):
    """Only the owner of the tables could bring one in; the first deed shows that fresh ones are not meant."""
    with as_tenant(fresh_county.tenant_id):
        some_deeds(fresh_county)
        seal_audit()
        some_deeds(fresh_county, 1)
        assert unsealed_audit() == []
    with as_tenant(fresh_county.tenant_id, using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE units_auditrecord DISABLE TRIGGER stamp")
        cursor.execute(WRITE)
        forged = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE units_auditrecord ENABLE TRIGGER stamp")
    with as_tenant(fresh_county.tenant_id):
        assert unsealed_audit() == [forged]


TAMPERING = {
    "a word is changed": "UPDATE units_auditrecord SET action = 'other' WHERE id = {first}",
    "another actor": "UPDATE units_auditrecord SET actor_id = 1 WHERE id = {first}",
    "an earlier hour": "UPDATE units_auditrecord SET at = at - interval '1 hour' WHERE id = {first}",
    "a detail": "UPDATE units_auditrecord SET detail = '{{}}' WHERE id = {first}",
    "a record is gone": "DELETE FROM units_auditrecord WHERE id = {first}",
    "a seal is gone": "DELETE FROM units_auditseal WHERE last_id = {sealed}",
    "a seal is forged": "UPDATE units_auditseal SET record_ids = array_remove(record_ids, {first}) "
    "WHERE last_id = {sealed}",
}


@pytest.mark.parametrize("how", TAMPERING)
def test_whoever_gets_past_the_trigger_is_found_out(fresh_county, how):
    """Only the owner of the tables could take the trigger off; the chain shows what was done then."""
    with as_tenant(fresh_county.tenant_id):
        some_deeds(fresh_county)
        sealed = seal_audit()
        some_deeds(fresh_county)
        seal_audit()
        assert verify_audit() is None
    tables = ("units_auditrecord", "units_auditseal")
    with as_tenant(fresh_county.tenant_id, using="owner"), connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        cursor.execute(TAMPERING[how].format(first=sealed.record_ids[0], sealed=sealed.last_id))
        assert cursor.rowcount == 1
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
    with as_tenant(fresh_county.tenant_id):
        assert verify_audit() is not None


def test_the_hourly_job_seals_every_county_on_one_connection(cluster):
    ours, theirs = make_county(), make_county()
    for county in (ours, theirs):
        with as_tenant(county.tenant_id):
            some_deeds(county)
    jobs.seal_trails(0)
    for county in (ours, theirs):
        with as_tenant(county.tenant_id):
            assert AuditSeal.objects.count() == 1 and verify_audit() is None


def test_the_nightly_job_runs_through_every_county(cluster):
    make_county()
    jobs.forget(0)
    jobs.forget_tries(0)


# ---- what it says ----


def test_an_anonymous_act_names_nobody(inside):
    audit_anonymous("time_report", unit_id=inside.class_("三(1)班").pk, band="30-45")
    record = AuditRecord.objects.get(action="time_report")
    assert (record.actor_id, record.object_id) == (None, None)


def test_a_record_has_no_place_for_an_address_or_a_session(cluster):
    names = {field.name for field in AuditRecord._meta.get_fields()}
    assert names == {
        "id",
        "tenant_id",
        "at",
        "actor_id",
        "action",
        "object_kind",
        "object_id",
        "unit_id",
        "detail",
    }


def test_a_deed_and_its_record_stand_or_fall_together(fresh_county):
    with pytest.raises(ZeroDivisionError), as_tenant(fresh_county.tenant_id):
        cut_off_person(fresh_county.actor("周涛"), fresh_county.people["王丽"])
        raise ZeroDivisionError
    with as_tenant(fresh_county.tenant_id):
        assert not AuditRecord.objects.exists()


QUIET = {
    "audit", "audit_anonymous", "seal_audit", "forget_tries", "forget_uploads", "forget_sessions", "forget_left_people",
    "forget_graduated", "count_try", "give_back_try", "install_signing_key", "found_tenant", "add_units",
    "add_units_below", "pinyin", "hash_of", "link_text", "issue_link", "generation_of", "prove_password", "remember",
    "publish_head", "begin_sign_in", "give_code", "finish_setup", "open_session", "lifetime_for", "totp_of", "sign_out",
    "upload_workbook", "discard_upload", "take_upload", "change_own_password", "code_of", "seat_classes",
}  # fmt: skip
"""What leaves no record, for a reason: reads, counters, the program's own housekeeping, steps of something audited."""


def test_every_other_action_writes_a_record():
    folder = Path(qingfu.units.actions.__file__).parent
    public = {name for name in dir(qingfu.units.actions) if not name.startswith("_")}
    for path in folder.glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name in public - QUIET:
                calls = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
                assert "audit" in calls, node.name


# ---- its head is published ----


def test_the_head_is_published_once_a_day(inside):
    assert publish_head() is None  # nothing to publish yet
    some_deeds(inside, 1)
    seal_audit()
    day, head = publish_head(), audit_head()
    some_deeds(inside, 1)
    seal_audit()
    assert publish_head() is None and audit_head() != head
    assert [(one.day, bytes(one.head)) for one in PublishedHead.objects.all()] == [(day, head)]
    assert heads_not_held() == []


def test_the_app_can_neither_publish_another_head_nor_change_one(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        some_deeds(fresh_county, 1)
        seal_audit()
        publish_head()
    for deed in (
        "INSERT INTO units_publishedhead (day, head) VALUES ('2026-01-01', sha256(''))",
        "UPDATE units_publishedhead SET head = sha256('')",
        "DELETE FROM units_publishedhead",
    ):
        with app_in(fresh_county) as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(deed)


def test_a_trail_cut_off_at_its_end_no_longer_bears_the_published_head(fresh_county):
    """What is left of the chain holds by itself; only who has the published head sees that the end is gone."""
    with as_tenant(fresh_county.tenant_id):
        some_deeds(fresh_county, 1)
        seal_audit()
        some_deeds(fresh_county, 1)
        last = seal_audit()
        day = publish_head()
    tables = ("units_auditrecord", "units_auditseal")
    with as_tenant(fresh_county.tenant_id, using="owner"), connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        cursor.execute("DELETE FROM units_auditseal WHERE id = %s", [last.pk])
        cursor.execute("DELETE FROM units_auditrecord WHERE id = ANY (%s)", [last.record_ids])
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
    with as_tenant(fresh_county.tenant_id):
        assert verify_audit() is None and heads_not_held() == [day]


def test_everybody_reads_the_published_heads(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        some_deeds(fresh_county, 1)
        seal_audit()
        head = audit_head().hex()
    jobs.publish_heads(0)
    assert head in Client().get("/heads/").content.decode()


# ---- who sees it ----


def test_a_principal_sees_the_deeds_in_the_school_and_the_county_all(inside):
    some_deeds(inside, 1)
    issue_initial_passwords(inside.actor("管理员"), [inside.people["何老师"]])
    assert {record.action for record in trail(inside.actor("孙校长"))} == {"test"}
    assert {record.action for record in trail(inside.actor("吴校长"))} == {"issue_password"}
    assert {record.action for record in trail(inside.actor("管理员"))} == {"test", "issue_password"}


@pytest.mark.parametrize("name", ["王丽", "李强", "赵敏", "周涛", "刘科长"])
def test_nobody_else_sees_it(inside, name):
    some_deeds(inside, 1)
    assert not trail(inside.actor(name)).exists()


def test_it_is_filtered_by_person_action_and_day(inside):
    some_deeds(inside, 2)
    issue_initial_passwords(inside.actor("管理员"), [inside.people["何老师"]])
    admin = inside.actor("管理员")
    today = AuditRecord.objects.latest("id").at.astimezone().date()
    assert trail(admin, person_id=inside.people["王丽"].pk).count() == 2
    assert trail(admin, action="issue_password").count() == 1
    assert trail(admin, day=today).count() == 3
    assert not trail(admin, day=today.replace(year=2020)).exists()
