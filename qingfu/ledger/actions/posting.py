"""Asking and stating: post, hold, release, record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.findings.actions import open_finding
from qingfu.ledger.answers import Answer
from qingfu.ledger.asking import answered, ask
from qingfu.ledger.drafts import Draft, Trim
from qingfu.ledger.models import Hold
from qingfu.ledger.reckoning import Reckoning, reckonings
from qingfu.ledger.requests import Request, hash_of
from qingfu.ledger.standing import Standing, load_standing
from qingfu.rulebook import Verdict
from qingfu.units.queries import Actor, Forbidden, require
from qingfu.units.tenancy import as_tenant


def post(
    actor: Actor,
    drafts: Sequence[Draft],
    key: str,
    *,
    converts: Sequence[int] = (),
    trims: Sequence[Trim] = (),
) -> Answer:
    """Ask to post the drafts, all or nothing. ``key`` names this request: repeating it asks nothing anew.

    ``converts`` are Holds that end with it, so that what they set aside is free for these drafts; a draft may
    name the issuer of such a hold as its own. ``trims`` give up minutes of the actor's own demands in the same
    transaction. Outside ``as_tenant`` and without the two it is one round trip.

    Raises Forbidden, KeyReused, Unknown (no such bearer), ValueError for a trim that trims nothing.
    """
    fingerprint = hash_of("post", drafts, converts=list(converts), trims=[[t.demand_id, t.minutes] for t in trims])
    bearer_ids = {draft.bearer_id for draft in drafts}
    if not converts and not trims:
        return ask(
            actor,
            "post",
            key,
            fingerprint,
            bearer_ids,
            lambda r, f: _put(r, f, actor, drafts, {actor.person_id}),
        )
    with as_tenant(actor.tenant_id):
        repeated = answered(actor, key, fingerprint)
        if repeated:
            return repeated
        issuers = {actor.person_id, *_issuers_of(actor, converts)}
        bearer_ids |= {standing.demand.bearer_id for standing in _own(actor, trims)}

        def build(request: Request, found: dict[int, Reckoning]) -> None:
            _put(request, found, actor, drafts, issuers)
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
) -> Answer:
    """Set aside what the drafts take until ``expires_at``, if it fits. ``asked_id``: the Person who may accept.

    The answer's ``hold_id`` is for ``post(..., converts=[…])`` or ``release``.
    Raises as ``post``, and ValueError if it would have lapsed already.
    """
    if expires_at <= timezone.now():
        raise ValueError(gettext("预留的到期时间已过"))
    fingerprint = hash_of("hold", drafts, asked_id=asked_id, purpose=purpose)

    def build(request: Request, found: dict[int, Reckoning]) -> None:
        _put(request, found, actor, drafts, {actor.person_id})
        request.hold = {
            "asked_id": asked_id,
            "purpose": purpose,
            "expires_at": expires_at.isoformat(),
            "drafts": [replace(draft, issuer_id=actor.person_id).to_json() for draft in drafts],
        }

    return ask(actor, "hold", key, fingerprint, {draft.bearer_id for draft in drafts}, build)


def release(actor: Actor, hold_id: int, key: str) -> Answer:
    """Give up a hold: its issuer, or whoever was asked and declines. Raises Forbidden, KeyReused."""
    with as_tenant(actor.tenant_id):
        _issuers_of(actor, [hold_id])

        def build(request: Request, _) -> None:
            request.ends = {"holds": [hold_id], "state": Hold.State.RELEASED}

        return ask(actor, "release", key, hash_of("release", (), hold=hold_id), (), build)


def record(actor: Actor, drafts: Sequence[Draft], key: str, why: str) -> Answer:
    """State what happened: past days (补登), arrivals from above, emergencies. Never refused.

    Opens a Finding for each limit that it takes over its cap. ``why`` is kept as the reason of drafts without
    one. Raises Forbidden, KeyReused, Unknown, ValueError without a reason.
    """
    if not why.strip():
        raise ValueError(gettext("登记须写明原因"))
    with as_tenant(actor.tenant_id):
        for bearer_id, reckoning in reckonings(actor.tenant_id, {draft.bearer_id for draft in drafts}).items():
            for kind in {draft.kind for draft in drafts if draft.bearer_id == bearer_id}:
                require(actor, f"post_{kind}", reckoning.unit(bearer_id))
        return state(actor, drafts, key, why)


def state(actor: Actor, drafts: Sequence[Draft], key: str, why: str) -> Answer:
    """``record`` for the program itself, inside ``as_tenant``: whoever calls it has checked who may."""
    today = timezone.localdate()
    drafts = [replace(draft, late=draft.late or draft.day < today, reason=draft.reason or why) for draft in drafts]

    def build(request: Request, found: dict[int, Reckoning]) -> None:
        for draft in drafts:
            request.add_draft(draft, found[draft.bearer_id], actor.unit_id)

    bearer_ids = {draft.bearer_id for draft in drafts}
    answer = ask(actor, "record", key, hash_of("record", drafts), bearer_ids, build)
    if not answer.repeated:
        open_findings(actor, "recorded_over", answer)
    return answer


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


def _put(
    request: Request,
    found: dict[int, Reckoning],
    actor: Actor,
    drafts: Sequence[Draft],
    issuers: set[int | None],
) -> None:
    """Add drafts that the actor may post, each in her own name or in that of one of ``issuers``."""
    for draft in drafts:
        reckoning = found[draft.bearer_id]
        unit = reckoning.unit(draft.bearer_id)
        if draft.issuer_id not in (None, *issuers):
            raise Forbidden(f"post_{draft.kind}", unit)
        require(actor, f"post_{draft.kind}", unit)
        request.add_draft(draft, reckoning, actor.unit_id)
    request.asked_from(min((draft.day for draft in drafts), default=None))


def _issuers_of(actor: Actor, hold_ids: Iterable[int]) -> set[int]:
    """Who issued these holds. Raises Forbidden unless each is the actor's own or asks her."""
    holds = list(Hold.objects.filter(tenant_id=actor.tenant_id, id__in=hold_ids))
    mine = [one for one in holds if actor.person_id in (one.issuer_id, one.asked_id)]
    if len(mine) != len(set(hold_ids)):
        raise Forbidden("post_homework")
    return {one.issuer_id for one in holds}


def _own(actor: Actor, trims: Sequence[Trim]) -> list[Standing]:
    """The demands to trim, in the order of the trims. Raises Forbidden for one that is not the actor's."""
    found = load_standing([trim.demand_id for trim in trims])
    for trim in trims:
        if trim.demand_id not in found or found[trim.demand_id].demand.issuer_id != actor.person_id:
            raise Forbidden("post_homework")
    return [found[trim.demand_id] for trim in trims]
