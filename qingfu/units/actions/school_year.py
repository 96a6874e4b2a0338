"""The turn of the school year: grades move up, terms are closed. Both are undone within a day if wrong."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.units.actions.families import remove_seats
from qingfu.units.actions.trail import audit
from qingfu.units.actions.tree import add_units, pinyin
from qingfu.units.calendar import class_name, grade_name
from qingfu.units.models import ClosedTerm, Group, GroupClass, Membership, Promotion, Seat, Token, Unit
from qingfu.units.queries import Actor, in_force, promotion_of, require
from qingfu.units.workbook.sheets import DUTIES

UNDO_WITHIN = timedelta(days=1)
EARLIEST = timedelta(days=31)


class NotNow(ValueError):
    """Too early, too late, or somebody was faster. ``str()`` is a sentence for the person."""


# ---- 升级 ----


def promote(actor: Actor, school: Unit, school_year: int, new_classes: int, today: date | None = None) -> Promotion:
    """Move every grade of ``school`` up by one; its last grade graduates; ``new_classes`` enter the first.

    The classes change at once, so it is done in August at the earliest. Needs ``promote_grades``. Raises NotNow
    before that, and for a school whose classes are in ``school_year`` already.
    """
    require(actor, "promote_grades", school)
    school = Unit.objects.select_for_update().get(pk=school.pk)  # a second tap waits, and is then not due
    on = date(school_year, 9, 1)
    step = promotion_of(school, school_year)
    if on - (today or timezone.localdate()) > EARLIEST:
        raise NotNow(_("还太早：8 月 1 日起才能升级，因为班级会马上变成新的年级。"))
    if not step.due:
        raise NotNow(_("%(name)s的班级已经在这个学年了。") % {"name": school.name})
    before = {"units": [], "memberships": [], "groups": []}
    promotion = Promotion.objects.create(school=school, school_year=school_year, person_id=actor.person_id)
    _graduate(step.leaving, before, on)
    _move_up(step.staying, before)
    entering = _enter(school, step.first_grade, new_classes, school_year, on)
    before["new"] = [unit.pk for unit in entering]
    _carry_groups(school, step, entering, before)
    promotion.before = before
    promotion.save(update_fields=["before"])
    audit(actor, "promote", kind="school", object_id=school.pk, unit_id=school.pk, school_year=school_year)
    return promotion


def undo_promotion(actor: Actor, promotion: Promotion) -> None:
    """Put everything back as it was. Needs ``promote_grades``. Raises NotNow a day after."""
    require(actor, "promote_grades", promotion.school)
    promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    _check_undoable(promotion.at, promotion.undone_at)
    for unit_id, grade, name, ends in promotion.before["units"]:
        Unit.objects.filter(pk=unit_id).update(grade=grade, name=name, pinyin=pinyin(name), ends=ends)
    for membership_id, ends in promotion.before["memberships"]:
        Membership.objects.filter(pk=membership_id).update(ends=ends)
    for group_id, name, class_ids in promotion.before["groups"]:
        _set_group(Group.objects.get(pk=group_id), name, class_ids)
    # Something may already stand in the new classes, so they end before they began instead of being removed.
    Unit.objects.filter(pk__in=promotion.before["new"]).update(ends=timezone.localdate() - timedelta(days=1))
    promotion.undone_at = timezone.now()
    promotion.save(update_fields=["undone_at"])
    audit(actor, "undo_promotion", kind="school", object_id=promotion.school_id, unit_id=promotion.school_id)


def _graduate(units: list[Unit], before: dict, on: date) -> None:
    last_day = on - timedelta(days=1)
    roles = Membership.objects.filter(in_force(on), unit__in=units)
    before["memberships"] += [[row.pk, row.ends and row.ends.isoformat()] for row in roles]
    roles.update(ends=last_day)
    for unit in units:
        before["units"].append(_as_it_is(unit))
        unit.ends = last_day
    Unit.objects.bulk_update(units, ["ends"])


def _move_up(units: list[Unit], before: dict) -> None:
    for unit in units:
        before["units"].append(_as_it_is(unit))
        unit.name = _name_after(unit)
        unit.pinyin = pinyin(unit.name)
        unit.grade += 1
    Unit.objects.bulk_update(units, ["grade", "name", "pinyin"])


def _name_after(unit: Unit) -> str:
    """A name that only says the grade changes with it; a name of their own stays with the class."""
    if unit.name == grade_name(unit.grade):
        return grade_name(unit.grade + 1)
    if unit.number and unit.name == class_name(unit.grade, unit.number):
        return class_name(unit.grade + 1, unit.number)
    return unit.name


def _enter(school: Unit, grade: int, count: int, school_year: int, on: date) -> list[Unit]:
    if not count:
        return []
    row = {"kind": Unit.Kind.GRADE, "name": grade_name(grade), "grade": grade, "starts": on}
    [above] = add_units(school, [row])
    rows = [
        {"kind": Unit.Kind.CLASS, "name": class_name(grade, number), "grade": grade, "number": number, "starts": on,
         "entered": school_year}
        for number in range(1, count + 1)
    ]  # fmt: skip
    return [above, *add_units(above, rows)]


def _carry_groups(school: Unit, step, entering: list[Unit], before: dict) -> None:
    """A class of several grades loses who left, and takes in the new first class of its number."""
    leaving = {unit.pk for unit in step.leaving}
    first = {unit.pk: unit.number for unit in step.staying if unit.grade == step.first_grade + 1 and unit.number}
    for group in Group.objects.filter(school=school, combined=True):
        there = list(group.classes.values_list("pk", flat=True))
        before["groups"].append([group.pk, group.name, there])
        numbers = {first[unit_id] for unit_id in there if unit_id in first}
        joining = [unit.pk for unit in entering if unit.number in numbers]
        stay = Unit.objects.filter(pk__in=[*(set(there) - leaving), *joining]).order_by("grade", "number")
        _set_group(group, _combined_name(stay) or group.name, [unit.pk for unit in stay])


def _combined_name(classes) -> str:
    grades = "、".join(grade_name(unit.grade)[0] for unit in classes)
    return f"{grades}年级复式({classes[0].number})班" if classes else ""


def _set_group(group: Group, name: str, class_ids: list[int]) -> None:
    group.name = name
    group.save(update_fields=["name"])
    GroupClass.objects.filter(group=group).exclude(unit_id__in=class_ids).delete()
    there = set(GroupClass.objects.filter(group=group).values_list("unit_id", flat=True))
    GroupClass.objects.bulk_create(GroupClass(group=group, unit_id=pk) for pk in class_ids if pk not in there)


def _as_it_is(unit: Unit) -> list:
    return [unit.pk, unit.grade, unit.name, unit.ends and unit.ends.isoformat()]


def forget_graduated(today: date) -> int:
    """Remove the seats of classes that ended, and end their links. For the nightly job; a day of grace to undo."""
    gone = Unit.objects.filter(kind=Unit.Kind.CLASS, ends__lt=today - UNDO_WITHIN)
    Token.objects.filter(
        kind__in=(Token.Kind.CLASS, Token.Kind.BOARD), subject_id__in=gone.values("pk"), revoked_at=None
    ).update(revoked_at=timezone.now())
    return remove_seats(Seat.objects.filter(unit__in=gone))


# ---- the end of a term ----


def close_term(actor: Actor, county: Unit, term_id: str, last_day: date, end_teaching: bool = False) -> ClosedTerm:
    """Close a term: from now on it takes late entries only. With ``end_teaching`` who teaches what ends with it.

    Needs ``close_term``. Raises IntegrityError if it is closed already.
    """
    require(actor, "close_term", county)
    ended = []
    if end_teaching:
        teaching = Membership.objects.filter(in_force(last_day), role__in=DUTIES.values(), ends=None)
        ended = list(teaching.values_list("pk", flat=True))
        teaching.update(ends=last_day)
    closed = ClosedTerm.objects.create(term_id=term_id, last_day=last_day, person_id=actor.person_id, ended=ended)
    audit(
        actor,
        "close_term",
        kind="county",
        object_id=county.pk,
        unit_id=county.pk,
        term=term_id,
        ended=len(ended),
    )
    return closed


def reopen_term(actor: Actor, county: Unit, closed: ClosedTerm) -> None:
    """Undo closing a term. Needs ``close_term``. Raises NotNow a day after."""
    require(actor, "close_term", county)
    closed = ClosedTerm.objects.select_for_update().get(pk=closed.pk)
    _check_undoable(closed.at, closed.reopened_at)
    Membership.objects.filter(pk__in=closed.ended, ends=closed.last_day).update(ends=None)
    closed.reopened_at = timezone.now()
    closed.save(update_fields=["reopened_at"])
    audit(actor, "reopen_term", kind="county", object_id=county.pk, unit_id=county.pk, term=closed.term_id)


def _check_undoable(at, undone_at) -> None:
    if undone_at is not None:
        raise NotNow(_("已经撤回过了。"))
    if timezone.now() - at > UNDO_WITHIN:
        raise NotNow(_("超过一天，不能一键撤回。请逐个修改，或用备份恢复。"))
