"""What must hold when two come at once: counters, one-time codes, uploads, seals."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from django.db import connections
from django.utils import timezone

from qingfu.units.actions import (
    NotNow,
    TooManyTries,
    count_try,
    enrol_code,
    promote,
    seal_audit,
    take_upload,
    totp_of,
    upload_workbook,
)
from qingfu.units.actions.trail import audit
from qingfu.units.models import AuditRecord, AuditSeal, Person, Promotion, Upload
from qingfu.units.queries import verify_audit
from qingfu.units.tenancy import as_tenant
from tests.units.books import book, small_county


def at_once(work, times: int) -> list:
    """The results of ``work()`` in as many threads, each on a connection of its own; an exception is a result."""

    def run(_number):
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_exactly_as_many_tries_pass_as_are_allowed(cluster):
    results = at_once(lambda: count_try("race", "甲", 5, 60), 12)
    assert sorted(result for result in results if isinstance(result, int)) == [0, 1, 2, 3, 4]
    assert sum(isinstance(result, TooManyTries) for result in results) == 7


def test_a_one_time_code_is_taken_by_one_of_two(fresh_county):
    code = totp_of(fresh_county.people["孙校长"]).at(timezone.now())

    def take():
        with as_tenant(fresh_county.tenant_id):
            return enrol_code(Person.objects.get(pk=fresh_county.people["孙校长"].pk), code)

    assert sorted(at_once(take, 6)) == [False] * 5 + [True]


def test_two_taps_on_go_on_store_one_workbook(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        data = book(small_county(str(fresh_county.tenant_id)))
        upload = upload_workbook(fresh_county.actor("管理员"), fresh_county.unit, "a.xlsx", data)

    def take():
        with as_tenant(fresh_county.tenant_id):
            return take_upload(fresh_county.actor("管理员"), fresh_county.unit, upload, date(2026, 9, 1))

    results = at_once(take, 4)
    assert sum(isinstance(result, Upload.DoesNotExist) for result in results) == 3
    with as_tenant(fresh_county.tenant_id):
        assert Person.objects.filter(account="wangli", unit__name="清水镇中心小学").count() == 1


def test_two_taps_on_promote_move_a_school_once(fresh_county):
    def move():
        with as_tenant(fresh_county.tenant_id):
            school = fresh_county.schools["青禾县实验小学"]
            return promote(fresh_county.actor("管理员"), school, 2027, 2, today=date(2027, 9, 1))

    results = at_once(move, 4)
    assert sum(isinstance(result, Promotion) for result in results) == 1
    assert sum(isinstance(result, NotNow) for result in results) == 3


def test_seals_made_at_once_cover_every_record_once(fresh_county):
    def deed_and_seal():
        with as_tenant(fresh_county.tenant_id):
            audit(fresh_county.actor("王丽"), "test", unit_id=fresh_county.unit.pk)
        with as_tenant(fresh_county.tenant_id):
            return seal_audit()

    at_once(deed_and_seal, 8)
    with as_tenant(fresh_county.tenant_id):
        seal_audit()
        sealed = [record_id for seal in AuditSeal.objects.all() for record_id in seal.record_ids]
        assert sorted(sealed) == sorted(AuditRecord.objects.values_list("pk", flat=True)) and len(sealed) == 8
        assert verify_audit() is None
