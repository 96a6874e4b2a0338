"""What the program does by itself: the outbox, the sweep, and its own cost on its own ledger."""

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.ledger import outbox
from qingfu.ledger.actions import drain_outbox, meter, post, sweep
from qingfu.ledger.models import Attempt, Budget, Demand, Outbox, Refusal
from qingfu.ledger.queries import attempt_demands, refusal_counts
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county

from .conftest import G3_6, new_key


@pytest.fixture
def heard(monkeypatch):
    """What subscribers of posts were told, as (tenant id, demand ids)."""
    told = []
    subscribers = {topic: [] for topic in outbox.TOPICS}
    monkeypatch.setattr(outbox, "_subscribers", subscribers)
    outbox.subscribe("post", lambda tenant_id, attempt_id: told.append(
        (tenant_id, tuple(attempt_demands(attempt_id).values_list("id", flat=True)))
    ))  # fmt: skip
    return told


def test_a_message_is_delivered_once_and_is_gone(county, written, heard, rows):
    answer = post(county.actor("王丽"), [written("语文", 20)], new_key())
    assert drain_outbox(county.tenant_id) == 1
    assert heard == [(county.tenant_id, answer.demand_ids)]
    assert drain_outbox(county.tenant_id) == 0
    assert not rows(Outbox)


def test_a_message_survives_a_subscriber_that_fails(county, written, heard, rows):
    post(county.actor("王丽"), [written("语文", 20)], new_key())

    def fails(*_):
        raise RuntimeError("打印机缺纸")

    outbox.subscribe("post", fails)
    with pytest.raises(RuntimeError):
        drain_outbox(county.tenant_id)
    assert len(rows(Outbox)) == 1


def test_messages_of_another_county_stay_there(county, written, heard, rows):
    post(county.actor("王丽"), [written("语文", 20)], new_key())
    assert drain_outbox(make_county().tenant_id) == 0
    assert len(rows(Outbox)) == 1


def test_a_misspelt_topic_is_refused():
    with pytest.raises(KeyError):
        outbox.subscribe("posted", print)


def test_refusals_leave_the_school_as_counts(county, written):
    for _ in range(3):
        post(county.actor("王丽"), [written("语文", 61)], new_key())
    today = timezone.localdate()
    with as_tenant(county.tenant_id):
        assert refusal_counts(county.schools["青禾县实验小学"].pk, today, today) == {G3_6: 3}
        assert refusal_counts(county.schools["青禾县第一中学"].pk, today, today) == {}


def test_refusals_and_their_counts_are_gone_after_thirty_days(county, written, rows, cluster):
    post(county.actor("王丽"), [written("语文", 61)], new_key())
    post(county.actor("王丽"), [written("语文", 20)], new_key())
    _age(cluster, county.tenant_id, days=31)
    assert sweep(county.tenant_id) == {"holds": 0, "refused": 1, "counts": 1}
    assert [a.outcome for a in rows(Attempt)] == ["posted"]
    assert not rows(Refusal)


def _age(cluster, tenant_id: int, days: int) -> None:
    """Make the attempts and counts of a county older, as only a superuser can."""
    import psycopg

    with psycopg.connect(**cluster.connection("superuser")) as connection:
        for table, column in (("ledger_attempt", "at"), ("ledger_refusal", "day")):
            connection.execute(
                f"UPDATE {table} SET {column} = {column} - make_interval(days => %s) WHERE tenant_id = %s",
                [days, tenant_id],
            )


def test_qingfu_charges_its_own_cost_to_its_own_limit(county, rows):
    """120 minutes of 48 teachers are 3 minutes each, and 3 a week is the limit."""
    school, today = county.schools["青禾县实验小学"], timezone.localdate()
    assert meter(county.tenant_id, school.pk, "teacher", today, minutes=120, persons=48).ok
    (demand,) = rows(Demand, kind="system_use")
    assert (demand.stated_minutes, demand.issuer_id, demand.origin) == (3, 0, "record")
    assert [(b.limit_id, b.used) for b in rows(Budget)] == [("qingfu.self.teacher", 3)]
    assert not rows(Finding)


def test_when_qingfu_takes_too_long_there_is_a_finding_about_it(county, rows):
    school, today = county.schools["青禾县实验小学"], timezone.localdate()
    meter(county.tenant_id, school.pk, "dean", today, minutes=31, persons=1)
    assert [f.limit_id for f in rows(Finding)] == ["qingfu.self.dean"]


def test_a_day_is_metered_once(county, rows):
    school, today = county.schools["青禾县实验小学"], timezone.localdate() - timedelta(days=1)
    for _ in range(2):
        meter(county.tenant_id, school.pk, "class_teacher", today, minutes=8, persons=4)
    assert [b.used for b in rows(Budget)] == [2]
