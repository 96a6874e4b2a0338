"""Asking and stating: post, hold, release, record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.findings.actions import open_finding
from qingfu.ledger.answers import Answer
from qingfu.ledger.asking import again_after_deadlock, answered, ask
from qingfu.ledger.drafts import Draft, Reserve, Trim
from qingfu.ledger.models import Demand, Hold
from qingfu.ledger.reckoning import Reckoning, reckonings
from qingfu.ledger.requests import Request, hash_of
from qingfu.ledger.standing import Standing, load_standing
from qingfu.rulebook import Verdict
from qingfu.units.models import Person
from qingfu.units.permissions import posting_verb
from qingfu.units.queries import Actor, Forbidden, actor_of, require_ask
from qingfu.units.tenancy import as_tenant


@again_after_deadlock
def post(
    actor: Actor,
    drafts: Sequence[Draft],
    key: str,
    *,
    converts: Sequence[int] = (),
    trims: Sequence[Trim] = (),
    typed: str = "",
) -> Answer:
    """Ask to post the drafts, all or nothing. ``key`` names this request: repeating it asks nothing anew.

    ``converts`` are Holds that end with it, so that what they set aside is free for these drafts; what such a hold
    of a colleague wanted may be posted in her name, if she still may post it. ``trims`` give up minutes of the
    actor's own demands in the same transaction. ``typed`` is the fingerprint of what a person entered, where the
    drafts are made from that and from the clock. Outside ``as_tenant`` and without holds and trims it is one trip.

    Raises Forbidden, KeyReused, Unknown (no such bearer), BadFigure, ValueError for a trim that trims nothing and
    for an emergency, which is recorded.
    """
    _refuse_emergencies(drafts)
    if len({trim.demand_id for trim in trims}) < len(trims):
        raise ValueError(gettext("同一项作业一次只能让一回分钟"))
    given = [[trim.demand_id, trim.minutes] for trim in trims]
    fingerprint = typed or hash_of("post", drafts, converts=list(converts), trims=given)
    bearer_ids = {draft.bearer_id for draft in drafts}
    if not converts and not trims:
        return ask(actor, "post", key, fingerprint, bearer_ids, lambda r, f: _put(r, f, actor, drafts))
    with as_tenant(actor.tenant_id):
        repeated = answered(actor, key, fingerprint)
        if repeated:
            return repeated
        askers = _askers(_holds(actor, converts), actor)
        bearer_ids |= {standing.demand.bearer_id for standing in _own(actor, trims)}

        def build(request: Request, found: dict[int, Reckoning]) -> None:
            _put(request, found, actor, drafts, askers)
            for standing, trim in zip(_own(actor, trims), trims, strict=True):
                standing.trim(request, trim.minutes, found[standing.demand.bearer_id])
            if converts:
                request.ends = {"holds": list(converts), "state": Hold.State.CONVERTED}

        return ask(actor, "post", key, fingerprint, bearer_ids, build)


def hold(
    actor: Actor,
    drafts: Sequence[Draft],
    key: str,
    expires_at: datetime,
    *,
    asked_id: int | None = None,
    purpose: str = "",
    wanted: Sequence[Draft] = (),
) -> Answer:
    """Set aside what the drafts take until ``expires_at``, if it fits. ``asked_id``: the Person who may accept.

    ``wanted`` is what is to be posted in the end, where that is more than fits now. The answer's ``hold_id`` is for
    ``post(..., converts=[…])`` or ``release``. Raises as ``post``, and ValueError if it would have lapsed already.
    """
    return hold_all(actor, [Reserve(drafts, expires_at, asked_id, purpose, wanted)], key)


@again_after_deadlock
def hold_all(actor: Actor, several: Sequence[Reserve], key: str) -> Answer:
    """Set aside several things that are posted or given up each by itself, all or none, in one request.

    The answer's ``hold_ids`` are in their order; its refusals count the drafts through all of them.
    Raises as ``hold``.
    """
    if any(one.expires_at <= timezone.now() for one in several):
        raise ValueError(gettext("预留的到期时间已过"))
    for one in several:
        _refuse_emergencies(one.drafts)

    def build(request: Request, found: dict[int, Reckoning]) -> None:
        for one in several:
            _put(request, found, actor, one.drafts)
            _require_all(found, actor, one.wanted)
            request.holds.append(_stored(one, actor))

    bearer_ids = {draft.bearer_id for one in several for draft in (*one.drafts, *one.wanted)}
    fingerprint = hash_of("hold", (), several=[one.typed() for one in several])
    return ask(actor, "hold", key, fingerprint, bearer_ids, build)


def _stored(one: Reserve, actor: Actor) -> dict:
    wanted = one.wanted or one.drafts
    return {
        "asked_id": one.asked_id,
        "purpose": one.purpose,
        "expires_at": one.expires_at.isoformat(),
        "first_day": str(min(draft.day for draft in one.drafts)),
        "drafts": [replace(draft, issuer_id=actor.person_id).to_json() for draft in wanted],
    }


@again_after_deadlock
def release(actor: Actor, hold_id: int, key: str) -> Answer:
    """Give up a hold: its issuer, or whoever was asked and declines. Raises Forbidden, KeyReused."""
    with as_tenant(actor.tenant_id):
        _holds(actor, [hold_id])

        def build(request: Request, _) -> None:
            request.ends = {"holds": [hold_id], "state": Hold.State.RELEASED}

        return ask(actor, "release", key, hash_of("release", (), hold=hold_id), (), build)


@again_after_deadlock
def record(actor: Actor, drafts: Sequence[Draft], key: str, why: str, *, typed: str = "") -> Answer:
    """State what happened: past days (补登), arrivals from above, emergencies. Never refused.

    Opens a Finding for each limit that it takes over its cap. ``why`` is kept as the reason of drafts without
    one, ``typed`` as with ``post``. Raises Forbidden, KeyReused, Unknown, BadFigure, ValueError without a reason.
    """
    if not why.strip():
        raise ValueError(gettext("登记须写明原因"))
    with as_tenant(actor.tenant_id):
        for bearer_id, reckoning in reckonings(actor.tenant_id, {draft.bearer_id for draft in drafts}).items():
            for kind in {draft.kind for draft in drafts if draft.bearer_id == bearer_id}:
                require_ask(actor, posting_verb(kind), reckoning.unit(bearer_id))
        return state(actor, drafts, key, why, typed)


def state(actor: Actor, drafts: Sequence[Draft], key: str, why: str, typed: str = "") -> Answer:
    """``record`` for the program itself, inside ``as_tenant``: whoever calls it has checked who may."""
    fingerprint = typed or hash_of("record", drafts, why=why)
    today = timezone.localdate()
    drafts = [replace(draft, late=draft.late or draft.day < today, reason=draft.reason or why) for draft in drafts]

    def build(request: Request, found: dict[int, Reckoning]) -> None:
        for draft in drafts:
            request.add_draft(draft, found[draft.bearer_id], actor.unit_id)

    bearer_ids = {draft.bearer_id for draft in drafts}
    answer = ask(actor, "record", key, fingerprint, bearer_ids, build)
    if not answer.repeated:
        open_findings(actor, "recorded_over", answer)
    return answer


def take_over(actor: Actor, drafts: Sequence[Draft], key: str, why: str) -> Answer:
    """``state`` for what an old register says (drafts with the attribute IMPORTED), inside ``as_tenant``.

    It is no late entry: nobody forgot it. What went over is kept with it; a Finding is opened only for days of the
    term that goes on, since nobody can put right a day of a term that is over.
    """

    def build(request: Request, found: dict[int, Reckoning]) -> None:
        for draft in drafts:
            request.add_draft(replace(draft, reason=draft.reason or why), found[draft.bearer_id], actor.unit_id)

    answer = ask(actor, "record", key, hash_of("record", drafts, why=why), {one.bearer_id for one in drafts}, build)
    if answer.over and not answer.repeated:
        going_on = _of_this_term(actor.tenant_id, drafts)
        fresh = tuple(one for one in answer.over if going_on.intersection(one.drafts))
        open_findings(actor, "recorded_over", replace(answer, over=fresh))
    return answer


def _of_this_term(tenant_id: int, drafts: Sequence[Draft]) -> set[int]:
    """Which of the drafts, by their place, are for a day of the term that goes on."""
    today = timezone.localdate()
    found = reckonings(tenant_id, {draft.bearer_id for draft in drafts})
    calendars = [found[draft.bearer_id].calendar for draft in drafts]
    terms = [(its.day(draft.day).term_id, its.day(today).term_id) for its, draft in zip(calendars, drafts, strict=True)]
    return {n for n, (then, now) in enumerate(terms) if then and then == now}


def open_findings(actor: Actor, kind: str, answer: Answer) -> None:
    """A Finding for each limit that an answer says is over, inside its transaction.

    In one order whoever asks: an open Finding is locked while more is gathered into it.
    """
    bearers = reckonings(actor.tenant_id, {over.bearer_id for over in answer.over})
    for over in sorted(answer.over, key=lambda one: (one.bearer_id, one.limit_id, one.window_key)):
        if over.verdict >= Verdict.WARN:
            demand_ids = [*(answer.demand_ids[n] for n in over.drafts), *over.demands]
            bearer = bearers[over.bearer_id].unit(over.bearer_id)
            open_finding(
                actor, bearer, kind, over.sentence, limit_id=over.limit_id, object_kind="demand",
                object_ids=demand_ids,
            )  # fmt: skip


@dataclass(frozen=True)
class Asker:
    """Whose hold somebody else converts: with the rights that she has now, and what she wanted posted."""

    actor: Actor
    wanted: Counter[str]


def _put(
    request: Request,
    found: dict[int, Reckoning],
    actor: Actor,
    drafts: Sequence[Draft],
    askers: Mapping[int, Asker] = MappingProxyType({}),
) -> None:
    """Add drafts, each in the name of somebody who may post it: the actor, or whoever wanted it of her."""
    used: Counter[tuple[int, str]] = Counter()
    for draft in drafts:
        reckoning = found[draft.bearer_id]
        unit, issuer = reckoning.unit(draft.bearer_id), actor
        if draft.issuer_id not in (None, actor.person_id):
            asker = askers.get(draft.issuer_id)
            used[draft.issuer_id, draft.typed()] += 1
            if asker is None or used[draft.issuer_id, draft.typed()] > asker.wanted[draft.typed()]:
                raise Forbidden(posting_verb(draft.kind), unit)
            issuer = asker.actor
        require_ask(issuer, posting_verb(draft.kind), unit)
        request.closed = request.closed or reckoning.why_closed(draft.bearer_id, draft.day)
        request.add_draft(draft, reckoning, issuer.unit_id)
        request.asked_from(draft.day)


def _require_all(found: Mapping[int, Reckoning], actor: Actor, drafts: Iterable[Draft]) -> None:
    for draft in drafts:
        require_ask(actor, posting_verb(draft.kind), found[draft.bearer_id].unit(draft.bearer_id))


def _refuse_emergencies(drafts: Iterable[Draft]) -> None:
    if any(draft.emergency for draft in drafts):
        raise ValueError(gettext("紧急事项不经布置，请登记并写明原因"))


def _holds(actor: Actor, hold_ids: Iterable[int]) -> list[Hold]:
    """These holds. Raises Forbidden unless each is the actor's own or asks her."""
    holds = list(Hold.objects.filter(tenant_id=actor.tenant_id, id__in=hold_ids))
    mine = [one for one in holds if actor.person_id in (one.issuer_id, one.asked_id)]
    if len(mine) != len(set(hold_ids)):
        raise Forbidden("post_homework")
    return holds


