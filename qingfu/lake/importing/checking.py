"""From rows to records: every cell read as its column's field, every fault with its place and what to do."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.lake.importing.kinds import fold
from qingfu.lake.importing.mapping import Mapping
from qingfu.lake.importing.places import Places
from qingfu.lake.importing.table import Row, Table
from qingfu.lake.importing.values import ClassName, Reading
from qingfu.ledger.drafts import IMPORTED, BadFigure, Draft
from qingfu.rulebook.words import MEASURES
from qingfu.units.models import Unit
from qingfu.units.workbook.safety import column_number

OFFICES = (Unit.Kind.COUNTY, Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.OFFICE)
BELOW = (Unit.Kind.SCHOOL, Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE)
OWN = {"account": "department"}
FIRST = date(2010, 1, 1)
"""Before it no rule that is kept here was in force, and no calendar is known."""
KEPT = 500  # faults that are told one by one


@dataclass(frozen=True)
class Problem:
    """A bad cell or row: where it is, what stands in it, and what to do."""

    sheet: str
    row: int
    column: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.column}{self.row}"


@dataclass(frozen=True)
class Record:
    """One row that was read: its key (the same row of the same register has the same one) and what it becomes."""

    row: int
    key: str
    day: date
    drafts: tuple[Draft, ...]


@dataclass
class Check:
    """What a file would bring: how many rows, from when to when, what is wrong with which cells."""

    rows: int = 0
    good: int = 0
    bad: int = 0
    demands: int = 0
    first: date | None = None
    last: date | None = None
    problems: list[Problem] = field(default_factory=list)
    unknown: Counter = field(default_factory=Counter)
    skipped: dict[str, int] = field(default_factory=dict)
    sample: list[Record] = field(default_factory=list)


def check(table: Table, mapping: Mapping, places: Places, sampled: int = 5) -> Check:
    """Read every row and say what it would bring. Nothing is kept."""
    result = Check()
    for one in records(table, mapping, places, result):
        if isinstance(one, Record):
            result.good += 1
            result.demands += len(one.drafts)
            result.first, result.last = min(result.first or one.day, one.day), max(result.last or one.day, one.day)
            if len(result.sample) < sampled:
                result.sample.append(one)
    result.skipped = {why: count for why, count in table.skipped.items() if count}
    return result


def records(table: Table, mapping: Mapping, places: Places, told: Check | None = None) -> Iterator[Record | None]:
    """A Record for each row of a table, in its order; None for a bad one, which is told."""
    told = told or Check()
    year, school_year = mapping.year
    today = timezone.localdate()
    columns = [
        (column_number(column.letter) - 1, column.letter,
         Reading(mapping.kind.field(name), column.unit, year, school_year, today))
        for name, column in mapping.columns.items()
    ]  # fmt: skip
    make = _homework if mapping.kind.bearer == "class" else _office
    seen: Counter[str] = Counter()
    for row in table.rows():
        told.rows += 1
        try:
            values = _values(row, columns)
            key = _key(values, mapping, places.unit, seen)
            yield Record(row.number, key, values["day"], tuple(make(values, mapping, places, told)))
        except _Bad as bad:
            told.bad += 1
            if len(told.problems) < KEPT:
                told.problems += [Problem(row.sheet, row.number, letter, text) for letter, text in bad.faults]
            yield None


class _Bad(ValueError):
    """The faults of a row, as (letter, sentence)."""

    def __init__(self, faults: list[tuple[str, str]]):
        self.faults = faults
        super().__init__(str(faults))


def _values(row: Row, columns: list) -> dict:
    """What a row says, by field. Raises _Bad with every fault of it."""
    values, faults = {}, []
    for place, letter, reading in columns:
        cell = row.cells[place] if place < len(row.cells) else ""
        try:
            value = reading.value(cell)
            if value is None and reading.field.needed:
                raise ValueError(_("“%(title)s”没有填。请补上，或删掉这一行。") % {"title": reading.field.title})
        except ValueError as fault:
            faults.append((letter, str(fault)))
            continue
        values[reading.field.name] = value
    if not faults and not values["day"] >= FIRST:
        faults.append((columns[0][1], _("日期 %(day)s 太早了。请核对年份。") % {"day": values["day"]}))
    if faults:
        raise _Bad(faults)
    return values


def _key(values: dict, mapping: Mapping, unit: Unit, seen: Counter) -> str:
    """What makes a row itself: all that it says, or its mapping for it. Rows that say the same are told apart by which
    of them it is."""
    said = {name: mapping.defaults[name] for name in ("school", "form") if mapping.defaults.get(name)}
    said |= {name: value for name, value in values.items() if value or name not in said}
    said = json.dumps([unit.pk, mapping.kind.name, said], ensure_ascii=False, sort_keys=True, default=_plain)
    digest = hashlib.sha256(said.encode()).hexdigest()[:32]
    seen[digest] += 1
    return digest if seen[digest] == 1 else hashlib.sha256(f"{digest}{seen[digest]}".encode()).hexdigest()[:32]


def _plain(value):
    return list(vars(value).values()) if isinstance(value, ClassName) else str(value)


def _homework(values: dict, mapping: Mapping, places: Places, _told: Check) -> Iterator[Draft]:
    letters = {name: column.letter for name, column in mapping.columns.items()}
    try:
        school = places.school(values.get("school") or mapping.defaults.get("school"))
    except ValueError as fault:
        raise _Bad([(letters.get("school", ""), str(fault))]) from fault
    attributes = {
        "form": values.get("form") or mapping.defaults.get("form") or "written",
        "required": values.get("required") != "no",
        **({"place": values["place"]} if values.get("place") else {}),
    }
    try:
        for unit in _classes(values, places, school):
            yield Draft(
                unit.pk, values["day"], "homework", values["subject"], values.get("text") or "", values["minutes"],
                attributes=attributes, issuer_unit_id=school.pk,
            )  # fmt: skip
    except ValueError as fault:
        raise _Bad([(letters.get("class") or letters.get("grade", ""), str(fault))]) from fault


def _classes(values: dict, places: Places, school: Unit) -> list[Unit]:
    wanted = values.get("class")
    if wanted is None:
        if values.get("grade") is None:
            raise ValueError(_("没有写是哪个班。请补上。"))
        wanted = (replace(values["grade"], number=values.get("number")),)
    found = {one.pk: one for each in wanted for one in places.classes_of(school, each, values["day"])}
    return list(found.values())


def _office(values: dict, mapping: Mapping, places: Places, told: Check) -> Iterator[Draft]:
    """A document or meeting: in the unit's own account, and at those to whom it went; what came from others stands
    at the unit alone. Titles are kept only where the unit keeps them."""
    letters = {name: column.letter for name, column in mapping.columns.items()}
    unit = places.unit
    try:
        if values.get("office") and not values.get("source"):
            unit = places.names.get(fold(values["office"]), unit)
            told.unknown.update([] if fold(values["office"]) in places.names else [values["office"]])
        amounts = {name: values[name] for name in MEASURES if name != "minutes" and values.get(name) is not None}
        attributes = {name: values[name] for name in ("document_type", "meeting_type", "mode") if values.get(name)}
        draft = Draft(
            unit.pk, values["day"], mapping.kind.kind, minutes=values.get("minutes"), amounts=amounts,
            text=(values.get("text") or "") if unit.attributes.get("keep_titles") else "", issuer_unit_id=unit.pk,
        )  # fmt: skip
    except BadFigure as fault:
        raise _Bad([("", str(fault))]) from fault
    if values.get("source") or unit.kind not in OFFICES:
        yield replace(draft, attributes={**attributes, "from_above": values.get("source") or _("上级")})
        return
    if not unit.path.startswith(places.unit.path):
        raise _Bad([(letters["office"], _("“%(name)s”不归本单位，请从它自己的台账导入。") % {"name": unit.name})])
    reach = unit.path if unit.kind == Unit.Kind.TOWNSHIP else places.county.path
    to, unknown = places.addressed(values.get("to") or (), reach)
    told.unknown.update(unknown)
    if to:
        attributes["to_grassroots"] = any(one.kind in BELOW for one in to)
    yield replace(draft, attributes={**attributes, **OWN})
    for one in to:
        yield replace(draft, bearer_id=one.pk, attributes=attributes)


def marked(drafts: tuple[Draft, ...], import_id: int) -> list[Draft]:
    """Drafts with the number of the import that they come from."""
    return [replace(one, attributes={**one.attributes, IMPORTED: import_id}) for one in drafts]
