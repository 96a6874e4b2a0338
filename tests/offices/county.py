"""A small county of offices, founded once for the run of a module: cheap to read, big enough for every rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from qingfu.units.actions import add_units, add_units_below, found_tenant, pinyin
from qingfu.units.models import Membership, Person, Unit
from qingfu.units.queries import Actor, actor_of
from qingfu.units.tenancy import as_tenant
from tests.factories import _above

Role = Membership.Role
STARTS = date(2024, 1, 1)
BUREAUS = ("县农业农村局", "县卫生健康局", "县应急管理局")
TOWNSHIPS = ("清水镇", "柳河镇", "石桥乡")
VILLAGES = {"清水镇": ("柳湾村", "前楼村"), "柳河镇": ("大槐村", "东沟村"), "石桥乡": ("石桥村", "山后村")}
SCHOOLS = ("清水镇中心小学", "县第一中学")
_serial = count(1)


@dataclass
class OfficeCounty:
    """``units`` and ``people`` by name; a clerk is called 文秘 and her unit (文秘县农业农村局)."""

    tenant_id: int
    unit: Unit
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The person called ``name``, with the roles in force today."""
        with as_tenant(self.tenant_id):
            return actor_of(self.people[name].pk)

    def __getitem__(self, name: str) -> Unit:
        return self.units[name]

    @property
    def townships(self) -> list[Unit]:
        return [self.units[name] for name in TOWNSHIPS]

    @property
    def villages(self) -> list[Unit]:
        return [self.units[name] for several in VILLAGES.values() for name in several]


def make_office_county() -> OfficeCounty:
    """青禾县 with three bureaus, three townships with two villages each, and two schools.

    People: 文秘X and 负责人X in every bureau and township X, 书记X in every village, 校长X in every school; for the
    county 两办, 督查室, 减负办, 刘科长 (county officer) and 管理员.
    """
    code = f"JC{next(_serial):04d}"
    unit = found_tenant("county", "青禾县", code=code, parent=_above())
    county = OfficeCounty(unit.pk, unit)
    with as_tenant(unit.pk):
        rows = [{"kind": "bureau", "name": name} for name in BUREAUS]
        rows += [{"kind": "township", "name": name} for name in TOWNSHIPS]
        rows += [{"kind": "school", "name": name, "attributes": {"stage": "primary"}} for name in SCHOOLS]
        for number, row in enumerate(rows, start=1):
            row["code"] = f"{code}{number:02d}"
        county.units |= {one.name: one for one in add_units(unit, rows)}
        below = [
            (county[town], [{"kind": "village", "name": name, "code": f"{county[town].code}{n}"}
                            for n, name in enumerate(names, start=1)])
            for town, names in VILLAGES.items()
        ]  # fmt: skip
        county.units |= {one.name: one for one in add_units_below(below)}
        _people(county)
    return county


def _people(county: OfficeCounty) -> None:
    rows: list[tuple[str, Unit, str]] = []
    for name in (*BUREAUS, *TOWNSHIPS):
        rows += [(f"文秘{name}", county[name], Role.CLERK), (f"负责人{name}", county[name], Role.OFFICE_HEAD)]
    rows += [(f"书记{one.name}", one, Role.VILLAGE) for one in county.villages]
    rows += [(f"校长{name}", county[name], Role.PRINCIPAL) for name in SCHOOLS]
    rows += [
        ("两办", county.unit, Role.TWO_OFFICES), ("督查室", county.unit, Role.INSPECTION_PLANNER),
        ("减负办", county.unit, Role.RELIEF_TEAM), ("刘科长", county.unit, Role.COUNTY_OFFICER),
        ("管理员", county.unit, Role.COUNTY_ADMIN),
    ]  # fmt: skip
    made = Person.objects.bulk_create(
        Person(unit=unit, name=name, pinyin=pinyin(name), account=f"p{number:03d}")
        for number, (name, unit, _role) in enumerate(rows, start=1)
    )
    Membership.objects.bulk_create(
        Membership(person=person, unit=unit, role=role, starts=STARTS)
        for person, (_name, unit, role) in zip(made, rows, strict=True)
    )
    county.people |= {person.name: person for person in made}
