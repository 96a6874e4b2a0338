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

from qingfu.lake.reading import Lake
from qingfu.rulebook import Bearer, Rulebook
from qingfu.rulebook.model import Limit, ListItem, Pack
from qingfu.rulebook.words import LEVELS
from qingfu.units.years import grades_between

LAST_DAY = date(9999, 12, 31)
FIRST_DAY = date(1900, 1, 1)


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

    ``bearers`` are rows of (county, bearer_id, account, profile, calendar, since, until): account "" is what is asked
    of a unit, else an account of its own (an office: "department"); a class has a row for each grade that it went
    through.
    """

    rules: tuple[Rule, ...]
    bearers: list[dict]
    times: tuple[LocalTime, ...]


@dataclass
class _Profile:
    number: int
    bearer: Bearer
    rulebook: Rulebook


def read_rules(lake: Lake, proposed: Iterable[Pack] = ()) -> Rules:
    """The rules of a lake's counties; ``proposed`` packs take the place of those with their ids, or join them."""
    rulebooks = _rulebooks(lake, list(proposed))
    accounts = {id(rulebook): ["", *_accounts(rulebook)] for rulebook in rulebooks.values()}
    profiles: dict[tuple, _Profile] = {}
    rows = []
    for row in lake.rows("bearers"):
        rulebook = rulebooks[row["county"], row["rulebook"]]
        for account in accounts[id(rulebook)]:
            for grade, since, until in _grades(row):
                bearer = _bearer({**row, "grade": grade}, account)
                key = (id(rulebook), bearer.profile)
                found = profiles.setdefault(key, _Profile(len(profiles), bearer, rulebook))
                rows.append({
                    "county": row["county"], "bearer_id": row["bearer_id"], "account": account,
                    "profile": found.number, "calendar": row["calendar"], "since": since, "until": until,
                })  # fmt: skip
    return Rules(tuple(_rules(profiles.values())), rows, tuple(_times(profiles.values())))


def _rulebooks(lake: Lake, proposed: list[Pack]) -> dict[tuple[str, int], Rulebook]:
    texts: dict[tuple[str, int], list] = {}
    for row in lake.rows("rulebooks"):
        texts.setdefault((row["county"], row["rulebook"]), []).append((row["place"], row["toml"]))
    made: dict[tuple, Rulebook] = {}
    found = {}
    for key, several in texts.items():
        ordered = tuple(text for _, text in sorted(several))
        if ordered not in made:
            made[ordered] = Rulebook(_with([_pack(text) for text in ordered], proposed))
        found[key] = made[ordered]
    return found


@lru_cache(maxsize=1_000)
def _pack(text: str) -> Pack:
    """A pack is read once, however many batches of counties and audits ask for it."""
    return Pack.from_toml(text)


def _with(packs: list[Pack], proposed: list[Pack]) -> list[Pack]:
    replaced = {pack.id for pack in proposed}
    return [pack for pack in packs if pack.id not in replaced] + proposed


def _accounts(rulebook: Rulebook) -> list[str]:
    kinds = {kind for pack in rulebook.packs for limit in pack.limits for kind in limit.bearers}
    return [kind for kind in ("department",) if kind in kinds]


def _grades(row: dict) -> Iterator[tuple[int | None, date, date]]:
    """The grades of a unit with the days between which it is in them."""
    for grade, first, last in grades_between(row["grade"], row.get("first_grade"), row.get("entered")):
        yield grade, first or FIRST_DAY, last or LAST_DAY


def _bearer(row: dict, account: str) -> Bearer:
    return Bearer(
        row["bearer_id"], account or row["kind"], row["grade"], row["stage"], tuple(_said(row["unit_kinds"])),
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
        for pack in profile.rulebook.packs:
            for limit in pack.limits:
                if profile.bearer.kind in limit.bearers and limit.applies.to(profile.bearer):
                    key = (id(limit), _items(limit, profile.rulebook))
                    found[key] = (limit, pack.level)
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
            for pack in profile.rulebook.packs for limit in pack.limits for value in limit.values
            if value.time and ":" not in value.time
        }  # fmt: skip
        for name in sorted(names):
            yield from _segments(profile, name)


def _segments(profile: _Profile, name: str) -> Iterator[LocalTime]:
    """The days between which a local time keeps its value."""
    times = [time for pack in profile.rulebook.packs for time in pack.times if time.name == name]
    breaks = {FIRST_DAY, *(time.start for time in times if time.start)}
    breaks |= {_next(time.end) for time in times if time.end}
    ordered = sorted(breaks)
    for start, following in zip(ordered, [*ordered[1:], None], strict=True):
        said = profile.rulebook.local_time(name, profile.bearer, start)
        if said:
            yield LocalTime(profile.number, name, start, _before(following), int(said[:2]) * 60 + int(said[3:]))


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _before(day: date | None) -> date:
    return date.fromordinal(day.toordinal() - 1) if day else LAST_DAY
