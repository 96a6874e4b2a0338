"""What figures stand on: the unit that they are of with all below it, and the days with the windows they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from qingfu.lake.manifest import LakeError
from qingfu.lake.reading import Lake
from qingfu.units.years import grade_on

INSTITUTIONS = ("county", "bureau", "township", "school")  # that write reports in their own name
STEP = 4  # letters of a path for each level of the tree


@dataclass(frozen=True)
class Place:
    """A unit of the lake. ``child`` is the unit right below the one in question that it belongs to, or that itself."""

    id: int
    name: str
    kind: str
    grade: int | None
    seats: int
    institution_id: int | None
    starts: date | None
    ends: date | None
    path: str
    child: int
    entered: int | None = None
    first_grade: int | None = None

    def grade_on(self, day: date) -> int | None:
        """The grade that it had on a day (``years.grade_on``)."""
        return grade_on(self.grade, self.first_grade, self.entered, day)

    def exists(self, first: date, last: date) -> bool:
        """Whether there was such a unit on some day between two."""
        return (self.starts or first) <= last and (self.ends or last) >= first


@dataclass(frozen=True)
class Window:
    """A week, month or term as far as it lies in the span that was asked for."""

    key: str
    first: date
    last: date


@dataclass
class Ground:
    """A unit of a lake with all below it."""

    lake: Lake
    county: str
    unit: Place
    calendar: int
    places: dict[int, Place]

    @cached_property
    def ids(self) -> dict[str, int]:
        """The units by their paths."""
        return {one.path: one.id for one in self.places.values()}

    @property
    def children(self) -> list[Place]:
        """The units right below, in the order of the tree."""
        return [one for one in self.places.values() if one.child == one.id != self.unit.id]

    @cached_property
    def written(self) -> date:
        """The day on which the county's lake was written."""
        return date.fromisoformat(self.lake.manifests[self.county].exported_at[:10])

    @cached_property
    def _days(self) -> list[dict]:
        table = self.lake.table("days")
        own = table.filter(table.county == self.county, table.calendar == self.calendar)
        return own.select("day", "week", "term").order_by("day").to_pyarrow().to_pylist()

    def windows(self, kind: str, first: date, last: date) -> list[Window]:
        """The weeks, months or terms between two days by the unit's calendar, each as far as it lies between them."""
        found: dict[str, Window] = {}
        for row in self._days:
            day = row["day"]
            if first <= day <= last:
                key = f"{day:%Y-%m}" if kind == "month" else row[kind]
                known = found.get(key)
                found[key] = Window(key, known.first if known else day, day)
        return list(found.values())


def ground_of(lake: Lake, unit_id: int) -> Ground:
    """Find a unit in a lake. Raises LakeError where it is not there, or where several counties have one of that id."""
    table = lake.table("bearers")
    found = table.filter(table.bearer_id == unit_id).to_pyarrow().to_pylist()
    if len(found) != 1:
        words = "里没有编号是" if not found else "里有几个县有编号是"
        raise LakeError(f"{lake.folder} {words} {unit_id} 的单位。")
    top = found[0]
    below = table.filter(table.county == top["county"], table.path.startswith(top["path"])).order_by("path")
    return _ground(lake, top, below.to_pyarrow().to_pylist())


def grounds_of(lake: Lake) -> list[Ground]:
    """Every county of a lake as a whole."""
    several: dict[str, list[dict]] = {code: [] for code in lake.codes}
    for row in lake.table("bearers").order_by("path").to_pyarrow().to_pylist():
        several[row["county"]].append(row)
    return [_ground(lake, row, rows) for rows in several.values() for row in rows if row["kind"] == "county"]


def _ground(lake: Lake, top: dict, rows: list[dict]) -> Ground:
    """A unit with all below it, from their rows."""
    ids = {row["path"]: row["bearer_id"] for row in rows}
    depth = len(top["path"]) + STEP
    places = {row["bearer_id"]: _place(row, ids[row["path"][:depth]]) for row in rows}
    return Ground(lake, top["county"], places[top["bearer_id"]], top["calendar"], places)


def unit_called(lake: Lake, name: str | None) -> int:
    """The id of the unit with an id, a code or a name; without one the lake's only county. Raises LakeError where there
    is none, or several."""
    table = lake.table("bearers")
    if name:
        told = (table.code == name) | (table.name == name) | (table.bearer_id.cast("string") == name)
    else:
        told = table.kind == "county"
    found = table.filter(told).select("bearer_id", "name").to_pyarrow().to_pylist()
    if len(found) == 1:
        return found[0]["bearer_id"]
    if not found:
        raise LakeError(f"记录里没有单位“{name}”。" if name else "记录里没有县。")
    raise LakeError(f"“{name}”有 {len(found)} 个，请写编号。" if name else "有几个县，请用 --county 写明哪一个。")


def institutions(lake: Lake) -> dict[str, list[int]]:
    """The ids of counties, bureaus, townships and schools by their names."""
    table = lake.table("bearers")
    found: dict[str, list[int]] = {}
    for row in table.filter(table.kind.isin(INSTITUTIONS)).select("bearer_id", "name").to_pyarrow().to_pylist():
        found.setdefault(row["name"], []).append(row["bearer_id"])
    return found


def term_until_written(lake: Lake, unit_id: int) -> tuple[date, date]:
    """The first day of the term in which the lake was written, and the day on which it was."""
    ground = ground_of(lake, unit_id)
    table = lake.table("days")
    own = table.filter(table.county == ground.county, table.calendar == ground.calendar, table.day == ground.written)
    return own.to_pyarrow().to_pylist()[0]["term_starts"], ground.written


def _place(row: dict, child: int) -> Place:
    return Place(
        row["bearer_id"], row["name"], row["kind"], row["grade"], row["seats"] or 0, row["institution_id"],
        row["starts"], row["ends"], row["path"], child, row.get("entered"), row.get("first_grade"),
    )  # fmt: skip


def year_before(day: date) -> date:
    """The same day of the year before; 28 February for the 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day - timedelta(days=366)
