"""协商: asking a colleague for minutes, and what she says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.homework.actions.posting import drafts_of, require_hers
from qingfu.homework.items import ALL_SUBJECTS, Posting
from qingfu.homework.models import YieldRequest
from qingfu.homework.queries import Board, bars
from qingfu.ledger import actions as ledger
from qingfu.ledger.answers import Answer
from qingfu.ledger.drafts import Draft, Trim, apportion
from qingfu.ledger.models import Attempt, Demand
from qingfu.ledger.queries import hold_drafts
from qingfu.text.homework import WRITTEN
from qingfu.units.actions import audit
from qingfu.units.models import Person, Unit
from qingfu.units.queries import Actor, Forbidden, actor_of
from qingfu.units.tenancy import as_tenant

ASKED_FOR = timedelta(days=1)
"""How long a request holds what is free (design, section 5)."""
PURPOSE = "yield"


class CannotAsk(ValueError):
    """The request makes no sense as it stands. ``str()`` is a sentence for the person."""


class NotHeld(RuntimeError):
    """What is free could not be held; ``answer`` says why."""

    def __init__(self, answer: Answer):
        super().__init__(answer.outcome)
        self.answer = answer


def ask_colleague(
    actor: Actor, posting: Posting, unit: Unit, demand_id: int, minutes: int, key: str, message: str = ""
) -> YieldRequest:
    """Ask the issuer of a posted item to give up ``minutes`` of it for what ``posting`` asks of one class.

    What is free there is held for a day. Repeating the key gives the same request again. Raises CannotAsk,
    NotHers, Forbidden, NotHeld.
    """
    with as_tenant(actor.tenant_id):
        earlier = _asked_before(actor, key)
        if earlier:
            return earlier
        asked = posting.for_class(unit.pk)
        require_hers(actor, asked.items)
        demand = _colleagues_item(actor, unit, demand_id, posting)
        if not asked.items:
            raise CannotAsk(gettext("这些作业不是给%(place)s的。") % {"place": unit.name})
        if not 0 < minutes <= (demand.stated_minutes or 0):
            raise CannotAsk(gettext("最多能请对方让 %(minutes)s 分钟。") % {"minutes": demand.stated_minutes or 0})
        drafts = drafts_of(asked)
        free = _free(unit, posting, drafts)
        if _minutes(drafts) > free + minutes:
            short = _minutes(drafts) - free
            raise CannotAsk(gettext("还差 %(short)s 分钟，请对方让得不够。") % {"short": short})
        expires = timezone.now() + ASKED_FOR
        held = ledger.hold(
            actor, _fitted(drafts, free), key, expires, asked_id=demand.issuer_id, purpose=PURPOSE, wanted=drafts
        )
        if not held.ok:
            raise NotHeld(held)
        return _request(actor, unit, demand, minutes, drafts, held, message, expires)


def _asked_before(actor: Actor, key: str) -> YieldRequest | None:
    """The request that this key made: what is free has changed since, so the hold cannot be asked twice alike."""
    held = Attempt.objects.filter(issuer_id=actor.person_id, key=key, outcome="held").first()
    return held and YieldRequest.objects.get(hold_ids=held.answer["holds"])


def _request(
    actor: Actor, unit: Unit, demand: Demand, minutes: int, drafts: Sequence[Draft], held: Answer, message: str,
    expires,
) -> YieldRequest:  # fmt: skip
    if held.repeated:
        return YieldRequest.objects.get(hold_ids=[held.hold_id])
    made = YieldRequest.objects.create(
        asker_id=actor.person_id, asked_id=demand.issuer_id, class_unit=unit, demand_id=demand.id,
        minutes=minutes, draft=[draft.to_json() for draft in drafts], message=message[:200],
        hold_ids=[held.hold_id], expires_at=expires,
    )  # fmt: skip
    audit(actor, "ask_colleague", kind="yield_request", object_id=made.pk, unit_id=unit.pk, minutes=minutes)
    return made


def _colleagues_item(actor: Actor, unit: Unit, demand_id: int, posting: Posting) -> Demand:
    found = Demand.objects.filter(
        id=demand_id, bearer_id=unit.pk, day=posting.day, kind="homework", state=Demand.State.POSTED
    ).first()
    if found is None or found.issuer_id == actor.person_id:
        raise CannotAsk(gettext("那一项作业已经变了，请重新看一看还能怎么调。"))
    return found


def _free(unit: Unit, posting: Posting, drafts: Sequence[Draft]) -> int:
    """The minutes that are free in the tightest budget which the drafts draw on."""
    bar = bars(Board([unit]), [unit], [posting.day])[unit.pk, posting.day]
    return _minutes(drafts) if bar.left is None else bar.left


def _counts(draft: Draft) -> bool:
    return draft.attributes.get("form") == WRITTEN and draft.attributes.get("required", True)


def _minutes(drafts: Sequence[Draft]) -> int:
    return sum(draft.minutes or 0 for draft in drafts if _counts(draft))


def _fitted(drafts: Sequence[Draft], free: int) -> list[Draft]:
    """The drafts as they fit now: written work shares what is free, the rest is as it is."""
    weights = {n: draft.minutes or 0 for n, draft in enumerate(drafts) if _counts(draft)}
    shares = apportion(min(free, sum(weights.values())), weights)
    return [replace(draft, minutes=shares.get(n, draft.minutes)) for n, draft in enumerate(drafts)]


# ---- what the colleague says ----


def accept_request(actor: Actor, request_id: int, key: str) -> Answer:
    """Give up the minutes and post the asker's items in her name: one transaction of the ledger.

    An answer that is not ``posted`` has changed nothing: the hold has lapsed, or it no longer fits.
    Raises Forbidden unless the actor was asked, CannotAsk for a request that is over.
    """
    with as_tenant(actor.tenant_id):
        request = _lock(request_id, asked_id=actor.person_id)
        if request.state == YieldRequest.State.ACCEPTED:
            return Answer("posted", repeated=True)
        _require_open(request)
        demand = Demand.objects.get(id=request.demand_id)
        drafts = [draft for hold_id in request.hold_ids for draft in hold_drafts(actor, hold_id)]
        _require_still_hers(request, drafts)
        left = (demand.stated_minutes or 0) - request.minutes
        if left < 0 or demand.state != Demand.State.POSTED:
            raise CannotAsk(gettext("那一项作业已经变了，这次协商不能再同意。"))
        trims = [Trim(demand.id, left)]
        answer = ledger.post(actor, drafts, key, converts=request.hold_ids, trims=trims)
        if answer.ok:
            _close(actor, request, YieldRequest.State.ACCEPTED)
        return answer


def _require_still_hers(request: YieldRequest, drafts: Sequence[Draft]) -> None:
    """She asked a while ago: what is posted in her name now is what she may post now."""
    try:
        subjects = actor_of(request.asker_id).subjects_in(request.class_unit)
    except Person.DoesNotExist:
        subjects = []
    if ALL_SUBJECTS not in subjects and {draft.subject for draft in drafts} - set(subjects):
        raise CannotAsk(gettext("对方已经不在这个班教这门课，这次协商不能再同意。"))


def decline_request(actor: Actor, request_id: int, key: str, answer: str = "") -> None:
    """Say no; what was held is free again. Raises Forbidden unless the actor was asked."""
    _give_up(actor, {"asked_id": actor.person_id}, request_id, key, YieldRequest.State.DECLINED, answer)


def withdraw_request(actor: Actor, request_id: int, key: str) -> None:
    """The asker takes the request back. Raises Forbidden unless it is hers."""
    _give_up(actor, {"asker_id": actor.person_id}, request_id, key, YieldRequest.State.WITHDRAWN, "")


def _give_up(actor: Actor, who: dict, request_id: int, key: str, state: str, answer: str) -> None:
    with as_tenant(actor.tenant_id):
        request = _lock(request_id, **who)
        if request.state == state:
            return
        if request.state != YieldRequest.State.ASKED:
            raise CannotAsk(gettext("这次协商已经有结果：%(state)s。") % {"state": request.get_state_display()})
        for hold_id in request.hold_ids:
            ledger.release(actor, hold_id, f"{key}-{hold_id}")
        request.answer = answer[:200]
        _close(actor, request, state)


def _lock(request_id: int, **who) -> YieldRequest:
    found = YieldRequest.objects.select_for_update().filter(pk=request_id, **who).first()
    if found is None:
        raise Forbidden("post_homework")
    return found


def _require_open(request: YieldRequest) -> None:
    if request.state != YieldRequest.State.ASKED:
        raise CannotAsk(gettext("这次协商已经有结果：%(state)s。") % {"state": request.get_state_display()})
    if request.expires_at <= timezone.now():
        raise CannotAsk(gettext("这次协商已经过期，预留的分钟数已经放开。"))


def _close(actor: Actor, request: YieldRequest, state: str) -> None:
    request.state = state
    request.save(update_fields=["state", "answer"])
    audit(
        actor, f"yield_{state}", kind="yield_request", object_id=request.pk, unit_id=request.class_unit_id,
        minutes=request.minutes,
    )  # fmt: skip
