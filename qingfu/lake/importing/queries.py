"""What only reads: imports that a person may see, and what one of them would bring."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from qingfu.lake.importing.actions import header_of
from qingfu.lake.importing.checking import Check, check
from qingfu.lake.importing.mapping import Mapping, MappingError, read_mapping
from qingfu.lake.importing.places import places_for
from qingfu.lake.importing.table import Table, read_table, text_of
from qingfu.lake.models import Import
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, scope

VERB = "import_records"
KEEP_REGISTERS = (Unit.Kind.COUNTY, Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.SCHOOL)
SAMPLE = 5  # rows that the page shows


def units_for(actor: Actor) -> QuerySet[Unit]:
    """The units whose registers an actor may import. Raises Forbidden for somebody with none."""
    if not actor.posts_for(VERB):
        raise Forbidden(VERB)
    return scope(actor, VERB).filter(kind__in=KEEP_REGISTERS).order_by("path")


def imports(actor: Actor) -> QuerySet[Import]:
    """The imports at the units of an actor, the newest first, without their files."""
    return Import.objects.filter(unit__in=scope(actor, VERB)).select_related("unit").defer("content").order_by("-pk")


def one_import(actor: Actor, import_id: int) -> Import:
    """One of them. Raises Forbidden, found or not."""
    found = Import.objects.filter(unit__in=scope(actor, VERB), pk=import_id).select_related("unit").first()
    if found is None:
        raise Forbidden(VERB)
    return found


@dataclass(frozen=True)
class Look:
    """A register that waits: its table and mapping; ``check`` once every needed column is named, else ``problem``."""

    table: Table
    mapping: Mapping
    check: Check | None = None
    problem: str = ""

    @property
    def heads(self) -> list[tuple[str, str]]:
        """The columns as (letter, heading)."""
        return [(self.table.letter(place), head) for place, head in enumerate(self.table.heads) if head]

    @property
    def first_rows(self) -> list[tuple[int, list[str]]]:
        """A few rows as they stand in the file, with their numbers."""
        found = []
        for row in self.table.rows():
            found.append((row.number, [text_of(cell)[:40] for cell in row.cells]))
            if len(found) == SAMPLE:
                break
        return found


def look_at(one: Import) -> Look:
    """What a register that waits would bring, as of now."""
    table = read_table(bytes(one.content), one.name, header_of(one.mapping))
    mapping = read_mapping(one.mapping, table, whole=False)
    try:
        return Look(table, mapping, check(table, read_mapping(one.mapping, table), places_for(one.unit)))
    except MappingError as problem:
        return Look(table, mapping, problem=str(problem))
