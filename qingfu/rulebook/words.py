"""The vocabulary: codes of the rulebook and the Chinese words for them, read from `data/words.toml`."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

VOCABULARY = tomllib.loads((DATA / "words.toml").read_text("utf-8"))
ATTRIBUTES = tomllib.loads((DATA / "attributes.toml").read_text("utf-8"))

LEVELS = tuple(VOCABULARY["levels"])
KINDS = VOCABULARY["kinds"]
MEASURES = VOCABULARY["measures"]
BEARERS = VOCABULARY["bearers"]
WINDOWS = VOCABULARY["windows"]
FORCES = VOCABULARY["forces"]
STAGES = VOCABULARY["stages"]
GRADES = {int(number): name for number, name in VOCABULARY["grades"].items()}
LAST_NUMBERED = max(STAGES["junior"]["grades"])  # 九年级; then 高一, 高二, 高三


def word(group: str, code: str) -> str:
    """The Chinese word for a code of a group such as "windows"; the code itself where there is none."""
    found = VOCABULARY[group].get(code, code)
    return found["name"] if isinstance(found, dict) else found


def grade_names(grades: Iterable[int]) -> str:
    """Grades as people say them: {3,4,5,6} → 三至六年级, {1,2} → 一、二年级, {3,5} → 三年级、五年级."""
    names: list[str] = []
    for run in _runs(sorted(grades)):
        short = [GRADES[grade].removesuffix("年级") for grade in run]
        if len(run) == 1 or run[-1] > LAST_NUMBERED:
            names += [GRADES[grade] for grade in run]
        else:
            names.append(f"{short[0]}{'、' if len(run) == 2 else '至'}{short[-1]}年级")
    return "、".join(names)


def _runs(ordered: list[int]) -> list[list[int]]:
    """Grades in a row, kept apart where the names change (九年级, 高一)."""
    runs: list[list[int]] = []
    for grade in ordered:
        if runs and grade == runs[-1][-1] + 1 and grade != LAST_NUMBERED + 1:
            runs[-1].append(grade)
        else:
            runs.append([grade])
    return runs


def grades_of(stage: str) -> list[int]:
    """The grades of a stage, with those of the stages that it covers."""
    own = STAGES[stage]
    return own.get("grades") or [grade for part in own.get("covers", ()) for grade in grades_of(part)]


@cache
def stages_of(stage: str | None, grade: int | None) -> frozenset[str]:
    """Every stage that a bearer belongs to: by its own stage, else by its grade in the 6+3 system."""
    if stage is not None:
        return frozenset([stage, *STAGES.get(stage, {}).get("covers", ())])
    return frozenset(name for name, it in STAGES.items() if grade in it.get("grades", ()))
