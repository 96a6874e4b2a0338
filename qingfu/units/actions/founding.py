"""The first county of an installation, and the one person who can then set up the rest."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from qingfu.units.actions.people import add_person, appoint
from qingfu.units.actions.sign_in import issue_initial_passwords
from qingfu.units.actions.trail import audit
from qingfu.units.actions.tree import found_tenant
from qingfu.units.models import Membership, Tenant, Unit
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant

KINDS_ABOVE = ("nation", "province", "city")


def found_county(code: str, name: str, above: list[str], account: str, admin_name: str) -> tuple[Unit, str]:
    """Found a county below ``above`` (names from the nation down, founded where missing) with one administrator.

    Returns the county's Unit and the administrator's initial password. Done at the server's command line.
    """
    with transaction.atomic():
        parent = None
        for kind, title in zip(KINDS_ABOVE, above, strict=False):
            parent = _tenant(kind, title, parent)
        county = found_tenant("county", name, code=code, parent=parent)
    with as_tenant(county.pk):
        operator = operator_actor(county)
        person = add_person(operator, county, account, admin_name)
        appoint(operator, person, county, Membership.Role.COUNTY_ADMIN, starts=timezone.localdate())
        [(_person, plain)] = issue_initial_passwords(operator, [person])
        audit(operator, "found_county", kind="county", object_id=county.pk, unit_id=county.pk)
    return county, plain


def _tenant(kind: str, name: str, parent: Tenant | None) -> Tenant:
    there = Tenant.objects.filter(kind=kind, name=name, parent=parent).first()
    return there or Tenant.objects.get(pk=found_tenant(kind, name, parent=parent).pk)
