"""Which limits hold for whom, read from the lake itself: what the expressions of the audit are made from.

Units that share rulebook, calendar and all that limits look at share a *profile*; so a province has a few hundred of
them, and each limit names the profiles that it is for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain

import pyarrow as pa

from qingfu.lake.reading import Lake
from qingfu.rulebook import Bearer, Rulebook
from qingfu.rulebook.model import Limit, ListItem, Pack
from qingfu.rulebook.words import LEVELS
from qingfu.units.years import grades_between

LAST_DAY = date(9999, 12, 31)
FIRST_DAY = date(1900, 1, 1)
# What limits look at of a unit, and what says which grades it went through.
SAID = ("kind", "grade", "stage", "unit_kinds", "attributes", "first_grade", "entered")
SPANS = pa.schema([
    ("account", pa.string()), ("profile", pa.int64()), ("since", pa.date32()), ("until", pa.date32())
])  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A limit of one level, with the lines of the list that it asks for, and the profiles that it is for."""

    limit: Limit
    level: str
    items: tuple[ListItem, ...]
    profiles: frozenset[int]


@dataclass(frozen=True)
class LocalTime:
    """What a local time (off_work …) is for a profile, in minutes since midnight, between two days."""

    profile: int
    name: str
    starts: date
    ends: date
    minutes: int


@dataclass(frozen=True)
class Rules:
    """All that the rules of some counties come to.

    ``bearers`` has rows of (county, bearer_id, account, profile, calendar, since, until): account "" is what is asked
    of a unit, else an account of its own (an office: "department"); a class has a row for each grade that it went
    through.
    """

    rules: tuple[Rule, ...]
    bearers: pa.Table
    times: tuple[LocalTime, ...]


@dataclass(frozen=True)
class _Asked:
    """A rulebook with those of its limits that are asked, each with its level."""

    rulebook: Rulebook
    limits: tuple[tuple[Limit, str], ...]

    @property
    def accounts(self) -> list[str]:
        """The accounts that units have: that of the unit, and that of its department where a limit is for one."""
        return ["", *(kind for kind in ("department",) if any(kind in limit.bearers for limit, _ in self.limits))]


@dataclass(frozen=True)
class _Profile:
    number: int
    bearer: Bearer
    asked: _Asked


def read_rules(lake: Lake, proposed: Iterable[Pack] = (), only: Iterable[str] | None = None) -> Rules:
    """The rules of a lake's counties, of limits with the ids ``only`` or else of all; ``proposed`` packs take the
    place of those with their ids, or join them."""
    rulebooks = _rulebooks(lake, list(proposed), None if only is None else set(only))
    units = lake.table("bearers").select("county", "bearer_id", "calendar", "rulebook", *SAID).to_pyarrow()
    profiles: dict[tuple, _Profile] = {}
    alike: dict[tuple, list[dict]] = {}  # most units of a county say the same of themselves
    found = []
    for county, number, *said in zip(*(units[name].to_pylist() for name in ("county", "rulebook", *SAID)), strict=True):
        asked = rulebooks[county, number]
        key = (id(asked), *said)
        if key not in alike:
            alike[key] = list(_spans(asked, dict(zip(SAID, said, strict=True)), profiles))
        found.append(alike[key])
    which = [place for place, spans in enumerate(found) for _ in spans]
    spans = pa.Table.from_pylist([*chain.from_iterable(found)], SPANS)
    bearers = units.select(["county", "bearer_id", "calendar"]).take(which)
    for name in SPANS.names:
        bearers = bearers.append_column(name, spans[name])
    return Rules(tuple(_rules(profiles.values())), bearers, tuple(_times(profiles.values())))


def _spans(asked: _Asked, said: dict, profiles: dict[tuple, _Profile]) -> Iterator[dict]:
    """Rows (account, profile, since, until) of a unit that says so of itself, with a profile for what is new."""
    for account in asked.accounts:
        for grade, since, until in _grades(said):
            bearer = _bearer({**said, "grade": grade}, account)
            profile = profiles.setdefault((id(asked), bearer.profile), _Profile(len(profiles), bearer, asked))
            yield {"account": account, "profile": profile.number, "since": since, "until": until}


