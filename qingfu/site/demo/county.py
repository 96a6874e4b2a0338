"""What 青禾县 looks like: schools, classes, teachers. Pure and the same for the same seed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path
from random import Random

DATA = Path(__file__).parent / "data"
NUMERALS = "零一二三四五六七八九"
LESSONS_OF_A_TEACHER = 14
LEADERS = ("dean", "principal")  # the last two of a school's people; in a village point the teacher is both
FIRST_GRADE = {"primary": 1, "nine_year": 1, "junior": 7}


@dataclass
class ClassPlan:
    """A class to be: grade, number in its grade, seats, who teaches what (subject → index of a teacher)."""

    grade: int
    number: int
    seats: int
    teachers: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{NUMERALS[self.grade]}({self.number})班"


@dataclass
class SchoolPlan:
    """A school to be. ``teachers`` are names; ``combined`` lists the grades taught together in one room."""

    name: str
    code: str
    stage: str
    place: str
    profile: str
    boarding: bool
    one_teacher: bool
    combined: list[list[int]]
    classes: list[ClassPlan]
    teachers: list[str] = field(default_factory=list)

    @property
    def grades(self) -> list[int]:
        return sorted({c.grade for c in self.classes})


@cache
def facts() -> dict:
    """``data/county.toml``."""
    return tomllib.loads((DATA / "county.toml").read_text())


def schools(seed: int | None = None) -> list[SchoolPlan]:
    """The forty schools of the county, in the order of the data file."""
    random = Random(facts()["seed"] if seed is None else seed)
    names = _names(random)
    rows = [(row, name) for row in facts()["school"] for name in row["names"]]
    profiles = _profiles(len(rows), random)
    plans = []
    for serial, ((row, name), profile) in enumerate(zip(rows, profiles, strict=True), start=1):
        plan = SchoolPlan(
            name=name,
            code=f"{facts()['code']}{serial:03d}",
            stage=row["stage"],
            place=row["place"],
            profile=profile,
            boarding=row.get("boarding", False),
            one_teacher=row.get("one_teacher", False),
            combined=row.get("combined", []),
            classes=_classes(row, random),
        )
        _staff(plan, names)
        plans.append(plan)
    return plans


def _profiles(count: int, random: Random) -> list[str]:
    """As many schools of each profile as its share says, in an order drawn by lot."""
    found = []
    for name, profile in facts()["profile"].items():
        found += [name] * round(count * profile["share"])
    found = (found + ["steady"] * count)[:count]
    random.shuffle(found)
    return found


def _classes(row: dict, random: Random) -> list[ClassPlan]:
    first = FIRST_GRADE[row["stage"]]
    spread = max(1, row["pupils"] // 12)
    return [
        ClassPlan(grade, number, max(2, row["pupils"] + random.randint(-spread, spread)))
        for grade, count in enumerate(row["classes"], start=first)
        for number in range(1, count + 1)
    ]


def _staff(plan: SchoolPlan, names: Iterator[str]) -> None:
    """Give every class a teacher for every subject: neighbours in the list of classes share one."""
    if plan.one_teacher:
        plan.teachers.append(next(names))
        for class_ in plan.classes:
            class_.teachers = dict.fromkeys(lessons_of(class_.grade), 0)
        return
    for stage in ("primary", "junior"):
        classes = [c for c in plan.classes if (c.grade <= 6) == (stage == "primary")]
        for subject, lessons in facts()["lessons"][stage].items():
            wanting = [c for c in classes if subject in lessons_of(c.grade)]
            share = max(1, LESSONS_OF_A_TEACHER // lessons)
            first = len(plan.teachers)
            plan.teachers += [next(names) for _ in range(ceil(len(wanting) / share))]
            for place, class_ in enumerate(wanting):
                class_.teachers[subject] = first + place // share
    plan.teachers += [next(names) for _ in LEADERS]


def lessons_of(grade: int) -> dict[str, int]:
    """Subject → lessons a week in ``grade``: English from 3, physics from 8, chemistry in 9."""
    lessons = facts()["lessons"]["primary" if grade <= 6 else "junior"]
    first_grade = {"英语": 3, "科学": 3, "信息科技": 3, "物理": 8, "化学": 9}
    last_grade = {"生物": 8, "地理": 8}
    return {
        subject: count
        for subject, count in lessons.items()
        if first_grade.get(subject, 1) <= grade <= last_grade.get(subject, 9)
    }


def _names(random: Random) -> Iterator[str]:
    data = tomllib.loads((DATA / "names.toml").read_text())
    while True:
        yield random.choice(data["family"]) + random.choice(data["given"])
