"""The one way an office asks, records what comes from above, and takes back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger import actions as ledger
from qingfu.ledger.answers import Answer, Refusal
from qingfu.ledger.models import Budget
from qingfu.offices.asking import Asking
from qingfu.offices.models import Ask
from qingfu.offices.queries.asks import arrival_at
from qingfu.offices.queries.forms import workdays
from qingfu.rulebook import Verdict
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.permissions import posting_verb
from qingfu.units.queries import Actor, require
from qingfu.units.tenancy import as_tenant

State = Ask.State


class NotInPlace(ValueError):
    """An asking that cannot be put to the ledger as it is. ``str()`` is a sentence for the person."""


@dataclass(frozen=True)
class Result:
    """What came of an asking. ``ask`` is there once something is kept: posted, waiting, received.

    ``answer`` is the ledger's: ``posted``, ``needs_reason`` (once more with a written explanation), ``needs_waiver``
    (once more with ``review=True``, for the two offices), ``refused``, ``closed``.
    """

    answer: Answer
    ask: Ask | None = None

    @property
    def outcome(self) -> str:
        """``waiting`` where it is put before the two offices, else the ledger's outcome."""
        return self.ask.state if self.ask and self.ask.state == State.WAITING else self.answer.outcome


def ask(actor: Actor, unit: Unit, asking: Asking, key: str, *, review: bool = False, emergency: str = "") -> Result:
    """Ask in the name of ``unit``: of all its bearers, or of none.

    The verdict is the rulebook's. A warning goes on with ``asking.reason`` (书面说明). What needs a waiver goes to the
    two offices with ``review`` and a reason. ``emergency`` is the reason of a disaster, safety, epidemic, enforcement
    or other statutory duty: then it is recorded, never refused, and counted apart. What went out on a day gone by is
    entered late (补登), with its reason. ``key`` makes a repetition harmless.

    Raises Forbidden, NotInPlace, ledger.KeyReused, ledger.BadFigure.
    """
    with as_tenant(actor.tenant_id):
        require(actor, posting_verb(asking.kind), unit)
        asking = _checked(asking.for_unit(unit), unit)
        fingerprint = asking.typed(unit)
        earlier = _earlier(actor, key, fingerprint)
        if earlier:
            return earlier
        drafts = asking.drafts(unit)
        if emergency:
            drafts = [replace(draft, emergency=True, reason=emergency) for draft in drafts]
            answer = ledger.record(actor, drafts, key, emergency, typed=fingerprint)
            return _kept(actor, unit, asking, key, answer, "ask", reason=emergency, emergency=True)
        if asking.day < timezone.localdate():
            answer = ledger.record(actor, drafts, key, _reason_of_late(asking), typed=fingerprint)
            return _kept(actor, unit, asking, key, answer, "ask")
        answer = ledger.post(actor, drafts, key, typed=fingerprint)
        if answer.ok:
            return _kept(actor, unit, asking, key, answer, "ask")
        if answer.outcome == "needs_waiver" and review:
            return _put_before_two_offices(actor, unit, asking, key, answer)
        return Result(answer)


def receive(actor: Actor, unit: Unit, asking: Asking, key: str, source: str) -> Result:
    """收文登记: record what came to ``unit`` from above, from ``source``. It is never refused; going over a limit opens
    a Finding, which is the county's matter. ``asking.bearers`` are ``unit`` or units in it.

    Raises Forbidden, NotInPlace without a source, ledger.KeyReused, ledger.BadFigure.
    """
    if not source.strip():
        raise NotInPlace(gettext("请写明是哪个单位发来的"))
    with as_tenant(actor.tenant_id):
        require(actor, posting_verb(asking.kind), unit)
        marked = {**asking.attributes, "from_above": source.strip()}
        asking = replace(_checked(asking.for_unit(unit), unit), attributes=marked)
        fingerprint = asking.typed(unit)
        earlier = _earlier(actor, key, fingerprint)
        if earlier:
            return earlier
        why = asking.reason.strip() or gettext("上级来件")
        answer = ledger.record(actor, asking.bearer_drafts(unit), key, why, typed=fingerprint)
        return _kept(actor, unit, asking, key, answer, "receive", state=State.RECEIVED, source=source.strip())


def record_done(actor: Actor, unit: Unit, asking: Asking, key: str, why: str) -> Result:
    """State what ``unit`` has done already, such as an unannounced visit: never refused; going over a limit opens a
    Finding. Raises Forbidden, NotInPlace, ledger.KeyReused, ledger.BadFigure."""
    with as_tenant(actor.tenant_id):
        require(actor, posting_verb(asking.kind), unit)
        asking = _checked(asking.for_unit(unit), unit)
        fingerprint = asking.typed(unit)
        earlier = _earlier(actor, key, fingerprint)
        if earlier:
            return earlier
        answer = ledger.record(actor, asking.drafts(unit), key, why, typed=fingerprint)
        return _kept(actor, unit, asking, key, answer, "ask", reason=why)


