"""What the program does by itself: hand on what happened, sweep, and charge its own cost."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.utils.translation import gettext

from qingfu.ledger import outbox
from qingfu.ledger.actions.posting import state
from qingfu.ledger.answers import Answer
from qingfu.ledger.drafts import Draft
from qingfu.units.queries import system_actor
from qingfu.units.tenancy import as_tenant

MESSAGES = 500  # of one transaction


def drain_outbox(tenant_id: int) -> int:
    """Hand the oldest messages of a tenant to those who subscribed; returns how many.

    They leave the outbox when every subscriber is through: if one fails, all are delivered again.
    """
    with as_tenant(tenant_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT topic, object_id FROM ledger.take_outbox(%s)", [MESSAGES])
            messages = cursor.fetchall()
        for topic, object_id in messages:
            outbox.deliver(tenant_id, topic, object_id)
        return len(messages)


def sweep(tenant_id: int) -> dict:
    """Remove pending entries of holds that are over, and refused attempts and their counts after 30 days.

    Returns how many of each ("holds", "refused", "counts").
    """
    with as_tenant(tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT ledger.sweep()")
        return outbox.read_json(cursor.fetchone()[0])


def meter(tenant_id: int, school_id: int, role: str, day: date, minutes: int, persons: int) -> Answer:
    """Charge Qingfu's own cost at a school: ``minutes`` of all ``persons`` with a role on a day, as their mean.

    Qingfu is the issuer; its limits are in ``data/qingfu.self.toml``. Once a day for each role: repeating it
    changes nothing. No single person's minutes are kept. Raises ValueError without persons.
    """
    if persons < 1:
        raise ValueError(gettext("没有这个岗位的使用者，不必计量"))
    draft = Draft(
        bearer_id=school_id,
        day=day,
        kind="system_use",
        minutes=-(-minutes // persons),
        attributes={"role": role, "minutes": minutes, "persons": persons},
    )
    with as_tenant(tenant_id):
        key = f"meter-{school_id}-{role}-{day}"
        return state(system_actor(tenant_id), [draft], key, gettext("轻负自身占用"))
