"""What a detector says: a defect, where it stands in the raw text, how sure it is, and what to do."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

SEVERITIES = ("hint", "warning", "error")
SEVERITY_NAMES = {"error": "必须改", "warning": "要核对", "hint": "可斟酌"}  # the worst first, as they are shown
CONFIDENCES = ("l", "m", "h")


class Span(NamedTuple):
    """Characters ``start:end`` of the raw text of the file under review, or of ``file``, another one."""

    start: int
    end: int
    file: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect.

    ``start`` and ``end`` are characters of the raw text. ``fix`` is what the span should read: None if
    only a person can say, "" if it is to be taken out; ``safe`` fixes may be accepted with one click.
    ``note`` says in Chinese why; ``pair`` is the other place of a copy or a contradiction.
    """

    kind: str
    sub: str
    start: int
    end: int
    severity: str
    conf: str
    note: str
    fix: str | None = None
    safe: bool = False
    pair: Span | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of defect is called, how heavy it weighs, and which other kinds it stands above."""

    name: str
    severity: str
    covers: tuple[str, ...]
    sub_names: dict[str, str]
    sub_severities: dict[str, str]

    def severity_of(self, sub: str) -> str:
        return self.sub_severities.get(sub, self.severity)

    def name_of(self, sub: str) -> str:
        return self.sub_names.get(sub, self.name)


@cache
def kinds() -> dict[str, Kind]:
    """The kinds of data/kinds.toml by code, in the order in which they are shown."""
    rows = tomllib.loads((Path(__file__).parent / "data/kinds.toml").read_text("utf-8"))
    return {code: _kind(row) for code, row in rows.items()}


def _kind(row: dict) -> Kind:
    subs = row.get("sub", {})
    return Kind(
        row["name"],
        row["severity"],
        tuple(row.get("covers", ())),
        {code: sub["name"] for code, sub in subs.items() if "name" in sub},
        {code: sub["severity"] for code, sub in subs.items() if "severity" in sub},
    )
