"""Puts 青禾县 into the database: the tree and its people, then the term's homework, school by school.

Two cores are kept busy: schools share no budget, so each gets its homework in another process as soon as it stands, and
the offices are founded meanwhile; the records are exported there while this process gets ready to read reports.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import date

from django.db import connections
from django.utils import timezone

from qingfu.ledger.actions import sync_national
from qingfu.ledger.models import Demand
from qingfu.rulebook import load_calendar
from qingfu.site.demo.county import NUMERALS, SchoolPlan, facts, schools
from qingfu.site.demo.guests import SCHOOL
from qingfu.site.demo.homework import ClassAtWork
from qingfu.site.demo.life import enliven
from qingfu.site.demo.offices import found_offices
from qingfu.site.demo.reporting import can_report, export, get_ready, report
from qingfu.site.demo.term import SchoolAtWork, fill_school
from qingfu.units.actions import add_units, found_tenant, link_text, pinyin
from qingfu.units.actions import hash_of as token_hash
from qingfu.units.models import Group, GroupClass, Membership, Person, Tenant, Token, Unit
from qingfu.units.tenancy import as_tenant
from qingfu.units.years import school_year_of

Role = Membership.Role
Say = Callable[[str], None]


def fill(say: Say, processes: Executor, seed: int | None = None, today: date | None = None) -> int:
    """Found the county and give it the current term's homework until ``today``. Returns the tenant's id.

    A county that is there already is left alone. Deterministic by seed: the same day gives the same rows.
    """
    today = today or timezone.localdate()
    existing = Tenant.objects.filter(kind="county", name=facts()["name"]).first()
    if existing:
        say(f"{existing.name}已经在了，不再填充")
        return existing.pk
    seed = facts()["seed"] if seed is None else seed
    above = _found_above()
    sync_national()
    county = found_tenant("county", facts()["name"], code=facts()["code"], parent=above)
    plans = schools(seed)
    filling = _schools(county, plans, seed, today, processes)
    say(f"{len(plans)} 所学校，{sum(len(plan.classes) for plan in plans)} 个班")
    asked = found_offices(county, today)
    filling[SCHOOL].result()
    enliven(county.pk, seed, today)
    count = sum(one.result() for one in filling.values())
    _gather_statistics()
    reports = _reports(county, today, processes) if can_report() else 0
    say(f"{count} 项作业，机关要基层做的 {asked} 件，写好的报告 {reports} 份")
    return county.pk


def _schools(
    county: Unit, plans: list[SchoolPlan], seed: int, today: date, processes: Executor
) -> dict[str, Future[int]]:
    """Found the schools with their people; by school, how many items it will have got."""
    filling: dict[str, Future[int]] = {}
    for plan in plans:
        with as_tenant(county.pk):
            school = _found_school(county, plan, today)
        work = fill_school if filling else _fill_first
        filling[plan.name] = processes.submit(work, county.pk, school, seed, today)
    with as_tenant(county.pk):
        _county_people(county, today)
        _links(county.pk)
    return filling


def _fill_first(*arguments) -> int:
    """``fill_school`` for the first of them: what was planned for empty tables is planned anew afterwards."""
    count = fill_school(*arguments)
    _gather_statistics()
    return count


def _reports(county: Unit, today: date, processes: Executor) -> int:
    exporting = processes.submit(export, county.pk)
    get_ready()
    exporting.result()
    return report(county, today)


def _school_year(today: date) -> date:
    """The first day of the school year whose term is filled: in May and in the summer that of last September."""
    return date(school_year_of(load_calendar().term(today).start), 9, 1)


def _gather_statistics() -> None:
    """Tell the planner of PostgreSQL what is there now: else the first pages would plan as for empty tables."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _found_above() -> Tenant:
    """The nation, the province and the city above the county, founded when missing."""
    above = None
    for kind in ("nation", "province", "city"):
        name = facts()["above"][kind]
        tenant = Tenant.objects.filter(kind=kind, name=name).first()
        above = tenant or Tenant.objects.get(pk=found_tenant(kind, name, parent=above).pk)
    return above


# ---- the tree and its people


