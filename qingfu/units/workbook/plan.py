"""What taking a workbook would do: everything it says, compared with what is stored, before anything changes.

Things are known by natural keys, so that a second import finds what the first one made: a school by ("code",), a
grade by ("code", grade), a class by ("code", grade, number), a person by ("code", "account").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from qingfu.units.calendar import class_name, stage_of
from qingfu.units.models import Group, Membership, Person, Unit
from qingfu.units.permissions import PLACES
from qingfu.units.workbook.reading import Contents, Problem, Record, place_order
from qingfu.units.workbook.sheets import (
    ABOVE,
    CLASSES,
    DUTIES,
    OFFICES,
    OFFICES_AND_VILLAGES,
    PEOPLE,
    RISKS,
    SCHOOLS,
    SHEETS,
    SYSTEMS,
    TEACHING,
    UNIT_KINDS,
)

NEW, CHANGED, SAME, ENDED = "new", "changed", "same", "ended"


@dataclass(frozen=True)
class Change:
    """One line of the preview: ``kind`` new, changed, same or ended; ``row`` of the sheet, 0 if in none."""

    sheet: str
    kind: str
    label: str
    detail: str = ""
    row: int = 0


@dataclass(frozen=True)
class Role:
    """Who (natural key) has which role where (natural key)."""

    person: tuple
    unit: tuple
    role: str
    subject: str = ""


@dataclass
class Stored:
    """What is there now, by natural key."""

    units: dict[tuple, Unit] = field(default_factory=dict)
    people: dict[tuple, Person] = field(default_factory=dict)
    roles: dict[Role, Membership] = field(default_factory=dict)
    groups: set[tuple] = field(default_factory=set)


@dataclass
class Plan:
    """The result: what is wrong, what would change, and the values to store."""

    stored: Stored
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    units: dict[tuple, dict] = field(default_factory=dict)
    above: dict[tuple, tuple] = field(default_factory=dict)
    unit_changes: list[tuple[Unit, dict]] = field(default_factory=list)
    groups: dict[tuple, dict] = field(default_factory=dict)
    people: dict[tuple, str] = field(default_factory=dict)
    person_changes: list[tuple[Person, str]] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    ended: list[Membership] = field(default_factory=list)

    def count(self, sheet: str, kind: str) -> int:
        return Counter((change.sheet, change.kind) for change in self.changes)[sheet, kind]

    def counts(self) -> dict[str, dict[str, int]]:
        """{sheet: {kind: how many}}."""
        counted: dict[str, Counter] = {sheet: Counter() for sheet in (sheet.name for sheet in SHEETS)}
        for change in self.changes:
            counted[change.sheet][change.kind] += 1
        return {sheet: dict(kinds) for sheet, kinds in counted.items()}

    @property
    def bad_rows(self) -> int:
        return len({(problem.sheet, problem.row) for problem in self.problems})

    @property
    def is_empty(self) -> bool:
        return all(change.kind == SAME for change in self.changes)


def make_plan(contents: Contents, county: Unit, on: date, end_missing: bool = False) -> Plan:
    """Compare ``contents`` with the open tenant as of ``on``. Rows with a problem are left out of the changes.

    With ``end_missing`` teaching that is stored, but not in the sheet 任课, ends; only in schools which the sheet
    names.
    """
    plan = Plan(read_stored(county, on), list(contents.problems), list(contents.notes))
    _plan_schools(plan, contents.records.get(SCHOOLS, []))
    _plan_offices(plan, contents.records.get(OFFICES_AND_VILLAGES, []), county)
    _plan_classes(plan, contents.records.get(CLASSES, []))
    _plan_people(plan, contents.records.get(PEOPLE, []), county)
    named = _plan_teaching(plan, contents.records.get(TEACHING, []))
    if end_missing:
        _plan_endings(plan, named)
    plan.problems.sort(key=place_order)
    return plan


# ---- what is stored ----


def read_stored(county: Unit, on: date) -> Stored:
    """Everything of the county that is in force on ``on`` or later."""
    stored = Stored()
    live = Unit.objects.filter(Q(ends=None) | Q(ends__gte=on), tenant_id=county.tenant_id).order_by("path")
    codes, keys = {}, {}
    for unit in live:
        if unit.code:
            codes[unit.path] = unit.code
        if key := _key_of(unit, codes):
            stored.units[key] = unit
            keys[unit.pk] = key
    for person in Person.objects.filter(left_on=None, unit_id__in=keys):
        stored.people[(*keys[person.unit_id], person.account)] = person
    people = {person.pk: key for key, person in stored.people.items()}
    for row in Membership.objects.filter(Q(ends=None) | Q(ends__gte=on)):
        if row.person_id in people and row.unit_id in keys:
            stored.roles[Role(people[row.person_id], keys[row.unit_id], row.role, row.subject)] = row
    stored.groups = set(Group.objects.filter(combined=True).values_list("school__code", "name"))
    return stored


def _key_of(unit: Unit, codes: dict[str, str]) -> tuple | None:
    if unit.code:
        return (unit.code,)
    ends = range(Unit.steplen, len(unit.path), Unit.steplen)
    code = next((codes[unit.path[:end]] for end in reversed(ends) if unit.path[:end] in codes), None)
    if code and unit.kind == Unit.Kind.GRADE:
        return (code, unit.grade)
    if code and unit.kind == Unit.Kind.CLASS and unit.number:
        return (code, unit.grade, unit.number)
    return None


# ---- one sheet after the other ----


def _plan_schools(plan: Plan, records: list[Record]) -> None:
    taken = _codes_taken([record["school"] for record in records if record["school"]])
    for record in _complete(plan, _once(plan, records, ("school",)), ("school", "name", "grades")):
        key = (record["school"],)
        there = plan.stored.units.get(key)
        if record["school"] in taken:
            plan.problems.append(record.problem("school", _("这个代码已被别的县使用，请核对。")))
        elif there is not None and there.kind != Unit.Kind.SCHOOL:
            plan.problems.append(record.problem("school", _("这个代码不是学校，是“%(name)s”。") % {"name": there.name}))
        else:
            _plan_unit(plan, record, key, _school_values(record, there))


def _school_values(record: Record, there: Unit | None) -> dict:
    system = SYSTEMS[record["system"] or "六三制"]
    attributes = dict(there.attributes) if there else {}
    attributes |= {
        "grades": list(record["grades"]),
        "stage": stage_of(record["grades"], system),
        "boarding": bool(record["boarding"]),
        "teaching_point": bool(record["teaching_point"]),
    }
    return {"name": record["name"], "system": system, "attributes": attributes}


def _plan_offices(plan: Plan, records: list[Record], county: Unit) -> None:
    """Bureaus, townships, their offices and villages. A unit comes after the one that it lies in."""
    taken = _codes_taken([record["unit"] for record in records if record["unit"]])
    complete = _complete(plan, _once(plan, records, ("unit",)), ("unit", "name", "kind"))
    for record in sorted(complete, key=lambda one: ABOVE[UNIT_KINDS[one["kind"]]] != (Unit.Kind.COUNTY,)):
        key, above = (record["unit"],), (record["above"] or county.code,)
        if problem := _unit_problem(plan, record, key, above, taken):
            plan.problems.append(problem)
            continue
        there = plan.stored.units.get(key)
        plan.above[key] = above
        values = {"name": record["name"]} if there else {"name": record["name"], "kind": UNIT_KINDS[record["kind"]]}
        if record["risk"]:
            values["attributes"] = {**(there.attributes if there else {}), "risk": RISKS[record["risk"]]}
        _plan_unit(plan, record, key, values)


def _unit_problem(plan: Plan, record: Record, key: tuple, above: tuple, taken: set[str]) -> Problem | None:
    kind, there = UNIT_KINDS[record["kind"]], plan.stored.units.get(key)
    if record["unit"] in taken:
        return record.problem("unit", _("这个代码已被别的县使用，请核对。"))
    if key in plan.units or (there is not None and there.kind != kind):
        return record.problem("unit", _("这个代码不是%(kind)s，已经是别的单位。") % {"kind": record["kind"]})
    if _kind_of(plan, above) not in ABOVE[kind]:
        places = "、".join(str(Unit.Kind(one).label) for one in ABOVE[kind])
        return record.problem("above", _("%(kind)s的上级应是%(places)s。") % {"kind": record["kind"], "places": places})
    stored_above = plan.stored.units.get(above)
    if there is not None and (stored_above is None or not there.path.startswith(stored_above.path)):
        return record.problem("above", _("这个单位现在在别的上级之下，请先在网页上调整。"))
    return None


def _kind_of(plan: Plan, key: tuple) -> str | None:
    """What kind of unit has this code, in the file or stored."""
    if key in plan.units:
        return plan.units[key].get("kind", Unit.Kind.SCHOOL)
    there = plan.stored.units.get(key)
    return there.kind if there else None


def _codes_taken(codes: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenancy.codes_taken(%s)", [codes])
        return {code for (code,) in cursor.fetchall()}


def _plan_classes(plan: Plan, records: list[Record]) -> None:
    seen: dict[tuple, int] = {}
    for record in _complete(plan, records, ("school", "grades", "number", "seats")):
        if not _school_is_known(plan, record):
            continue
        if problem := _class_problem(plan, record, seen):
            plan.problems.append(problem)
            continue
        for grade, seats in zip(record["grades"], record["seats"], strict=True):
            key = (record["school"], grade, record["number"])
            seen[key] = record.row
            values = {"seats": seats}
            if record["name"] or key not in plan.stored.units:
                values["name"] = record["name"] or class_name(grade, record["number"])
            _plan_unit(plan, record, key, values)
        if len(record["grades"]) > 1:
            _plan_combined(plan, record)


def _class_problem(plan: Plan, record: Record, seen: dict[tuple, int]) -> Problem | None:
    if _kind_of(plan, (record["school"],)) != Unit.Kind.SCHOOL:
        return record.problem("school", _("这个代码不是学校，不能有班级。"))
    offered = _grades_of(plan, record["school"])
    wrong = [grade for grade in record["grades"] if offered and grade not in offered]
    double = [seen[key] for grade in record["grades"] if (key := (record["school"], grade, record["number"])) in seen]
    if wrong:
        facts = {"grade": wrong[0], "range": f"{offered[0]}-{offered[-1]}"}
        return record.problem("grades", _("这所学校是 %(range)s 年级，没有 %(grade)d 年级。") % facts)
    if double:
        return record.problem("number", _("和第 %(row)d 行是同一个班。请删掉一行，或改班号。") % {"row": double[0]})
    if len(record["seats"]) != len(record["grades"]):
        return record.problem("seats", _("复式班的人数要按年级分开写，和年级一样多，如 9、7。"))
    return None


def _plan_combined(plan: Plan, record: Record) -> None:
    """复式班: a group over one class for each grade."""
    grades = "、".join(class_name(grade, 0)[0] for grade in record["grades"])
    name = f"{grades}年级复式({record['number']})班"
    key = (record["school"], name)
    if key not in plan.stored.groups:
        plan.groups[key] = {"classes": [(record["school"], grade, record["number"]) for grade in record["grades"]]}


def _plan_unit(plan: Plan, record: Record, key: tuple, values: dict) -> None:
    there = plan.stored.units.get(key)
    label = " ".join([key[0], values.get("name") or there.name])
    if there is None:
        plan.units[key] = values
        plan.changes.append(Change(record.sheet, NEW, label, row=record.row))
        return
    changed = {name: value for name, value in values.items() if getattr(there, name) != value}
    if changed:
        plan.unit_changes.append((there, changed))
    detail = "；".join(_difference(name, getattr(there, name), value) for name, value in changed.items())
    plan.changes.append(Change(record.sheet, CHANGED if changed else SAME, label, detail, record.row))


def _difference(name: str, before, after) -> str:
    titles = {"name": _("名称"), "seats": _("人数"), "system": _("学制"), "attributes": _("年级范围等")}
    if name == "attributes":
        pairs = [f"{key} {before.get(key, '')} → {value}" for key, value in after.items() if before.get(key) != value]
        return f"{titles[name]}：{'，'.join(pairs)}"
    return f"{titles[name]}：{before} → {after}"


def _plan_people(plan: Plan, records: list[Record], county: Unit) -> None:
    for record in _complete(plan, _once(plan, records, ("school", "account")), ("school", "account", "name")):
        if not _school_is_known(plan, record):
            continue
        key = (record["school"], record["account"])
        role = OFFICES.get(record["office"])
        if problem := _office_problem(plan, record, role, county):
            plan.problems.append(problem)
            continue
        _plan_person(plan, record, key)
        if role:
            _plan_role(plan, record, Role(key, (record["school"],), role), f"{record['name']} {record['office']}")


def _office_problem(plan: Plan, record: Record, role: str | None, county: Unit) -> Problem | None:
    if not role or _kind_of(plan, (record["school"],)) in PLACES[role]:
        return None
    if PLACES[role] == (Unit.Kind.COUNTY,):
        return record.problem("office", _("这个职务在县里，学校代码请填县的代码 %(code)s。") % {"code": county.code})
    places = "、".join(str(Unit.Kind(kind).label) for kind in PLACES[role])
    return record.problem("office", _("这个职务在%(places)s里，请填那里的代码。") % {"places": places})


def _plan_person(plan: Plan, record: Record, key: tuple) -> None:
    there = plan.stored.people.get(key)
    label = f"{record['school']} {record['account']} {record['name']}"
    if there is None:
        plan.people[key] = record["name"]
        plan.changes.append(Change(PEOPLE, NEW, label, row=record.row))
    elif there.name != record["name"]:
        plan.person_changes.append((there, record["name"]))
        plan.changes.append(Change(PEOPLE, CHANGED, label, _difference("name", there.name, record["name"]), record.row))
    else:
        plan.changes.append(Change(PEOPLE, SAME, label, row=record.row))


def _plan_teaching(plan: Plan, records: list[Record]) -> set[Role]:
    """Returns every role that the sheet names."""
    named: dict[Role, int] = {}
    for record in _complete(plan, records, ("school", "account", "duty", "grades")):
        if not _school_is_known(plan, record):
            continue
        roles = list(_roles_of(record))
        if problem := _teaching_problem(plan, record, roles, named):
            plan.problems.append(problem)
            continue
        for role in roles:
            named[role] = record.row
            _plan_role(plan, record, role, _label(record, role))
    return set(named)


def _roles_of(record: Record) -> Iterable[Role]:
    person, role = (record["school"], record["account"]), DUTIES[record["duty"]]
    for grade in record["grades"]:
        if role == Membership.Role.GRADE_HEAD:
            yield Role(person, (record["school"], grade), role)
            continue
        for number in record["numbers"] or ():
            subjects = (record["subjects"] or ("",)) if role == Membership.Role.TEACHER else ("",)
            for subject in subjects:
                yield Role(person, (record["school"], grade, number), role, subject)


def _teaching_problem(plan: Plan, record: Record, roles: list[Role], named: dict[Role, int]) -> Problem | None:
    role = DUTIES[record["duty"]]
    if (record["school"], record["account"]) not in plan.people.keys() | plan.stored.people.keys():
        return record.problem("account", _("“人员”表里没有这个账号（或那一行有错）。请先加上这个人。"))
    if role == Membership.Role.TEACHER and not record["subjects"]:
        return record.problem("subjects", _("任课教师要写学科。"))
    if role != Membership.Role.GRADE_HEAD and not record["numbers"]:
        return record.problem("numbers", _("要写班号；几个班一起写，如 1、2。"))
    known = plan.units.keys() | plan.stored.units.keys()
    for wanted in roles:
        if wanted.unit not in known and not _grade_will_be(plan, wanted.unit):
            place = class_name(*wanted.unit[1:]) if len(wanted.unit) == 3 else f"{wanted.unit[1]} 年级"
            return record.problem("grades", _("“年级班级”表里没有%(place)s（或那一行有错）。") % {"place": place})
        if wanted in named:
            return record.problem("account", _("和第 %(row)d 行重复。请删掉一行。") % {"row": named[wanted]})
    return None


def _grade_will_be(plan: Plan, key: tuple) -> bool:
    """A grade comes with its first class."""
    return len(key) == 2 and any(len(unit) == 3 and unit[:2] == key for unit in plan.units)


def _plan_role(plan: Plan, record: Record, role: Role, label: str) -> None:
    there = role in plan.stored.roles
    if not there:
        plan.roles.append(role)
    if record.sheet == TEACHING or not there:
        plan.changes.append(Change(record.sheet, SAME if there else NEW, label, row=record.row))


def _label(record: Record, role: Role) -> str:
    place = class_name(*role.unit[1:]) if len(role.unit) == 3 else f"{role.unit[1]}年级"
    return " ".join(part for part in (*role.person, record["duty"], place, role.subject) if part)


def _plan_endings(plan: Plan, named: set[Role]) -> None:
    schools = {role.unit[0] for role in named}
    for role, membership in plan.stored.roles.items():
        if role.role in DUTIES.values() and role.unit[0] in schools and role not in named:
            plan.ended.append(membership)
            title = Membership.Role(role.role).label
            label = " ".join([*role.person, str(title), *map(str, role.unit[1:]), role.subject])
            plan.changes.append(Change(TEACHING, ENDED, label.strip()))


# ---- help ----


def _complete(plan: Plan, records: list[Record], needed: tuple[str, ...]) -> Iterable[Record]:
    """The records whose cells could all be read."""
    bad = {(problem.sheet, problem.row) for problem in plan.problems}
    for record in records:
        if (record.sheet, record.row) not in bad and all(record[name] not in (None, "", ()) for name in needed):
            yield record


def _once(plan: Plan, records: list[Record], names: tuple[str, ...]) -> list[Record]:
    """The records without those that say the same key as an earlier row."""
    seen: dict[tuple, int] = {}
    kept = []
    for record in records:
        key = tuple(record[name] for name in names)
        if None not in key and key in seen:
            text = _("和第 %(row)d 行重复。请删掉一行。") % {"row": seen[key]}
            plan.problems.append(record.problem(names[-1], text))
            continue
        seen[key] = record.row
        kept.append(record)
    return kept


def _school_is_known(plan: Plan, record: Record) -> bool:
    key = (record["school"],)
    if key in plan.units or key in plan.stored.units:
        return True
    text = _("“学校”表里没有代码 %(code)s（或那一行有错）。请先填好学校。") % {"code": record["school"]}
    plan.problems.append(record.problem("school", text))
    return False


def _grades_of(plan: Plan, code: str) -> list[int]:
    """The grades that a school offers; empty if nobody said."""
    planned = plan.units.get((code,))
    if planned:
        return planned["attributes"]["grades"]
    there = plan.stored.units[(code,)]
    changed = next((values for unit, values in plan.unit_changes if unit.pk == there.pk), {})
    return changed.get("attributes", there.attributes).get("grades", [])
