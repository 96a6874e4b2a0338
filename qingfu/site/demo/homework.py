"""What the teachers of 青禾县 set on one day: drafts for the ledger. Pure but for the ids it is given."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from qingfu.ledger.drafts import Draft
from qingfu.site.demo.county import DATA, facts

BANDS = {"low": range(1, 3), "middle": range(3, 7), "junior": range(7, 10)}
STEP_MINUTES = 5
WRITTEN_SUBJECTS = (2, 4)  # how many subjects set something written on one day
IN_SERVICE_SHARE = 0.9  # see the second source in county.toml
SPOKEN_SHARE = 0.6


@dataclass(frozen=True)
class ClassAtWork:
    """A class of the county in the database, with who teaches what there (subject → Person id)."""

    id: int
    grade: int
    school_id: int
    profile: str
    teachers: dict[str, int]


@cache
def _items() -> dict[str, list[dict]]:
    rows = tomllib.loads((Path(DATA) / "homework.toml").read_text())["item"]
    return {band: [row for row in rows if row["band"] == band] for band in BANDS}


def day_of(class_: ClassAtWork, day: date, cap: int, random: Random) -> tuple[list[Draft], bool]:
    """The drafts of one class on one school day, and whether they go over ``cap`` minutes of written work."""
    written, other = _possible(class_.grade, frozenset(class_.teachers))
    profile = facts()["profile"][class_.profile]
    over = bool(written) and random.random() < profile["over"]
    chosen = _some(written, random.randint(*WRITTEN_SUBJECTS), random)
    wanted = cap * min(max(random.gauss(profile["mean"], profile["spread"]), 0.2), 1.0)
    drafts = _written(class_, day, chosen, cap + random.randint(2, 12) if over else int(wanted), over, random)
    drafts += [
        _draft(class_, day, row, random.randint(*row["minutes"]), random)
        for row in other
        if random.random() < SPOKEN_SHARE
    ]
    return drafts, over


@cache
def _possible(grade: int, subjects: frozenset[str]) -> tuple[list[dict], list[dict]]:
    """What may be set in a grade in these subjects: in writing, and otherwise."""
    band = next(band for band, grades in BANDS.items() if grade in grades)
    rows = [row for row in _items()[band] if grade in row.get("grades", [grade]) and row["subject"] in subjects]
    return [row for row in rows if row["form"] == "written"], [row for row in rows if row["form"] != "written"]


def _some(rows: list[dict], count: int, random: Random) -> list[dict]:
    """Up to ``count`` rows of different subjects, heavier ones more often."""
    pool, chosen = list(rows), []
    while pool and len(chosen) < count:
        row = random.choices(pool, [r.get("weight", 1) for r in pool])[0]
        chosen.append(row)
        pool = [r for r in pool if r["subject"] != row["subject"]]
    return chosen


def _written(class_, day, rows, total, over, random) -> list[Draft]:
    """``total`` minutes shared among the subjects, in fives but for the last."""
    drafts, left = [], total
    for place, row in enumerate(rows):
        last = place == len(rows) - 1
        fair = left // (len(rows) - place)
        minutes = left if last and over else min(left, max(STEP_MINUTES, fair // STEP_MINUTES * STEP_MINUTES))
        if minutes > 0:
            drafts.append(_draft(class_, day, row, minutes, random))
            left -= minutes
    return drafts


def _draft(class_: ClassAtWork, day: date, row: dict, minutes: int, random: Random) -> Draft:
    text = random.choice(row["texts"]).format(n=random.randint(3, 22), p=random.randint(12, 88))
    in_service = row["form"] == "written" and class_.grade <= 6 and random.random() < IN_SERVICE_SHARE
    return Draft(
        bearer_id=class_.id,
        day=day,
        subject=row["subject"],
        text=text,
        minutes=minutes,
        attributes={
            "form": row["form"],
            "required": row.get("required", True),
            "place": "课后服务" if in_service else "家庭",
        },
        issuer_id=class_.teachers[row["subject"]],
        issuer_unit_id=class_.school_id,
    )
