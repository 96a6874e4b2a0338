"""两办审核: the two offices allow an office to go over a limit that needs a waiver, or do not."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger import actions as ledger
from qingfu.ledger.answers import Answer
from qingfu.ledger.drafts import Draft
from qingfu.offices.models import Ask
from qingfu.units.actions import audit
from qingfu.units.models import Person
from qingfu.units.queries import Actor, actor_of, require
from qingfu.units.tenancy import as_tenant


class NotGranted(ValueError):
    """The asking cannot be posted, allowed or not. ``str()`` is a sentence for the reviewer."""


def grant(actor: Actor, ask_id: int, reason: str, key: str) -> Answer:
    """Allow what waits, and post it in the name of who asked: both or neither.

    The waivers name this one attempt, so that nobody else passes under them.

    Raises Forbidden, Ask.DoesNotExist, NotGranted (no longer waits, no reason, or it does not fit for another reason).
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = _waiting(actor, ask_id, reason)
        asker = _asker(found)
        for one in found.over:
            ledger.grant_waiver(
                actor, one["bearer_id"], one["limit_id"], date.fromisoformat(one["starts"]),
                date.fromisoformat(one["ends"]), one["extra"], office=gettext("两办"), reason=reason.strip(),
                attempt=(asker.person_id, key),
            )  # fmt: skip
        answer = ledger.post(asker, [Draft.from_json(stored) for stored in found.drafts], key)
        if not answer.ok:
            raise NotGranted(answer.why or "；".join(one.sentence for one in answer.refusals))
        found.attempt_id = answer.attempt_id
        _decide(actor, found, Ask.State.POSTED, reason, "grant_ask")
        return answer


def decline(actor: Actor, ask_id: int, reason: str) -> None:
    """Do not allow what waits. Raises Forbidden, Ask.DoesNotExist, NotGranted without a reason."""
    with as_tenant(actor.tenant_id):
        found = _waiting(actor, ask_id, reason)
        _decide(actor, found, Ask.State.DECLINED, reason, "decline_ask")


def second_withdrawal(actor: Actor, ask_id: int, key: str, *, agree: bool) -> Answer:
    """Agree to take back what has begun, or not; see ``ledger.actions.confirm_withdrawal``. What was used stays used.

    Raises Forbidden, also for whoever asked it; Ask.DoesNotExist; ValueError where no withdrawal is asked.
    """
    with as_tenant(actor.tenant_id):
        found = Ask.objects.select_for_update(of=("self",)).select_related("unit").get(pk=ask_id)
        require(actor, "review_office_waiver", found.unit)
        demand_ids = list(found.demands().order_by("id").values_list("id", flat=True))
        if not demand_ids:
            raise NotGranted(gettext("这一件没有发出，不用撤回"))
        answer = ledger.confirm_withdrawal(actor, demand_ids, key, agree=agree)
        if agree and not answer.repeated:
            found.state = Ask.State.WITHDRAWN
            found.save(update_fields=["state"])
        audit(actor, "second_withdrawal", kind="ask", object_id=found.pk, unit_id=found.unit_id)
        return answer


def _waiting(actor: Actor, ask_id: int, reason: str) -> Ask:
    found = Ask.objects.select_for_update(of=("self",)).select_related("unit").get(pk=ask_id)
    require(actor, "review_office_waiver", found.unit)
    if found.state != Ask.State.WAITING:
        raise NotGranted(gettext("这一件已经不在等审核"))
    if not reason.strip():
        raise NotGranted(gettext("同意或不同意，都要写明理由"))
    return found


def _asker(found: Ask) -> Actor:
    try:
        return actor_of(found.asker_id)
    except Person.DoesNotExist:
        raise NotGranted(gettext("发起的人已经离开，请不同意这一件，由单位重新发起")) from None


def _decide(actor: Actor, found: Ask, state: str, reason: str, deed: str) -> None:
    found.state, found.decision, found.drafts = state, reason.strip(), []
    found.reviewer_id, found.decided_at = actor.person_id, timezone.now()
    found.save(update_fields=["state", "decision", "drafts", "reviewer", "decided_at", "attempt_id"])
    audit(actor, deed, kind="ask", object_id=found.pk, unit_id=found.unit_id)
