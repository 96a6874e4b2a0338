"""The offices of 青禾县: bureaus, townships, villages, and a month of what they asked of each other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from qingfu.ledger.queries import calendar_for
from qingfu.offices import actions
from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.convening import Convening
from qingfu.site.demo.county import DATA
from qingfu.site.demo.registers import fill_registers
from qingfu.units.actions import add_units, add_units_below, pinyin
from qingfu.units.models import Membership, Person, Unit
from qingfu.units.queries import Actor, actor_of
from qingfu.units.tenancy import as_tenant

DAYS_AHEAD = 4
LATE = "当天发出，次日补登"
CLERK, HEAD = Membership.Role.CLERK, Membership.Role.OFFICE_HEAD


@cache
def facts() -> dict:
    """``data/offices.toml``."""
    return tomllib.loads((DATA / "offices.toml").read_text("utf-8"))


def found_offices(county: Unit, today: date) -> int:
    """Found the offices with their people and let them ask for a month; returns how many things were asked."""
    with as_tenant(county.pk):
        units = _units(county)
        actors = _people(county, units, today)
        asked = list(_days_and_rows(county, today))
        for number, (day, row) in enumerate(asked):
            _ask(actors[row["unit"], CLERK], units, row, day, today, f"demo-office-{number}")
        _plan_documents(actors, units, today)
        _receive(actors, units, today)
        fill_registers(actors, units, county, today)
    return len(asked)


def _units(county: Unit) -> dict[str, Unit]:
    names = [("bureau", name) for name in facts()["bureaus"]]
    names += [("township", name) for name in facts()["townships"]]
    rows = [
        {"kind": kind, "name": name, "code": f"{county.code}J{number:02d}"}
        for number, (kind, name) in enumerate(names, start=1)
    ]
    units = {unit.name: unit for unit in add_units(county, rows)}
    villages = [
        (units[town], [{"kind": "village", "name": name, "code": f"{units[town].code}{n:02d}"}
                       for n, name in enumerate(several, start=1)])
        for town, several in facts()["townships"].items()
    ]  # fmt: skip
    return units | {unit.name: unit for unit in add_units_below(villages)}


def _people(county: Unit, units: dict[str, Unit], today: date) -> dict[tuple[str, str], Actor]:
    """The people with their roles; returns them by office and role."""
    actors = {}
    for row in facts()["people"]:
        unit = units.get(row["unit"], county)
        person = Person.objects.create(unit=unit, name=row["name"], pinyin=pinyin(row["name"]), account=row["account"])
        Membership.objects.create(person=person, unit=unit, role=row["role"], starts=date(today.year, 1, 1))
        actors[row["unit"], row["role"]] = actor_of(person.pk)
    return actors


def _days_and_rows(county: Unit, today: date) -> Iterator[tuple[date, dict]]:
    """What is asked when, from the oldest day on."""
    calendar, back = calendar_for(county), facts()["workdays_back"]
    around = [today + timedelta(days=n) for n in range(-2 * back, 2 * DAYS_AHEAD + 1)]
    days = [day for day in around if calendar.day(day).is_workday]
    past = [day for day in days if day < today][-back:]
    for number, day in enumerate([*past, *[day for day in days if day >= today][:DAYS_AHEAD]]):
        for row in facts()["asking"]:
            if number >= row["first"] and (number - row["first"]) % row["every"] == 0:
                yield day, row


def _ask(actor: Actor, units: dict[str, Unit], row: dict, day: date, today: date, key: str) -> None:
    unit, reason = units[row["unit"]], LATE if day < today else ""
    bearers = tuple(Bearer(one) for one in _bearers(units, row["to"]))
    if row["kind"] == "meeting":
        meeting = Convening(
            row["title"], day, row["starts"], row["minutes"], bearers, place=f"{unit.name}会议室", hosts=2,
            reason=reason,
        )  # fmt: skip
        result = actions.call_meeting(actor, unit, meeting, key)
        if day < today and result.ask:
            actions.record_length(actor, result.ask.meeting.pk, row["minutes"] + 20)
        return
    amounts = {name: row[name] for name in ("characters", "fields", "minutes") if name in row}
    attributes = {"assessed": True, "document_type": "general"} if row["kind"] == "document" else {}
    due = day + timedelta(days=7) if row["kind"] == "form" else None
    actions.ask(actor, unit, Asking(row["kind"], day, bearers, amounts, attributes, due, reason=reason), key)


def _plan_documents(actors: dict, units: dict[str, Unit], today: date) -> None:
    """The year's plan of documents, some of it agreed to."""
    for row in facts()["planned"]:
        unit, months = units[row["unit"]], today.year * 12 + today.month - 1 + row["month"]
        made = actions.propose_document(
            actors[row["unit"], CLERK], unit, month=date(months // 12, months % 12 + 1, 1), topic=row["topic"],
            subject="", bearer_ids=[one.pk for one in _bearers(units, row["to"])], required=False,
        )  # fmt: skip
        if row["approved"]:
            actions.approve_document(actors[row["unit"], HEAD], made.pk)


def _receive(actors: dict, units: dict[str, Unit], today: date) -> None:
    """What came from above today: handled, or going round."""
    for number, row in enumerate(facts()["arrived"]):
        clerk, unit = actors[row["unit"], CLERK], units[row["unit"]]
        came = Asking("document", today, (Bearer(unit),), {"characters": row["characters"]})
        ask = actions.receive(clerk, unit, came, f"demo-arrival-{number}", row["source"]).ask
        if row["handled"]:
            actions.handle_receipt(clerk, unit, ask.pk)
        else:
            people = [clerk.person_id, actors[row["unit"], HEAD].person_id]
            actions.circulate(clerk, unit, ask.pk, people)


def _bearers(units: dict[str, Unit], to: str) -> list[Unit]:
    towns = facts()["townships"]
    if to == "townships":
        return [units[name] for name in towns]
    chosen = towns.values() if to == "villages" else [towns[to]]
    return [units[name] for several in chosen for name in several]
