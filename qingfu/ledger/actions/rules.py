"""Publishing rules, and permission to go over one."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext

from qingfu.ledger import reckoning
from qingfu.ledger.models import Pack, Waiver
from qingfu.ledger.reckoning import Reckoning
from qingfu.rulebook import Limit, RulebookError, Verdict, load_national, load_pack
from qingfu.rulebook import Pack as RulebookPack
from qingfu.units.actions import audit
from qingfu.units.models import Tenant, Unit
from qingfu.units.permissions import waiver_verb
from qingfu.units.queries import Actor, Forbidden, one_in_scope, require, system_actor
from qingfu.units.tenancy import as_tenant

OWN_LIMITS = Path(__file__).parent.parent / "data" / "qingfu.self.toml"


class CannotBeWaived(ValueError):
    """National 应当 and 不得 are for everybody."""

    def __init__(self, limit: Limit):
        super().__init__(gettext("“%(title)s”是国家规定，不能报批") % {"title": limit.title})


def publish_pack(actor: Actor, unit_id: int, toml: str) -> Pack:
    """Publish the next version of a pack at a unit; it is in force for whatever is posted from now on.

    Raises Forbidden, and RulebookError naming limit and field where the text is no pack of that unit's level or
    uses a limit id of a level above.
    """
    with as_tenant(actor.tenant_id):
        unit = one_in_scope(actor, "publish_pack", unit_id)
        pack = RulebookPack.from_toml(toml)
        _check_place(unit, pack)
        made = _publish(unit.pk, pack, toml, actor.person_id)
        _audit(actor, made)
        reckoning.forget(actor.tenant_id, [unit.pk])
        return made


def sync_national() -> list[Pack]:
    """Publish the national packs of this release (and Qingfu's own limits) where their text is new.

    For the operator; repeating it changes nothing. Returns what was published.
    """
    nation = Tenant.objects.get(kind="nation")
    with as_tenant(nation.pk):
        texts = {pack.id: (pack, pack.to_toml()) for pack in [*load_national(), own_limits()]}
        latest = {row.pack_id: row.sha256 for row in Pack.objects.filter(unit_id=nation.pk).order_by("version")}
        fresh = [item for pack_id, item in texts.items() if latest.get(pack_id) != _sha256(item[1])]
        made = [_publish(nation.pk, pack, toml, None) for pack, toml in fresh]
        for row in made:
            _audit(system_actor(nation.pk), row)
        return made


def grant_waiver(
    actor: Actor,
    bearer_id: int,
    limit_id: str,
    starts: date,
    ends: date,
    extra: int,
    *,
    office: str,
    reason: str,
    expires_at: datetime | None = None,
    attempt: tuple[int, str] | None = None,
) -> Waiver:
    """Let a bearer go over ONE limit by ``extra`` (in its measure) in windows that lie wholly in the range.

    Either everybody who asks until ``expires_at``, or the one ``attempt`` of that issuer (Person) under that key.

    A local 应当 or 不得 can be lifted only by the unit that issued it, other limits by whoever may grant waivers
    for the bearer. Raises CannotBeWaived, Forbidden, KeyError (no such limit), ValueError without office or reason.
    """
    named = office.strip() and reason.strip() and (expires_at is None) != (attempt is None)
    if not named or extra < 0 or ends < starts:
        raise ValueError(gettext("报批须写明批准单位、理由、起止日期和不小于 0 的增加量"))
    with as_tenant(actor.tenant_id):
        found = reckoning.current([bearer_id])[bearer_id]
        _require_may_waive(actor, found, bearer_id, limit_id)
        granted = [bearer_id, limit_id, starts, ends, extra, actor.person_id, office, reason, expires_at]
        arguments = [*granted, *(attempt or (None, ""))]
        waiver_id = _call("ledger.grant_waiver(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", arguments)
        audit(
            actor, "grant_waiver", kind="waiver", object_id=waiver_id, unit_id=bearer_id, limit=limit_id,
            extra=extra,
        )  # fmt: skip
        return Waiver.objects.get(pk=waiver_id)


def revoke_waiver(actor: Actor, waiver_id: int) -> None:
    """Take a waiver back. What was posted under it stands. Raises Forbidden, Waiver.DoesNotExist."""
    with as_tenant(actor.tenant_id):
        waiver = Waiver.objects.get(pk=waiver_id)
        found = reckoning.current([waiver.bearer_id])[waiver.bearer_id]
        _require_may_waive(actor, found, waiver.bearer_id, waiver.limit_id)
        _call("ledger.revoke_waiver(%s)", [waiver_id])
        audit(actor, "revoke_waiver", kind="waiver", object_id=waiver_id, unit_id=waiver.bearer_id)


@cache
def own_limits() -> RulebookPack:
    """What Qingfu itself may take of people's time."""
    return load_pack(OWN_LIMITS)


def _require_may_waive(actor: Actor, found: Reckoning, bearer_id: int, limit_id: str) -> None:
    pack = next(pack for pack in found.rulebook.packs if limit_id in pack.limits_by_id)
    limit = pack.limit(limit_id)
    if limit.verdict < Verdict.REFUSE:
        require(actor, waiver_verb(limit.kind), found.unit(bearer_id))
        return
    if pack.level == "nation":
        raise CannotBeWaived(limit)
    issuer = Unit.objects.get(pk=found.issuers[limit_id])
    if issuer.tenant_id != actor.tenant_id:
        raise Forbidden("grant_waiver", issuer)
    require(actor, waiver_verb(limit.kind), issuer)


def _check_place(unit: Unit, pack: RulebookPack) -> None:
    level = unit.kind if unit.is_tenant else "school"
    if pack.level != level:
        message = gettext("请把 level 改为本级：%(level)s（发布单位是%(unit)s）")
        raise RulebookError(message % {"level": level, "unit": unit.name}, field="level")
    found = reckoning.current([unit.pk])[unit.pk]
    others = [one for one in found.rulebook.packs if one.id != pack.id]
    taken = {limit_id: one for one in others for limit_id in one.limits_by_id}
    for limit_id in pack.limits_by_id:
        if limit_id in taken:
            message = gettext("规定编号已被“%(title)s”使用，请换一个")
            raise RulebookError(message % {"title": taken[limit_id].title}, limit=limit_id, field="id")


def _publish(unit_id: int, pack: RulebookPack, toml: str, person_id: int | None) -> Pack:
    values = [value for limit in pack.limits for value in limit.values]
    ends = [value.end for value in values]
    until = None if None in ends else max(ends, default=None)
    since = min((value.start for value in values), default=None)
    arguments = [unit_id, pack.id, pack.level, pack.title, toml, since, until, person_id]
    sql = "SELECT * FROM ledger.publish_pack(%s, %s, %s, %s, %s, %s, %s, %s)"
    return Pack.objects.raw(sql, arguments)[0]


def _audit(actor: Actor, pack: Pack) -> None:
    audit(
        actor, "publish_pack", kind="pack", object_id=pack.pk, unit_id=pack.unit_id, pack=pack.pack_id,
        version=pack.version,
    )  # fmt: skip


def _call(function: str, arguments: list):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}", arguments)
        return cursor.fetchone()[0]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
