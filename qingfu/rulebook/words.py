"""The vocabulary: codes of the rulebook and the Chinese words for them, read from `data/words.toml`."""

import tomllib
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

VOCABULARY = tomllib.loads((DATA / "words.toml").read_text("utf-8"))

LEVELS = tuple(VOCABULARY["levels"])
KINDS = VOCABULARY["kinds"]
MEASURES = VOCABULARY["measures"]
BEARERS = VOCABULARY["bearers"]
WINDOWS = VOCABULARY["windows"]
FORCES = VOCABULARY["forces"]
STAGES = VOCABULARY["stages"]
GRADES = {int(number): name for number, name in VOCABULARY["grades"].items()}


def word(group: str, code: str) -> str:
    """The Chinese word for a code of a group such as "windows"; the code itself where there is none."""
    found = VOCABULARY[group].get(code, code)
    return found["name"] if isinstance(found, dict) else found


def grade_names(grades) -> str:
    """Grades as people say them: {3,4,5,6} → 三至六年级, {3,5} → 三年级、五年级."""
    ordered = sorted(grades)
    if (
        len(ordered) > 2
        and ordered[-1] - ordered[0] == len(ordered) - 1
        and ordered[-1] <= max(STAGES["junior"]["grades"])
    ):
        return f"{GRADES[ordered[0]].removesuffix('年级')}至{GRADES[ordered[-1]]}"
    return "、".join(GRADES[grade] for grade in ordered)


@cache
def stages_of(stage: str | None, grade: int | None) -> frozenset[str]:
    """Every stage that a bearer belongs to: by its own stage, else by its grade in the 6+3 system."""
    if stage is not None:
        return frozenset([stage, *STAGES.get(stage, {}).get("covers", ())])
    return frozenset(name for name, it in STAGES.items() if grade in it.get("grades", ()))
