"""基数: frozen once, changed by signed versions that work forward only, whoever races."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError
from django.utils import timezone

from qingfu.ledger.actions import Figure, NotFrozen, change_baselines, freeze_baseline, freeze_baselines, post
from qingfu.ledger.drafts import BadFigure, Draft
from qingfu.ledger.models import Baseline
from qingfu.ledger.queries import broken_baselines
from qingfu.units.models import AuditRecord
from qingfu.units.queries import Forbidden, system_actor
from qingfu.units.tenancy import as_tenant
from tests.ledger.conftest import (
    national,  # noqa: F401
    new_key,
)
from tests.offices.county import make_office_county

TODAY = timezone.localdate()
COUNT, BUREAU = "cn.documents.count", "县农业农村局"


@pytest.fixture
def county(national):  # noqa: F811
    return make_office_county()


def figure(county, amount: int, name: str = BUREAU, **more) -> Figure:
    return Figure(county[name].pk, COUNT, TODAY.year, amount, "import", "2025年发文登记簿", **more)


def versions(county, name: str = BUREAU) -> list[tuple[int, int, str]]:
    with as_tenant(county.tenant_id):
        rows = Baseline.objects.filter(bearer=county[name]).order_by("version")
        return [(one.version, one.amount, one.origin) for one in rows]


def broken(county) -> set[int]:
    with as_tenant(county.tenant_id):
        return broken_baselines()


def issued(county, times: int = 1, name: str = BUREAU) -> list[str]:
    """Outcomes of so many documents, one by one, in the bureau's own account."""
    draft = Draft(
        county[name].pk, TODAY, kind="document", attributes={"account": "department", "assessed": True},
        amounts={"characters": 800},
    )  # fmt: skip
    return [post(county.actor(f"文秘{name}"), [draft], new_key()).outcome for _ in range(times)]


def test_the_number_of_last_year_fits_and_one_more_does_not(county):
    freeze_baselines(county.actor("两办"), [figure(county, 2)])
    assert issued(county, 3) == ["posted", "posted", "needs_reason"]


def test_without_a_baseline_nothing_is_stopped(county):
    assert set(issued(county, 4)) == {"posted"}


def test_a_figure_is_frozen_once_and_the_same_once_more_changes_nothing(county):
    two = county.actor("两办")
    (made,) = freeze_baselines(two, [figure(county, 30)])
    assert (made.version, made.amount, made.person_id, len(made.sha256)) == (1, 30, two.person_id, 64)
    assert freeze_baselines(two, [figure(county, 30)]) == freeze_baselines(two, [figure(county, 31)]) == []
    freeze_baseline(two, county[BUREAU].pk, COUNT, TODAY.year, 30, "又报一次")
    with pytest.raises(NotFrozen, match="已经冻结，改动要写新版本"):
        freeze_baseline(two, county[BUREAU].pk, COUNT, TODAY.year, 31, "又报一次")
    assert versions(county) == [(1, 30, "import")]


def test_this_year_can_be_frozen_and_the_next_one_not(county):
    with pytest.raises(NotFrozen, match="还没有过完"):
        freeze_baselines(county.actor("两办"), [replace(figure(county, 3), year=TODAY.year + 1)])
    with pytest.raises(BadFigure):
        freeze_baselines(county.actor("两办"), [figure(county, -1)])
    with pytest.raises(Forbidden):
        freeze_baselines(county.actor(f"负责人{BUREAU}"), [figure(county, 3)])
    with pytest.raises(Forbidden):  # the program states only what the ledger says
        freeze_baselines(system_actor(county.tenant_id), [figure(county, 3)])
    assert versions(county) == []


