"""Founding tenants and growing the tree."""

from __future__ import annotations

from collections import Counter

from django.db import connection, connections, transaction
from django.db.models import Max
from django.db.models.functions import Left

from qingfu.server.secrets import hmac_pads
from qingfu.units.models import Tenant, Unit
from qingfu.units.tenancy import as_tenant


def pinyin(name: str) -> str:
    """Sort key of a Chinese name: the server has no ICU, so the order of names is a column."""
    from pypinyin import lazy_pinyin  # half a second of dictionaries, and few processes name anybody

    return " ".join(lazy_pinyin(name))


def install_signing_key() -> None:
    """Give the database the pads of the signing key. Run as owner after migrations; repeating changes nothing."""
    inner, outer = hmac_pads("tenant")
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
    """Add children below ``parent``. Each row: the fields of a Unit but path, depth, tenant."""
    return add_units_below([(parent, rows)])


def add_units_below(families: list[tuple[Unit, list[dict]]]) -> list[Unit]:
    """Add children below several parents of one depth, in a few statements for all. Returns them in order."""
    parents = Unit.objects.select_for_update().in_bulk([parent.pk for parent, _rows in families])
    steps = _last_steps(list(parents.values()))
    units = []
    for parent, rows in families:
        above = parents[parent.pk]
        for row in rows:
            steps[above.path] += 1
            path = Unit._get_path(above.path, above.depth + 1, steps[above.path])
            fields = {"path": path, "depth": above.depth + 1, "tenant_id": above.tenant_id}
            units.append(Unit(**fields, pinyin=pinyin(row["name"]), **row))
        above.numchild += len(rows)
    Unit.objects.bulk_create(units)
    Unit.objects.bulk_update(parents.values(), ["numchild"])
    return units


def _last_steps(parents: list[Unit]) -> Counter:
    """For the path of each parent, the number of its last child's place; tenants below it are not counted."""
    steps = Counter({parent.path: 0 for parent in parents})
    if not parents:
        return steps
    depth = parents[0].depth
    children = Unit.objects.filter(tenant_id=parents[0].tenant_id, depth=depth + 1)
    if len(parents) == 1:
        children = children.filter(path__range=(parents[0].path, parents[0].path_end))
    lasts = children.values_list(Left("path", depth * Unit.steplen)).annotate(last=Max("path"))
    steps.update({path: Unit._str2int(last[-Unit.steplen :]) for path, last in lasts if path in steps})
    return steps
