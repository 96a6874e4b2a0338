"""Puts a request to the database until it answers: the part that all verbs share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps

from django.db import OperationalError, connection
from django.utils.translation import gettext
from psycopg.errors import DeadlockDetected

from qingfu.ledger import reckoning
from qingfu.ledger.answers import Answer, read
from qingfu.ledger.models import Attempt
from qingfu.ledger.reckoning import Reckoning
from qingfu.ledger.requests import Request
from qingfu.units.queries import Actor
from qingfu.units.tenancy import as_tenant

TRIES = 20  # publications and corrections that may overtake one request

Build = Callable[[Request, dict[int, Reckoning]], None]


class KeyReused(ValueError):
    """The idempotency key was used before, for another request."""

    def __init__(self, key: str):
        super().__init__(gettext("这次提交的编号已用于另一次提交，请刷新页面后重新提交（%(key)s）") % {"key": key})


class Overtaken(RuntimeError):
    """The rules, or the demands to correct, kept changing while we asked."""

    def __init__(self):
        super().__init__(gettext("规定正在更新，请稍后再试"))


def ask(actor: Actor, verb: str, key: str, fingerprint: str, bearer_ids: Iterable[int], build: Build) -> Answer:
    """Build the request and send it; anew while what it reckoned with has moved. Raises KeyReused, Overtaken."""
    bearer_ids = set(bearer_ids)
    for _ in range(TRIES):
        found = _reckonings(actor.tenant_id, bearer_ids)
        request = Request(actor.tenant_id, verb, actor.person_id or 0, key, fingerprint, actor.unit_id)
        for one in found.values():
            request.heads.update(one.heads)
        build(request, found)
        said = request.send()
        if said["outcome"] == "key_reused":
            raise KeyReused(key)
        if said["outcome"] != "retry":
            return read(said, request.in_force)
        if said["moved"] == "heads":
            reckoning.forget(actor.tenant_id, bearer_ids)
    raise Overtaken()


def again_after_deadlock(verb: Callable[..., Answer]) -> Callable[..., Answer]:
    """Try a verb again where the database ended its transaction to undo a deadlock: the key makes that safe.

    A caller with a transaction of her own must do that herself: all of it is undone.
    """

    @wraps(verb)
    def tried(*arguments, **more) -> Answer:
        if connection.in_atomic_block:
            return verb(*arguments, **more)
        for _ in range(TRIES - 1):
            try:
                return verb(*arguments, **more)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return verb(*arguments, **more)

    return tried


def answered(actor: Actor, key: str, fingerprint: str) -> Answer | None:
    """What was answered to this key before, for verbs that could not be built a second time. Raises KeyReused."""
    earlier = Attempt.objects.filter(issuer_id=actor.person_id or 0, key=key).first()
    if earlier is None:
        return None
    if earlier.request_hash != fingerprint:
        raise KeyReused(key)
    return read({**earlier.answer, "repeated": True}, {})


def _reckonings(tenant_id: int, unit_ids: set[int]) -> dict[int, Reckoning]:
    found = reckoning.known(tenant_id, unit_ids)
    if found is not None:
        return found
    with as_tenant(tenant_id):
        return reckoning.reckonings(tenant_id, unit_ids)