def test_a_change_is_a_signed_version_that_works_forward_only(county):
    two = county.actor("两办")
    freeze_baselines(two, [figure(county, 3)])
    assert issued(county, 2) == ["posted", "posted"]
    lower = figure(county, 1, office="县委办公室", reason="去年登记簿多记了两件")
    change_baselines(two, [replace(lower, origin="change")])
    assert issued(county) == ["needs_reason"]  # the next one does not fit; what was asked before keeps its verdict
    with as_tenant(county.tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT verdict FROM ledger_demand WHERE bearer_id = %s", [county[BUREAU].pk])
        assert cursor.fetchall() == [("pass",)]
    change_baselines(two, [replace(lower, amount=3, origin="change", reason="核对后是三件")])
    assert issued(county, 2) == ["posted", "needs_reason"]
    assert versions(county) == [(1, 3, "import"), (2, 1, "change"), (3, 3, "change")]
    with as_tenant(county.tenant_id):
        rows = list(Baseline.objects.order_by("version"))
        told = AuditRecord.objects.filter(object_kind="baseline", unit_id=county[BUREAU].pk).order_by("id")
        assert [one.detail["sha256"] for one in told] == [one.sha256 for one in rows]
        assert [one.action for one in told] == ["freeze_baseline", "change_baseline", "change_baseline"]
    assert rows[1].office == "县委办公室" and rows[0].after_attempt < rows[1].after_attempt < rows[2].after_attempt
    assert broken(county) == set()


@pytest.mark.parametrize("amount, office, reason, why", [
    (4, "", "记错了", "哪个单位定的"), (4, "县委办公室", " ", "为什么"), (3, "县委办公室", "记错了", "和现在的数一样"),
])  # fmt: skip
def test_a_change_without_office_reason_or_difference_is_no_change(county, amount, office, reason, why):
    freeze_baselines(county.actor("两办"), [figure(county, 3)])
    with pytest.raises(NotFrozen, match=why):
        change_baselines(county.actor("两办"), [figure(county, amount, office=office, reason=reason)])
    assert versions(county) == [(1, 3, "import")]


def test_who_has_seen_an_older_version_does_not_change_the_newer_one(county):
    two, seen = county.actor("两办"), {(county[BUREAU].pk, COUNT, TODAY.year): 1}
    freeze_baselines(two, [figure(county, 3)])
    change_baselines(two, [figure(county, 4, office="县委办公室", reason="漏记一件")], seen)
    with pytest.raises(NotFrozen, match="刚才有人改过了"):
        change_baselines(two, [figure(county, 5, office="县委办公室", reason="漏记两件")], seen)
    assert [one[:2] for one in versions(county)] == [(1, 3), (2, 4)]


def test_of_two_who_freeze_at_once_one_is_first_and_the_other_changes_nothing(county):
    actors = [county.actor("两办"), county.actor("管理员")]

    def freeze(actor, amount):
        try:
            several = [figure(county, amount, name) for name in ("县农业农村局", "县卫生健康局", "清水镇")]
            return freeze_baselines(actor, several[::1 if amount == 10 else -1])
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(freeze, actors, (10, 20)))
    assert sorted(map(len, made)) == [0, 3]
    (winner,) = filter(None, made)
    for name in ("县农业农村局", "县卫生健康局", "清水镇"):
        assert versions(county, name) == [(1, winner[0].amount, "import")]


def test_a_process_that_dies_before_its_end_has_frozen_nothing(county):
    two, several = county.actor("两办"), [figure(county, 10, name) for name in ("县农业农村局", "清水镇")]

    def die(_execute, sql, params, many, context):
        result = _execute(sql, params, many, context)
        if "ledger.freeze_baselines" in sql:
            connection.connection.pgconn.finish()  # as the socket of a killed process
        return result

    with pytest.raises((psycopg.Error, Exception)), connection.execute_wrapper(die):
        freeze_baselines(two, several)
    connections["default"].close()
    assert versions(county) == []
    assert len(freeze_baselines(two, several)) == 2


def test_nobody_writes_or_forges_a_version(county):
    freeze_baselines(county.actor("两办"), [figure(county, 3)])
    for statement in ("UPDATE ledger_baseline SET amount = 9", "DELETE FROM ledger_baseline"):
        with as_tenant(county.tenant_id), pytest.raises(ProgrammingError), connection.cursor() as cursor:
            cursor.execute(statement)
    forged = [{"bearer_id": county[BUREAU].pk, "limit_id": COUNT, "year": TODAY.year, "version": 5, "amount": 9}]
    with as_tenant(county.tenant_id):
        assert list(Baseline.objects.raw("SELECT * FROM ledger.freeze_baselines(%s)", [json.dumps(forged)])) == []
