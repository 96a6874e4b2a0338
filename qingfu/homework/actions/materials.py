"""教辅清单: commercial material that the school has listed, so that homework may name it."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from qingfu.homework.models import Material
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, require
from qingfu.units.tenancy import as_tenant


class AlreadyListed(ValueError):
    """The same material stands on the list from the same day."""


def list_material(
    actor: Actor, school: Unit, name: str, subject: str, grade: int, starts: date, ends: date | None = None
) -> Material:
    """Put a teaching aid on the school's list for a subject and grade. Raises Forbidden, AlreadyListed."""
    with as_tenant(actor.tenant_id):
        require(actor, "list_materials", school)
        try:
            with transaction.atomic():
                made = Material.objects.create(
                    school=school, name=name, subject=subject, grade=grade, starts=starts, ends=ends
                )
        except IntegrityError:
            raise AlreadyListed(gettext("“%(name)s”已经在清单里。") % {"name": name})
        audit(actor, "list_material", kind="material", object_id=made.pk, unit_id=school.pk)
        return made


def unlist_material(actor: Actor, material_id: int, ends: date) -> Material:
    """The last day that a material is on the list. Nothing is removed. Raises Forbidden, found or not."""
    with as_tenant(actor.tenant_id):
        found = Material.objects.select_for_update(of=("self",)).select_related("school").filter(pk=material_id).first()
        if found is None:
            raise Forbidden("list_materials")
        require(actor, "list_materials", found.school)
        found.ends = max(ends, found.starts)
        found.save(update_fields=["ends"])
        audit(actor, "unlist_material", kind="material", object_id=found.pk, unit_id=found.school_id)
        return found