def withdraw(actor: Actor, ask_id: int, key: str, reason: str = "") -> Answer:
    """Take back what was asked, at all its bearers; see ``ledger.actions.withdraw``. What waits is simply dropped.

    Raises Forbidden, Ask.DoesNotExist, ledger.KeyReused, ValueError for what no longer stands.
    """
    with as_tenant(actor.tenant_id):
        found = Ask.objects.select_for_update(of=("self",)).select_related("unit").get(pk=ask_id)
        require(actor, posting_verb(found.kind), found.unit)
        if found.state == State.WAITING:
            _withdrawn(actor, found)
            return Answer("posted")
        demand_ids = list(found.demands().order_by("id").values_list("id", flat=True))
        answer = ledger.withdraw(actor, demand_ids, key, reason)
        if answer.ok and not answer.repeated:
            _withdrawn(actor, found)
        return answer


def _withdrawn(actor: Actor, found: Ask) -> None:
    found.state, found.drafts = State.WITHDRAWN, []
    found.save(update_fields=["state", "drafts"])
    audit(actor, "withdraw_ask", kind="ask", object_id=found.pk, unit_id=found.unit_id)


def _checked(asking: Asking, unit: Unit) -> Asking:
    """The asking with the root of its relay. Raises NotInPlace."""
    if not asking.bearers:
        raise NotInPlace(gettext("请先选要做这件事的单位"))
    if len({one.unit.pk for one in asking.bearers}) < len(asking.bearers):
        raise NotInPlace(gettext("同一个单位选了两次"))
    if asking.due_day:
        asking = _with_lead(asking, unit)
    if asking.origin_id is None:
        return asking
    origin = Ask.objects.filter(pk=asking.origin_id, kind=asking.kind).select_related("origin").first()
    if origin is None or arrival_at(origin, unit) is None:
        raise NotInPlace(gettext("只能转发本单位收到的同类事项"))
    root = origin.origin or origin
    attributes = {**asking.attributes, "origin": root.attempt_id}
    return replace(asking, origin_id=root.pk, attributes=attributes)


def _with_lead(asking: Asking, unit: Unit) -> Asking:
    """The time that those below are given: working days until it is due, and whether it is due on a day of rest."""
    if asking.due_day < asking.day:
        raise NotInPlace(gettext("完成的期限不能早于发起的日子"))
    lead, on_workday = workdays(unit, asking.lead_from or asking.day, asking.due_day)
    rest = {} if on_workday else {"due_on": "rest_day"}
    return replace(
        asking, amounts={**asking.amounts, "workdays": lead}, attributes={**asking.attributes, "has_due": True, **rest}
    )  # fmt: skip


def _reason_of_late(asking: Asking) -> str:
    if not asking.reason.strip():
        raise NotInPlace(gettext("这一天已经过去，补登要写明理由"))
    return asking.reason.strip()


def _earlier(actor: Actor, key: str, fingerprint: str) -> Result | None:
    """What this key made before. Raises ledger.KeyReused."""
    found = Ask.objects.filter(asker_id=actor.person_id, key=key).first()
    if found is None:
        return None
    if found.fingerprint != fingerprint:
        raise ledger.KeyReused(key)
    return Result(Answer("posted", found.attempt_id, repeated=True), found)


def _kept(actor: Actor, unit: Unit, asking: Asking, key: str, answer: Answer, deed: str, **more) -> Result:
    if answer.repeated and (earlier := _earlier(actor, key, asking.typed(unit))):
        return earlier  # two taps at the same moment: the other one has kept it
    made = Ask.objects.create(
        **{
            "unit": unit, "asker_id": actor.person_id, "kind": asking.kind, "day": asking.day, "title": asking.title,
            "origin_id": asking.origin_id, "state": State.POSTED, "attempt_id": answer.attempt_id, "key": key,
            "fingerprint": asking.typed(unit), "bearers": len(asking.bearers), "minutes": asking.minutes,
            "reason": asking.reason.strip(), **more,
        }
    )  # fmt: skip
    audit(actor, deed, kind="ask", object_id=made.pk, unit_id=unit.pk)
    return Result(answer, made)


def _put_before_two_offices(actor: Actor, unit: Unit, asking: Asking, key: str, answer: Answer) -> Result:
    """A row that waits for the two offices, with what they would have to allow."""
    if not asking.reason.strip():
        raise NotInPlace(gettext("请两办审核要写明理由"))
    over = [to_allow(one, asking) for one in answer.over if one.verdict == Verdict.NEEDS_WAIVER]
    drafts = [draft.to_json() for draft in asking.drafts(unit)]
    return _kept(
        actor, unit, asking, key, replace(answer, attempt_id=None), "ask_two_offices", state=State.WAITING,
        drafts=drafts, over=over,
    )  # fmt: skip


def to_allow(one: Refusal, asking: Asking) -> dict:
    """What the two offices are asked: one limit of one bearer in one window, by how much, and the rule's sentence."""
    starts = ends = asking.day
    extra = 0
    if one.window_key:
        budget = Budget.objects.get(bearer_id=one.bearer_id, limit_id=one.limit_id, window_key=one.window_key)
        starts, ends = budget.starts, budget.ends
        extra = one.used + one.held + one.requested - one.cap
    return {
        "bearer_id": one.bearer_id, "limit_id": one.limit_id, "title": one.title, "sentence": one.sentence,
        "document": one.document, "starts": str(starts), "ends": str(ends), "extra": extra,
    }  # fmt: skip
