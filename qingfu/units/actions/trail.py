"""The audit trail: who did what, and the hash chain that shows a later change of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

from django.db import connection
from django.db.models import Max

from qingfu.units.models import AuditRecord, AuditSeal
from qingfu.units.queries import Actor, audit_head, link_of_chain

LATEST_COMMIT = timedelta(days=1)
"""No transaction lasts longer: a record that commits late is at most this much older than sealed ones."""
SEAL_AT_MOST = 10_000


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
    """Add the records of the open tenant that no seal covers yet to its hash chain. None if there are none."""
    _one_sealing_at_a_time()
    last = AuditSeal.objects.order_by("-id").first()
    records = _unsealed(last)
    if not records:
        return None
    return AuditSeal.objects.create(
        last_id=max(record.id for record in records),
        record_ids=[record.id for record in records],
        head=link_of_chain(audit_head(), records),
    )


def _one_sealing_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('units.seal_audit'), hashtext(tenancy.current()::text))")


def _unsealed(last: AuditSeal | None) -> list[AuditRecord]:
    records = AuditRecord.objects.order_by("id")
    if last is not None:
        sealed_until = AuditRecord.objects.filter(id__in=last.record_ids).aggregate(latest=Max("at"))["latest"]
        records = records.filter(at__gte=sealed_until - LATEST_COMMIT)
        first = records.first()
        seals = AuditSeal.objects.filter(last_id__gte=first.id if first else 0)
        records = records.exclude(id__in=list(chain(*seals.values_list("record_ids", flat=True))))
    return list(records[:SEAL_AT_MOST])
