"""Seats and family codes: one slip of paper for each household, replaceable, shared by siblings.

The school's office prints, replaces and joins them, never the class teacher: she sees what the families of her class
answer as counts, and whoever holds all the slips but one could find out that one.
"""

from __future__ import annotations

import re

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.units.actions.links import hash_of, link_text
from qingfu.units.actions.trail import audit
from qingfu.units.actions.tries import count_try
from qingfu.units.models import Family, Seat, Token, Unit
from qingfu.units.queries import Actor, require, school_of

SHORT = 8
"""Characters of a family's code that are printed large, enough to name it within a school."""
LONG = 24
JOIN_TRIES = (30, 3600)
MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


class UnknownCode(ValueError):
    """No family of this school has that code. ``str()`` is a sentence for the person."""

    def __init__(self):
        super().__init__(_("没有找到这个家庭码。请看另一张纸条上的八位大字，或粘贴整个链接。"))


def seat_classes(classes: list[Unit]) -> int:
    """Give each class its ``seats`` and every new seat a family with a code; returns how many are new.

    Seats beyond the number are removed with their codes. A few statements for any number of classes.
    """
    there: dict[int, set[int]] = {unit.pk: set() for unit in classes}
    for unit_id, number in Seat.objects.filter(unit__in=classes).values_list("unit_id", "number"):
        there[unit_id].add(number)
    new = [(unit, n) for unit in classes for n in range(1, unit.seats + 1) if n not in there[unit.pk]]
    families = Family.objects.bulk_create(Family() for _seat in new)
    Seat.objects.bulk_create(
        Seat(unit=unit, number=number, family=family) for (unit, number), family in zip(new, families, strict=True)
    )
    _issue(families)
    for unit in classes:
        if any(number > unit.seats for number in there[unit.pk]):
            remove_seats(Seat.objects.filter(unit=unit, number__gt=unit.seats))
    return len(new)


def print_slips(actor: Actor, unit: Unit) -> list[Seat]:
    """The seats of a class with their families, in order, every one of them with a code. Needs
    ``print_family_slips``."""
    require(actor, "print_family_slips", unit)
    new = seat_classes([unit])
    audit(actor, "print_slips", kind="class", object_id=unit.pk, unit_id=unit.pk, new=new)
    return list(Seat.objects.filter(unit=unit).select_related("family").order_by("number"))


def code_of(family: Family) -> str:
    """The secret part of the family's link; derived, so that the slip can be printed again."""
    return link_text(Token.Kind.FAMILY, family.tenant_id, family.pk, family.generation)


def replace_family_code(actor: Actor, seat: Seat) -> str:
    """A new code for the household of ``seat`` (a lost slip): the old one opens nothing. Needs
    ``print_family_slips``."""
    require(actor, "print_family_slips", seat.unit)
    family = Family.objects.select_for_update().get(pk=seat.family_id)
    _revoke([family.pk])
    family.generation += 1
    family.save(update_fields=["generation"])
    _issue([family])
    audit(actor, "replace_family_code", kind="seat", object_id=seat.pk, unit_id=seat.unit_id)
    return code_of(family)


def join_family(actor: Actor, seat: Seat, code: str) -> Family:
    """Siblings: ``seat`` shares the code that is on the other child's slip; its own code ends.

    Whoever holds the other slip shows it in the office of this child's school: codes are compared, no names. Needs
    ``join_families`` at the seat's class. Raises UnknownCode, TooManyTries.
    """
    require(actor, "join_families", seat.unit)
    count_try("join_family", str(actor.person_id), *JOIN_TRIES)
    family = _family_by_code(code, school_of(seat.unit))
    before = seat.family_id
    seat.family = family
    seat.save(update_fields=["family"])
    drop_empty_families({before})
    audit(actor, "join_family", kind="seat", object_id=seat.pk, unit_id=seat.unit_id)
    return family


def split_family(actor: Actor, seat: Seat) -> str:
    """Give ``seat`` a code of its own again. Needs ``join_families`` at the seat's class."""
    require(actor, "join_families", seat.unit)
    before = seat.family_id
    seat.family = Family.objects.create()
    seat.save(update_fields=["family"])
    _issue([seat.family])
    drop_empty_families({before})
    audit(actor, "split_family", kind="seat", object_id=seat.pk, unit_id=seat.unit_id)
    return code_of(seat.family)


def remove_seats(seats: QuerySet[Seat]) -> int:
    """Remove seats, and the codes of families that have no seat left. Returns how many seats."""
    families = set(seats.values_list("family_id", flat=True))
    count = seats.delete()[0]
    drop_empty_families(families)
    return count


def drop_empty_families(family_ids: set[int]) -> None:
    """End the codes of those families that have no seat left, and remove them."""
    empty = Family.objects.filter(pk__in=family_ids, seats=None)
    _revoke(list(empty.values_list("pk", flat=True)))
    empty.delete()


def _family_by_code(text: str, school: Unit) -> Family:
    """By the whole code (also within a pasted link), anywhere in the county; by its first eight, in the school."""
    typed = re.sub(r"[^0-9a-z]", "", text.strip().rstrip("/").rsplit("/", 1)[-1].lower()).translate(MISREAD)
    if len(typed) == LONG:
        token = Token.objects.filter(kind=Token.Kind.FAMILY, hash=hash_of(typed), revoked_at=None).first()
        found = Family.objects.filter(pk=token.subject_id).first() if token else None
    else:
        near = Family.objects.filter(seats__unit__path__range=(school.path, school.path_end)).distinct()
        found = next((family for family in near if code_of(family)[:SHORT] == typed), None)
    if found is None:
        raise UnknownCode
    return found


def _issue(families: list[Family]) -> None:
    Token.objects.bulk_create(
        Token(hash=hash_of(code_of(family)), kind=Token.Kind.FAMILY, subject_id=family.pk) for family in families
    )


def _revoke(family_ids: list[int]) -> None:
    live = Token.objects.filter(kind=Token.Kind.FAMILY, subject_id__in=family_ids, revoked_at=None)
    live.update(revoked_at=timezone.now())
