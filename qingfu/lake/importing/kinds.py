"""What can be imported, as ``data/imports.toml`` lays it down."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

DATA = Path(__file__).parent.parent / "data" / "imports.toml"


@dataclass(frozen=True)
class Field:
    """Something that a row can say: how columns are headed that say it, and how their cells are read."""

    name: str
    title: str
    reads: str
    names: tuple[str, ...]
    needed: bool = False
    unit: str = ""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A kind of register. ``kind`` is that of the demands, ``bearer`` who bears them (class, office)."""

    name: str
    title: str
    kind: str
    bearer: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


@dataclass(frozen=True)
class Around:
    """Words of rows and cells that are no records."""

    totals: frozenset[str]
    missing: frozenset[str]
    numbering: frozenset[str]


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name."""
    return {
        name: Kind(
            name, one["title"], one["kind"], one["bearer"],
            tuple(Field(**{**f, "names": tuple(fold(n) for n in f["names"])}) for f in one["field"]),
        )
        for name, one in _raw().items() if name != "around"
    }  # fmt: skip


@cache
def around() -> Around:
    return Around(**{name: frozenset(map(fold, words)) for name, words in _raw()["around"].items()})


@cache
def _raw() -> dict:
    return tomllib.loads(DATA.read_text("utf-8"))


@lru_cache(maxsize=65_536)  # cells repeat
def fold(text: str) -> str:
    """Letters and figures half-width, no blanks, no invisible signs, small letters."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(one for one in text if not one.isspace() and unicodedata.category(one) not in {"Cf", "Cc"}).lower()
