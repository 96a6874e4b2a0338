"""Everything that changes a Finding. One function for one verb."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from qingfu.findings.models import Finding, FindingStep
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, school_of

DAYS_TO_RECTIFY = 7


def open_finding(
    actor: Actor,
    bearer: Unit,
    kind: str,
    summary: str,
    *,
    limit_id: str = "",
    object_kind: str = "",
    object_ids: list[int] | None = None,
    due_day: date | None = None,
) -> Finding:
    """Open a Finding about ``bearer``: its school or office answers for it, within a week unless said otherwise.

    Called by the program from inside another action, which has checked what the actor may do.
    """
    finding = Finding.objects.create(
        bearer=bearer,
        kind=kind,
        limit_id=limit_id,
        object_kind=object_kind,
        object_ids=object_ids or [],
        summary=summary,
        responsible_unit=_answerable(bearer),
        due_day=due_day or timezone.localdate() + timedelta(days=DAYS_TO_RECTIFY),
    )
    FindingStep.objects.create(finding=finding, actor_id=actor.person_id, state=finding.state)
    audit(actor, "open_finding", kind="finding", object_id=finding.pk, unit_id=bearer.pk, limit=limit_id)
    return finding


def _answerable(bearer: Unit) -> Unit:
    """The school or office that a bearer is or lies in; a bearer above schools answers for itself."""
    try:
        return school_of(bearer)
    except Unit.DoesNotExist:
        return bearer
