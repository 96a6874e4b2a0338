"""Rows that the lake holds and no single table of the database does: units with their rules and calendars."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from qingfu.lake.days import day_row
from qingfu.ledger import reckoning
from qingfu.ledger.reckoning import Reckoning
from qingfu.rulebook.calendar import days_between
from qingfu.units.calendar import first_grade
from qingfu.units.models import Unit

# Only for pages or for people, no part of a rule: these stay in the database.
NOT_RULES = ("contact", "phone", "address")


@dataclass
class Numbered:
    """Things that are the same for many units, each with the number that it got first."""

    of: dict[int, int] = field(default_factory=dict)
    things: list = field(default_factory=list)

    def number(self, thing) -> int:
        found = self.of.get(id(thing))
        if found is None:
            found = self.of[id(thing)] = len(self.things)
            self.things.append(thing)
        return found


@dataclass(frozen=True)
class County:
    """All units of a county with the rulebooks and calendars that they go by."""

    code: str
    units: list[Unit]
    found: dict[int, Reckoning]
    rulebooks: Numbered
    calendars: Numbered


def code_of(county: Unit) -> str:
    """What the county is called in the lake: its code, or its number where it has none."""
    return county.code or str(county.pk)


def county_of(county: Unit) -> County:
    """Read the units of the open tenant and what each goes by."""
    units = list(Unit.objects.filter(tenant_id=county.pk).order_by("path"))
    found = reckoning.current([unit.pk for unit in units])
    rulebooks, calendars = Numbered(), Numbered()
    for unit in units:
        rulebooks.number(found[unit.pk].rulebook)
        calendars.number(found[unit.pk].calendar)
    return County(code_of(county), units, found, rulebooks, calendars)


def bearers(county: County) -> Iterator[dict]:
    parents = {unit.path: unit.pk for unit in county.units}
    for unit in county.units:
        one = county.found[unit.pk]
        bearer = one.bearer(unit.pk)
        yield {
            "county": county.code, "bearer_id": unit.pk, "parent_id": parents.get(unit.path[: -Unit.steplen]),
            "institution_id": one.institution.pk, "kind": unit.kind, "name": unit.name, "code": unit.code,
            "grade": unit.grade, "stage": bearer.stage, "unit_kinds": json.dumps(bearer.unit_kinds),
            "entered": unit.entered, "first_grade": first_grade(unit), "seats": unit.seats,
            "attributes": _said(bearer.attributes), "starts": unit.starts, "ends": unit.ends,
            "depth": unit.depth, "path": unit.path, "rulebook": county.rulebooks.number(one.rulebook),
            "calendar": county.calendars.number(one.calendar),
        }  # fmt: skip


def _said(attributes: dict) -> str:
    kept = {key: value for key, value in attributes.items() if key not in NOT_RULES}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def rulebooks(county: County) -> Iterator[dict]:
    for number, rulebook in enumerate(county.rulebooks.things):
        for place, pack in enumerate(rulebook.packs):
            yield {
                "county": county.code, "rulebook": number, "place": place, "level": pack.level, "pack_id": pack.id,
                "toml": pack.to_toml(),
            }  # fmt: skip


def days(county: County, first: date, last: date) -> Iterator[dict]:
    """Each day from ``first`` to ``last`` in each calendar, with the windows that it lies in."""
    for number, calendar in enumerate(county.calendars.things):
        for day in days_between(first, last):
            yield {"county": county.code, "calendar": number, **day_row(calendar, day)}
