"""Taking back what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger.answers import Answer
from qingfu.ledger.asking import Build, again_after_deadlock, answered, ask
from qingfu.ledger.drafts import IMPORTED
from qingfu.ledger.models import Demand
from qingfu.ledger.reckoning import Reckoning, reckonings
from qingfu.ledger.requests import Request, hash_of
from qingfu.ledger.standing import Standing, load_standing
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, require, who_may
from qingfu.units.tenancy import as_tenant

STANDS = (Demand.State.POSTED,)
ASKED = (Demand.State.WITHDRAWAL_ASKED,)
HOMEWORK_BEGINS = "lessons_end"


@again_after_deadlock
def withdraw(actor: Actor, demand_ids: Sequence[int], key: str, reason: str = "") -> Answer:
    """Take demands back, all or none: the issuer, or whoever may second a withdrawal there.

    Before the bearers' window begins (for homework: the end of lessons that day) the budgets are free again:
    ``posted``. Later the charge stays and only the notice is corrected: without ``reason`` the answer is
    ``needs_reason``, with one ``needs_second``, until a second person calls ``confirm_withdrawal``. Where nobody
    else could (a village point with one teacher) the step collapses: ``posted``.

    Raises Forbidden, KeyReused, ValueError for a demand that no longer stands.
    """
    fingerprint = hash_of("withdraw", (), demands=list(demand_ids), reason=reason)
    with as_tenant(actor.tenant_id):
        repeated = answered(actor, key, fingerprint)
        if repeated:
            return repeated
        found, standing = _load(actor, demand_ids, STANDS)
        begins = min(window_begins(one, found[one.demand.bearer_id]) for one in standing)
        if timezone.now() < begins:
            answer = ask(actor, "withdraw", key, fingerprint, found, _early(actor, demand_ids, reason, begins))
            if answer.outcome != "too_late":
                return answer
        if not reason.strip():
            return Answer("needs_reason")
        return ask(actor, "withdraw", key, fingerprint, found, _late(actor, demand_ids, reason))


@again_after_deadlock
def confirm_withdrawal(actor: Actor, demand_ids: Sequence[int], key: str, *, agree: bool = True) -> Answer:
    """The second person agrees to a late withdrawal (the notice is corrected, the charge stays) or does not.

    Raises Forbidden, also for the person who asked; KeyReused; ValueError where nothing was asked.
    """
    fingerprint = hash_of("withdraw", (), demands=list(demand_ids), agree=agree)
    with as_tenant(actor.tenant_id):
        repeated = answered(actor, key, fingerprint)
        if repeated:
            return repeated
        found, _ = _load(actor, demand_ids, ASKED)

        def build(request: Request, found: dict[int, Reckoning]) -> None:
            for one in _load(actor, demand_ids, ASKED)[1]:
                unit = found[one.demand.bearer_id].unit(one.demand.bearer_id)
                require(actor, "second_withdrawal", unit)
                if one.demand.withdrawal["by"] == actor.person_id:
                    raise Forbidden("second_withdrawal", unit)
                said = {**one.demand.withdrawal, "second": actor.person_id, "agreed": agree}
                state = Demand.State.CORRECTED if agree else Demand.State.POSTED
                request.corrections.append(_correction(one, state, said))

        return ask(actor, "withdraw", key, fingerprint, found, build)


def take_back_import(actor: Actor, demand_ids: Sequence[int], key: str, reason: str) -> Answer:
    """Reverse what an import stated, whatever windows are over: it was read wrongly, or not what happened.

    For the program inside ``as_tenant``: whoever calls it has checked who may. Raises Forbidden for a demand that no
    import made, ValueError for one that no longer stands.
    """
    def build(request: Request, found: dict[int, Reckoning]) -> None:
        for one in _imported(demand_ids):
            one.take_all_back(request, found[one.demand.bearer_id].institution.pk)
            said = {"by": actor.person_id, "reason": reason}
            request.corrections.append(_correction(one, Demand.State.WITHDRAWN, said))

    fingerprint = hash_of("withdraw", (), demands=list(demand_ids), reason=reason)
    bearer_ids = {one.demand.bearer_id for one in _imported(demand_ids)}
    return ask(actor, "withdraw", key, fingerprint, bearer_ids, build)


def _imported(demand_ids: Sequence[int]) -> list[Standing]:
    standing = list(load_standing(demand_ids).values())
    if any(IMPORTED not in one.demand.attributes for one in standing) or len(standing) != len(set(demand_ids)):
        raise Forbidden("import_records")
    if any(one.demand.state != Demand.State.POSTED for one in standing):
        raise ValueError(gettext("这批里有的已经撤回了"))
    return standing


def window_begins(standing: Standing, reckoning: Reckoning) -> datetime:
    """When the bearers begin: homework after the last lesson of its day, else at the demand's time or the day's."""
    demand = standing.demand
    bearer = reckoning.bearer(demand.bearer_id, demand.day)
    begins = demand.starts or "00:00"
    if demand.kind == "homework":
        begins = reckoning.rulebook.local_time(HOMEWORK_BEGINS, bearer, demand.day) or begins
    return timezone.make_aware(datetime.combine(demand.day, time.fromisoformat(begins)))


def _early(actor: Actor, demand_ids: Sequence[int], reason: str, begins: datetime) -> Build:
    def build(request: Request, found: dict[int, Reckoning]) -> None:
        request.before = begins.isoformat()
        for one in _load(actor, demand_ids, STANDS)[1]:
            one.take_all_back(request, found[one.demand.bearer_id].institution.pk)
            said = {"by": actor.person_id, "reason": reason}
            request.corrections.append(_correction(one, Demand.State.WITHDRAWN, said))

    return build


def _late(actor: Actor, demand_ids: Sequence[int], reason: str) -> Build:
    def build(request: Request, found: dict[int, Reckoning]) -> None:
        standing = _load(actor, demand_ids, STANDS)[1]
        alone = not any(_others(actor, found[one.demand.bearer_id].unit(one.demand.bearer_id)) for one in standing)
        state = Demand.State.CORRECTED if alone else Demand.State.WITHDRAWAL_ASKED
        for one in standing:
            said = {"by": actor.person_id, "reason": reason, "alone": alone}
            request.corrections.append(_correction(one, state, said))
        request.outcome = "posted" if alone else "needs_second"

    return build


def _others(actor: Actor, unit: Unit) -> bool:
    """Whether anybody but the actor may second a withdrawal at a unit."""
    return who_may("second_withdrawal", unit).exclude(person=actor.person_id).exists()


def _correction(standing: Standing, state: str, said: dict) -> dict:
    demand = standing.demand
    return {"demand_id": demand.id, "revision": demand.revision, "state": state, "withdrawal": said}


def _load(
    actor: Actor, demand_ids: Sequence[int], states: Sequence[str]
) -> tuple[dict[int, Reckoning], list[Standing]]:
    """The demands and their bearers' reckonings, if the actor may withdraw them and they are in these states."""
    standing = list(load_standing(demand_ids).values())
    found = reckonings(actor.tenant_id, {one.demand.bearer_id for one in standing})
    if not standing or len(standing) != len(set(demand_ids)):
        raise Forbidden("second_withdrawal")
    for one in standing:
        if one.demand.issuer_id != actor.person_id:
            require(actor, "second_withdrawal", found[one.demand.bearer_id].unit(one.demand.bearer_id))
        if one.demand.state not in states:
            raise ValueError(gettext("这项现在是“%(state)s”，不能这样处理") % {"state": one.demand.get_state_display()})
    return found, standing
