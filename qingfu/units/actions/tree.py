"""Founding tenants and growing the tree."""

from __future__ import annotations

from django.db import connection, connections, transaction
from pypinyin import lazy_pinyin

from qingfu.units.models import Tenant, Unit
from qingfu.units.tenancy import as_tenant, signing_pads


def pinyin(name: str) -> str:
    """Sort key of a Chinese name: the server has no ICU, so the order of names is a column."""
    return " ".join(lazy_pinyin(name))


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
                id=new_id,
                tenant_id=new_id,
                path=path,
                depth=depth,
                kind=kind,
                name=name,
                pinyin=pinyin(name),
                code=code,
            )
            Tenant.objects.create(id=new_id, name=name, kind=kind, parent=parent)
    return unit


def _next_unit_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('units_unit', 'id'))")
        return cursor.fetchone()[0]


def _tenant_path(parent: Tenant | None) -> tuple[str, int]:
    """The next free path below ``parent``, counted in the register, which sees every tenant."""
    with connection.cursor() as cursor:  # one founding at a time
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('units.found_tenant'))")
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
            path=Unit._get_path(parent.path, parent.depth + 1, step + place),
            depth=parent.depth + 1,
            tenant_id=parent.tenant_id,
            pinyin=pinyin(row["name"]),
            **row,
        )
        for place, row in enumerate(rows, start=1)
    ]
    Unit.objects.bulk_create(units)
    Unit.objects.filter(pk=parent.pk).update(numchild=parent.numchild + len(units))
    return units