def _rulebooks(lake: Lake, proposed: list[Pack], only: set[str] | None) -> dict[tuple[str, int], _Asked]:
    texts: dict[tuple[str, int], list] = {}
    for row in lake.rows("rulebooks"):
        texts.setdefault((row["county"], row["rulebook"]), []).append((row["place"], row["toml"]))
    made: dict[tuple, _Asked] = {}
    found = {}
    for key, several in texts.items():
        ordered = tuple(text for _, text in sorted(several))
        if ordered not in made:
            made[ordered] = _asked(Rulebook(_with([_pack(text) for text in ordered], proposed)), only)
        found[key] = made[ordered]
    return found


def _asked(rulebook: Rulebook, only: set[str] | None) -> _Asked:
    every = ((limit, pack.level) for pack in rulebook.packs for limit in pack.limits)
    return _Asked(rulebook, tuple(one for one in every if only is None or one[0].id in only))


@lru_cache(maxsize=1_000)
def _pack(text: str) -> Pack:
    """A pack is read once, however many batches of counties and audits ask for it."""
    return Pack.from_toml(text)


def _with(packs: list[Pack], proposed: list[Pack]) -> list[Pack]:
    replaced = {pack.id for pack in proposed}
    return [pack for pack in packs if pack.id not in replaced] + proposed


def _grades(row: dict) -> Iterator[tuple[int | None, date, date]]:
    """The grades of a unit with the days between which it is in them."""
    for grade, first, last in grades_between(row["grade"], row.get("first_grade"), row.get("entered")):
        yield grade, first or FIRST_DAY, last or LAST_DAY


def _bearer(row: dict, account: str) -> Bearer:
    return Bearer(
        "", account or row["kind"], row["grade"], row["stage"], tuple(_said(row["unit_kinds"])),
        _said(row["attributes"]),
    )  # fmt: skip


@lru_cache(maxsize=10_000)
def _said(text: str):
    """What units say of themselves, which is the same of most."""
    return json.loads(text)


def _rules(profiles: Iterable[_Profile]) -> Iterator[Rule]:
    """Each limit once, however many rulebooks hold it: packs of one text are one object here."""
    found: dict[tuple, tuple[Limit, str]] = {}
    holders: dict[tuple, set[int]] = {}
    for profile in profiles:
        for limit, level in profile.asked.limits:
            if profile.bearer.kind in limit.bearers and limit.applies.to(profile.bearer):
                key = (id(limit), _items(limit, profile.asked.rulebook))
                found[key] = (limit, level)
                holders.setdefault(key, set()).add(profile.number)
    for key, (limit, level) in sorted(found.items(), key=lambda one: (LEVELS.index(one[1][1]), one[1][0].id)):
        yield Rule(limit, level, key[1], frozenset(holders[key]))


def _items(limit: Limit, rulebook: Rulebook) -> tuple[ListItem, ...]:
    lists = {value.list for value in limit.values if value.list}
    return tuple(item for pack in rulebook.packs for name in sorted(lists) for item in pack.lists.get(name, ()))


def _times(profiles: Iterable[_Profile]) -> Iterator[LocalTime]:
    for profile in profiles:
        names = {
            value.time
            for limit, _ in profile.asked.limits for value in limit.values if value.time and ":" not in value.time
        }  # fmt: skip
        for name in sorted(names):
            yield from _segments(profile, name)


def _segments(profile: _Profile, name: str) -> Iterator[LocalTime]:
    """The days between which a local time keeps its value."""
    times = [time for pack in profile.asked.rulebook.packs for time in pack.times if time.name == name]
    breaks = {FIRST_DAY, *(time.start for time in times if time.start)}
    breaks |= {_next(time.end) for time in times if time.end}
    ordered = sorted(breaks)
    for start, following in zip(ordered, [*ordered[1:], None], strict=True):
        said = profile.asked.rulebook.local_time(name, profile.bearer, start)
        if said:
            yield LocalTime(profile.number, name, start, _before(following), int(said[:2]) * 60 + int(said[3:]))


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _before(day: date | None) -> date:
    return date.fromordinal(day.toordinal() - 1) if day else LAST_DAY
