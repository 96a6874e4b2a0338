"""The audit trail: who did what, and the hash chain that shows a later change of it."""

from __future__ import annotations

from datetime import date

from django.db import connection

from qingfu.units.models import AuditRecord, AuditSeal
from qingfu.units.queries import Actor


def audit(
    actor: Actor,
    action: str,
    *,
    kind: str = "",
    object_id: int | None = None,
    unit_id: int | None = None,
    **detail,
) -> None:
    """Write who did what, inside the transaction of the deed. ``detail`` holds ids, numbers and short words."""
    AuditRecord.objects.create(
        actor_id=actor.person_id,
        action=action,
        object_kind=kind,
        object_id=object_id,
        unit_id=unit_id,
        detail=detail,
    )


def audit_anonymous(action: str, *, kind: str = "", unit_id: int | None = None, **detail) -> None:
    """Write that something was done, by nobody in particular: no actor, address, session or single object."""
    AuditRecord.objects.create(action=action, object_kind=kind, unit_id=unit_id, detail=detail)


def seal_audit() -> AuditSeal | None:
    """Add the records of the open tenant that no seal covers yet to its hash chain. None if there are none.

    The database does it (``sql/trail.sql``): the application may write records, not seals.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy.seal_audit()")
        made = cursor.fetchone()[0]
    return AuditSeal.objects.get(pk=made) if made else None


def publish_head() -> date | None:
    """Publish the head of the open tenant's hash chain as today's, once a day. The day; None if it was, or is none.

    The database does it (``sql/heads.sql``). What was published stays: ``queries.heads_not_held`` compares.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy.publish_head()")
        return cursor.fetchone()[0]
