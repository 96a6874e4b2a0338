"""What a demand takes of those who bear it, in minutes, by the published tariff (``data/tariff.toml``). Pure.

Every figure is an estimate and is called 估算 where it is shown; each part of it brings its reason.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "tariff.toml"


@dataclass(frozen=True)
class Part:
    """A part of an estimate: whole minutes of one bearer, and why."""

    minutes: int
    reason: str


@dataclass(frozen=True)
class Estimate:
    """What one bearer needs for one demand. ``people`` is how many persons of it were counted."""

    people: int
    parts: tuple[Part, ...] = field(default=())

    @property
    def minutes(self) -> int:
        return sum(part.minutes for part in self.parts)


@cache
def tariff() -> dict:
    """The tariff as data: ``line`` by kind, ``extra``, ``travel``, ``default``."""
    data = tomllib.loads(DATA.read_text("utf-8"))
    return {**data, "line": {line["kind"]: line for line in data["line"]}}


def estimate(
    kind: str,
    amounts: Mapping[str, int],
    attributes: Mapping,
    bearer_kind: str,
    *,
    people: int | None = None,
    venue: str = "",
    travel: Mapping[str, int] | None = None,
) -> Estimate:
    """Minutes that a demand takes of one bearer.

    ``amounts`` are those of the demand (minutes, characters, fields …), ``people`` how many persons of the bearer it
    takes (the tariff's usual number where it is not said), ``venue`` the kind of place that they must come to
    (township, county, city; "" for none: on paper, by video, or on the spot). ``travel`` are the bearer's own one-way
    minutes by venue, where the county has set them.
    """
    line = tariff()["line"].get(kind, tariff()["default"])
    people = line["people"] if people is None else people
    each = line.get("fixed", 0) + line.get("rate", 0) * amounts.get(line.get("per", ""), 0) / line.get("each", 1)
    work = math.ceil(people * each) + line.get("once", 0)
    parts = [Part(work, line["reason"]), *_extras(attributes, people)]
    way = _one_way(bearer_kind, venue, travel or {}) if line.get("travels") else 0
    if way:
        parts.append(Part(2 * way * people, tariff()["travel"]["reason"]))
    return Estimate(people, tuple(part for part in parts if part.minutes))


def _extras(attributes: Mapping, people: int) -> Iterator[Part]:
    for extra in tariff()["extra"]:
        stated = attributes.get(extra["attribute"], False)
        several = stated if isinstance(stated, (list, tuple)) else [stated]
        if extra["value"] in several:
            yield Part(extra["minutes"] * (people if extra["per"] == "person" else 1), extra["reason"])


def _one_way(bearer_kind: str, venue: str, own: Mapping[str, int]) -> int:
    return own.get(venue, tariff()["travel"].get(bearer_kind, {}).get(venue, 0))