def _found_school(county: Unit, plan: SchoolPlan, today: date) -> SchoolAtWork:
    begins = _school_year(today)
    attributes = {"stage": plan.stage, "place": plan.place, "boarding": plan.boarding}
    row = {"kind": "school", "name": plan.name, "code": plan.code, "attributes": attributes}
    school = add_units(county, [row])[0]
    grades = add_units(
        school, [{"kind": "grade", "name": f"{NUMERALS[g]}年级", "grade": g} for g in plan.grades]
    )
    classes: dict[tuple[int, int], Unit] = {}
    for grade in grades:
        wanted = [c for c in plan.classes if c.grade == grade.grade]
        rows = [
            {
                "kind": "class", "name": c.name, "grade": c.grade, "number": c.number, "seats": c.seats,
                "entered": begins.year - (c.grade - 1) % 6,
            }
            for c in wanted
        ]  # fmt: skip
        for unit, class_ in zip(add_units(grade, rows), wanted, strict=True):
            classes[class_.grade, class_.number] = unit
    people = _people(school, plan)
    _roles(plan, school, grades, classes, people, begins)
    _combine(plan, school, classes)
    at_work = tuple(
        ClassAtWork(
            classes[c.grade, c.number].pk, c.grade, school.pk, plan.profile,
            {subject: people[index].pk for subject, index in c.teachers.items()},
        )
        for c in plan.classes
    )  # fmt: skip
    return SchoolAtWork(school.pk, plan.name, at_work)


def _people(school: Unit, plan: SchoolPlan) -> list[Person]:
    """The teachers of a school; t001, t002 … are their accounts. They get a password from the county."""
    return Person.objects.bulk_create(
        Person(unit=school, name=name, pinyin=pinyin(name), account=f"t{number:03d}")
        for number, name in enumerate(plan.teachers, start=1)
    )


def _roles(plan, school, grades, classes, people, starts) -> None:
    def role(person: Person, unit: Unit, name: str, subject: str = "") -> Membership:
        return Membership(person=person, unit=unit, role=name, subject=subject, starts=starts)

    rows = [
        role(people[index], classes[c.grade, c.number], Role.TEACHER, subject)
        for c in plan.classes
        for subject, index in c.teachers.items()
    ]
    rows += [
        role(people[c.teachers["语文"]], classes[c.grade, c.number], Role.CLASS_TEACHER) for c in plan.classes
    ]
    for grade in grades:
        head = next(c.teachers["数学"] for c in plan.classes if c.grade == grade.grade)
        rows.append(role(people[head], grade, Role.GRADE_HEAD))
    dean, principal = people[-2:] if len(people) > 1 else people * 2
    rows += [role(dean, school, Role.DEAN), role(principal, school, Role.PRINCIPAL)]
    Membership.objects.bulk_create(rows)


def _combine(plan: SchoolPlan, school: Unit, classes: dict) -> None:
    """复式班: grades that sit in one room."""
    for grades in plan.combined:
        name = "·".join(NUMERALS[g] for g in grades) + "年级复式班"
        group = Group.objects.create(school=school, name=name, combined=True)
        GroupClass.objects.bulk_create(GroupClass(group=group, unit=classes[g, 1]) for g in grades)


def _county_people(county: Unit, today: date) -> None:
    staff = (("刘慧", "officer", Role.COUNTY_OFFICER), ("高远", "admin", Role.COUNTY_ADMIN))
    for name, account, role in staff:
        person = Person.objects.create(unit=county, name=name, pinyin=pinyin(name), account=account)
        Membership.objects.create(person=person, unit=county, role=role, starts=_school_year(today))


def _links(tenant_id: int) -> None:
    """The links of every class, board and school."""
    kinds = {"class": (Token.Kind.CLASS, Token.Kind.BOARD), "school": (Token.Kind.SCHOOL,)}
    units = Unit.objects.filter(tenant_id=tenant_id, kind__in=kinds).values_list("id", "kind")
    Token.objects.bulk_create(
        Token(hash=token_hash(link_text(kind, tenant_id, unit_id)), kind=kind, subject_id=unit_id)
        for unit_id, unit_kind in units
        for kind in kinds[unit_kind]
    )


def demo_facts(tenant_id: int) -> dict[str, int]:
    """How much there is: for the summary of the command and for tests."""
    with as_tenant(tenant_id):
        return {
            "schools": Unit.objects.filter(tenant_id=tenant_id, kind="school").count(),
            "classes": Unit.objects.filter(tenant_id=tenant_id, kind="class").count(),
            "people": Person.objects.count(),
            "demands": Demand.objects.count(),
        }
