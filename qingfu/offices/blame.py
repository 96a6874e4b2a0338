"""容错 as numbers: what may be shown of a year, so that nobody can be found in it. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "blame.toml"


@cache
def settings() -> dict:
    """``floor``, ``years``, ``distinction`` and ``appeal`` of data/blame.toml."""
    return tomllib.loads(DATA.read_text("utf-8"))


def distinctions() -> dict[str, str]:
    """三个区分开来, and none of them: code → text."""
    return {row["code"]: row["text"] for row in settings()["distinction"]}


def in_full() -> list[str]:
    """What the three distinctions say."""
    return [row["full"] for row in settings()["distinction"] if "full" in row]


def appeals() -> dict[str, str]:
    """How an appeal can end: code → text."""
    return {row["code"]: row["text"] for row in settings()["appeal"]}


@dataclass(frozen=True)
class Shown:
    """Some cells put together: their texts, and how many; None where even together they are too few to be told."""

    texts: tuple[str, ...]
    count: int | None


def shown(counts: Mapping[str, int], texts: Mapping[str, str]) -> list[Shown]:
    """Counts by code as they may be shown: nought, or the floor at least.

    Whatever is below the floor is put together; if that is still below it, the smallest that stands alone joins it. So
    no figure, and no difference of figures, is about fewer than the floor. All together too few: a line without count.
    """
    floor = settings()["floor"]
    cells = [(code, counts.get(code, 0)) for code in texts]
    few = [cell for cell in cells if 0 < cell[1] < floor]
    alone = sorted((cell for cell in cells if cell[1] >= floor), key=lambda cell: cell[1])
    if few and sum(count for _code, count in few) < floor and alone:
        few.append(alone.pop(0))
    together = {code for code, _count in few}
    total = sum(count for _code, count in few)
    found = [Shown((texts[code],), count) for code, count in cells if code not in together]
    if few:
        names = tuple(texts[code] for code in texts if code in together)
        found.append(Shown(names, total if total >= floor else None))
    return found
