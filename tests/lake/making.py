"""Small lakes without a database: some units, packs and demands written as the export would write them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from qingfu.lake import files, manifest
from qingfu.lake.days import day_row
from qingfu.lake.indicators.catalogue import attributes_asked
from qingfu.lake.manifest import Manifest
from qingfu.lake.tables import attribute_keys, single_columns, tables
from qingfu.rulebook import Bearer, Calendar, Demand, Pack, Rulebook, load_calendar
from qingfu.rulebook.calendar import days_between
from qingfu.rulebook.judge import minutes_of
from qingfu.rulebook.words import MEASURES


@dataclass(frozen=True)
class Asked:
    """A demand with the request that asked for it; requests are judged in the order of their numbers."""

    demand: Demand
    attempt: int
    stands: bool = True
    emergency: bool = False
    posted: date | None = None  # later than its day: entered afterwards


@dataclass
class Made:
    """What goes into a lake of one county."""

    packs: Sequence[Pack]
    bearers: Sequence[Bearer]
    asked: Sequence[Asked]
    baselines: dict[tuple[int, str, int], int] = field(default_factory=dict)
    versions: Sequence[dict] = ()  # of baselines, where there are several
    calendar: Calendar = field(default_factory=load_calendar, repr=False)
    code: str = "QH"
    entered: dict[int, tuple[int, int]] = field(default_factory=dict)  # class → school year and grade of its entry
    span: tuple[date, date] | None = None  # of the calendar; else around what is asked
    schools: dict[int, int] = field(default_factory=dict)  # class → its school; others are by themselves
    channels: Sequence[dict] = ()  # rows of the register of apps


def write_lake(folder: Path, made: Made) -> None:
    """Write ``made`` as the lake of one county."""
    pieces = [
        _piece(folder, made, "demands", [_demand(made, n, one) for n, one in enumerate(made.asked)], made.packs),
        _piece(folder, made, "splits", [row for n, one in enumerate(made.asked) for row in _splits(made, n, one)]),
        _piece(folder, made, "bearers", [_bearer(made, one) for one in made.bearers]),
        _piece(folder, made, "rulebooks", [
            {"county": made.code, "rulebook": 0, "place": n, "level": pack.level, "pack_id": pack.id,
             "toml": pack.to_toml()}
            for n, pack in enumerate(made.packs)
        ]),
        _piece(folder, made, "days", list(_days(made))),
        _piece(folder, made, "baselines", [
            {"county": made.code, "bearer_id": bearer, "limit_id": limit, "year": year, "amount": amount,
             "version": 1, "after_attempt": 0}
            for (bearer, limit, year), amount in made.baselines.items()
        ] + [{"county": made.code, **one} for one in made.versions]),
        _piece(folder, made, "channels", [{"county": made.code, **one} for one in made.channels]),
    ]  # fmt: skip
    manifest.write(folder, Manifest(made.code, "青禾县", "2026-01-01T00:00:00+08:00", tuple(pieces)))


def write_rows(folder: Path, code: str, rows: dict[str, list[dict]], written: date) -> None:
    """Write rows of tables, as they are, as the lake of one county that was exported on a day."""
    keys = {name: sorted(attributes_asked()) if table.attributes else None for name, table in tables().items()}
    pieces = [_piece_of(folder, code, name, several, keys[name]) for name, several in rows.items()]
    manifest.write(folder, Manifest(code, "青禾县", f"{written}T04:40:00+08:00", tuple(pieces)))


def _piece(folder: Path, made: Made, table: str, rows: list[dict], packs: Iterable[Pack] | None = None):
    keys = None if packs is None else attribute_keys([Rulebook(packs)])
    return _piece_of(folder, made.code, table, rows, keys)


def _piece_of(folder: Path, code: str, table: str, rows: list[dict], keys: Iterable[str] | None):
    schema = files.arrow_schema(tables()[table], () if keys is None else single_columns(keys))
    batches = pa.Table.from_pylist(rows, schema).to_batches()
    return files.write_piece(folder, table, code, "", "", batches, schema)


def _demand(made: Made, number: int, one: Asked) -> dict:
    demand = one.demand
    attributes = {key: value for key, value in demand.attributes.items() if key != "subject"}
    return {
        "county": made.code, "month": demand.day.strftime("%Y-%m"), "demand_id": number, "attempt_id": one.attempt,
        "kind": demand.kind, "bearer_id": demand.bearer.id, "subject": demand.attributes.get("subject", ""),
        "day": demand.day, "due_day": demand.due, "starts": demand.start and minutes_of(demand.start),
        "ends": demand.end and minutes_of(demand.end), "minutes": demand.amounts.get("minutes"),
        "is_split": demand.split is not None, "origin": "record", "state": "posted", "stands": one.stands,
        "posted_day": one.posted, "late": one.posted is not None and one.posted > demand.day,
        "emergency": one.emergency, "verdict": "recorded", "attributes": json.dumps(attributes, ensure_ascii=False),
        **{f"amount_{name}": demand.amounts.get(name) for name in MEASURES},
        **{f"attribute_{key}": _as_the_database_says(value) for key, value in attributes.items()},
    }  # fmt: skip


def _as_the_database_says(value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _splits(made: Made, number: int, one: Asked):
    for day, minutes in (one.demand.split or {}).items():
        month = one.demand.day.strftime("%Y-%m")
        yield {"county": made.code, "month": month, "demand_id": number, "day": day, "minutes": minutes}


def _bearer(made: Made, one: Bearer) -> dict:
    return {
        "county": made.code, "bearer_id": one.id, "institution_id": made.schools.get(one.id, one.id), "kind": one.kind,
        "name": f"单位{one.id}", "grade": one.grade,
        "stage": one.stage, "unit_kinds": json.dumps(one.unit_kinds), "seats": 45,
        "attributes": json.dumps(dict(one.attributes), ensure_ascii=False), "rulebook": 0, "calendar": 0,
        **dict(zip(("entered", "first_grade"), made.entered.get(one.id, ()), strict=False)),
    }  # fmt: skip


def _days(made: Made):
    days = [one.demand.day for one in made.asked] or [date(2025, 11, 3)]
    for day in days_between(*(made.span or (min(days) - timedelta(days=1), max(days) + timedelta(days=40)))):
        yield {"county": made.code, "calendar": 0, **day_row(made.calendar, day)}
