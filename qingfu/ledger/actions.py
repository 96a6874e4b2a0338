"""Everything that changes the ledger. One function for one verb; each is one transaction with its audit record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from qingfu.ledger import reckoning
from qingfu.ledger.answers import Answer, read
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Pack
from qingfu.ledger.requests import Request, hash_of
from qingfu.rulebook import Pack as RulebookPack
from qingfu.rulebook import RulebookError, load_national, load_pack
from qingfu.units.actions import audit
from qingfu.units.models import Tenant, Unit
from qingfu.units.queries import Actor, one_in_scope, require, system_actor
from qingfu.units.tenancy import as_tenant, current_tenant

OWN_LIMITS = Path(__file__).parent / "data" / "qingfu.self.toml"

RETRIES = 20  # publications that may overtake one request


class KeyReused(ValueError):
    """The idempotency key was used before for another request."""


class Overtaken(RuntimeError):
    """The rules kept changing while we asked."""


def post(actor: Actor, drafts: Sequence[Draft], key: str) -> Answer:
    """Ask to post the drafts, all or nothing. ``key`` names this request: repeating it asks nothing anew.

    Outside ``as_tenant`` this is one round trip and one transaction. Raises Forbidden, KeyReused, Unknown.
    """
    return _ask(actor, "post", key, drafts, lambda unit, draft: require(actor, f"post_{draft.kind}", unit))


def _ask(actor: Actor, verb: str, key: str, drafts: Sequence[Draft], check: Callable, **more) -> Answer:
    """Build the request, send it, and build it anew while the rules that it reckoned with have moved."""
    fingerprint = hash_of(verb, drafts, **more)
    bearer_ids = {draft.bearer_id for draft in drafts}
    for _ in range(RETRIES):
        found = _reckonings(actor.tenant_id, bearer_ids)
        request = Request(actor.tenant_id, verb, actor.person_id or 0, key, fingerprint, actor.unit_id)
        for draft in drafts:
            check(found[draft.bearer_id].unit(draft.bearer_id), draft)
            request.add_draft(draft, found[draft.bearer_id], actor.unit_id)
        request.first_day = min((draft.day for draft in drafts), default=None)
        said = request.send()
        if said["outcome"] == "key_reused":
            raise KeyReused(key)
        if said["outcome"] != "retry":
            return read(said, request.in_force)
        reckoning.forget(actor.tenant_id, bearer_ids)
    raise Overtaken(f"{RETRIES} 次都遇到规则变更，请稍后再试")


def _reckonings(tenant_id: int, unit_ids: Iterable[int]) -> dict[int, reckoning.Reckoning]:
    if current_tenant() is not None or reckoning.known(tenant_id, unit_ids):
        return reckoning.reckonings(tenant_id, unit_ids)
    with as_tenant(tenant_id):
        return reckoning.reckonings(tenant_id, unit_ids)


def publish_pack(actor: Actor, unit_id: int, toml: str) -> Pack:
    """Publish the next version of a pack at a unit; it is in force for whatever is posted from now on.

    Raises Forbidden, and RulebookError naming limit and field where the text is not a pack of that unit's level.
    """
    with as_tenant(actor.tenant_id):
        unit = one_in_scope(actor, "publish_pack", unit_id)
        pack = RulebookPack.from_toml(toml)
        if pack.level != _level(unit):
            raise RulebookError(
                f"请把 level 改为本级：{_level(unit)}（发布单位是{unit.name}）", field="level"
            )
        made = _publish(unit.pk, pack, toml, actor.person_id)
        audit(
            actor,
            "publish_pack",
            kind="pack",
            object_id=made.pk,
            unit_id=unit.pk,
            pack=made.pack_id,
            version=made.version,
        )
        return made


@cache
def own_limits() -> RulebookPack:
    """What Qingfu itself may take of people's time."""
    return load_pack(OWN_LIMITS)


def sync_national() -> list[Pack]:
    """Publish the national packs of this release (and Qingfu's own limits) where their text is new.

    For the operator; repeating it changes nothing. Returns what was published.
    """
    nation = Tenant.objects.get(kind="nation")
    with as_tenant(nation.pk):
        texts = {pack.id: (pack, pack.to_toml()) for pack in [*load_national(), own_limits()]}
        latest = {
            row.pack_id: row.sha256 for row in Pack.objects.filter(unit_id=nation.pk).order_by("version")
        }
        fresh = [item for pack_id, item in texts.items() if latest.get(pack_id) != _sha256(item[1])]
        made = [_publish(nation.pk, pack, toml, None) for pack, toml in fresh]
        for row in made:
            audit(
                system_actor(nation.pk),
                "publish_pack",
                kind="pack",
                object_id=row.pk,
                unit_id=nation.pk,
                pack=row.pack_id,
                version=row.version,
            )
        return made


def _publish(unit_id: int, pack: RulebookPack, toml: str, person_id: int | None) -> Pack:
    values = [value for limit in pack.limits for value in limit.values]
    ends = [value.end for value in values]
    until = None if None in ends else max(ends, default=None)
    arguments = [
        unit_id, pack.id, pack.level, pack.title, toml, _sha256(toml),
        min((value.start for value in values), default=None), until, person_id,
    ]  # fmt: skip
    sql = "SELECT * FROM ledger.publish_pack(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    return Pack.objects.raw(sql, arguments)[0]


def _level(unit: Unit) -> str:
    """The level of the rules that a unit publishes: its own kind for tenants, else the school's."""
    return unit.kind if unit.is_tenant else "school"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