def _askers(holds: Iterable[Hold], actor: Actor) -> dict[int, Asker]:
    """The issuers of holds that ask the actor. Raises Forbidden for one who has left."""
    wanted: dict[int, Counter[str]] = {}
    for one in holds:
        if one.issuer_id != actor.person_id:
            several = [Draft.from_json(stored).typed() for stored in one.drafts]
            wanted.setdefault(one.issuer_id, Counter()).update(several)
    try:
        return {person_id: Asker(actor_of(person_id), several) for person_id, several in wanted.items()}
    except Person.DoesNotExist:
        raise Forbidden("post_homework")


def _own(actor: Actor, trims: Sequence[Trim]) -> list[Standing]:
    """The demands to trim, in the order of the trims.

    Raises Forbidden for one that is not the actor's, ValueError for one that no longer stands.
    """
    found = load_standing([trim.demand_id for trim in trims])
    for trim in trims:
        if trim.demand_id not in found or found[trim.demand_id].demand.issuer_id != actor.person_id:
            raise Forbidden("post_homework")
        state = found[trim.demand_id].demand.state
        if state != Demand.State.POSTED:
            said = {"state": Demand.State(state).label}
            raise ValueError(gettext("这项现在是“%(state)s”，不能再让分钟") % said)
    return [found[trim.demand_id] for trim in trims]
