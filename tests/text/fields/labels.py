"""The labelled field names, their halves, and what two of them are to each other."""

import csv
import hashlib
from collections import Counter
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "labelled.csv"


@cache
def labelled() -> tuple[dict, ...]:
    """Every labelled name: meaning, part_of, name, unit, period, level."""
    with FILE.open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def halves() -> tuple[list[dict], list[dict]]:
    """(to tune with, held out): whole families, in the order of the SHA-256 of their names."""
    sizes = Counter(_family(row) for row in labelled())
    tune, count = set(), 0
    for family in sorted(sizes, key=lambda name: hashlib.sha256(name.encode()).hexdigest()):
        if count * 2 < len(labelled()):
            tune.add(family)
            count += sizes[family]
    mine = [row for row in labelled() if _family(row) in tune]
    return mine, [row for row in labelled() if _family(row) not in tune]


def relation(one: dict, other: dict) -> str:
    """What `one` is to `other`: same, subset (of it), superset, different."""
    if one["meaning"] == other["meaning"]:
        return "same"
    if other["meaning"] in _wider(one["meaning"]):
        return "subset"
    return "superset" if one["meaning"] in _wider(other["meaning"]) else "different"


def _family(row: dict) -> str:
    return row["meaning"].split(".")[0]


@cache
def _wider(meaning: str) -> frozenset[str]:
    direct = {part for row in labelled() if row["meaning"] == meaning for part in row["part_of"].split()}
    return frozenset(direct.union(*(_wider(part) for part in direct)))
