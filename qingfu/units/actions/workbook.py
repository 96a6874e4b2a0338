"""Importing the county's workbook: upload, look at the plan, go on."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from django.db import connection

from qingfu.units.actions.trail import audit
from qingfu.units.actions.tree import add_units_below, pinyin
from qingfu.units.calendar import grade_name, year_of_entry
from qingfu.units.models import Group, GroupClass, Membership, Person, Unit, Upload
from qingfu.units.queries import Actor, Forbidden, require
from qingfu.units.workbook.plan import NEW, Plan, make_plan
from qingfu.units.workbook.reading import read_workbook
from qingfu.units.years import school_year_of

LARGE = 500  # new rows; fewer leave the planner's picture of the tables as good as it was


class NotReady(ValueError):
    """The workbook has rows with problems, and nobody said to take the others without them. See ``plan``."""

    def __init__(self, plan: Plan):
        self.plan = plan
        super().__init__("the workbook has problems")


def upload_workbook(actor: Actor, county: Unit, name: str, data: bytes) -> Upload:
    """Keep a workbook until "go on", a day at most. Needs ``import_workbook``. Raises WorkbookError."""
    require(actor, "import_workbook", county)
    read_workbook(data)  # what cannot be opened is not kept
    return Upload.objects.create(person_id=actor.person_id, name=name[-120:], content=data)


def discard_upload(actor: Actor, upload: Upload) -> None:
    """Throw the workbook away."""
    _require_own(actor, upload)
    upload.delete()


def take_upload(
    actor: Actor, county: Unit, upload: Upload, on: date, *, skip_bad: bool = False, end_missing: bool = False
) -> Plan:
    """Go on: store what the preview showed, all of it or nothing, and throw the workbook away.

    Raises NotReady when rows have problems and ``skip_bad`` is not set.
    """
    _require_own(actor, upload)
    upload = Upload.objects.select_for_update().get(pk=upload.pk)  # a second tap waits, and then finds nothing
    plan = import_workbook(actor, county, bytes(upload.content), on, skip_bad=skip_bad, end_missing=end_missing)
    upload.delete()
    return plan


def import_workbook(
    actor: Actor, county: Unit, data: bytes, on: date, *, skip_bad: bool = False, end_missing: bool = False
) -> Plan:
    """Read ``data`` (the bytes of an .xlsx) and store it as of ``on``. Needs ``import_workbook`` at the county.

    One import of a county at a time. Raises WorkbookError, and NotReady as ``take_upload``.
    """
    require(actor, "import_workbook", county)
    Unit.objects.select_for_update().get(pk=county.pk)
    plan = make_plan(read_workbook(data), county, on, end_missing)
    if plan.problems and not skip_bad:
        raise NotReady(plan)
    _store(plan, county, on)
    if sum(change.kind == NEW for change in plan.changes) >= LARGE:
        _gather_statistics()
    audit(
        actor, "import_workbook", kind="county", object_id=county.pk, unit_id=county.pk,
        sha256=hashlib.sha256(data).hexdigest(), counts=plan.counts(), left_out=plan.bad_rows,
    )  # fmt: skip
    return plan


def forget_uploads(before: datetime) -> int:
    """Remove workbooks that nobody went on with since ``before``. For the nightly job."""
    return Upload.objects.filter(created_at__lt=before).delete()[0]


def _require_own(actor: Actor, upload: Upload) -> None:
    if upload.person_id != actor.person_id:
        raise Forbidden("import_workbook")


def _store(plan: Plan, county: Unit, on: date) -> None:
    units = {**plan.stored.units, **_store_schools(plan, county)}
    units |= _store_offices(plan, units)
    units |= _store_grades(plan, units)
    units |= _store_classes(plan, units, on)
    _store_unit_changes(plan)
    _store_groups(plan, units)
    people = {**plan.stored.people, **_store_people(plan, units)}
    Membership.objects.bulk_create(
        Membership(person=people[role.person], unit=units[role.unit], role=role.role, subject=role.subject, starts=on)
        for role in plan.roles
    )
    Membership.objects.filter(pk__in=[row.pk for row in plan.ended]).update(ends=on - timedelta(days=1))


def _gather_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy.gather_statistics()")


def _store_schools(plan: Plan, county: Unit) -> dict[tuple, Unit]:
    keys = [key for key in plan.units if len(key) == 1 and key not in plan.above]
    rows = [{"kind": Unit.Kind.SCHOOL, "code": key[0], **plan.units[key]} for key in keys]
    return dict(zip(keys, add_units_below([(county, rows)]) if rows else [], strict=True))


def _store_offices(plan: Plan, units: dict[tuple, Unit]) -> dict[tuple, Unit]:
    """Bureaus and townships, then what lies in them."""
    added: dict[tuple, Unit] = {}
    waiting = [key for key in plan.above if key in plan.units]
    while waiting:
        now = [key for key in waiting if plan.above[key] not in waiting]
        rows = [{"code": key[0], **plan.units[key]} for key in now]
        added |= _add_by_depth(now, [(units | added)[plan.above[key]] for key in now], rows)
        waiting = [key for key in waiting if key not in now]
    return added


def _store_grades(plan: Plan, units: dict[tuple, Unit]) -> dict[tuple, Unit]:
    keys = sorted({key[:2] for key in plan.units if len(key) == 3} - units.keys())
    rows = [{"kind": Unit.Kind.GRADE, "name": grade_name(grade), "grade": grade} for _code, grade in keys]
    return _add_by_depth(keys, [units[(code,)] for code, _grade in keys], rows)


def _store_classes(plan: Plan, units: dict[tuple, Unit], on: date) -> dict[tuple, Unit]:
    keys = sorted(key for key in plan.units if len(key) == 3)
    rows = []
    for code, grade, number in keys:
        entered = year_of_entry(grade, units[(code,)].system, school_year_of(on))
        row = {"kind": Unit.Kind.CLASS, "grade": grade, "number": number, "entered": entered, "starts": on}
        rows.append(row | plan.units[(code, grade, number)])
    return _add_by_depth(keys, [units[key[:2]] for key in keys], rows)


def _add_by_depth(keys: list[tuple], parents: list[Unit], rows: list[dict]) -> dict[tuple, Unit]:
    """Add each row below its parent; parents may lie at different depths (a school below a township)."""
    added = {}
    for depth in sorted({parent.depth for parent in parents}):
        at = [place for place, parent in enumerate(parents) if parent.depth == depth]
        units = add_units_below([(parents[place], [rows[place]]) for place in at])
        added |= {keys[place]: unit for place, unit in zip(at, units, strict=True)}
    return added


def _store_unit_changes(plan: Plan) -> None:
    for unit, values in plan.unit_changes:
        for name, value in values.items():
            setattr(unit, name, value)
        unit.pinyin = pinyin(unit.name)
    changed = [unit for unit, _values in plan.unit_changes]
    Unit.objects.bulk_update(changed, ["name", "pinyin", "seats", "system", "attributes"], batch_size=500)


def _store_groups(plan: Plan, units: dict[tuple, Unit]) -> None:
    for (code, name), facts in plan.groups.items():
        group = Group.objects.create(school=units[(code,)], name=name, combined=True)
        GroupClass.objects.bulk_create(GroupClass(group=group, unit=units[key]) for key in facts["classes"])


def _store_people(plan: Plan, units: dict[tuple, Unit]) -> dict[tuple, Person]:
    keys = list(plan.people)
    people = [
        Person(unit=units[(code,)], account=account, name=name, pinyin=pinyin(name))
        for (code, account), name in plan.people.items()
    ]  # fmt: skip
    Person.objects.bulk_create(people)
    for person, name in plan.person_changes:
        person.name, person.pinyin = name, pinyin(name)
    Person.objects.bulk_update([person for person, _name in plan.person_changes], ["name", "pinyin"], batch_size=500)
    return dict(zip(keys, people, strict=True))
