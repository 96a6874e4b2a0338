"""Everything that changes units, people, roles and tokens. One function for one verb."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta

from django.db import connections, transaction
from django.utils import timezone
from pypinyin import lazy_pinyin

from qingfu.server.secrets import secret
from qingfu.units.models import AuditRecord, Membership, Person, Tenant, Token, Unit
from qingfu.units.queries import Actor, require
from qingfu.units.tenancy import as_tenant, signing_pads


def pinyin(name: str) -> str:
    """Sort key of a Chinese name: the server has no ICU, so the order of names is a column."""
    return " ".join(lazy_pinyin(name))


def audit(
    actor: Actor, action: str, *, kind: str = "", object_id: int | None = None, unit_id: int | None = None,
    **detail,
) -> None:
    """Write who did what, inside the transaction of the deed. ``detail`` holds ids, numbers and short words."""
    AuditRecord.objects.create(
        actor_id=actor.person_id, action=action, object_kind=kind, object_id=object_id, unit_id=unit_id,
        detail=detail,
    )


def install_signing_key() -> None:
    """Give the database the pads of the signing key. Run as owner after migrations; repeating changes nothing."""
    inner, outer = signing_pads()
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenancy.signing (inner_pad, outer_pad) VALUES (%s, %s) "
            "ON CONFLICT (only_row) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad",
            [inner, outer],
        )


def found_tenant(kind: str, name: str, code: str = "", parent: Tenant | None = None) -> Unit:
    """Found the nation, a province, a city or a county below ``parent``. Returns its Unit.

    An installation does this, not a person, so there is no actor; the tenant is its own first row.
    """
    with transaction.atomic():
        new_id = _next_unit_id()
        path, depth = _tenant_path(parent)
        with as_tenant(new_id):
            unit = Unit.objects.create(
                id=new_id, tenant_id=new_id, path=path, depth=depth, kind=kind, name=name, pinyin=pinyin(name),
                code=code,
            )
        Tenant.objects.create(id=new_id, name=name, kind=kind, parent=parent)
    return unit


def _next_unit_id() -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('units_unit', 'id'))")
        return cursor.fetchone()[0]


def _tenant_path(parent: Tenant | None) -> tuple[str, int]:
    """The next free path below ``parent``, counted in the register, which sees every tenant."""
    if parent is not None:
        Tenant.objects.select_for_update().get(pk=parent.pk)  # one founding at a time below a parent
    siblings = Tenant.objects.filter(parent=parent).count()
    if parent is None:
        return Unit._get_path("", 1, siblings + 1), 1
    with as_tenant(parent.id):
        above = Unit.objects.get(pk=parent.id)
        # Tenants below a tenant take paths from the far end, so that its own bureaus never meet them.
        return Unit._get_path(above.path, above.depth + 1, 36**Unit.steplen - 1 - siblings), above.depth + 1


def add_units(parent: Unit, rows: list[dict]) -> list[Unit]:
    """Add children below ``parent`` in one statement. Each row: the fields of a Unit but path, depth, tenant."""
    parent = Unit.objects.select_for_update().get(pk=parent.pk)
    last = Unit.objects.get_children(parent).order_by("-path").first() if parent.numchild else None
    step = Unit._str2int(last.path[-Unit.steplen :]) if last else 0
    units = [
        Unit(
            path=Unit._get_path(parent.path, parent.depth + 1, step + place), depth=parent.depth + 1,
            tenant_id=parent.tenant_id, pinyin=pinyin(row["name"]), **row,
        )
        for place, row in enumerate(rows, start=1)
    ]
    Unit.objects.bulk_create(units)
    Unit.objects.filter(pk=parent.pk).update(numchild=parent.numchild + len(units))
    return units


def appoint(
    actor: Actor, person: Person, unit: Unit, role: str, *, subject: str = "", starts: date, ends: date | None = None
) -> Membership:
    """Give ``person`` a role at ``unit``. Needs ``manage_people`` there."""
    require(actor, "manage_people", unit)
    membership = Membership.objects.create(
        person=person, unit=unit, role=role, subject=subject, starts=starts, ends=ends
    )
    audit(actor, "appoint", kind="person", object_id=person.pk, unit_id=unit.pk, role=role, subject=subject)
    return membership


def hash_of(plain: str) -> bytes:
    """What the database keeps of a cookie or link: its SHA-256."""
    return hashlib.sha256(plain.encode()).digest()


def open_session(person: Person, device: str, lifetime: timedelta) -> str:
    """A new session of ``person``; returns the cookie's value, which is kept nowhere."""
    plain = secrets.token_urlsafe(24)
    Token.objects.create(
        hash=hash_of(plain), kind=Token.Kind.SESSION, subject_id=person.pk, device=device[:60],
        expires_at=timezone.now() + lifetime,
    )
    return plain


def link_text(kind: str, tenant_id: int, subject_id: int, generation: int = 1) -> str:
    """The secret part of a printed link. Derived from a key of this installation, so a slip can be printed
    again, while the database, which keeps only its hash, cannot give it away."""
    message = f"{kind}.{tenant_id}.{subject_id}.{generation}".encode()
    digest = hmac.new(secret("links"), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:15]).decode()


def issue_link(kind: str, tenant_id: int, subject_id: int, generation: int = 1) -> str:
    """Make the link of a class, school, board or family known to the database; returns its secret part."""
    plain = link_text(kind, tenant_id, subject_id, generation)
    Token.objects.get_or_create(hash=hash_of(plain), defaults={"kind": kind, "subject_id": subject_id})
    return plain


def revoke_tokens(actor: Actor, kind: str, subject_id: int, now: datetime | None = None) -> int:
    """Cut off every session or link of one subject. Returns how many were live."""
    live = Token.objects.filter(kind=kind, subject_id=subject_id, revoked_at__isnull=True)
    count = live.update(revoked_at=now or timezone.now())
    audit(actor, "revoke_tokens", kind=kind, object_id=subject_id, count=count)
    return count
