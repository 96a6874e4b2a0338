"""Which column says what: by its heading, by what the heading means, by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from qingfu.lake.importing.kinds import Field, Kind, around, fold, kinds
from qingfu.lake.importing.mapping import YEARS, Column, Mapping
from qingfu.lake.importing.table import Table, text_of
from qingfu.lake.importing.values import UNITS_OF_TIME, Reading
from qingfu.text.fields.matching import SAME, compare
from qingfu.text.fields.reading import read

LOOKED_AT = 60  # cells of a column
SHOWN = 3
TELLING = {"day": 2.0, "class": 2.0, "subject": 2.0}  # values that are hardly anything else, and how much they weigh
BY_NAME, BY_PART, BY_MEANING = 4.0, 2.5, 2.0
ENOUGH = 1.5
EXACT = BY_NAME - 1
FITS, FITS_AT_ALL = 0.6, 0.01  # of the cells must be readable; of those under the very name of a field

_IN_BRACKETS = re.compile(r"[(\[【](.*?)[)\]】]")


@dataclass(frozen=True)
class Guess:
    """One column taken for one field: how likely, why, and what a bare number counts."""

    score: float
    name: str
    place: int
    why: str
    unit: str


def propose(table: Table, kind_name: str = "", today: date | None = None) -> Mapping:
    """The likeliest mapping of a table; of the kind that fits best where ``kind_name`` is not said."""
    several = [kinds()[kind_name]] if kind_name else list(kinds().values())
    cells = [table.samples(place, LOOKED_AT) for place in range(len(table.heads))]
    found = [(kind, _best(kind, table, cells, today or date.today())) for kind in several]
    kind, guesses = max(found, key=lambda one: _weight(*one))
    taken = {guess.place for guess in guesses}
    columns = {
        guess.name: Column(
            table.letter(guess.place), guess.why, tuple(text_of(c)[:16] for c in cells[guess.place][:SHOWN]), guess.unit
        )
        for guess in guesses
    }  # fmt: skip
    ordered = {one.name: columns[one.name] for one in kind.fields if one.name in columns}
    unused = [
        (table.letter(place), head) for place, head in enumerate(table.heads)
        if place not in taken and head and fold(head) not in around().numbering
    ]  # fmt: skip
    return Mapping(kind, table.header, ordered, _defaults(kind, table, ordered), tuple(unused))


def _weight(kind: Kind, guesses: list[Guess]) -> tuple[int, float]:
    """How well a kind fits: first by how many of the fields it needs it has, then by all of them."""
    names = {guess.name for guess in guesses}
    needed = [one.name for one in kind.fields if one.needed]
    return sum(name in names for name in needed) - len(needed), sum(guess.score for guess in guesses)


def _best(kind: Kind, table: Table, cells: list[list], today: date) -> list[Guess]:
    """Each column for one field at most, each field by one column at most, the surest first."""
    year, school_year = _year_of(table)
    guesses = [
        guess for place, head in enumerate(table.heads) for one in kind.fields
        for guess in _guess(one, place, head, cells[place], Reading(one, "", year or today.year, school_year, today))
    ]  # fmt: skip
    found: list[Guess] = []
    for guess in sorted(guesses, key=lambda one: (-one.score, one.place)):
        if all(guess.name != other.name and guess.place != other.place for other in found):
            found.append(guess)
    return found


def _guess(one: Field, place: int, head: str, cells: list, reading: Reading) -> Iterator[Guess]:
    text = fold(head)
    bare, unit = _IN_BRACKETS.sub("", text).strip("*:"), _unit_in(text, one)
    score, why = _by_name(one, bare, text)
    fit = _fit(cells, Reading(one, unit, reading.year, reading.school_year, reading.today))
    if cells and fit < (FITS if score < EXACT else FITS_AT_ALL):
        return
    if not score and one.reads in TELLING and cells:
        score, why = TELLING[one.reads], _("看内容是%(title)s") % {"title": one.title}
    if score >= ENOUGH:
        yield Guess(score + fit, one.name, place, why, unit)


def _by_name(one: Field, bare: str, text: str) -> tuple[float, str]:
    """How surely a heading names a field, and in which way."""
    if not bare:
        return 0.0, ""
    if bare in one.names or text in one.names:
        return BY_NAME - one.names.index(bare if bare in one.names else text) / 100, _("表头")
    if any(len(name) > 1 and (bare.endswith(name) or bare.startswith(name)) for name in one.names):
        return BY_PART, _("表头相近")
    meant = read(bare)
    if meant.tells and any(compare(meant, read(name)).relation == SAME for name in one.names if read(name).tells):
        return BY_MEANING, _("意思相同")
    return 0.0, ""


def _unit_in(head: str, one: Field) -> str:
    """The unit that a heading names in brackets: 时长(小时)."""
    if one.reads != "minutes":
        return ""
    return next((inside for inside in _IN_BRACKETS.findall(head) if UNITS_OF_TIME.get(inside)), one.unit)


def _fit(cells: list, reading: Reading) -> float:
    """The share of cells that can be read as this field."""
    return sum(_reads(cell, reading) for cell in cells) / len(cells) if cells else 0.0


def _reads(cell, reading: Reading) -> bool:
    try:
        reading.value(cell)
    except ValueError:
        return False
    return True


def _year_of(table: Table) -> tuple[int | None, bool]:
    """The year or school year that stands over the table: 2024—2025学年度第二学期."""
    found = YEARS.search(fold(table.above))
    if not found:
        return None, False
    return int(found[1]), bool(found[2]) or "学年" in table.above


def _defaults(kind: Kind, table: Table, columns: dict) -> dict[str, str]:
    found = {}
    year, school_year = _year_of(table)
    if year:
        found["year"] = f"{year}-{year + 1}" if school_year else str(year)
    if kind.bearer == "class" and "form" not in columns:
        found["form"] = "written"
    return found
