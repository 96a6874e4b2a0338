"""Believable counties for tests. Everything lies in a tenant of its own, so nothing needs cleaning up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count

from qingfu.units.actions import add_units, add_units_below, found_tenant, pinyin
from qingfu.units.models import Membership, Person, Tenant, Unit
from qingfu.units.queries import Actor, actor_of
from qingfu.units.tenancy import as_tenant

TERM_STARTS = date(2026, 9, 1)
NUMERALS = "零一二三四五六七八九"
_serial = count(1)


@dataclass
class County:
    """A county with ``schools`` by name, ``classes`` by "school/class name" and ``people`` by name."""

    tenant_id: int
    unit: Unit
    schools: dict[str, Unit] = field(default_factory=dict)
    classes: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The person called ``name``, with the roles in force today."""
        with as_tenant(self.tenant_id):
            return actor_of(self.people[name].pk)

    def class_(self, name: str, school: str = "青禾县实验小学") -> Unit:
        return self.classes[f"{school}/{name}"]


@cache
def _above() -> Tenant:
    """全国 → 江南省 → 临江市, founded once for the run."""
    existing = Tenant.objects.filter(kind="city", name="临江市").first()
    if existing:
        return existing
    nation = found_tenant("nation", "全国")
    province = found_tenant("province", "江南省", parent=Tenant.objects.get(pk=nation.pk))
    city = found_tenant("city", "临江市", parent=Tenant.objects.get(pk=province.pk))
    return Tenant.objects.get(pk=city.pk)


def make_county() -> County:
    """青禾县 with a primary school (grades 1-6, two classes each) and a junior school (7-9, two each).

    People: 王丽 语文 in 三(1) 三(2); 李强 数学 in both and 班主任 of 三(1); 陈静 英语 in all of grade 3;
    赵敏 grade head of 三; 周涛 教务主任; 孙校长 校长; 刘科长 county officer; 管理员 county admin;
    the junior school has 何老师 (数学 七(1)) and 吴校长.
    """
    serial = next(_serial)
    unit = found_tenant("county", "青禾县", code=f"QH{serial:04d}", parent=_above())
    county = County(unit.pk, unit)
    with as_tenant(unit.pk):
        primary = _school(county, "青禾县实验小学", f"QH{serial:04d}01", range(1, 7), 45)
        junior = _school(county, "青禾县第一中学", f"QH{serial:04d}02", range(7, 10), 50)
        one, two = county.class_("三(1)班"), county.class_("三(2)班")
        seven = county.class_("七(1)班", "青禾县第一中学")
        role = Membership.Role
        both = (one, two)
        _people(county, [
            (primary, "王丽", [(class_, role.TEACHER, "语文") for class_ in both]),
            (primary, "李强", [(one, role.CLASS_TEACHER, ""), *((class_, role.TEACHER, "数学") for class_ in both)]),
            (primary, "陈静", [(class_, role.TEACHER, "英语") for class_ in both]),
            (primary, "赵敏", [(Unit.objects.get_parent(one), role.GRADE_HEAD, "")]),
            (primary, "周涛", [(primary, role.DEAN, "")]),
            (primary, "孙校长", [(primary, role.PRINCIPAL, "")]),
            (unit, "刘科长", [(unit, role.COUNTY_OFFICER, "")]),
            (unit, "管理员", [(unit, role.COUNTY_ADMIN, "")]),
            (junior, "何老师", [(seven, role.TEACHER, "数学")]),
            (junior, "吴校长", [(junior, role.PRINCIPAL, "")]),
        ])  # fmt: skip
    return county


def _school(county: County, name: str, code: str, grades: range, seats: int) -> Unit:
    stage = "primary" if grades[0] == 1 else "junior"
    school = add_units(county.unit, [{"kind": "school", "name": name, "code": code, "attributes": {"stage": stage}}])[0]
    county.schools[name] = school
    grade_rows = [{"kind": "grade", "name": f"{NUMERALS[g]}年级", "grade": g} for g in grades]
    families = [
        (grade, [
            {"kind": "class", "name": f"{NUMERALS[grade.grade]}({n})班", "grade": grade.grade, "number": n,
             "entered": 2026 - (grade.grade - 1) % 6, "seats": seats}
            for n in (1, 2)
        ])
        for grade in add_units(school, grade_rows)
    ]  # fmt: skip
    for class_ in add_units_below(families):
        county.classes[f"{name}/{class_.name}"] = class_
    return school


def _people(county: County, rows: list[tuple[Unit, str, list[tuple[Unit, str, str]]]]) -> None:
    """People at their units, each with (unit, role, subject) from the first day of term."""
    people = Person.objects.bulk_create(
        Person(unit=unit, name=name, pinyin=pinyin(name), account=pinyin(name).replace(" ", ""))
        for unit, name, _roles in rows
    )
    county.people.update((person.name, person) for person in people)
    Membership.objects.bulk_create(
        Membership(person=person, unit=unit, role=role, subject=subject, starts=TERM_STARTS)
        for person, (_unit, _name, roles) in zip(people, rows, strict=True)
        for unit, role, subject in roles
    )
