"""Single checks of the rulebook with citation, per second in one process, beside openfisca-core.

    python bench/rulebook.py [--checks 100000] [--alone]

Data: the national packs of Qingfu, with the county's and the school's pack of tests/rulebook/packs above
them; questions drawn with a fixed seed over 1,000 classes of grades 1-9 and 310 days of 2025-2026. Two sets:

- homework: written homework of 5-90 minutes, the question that OpenFisca is asked too (there one dated limit;
  here every limit in force of three levels: charges, totals, single forms, and the sentence that cites)
- mixed: homework, exams, lessons, service, documents, meetings, visits, competitions

A check builds the demand from plain values, judges it, and returns verdict, limit and citation. OpenFisca is
given a fresh simulation for each question, which is how one question is asked of it, in the leanest
model it allows (one entity, one input, one formula, one parameter). Same machine, same run, both on one core.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qingfu.rulebook import Bearer, Demand, Rulebook, load_calendar, load_national, load_pack  # noqa: E402

PACKS = ROOT / "tests" / "rulebook" / "packs"
PEERS = ROOT / "bench" / "peers"
ENVIRONMENT = ROOT / "var" / "bench" / "openfisca"
SEED = 20251112
PEER_CHECKS = 2_000  # it is slow enough for its rate to be steady after a second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checks", type=int, default=100_000)
    parser.add_argument("--alone", action="store_true", help="without openfisca-core")
    parsed = parser.parse_args()
    rulebook = Rulebook(
        [*load_national(), load_pack(PACKS / "county.toml"), load_pack(PACKS / "school.toml")]
    )
    print(f"rules: {len(rulebook.in_force(date(2025, 11, 12)))} limits in force on 2025-11-12, three levels")
    homework = homework_questions(parsed.checks)
    ours = report("homework", rulebook, homework)
    report("mixed", rulebook, mixed_questions(parsed.checks))
    if not parsed.alone:
        compare(ours, homework)


def report(name: str, rulebook: Rulebook, questions: list[tuple]) -> float:
    """Asks all questions once, each for the first time; returns checks per second."""
    calendar = load_calendar()
    verdicts: dict[str, int] = {}
    begun = time.perf_counter()
    for question in questions:
        verdict, _, _ = check(rulebook, calendar, *question)
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    rate = len(questions) / (time.perf_counter() - begun)
    print(f"{name}: {rate:,.0f} checks/s with citation; {len(questions):,} questions, {verdicts}")
    return rate


def check(rulebook: Rulebook, calendar, kind, bearer, day, amounts, attributes, start, end) -> tuple:
    """One question: verdict, limit and citation of what decides it."""
    demand = Demand(kind, bearer, day, amounts, attributes, start, end)
    breaches = rulebook.judge(demand, calendar)
    if breaches:
        worst = max(breaches, key=lambda breach: breach.verdict)
        return worst.verdict.code, worst.in_force.limit.id, worst.reason_zh
    in_force = rulebook.limits(kind, bearer, day)
    cited = in_force[0] if in_force else None
    return "pass", cited and cited.limit.id, cited and cited.citation


def days() -> list[date]:
    return [date(2025, 9, 1) + timedelta(days=number) for number in range(310)]


def classes() -> list[Bearer]:
    return [Bearer(number, "class", grade=1 + number % 9) for number in range(1_000)]


def homework_questions(number: int) -> list[tuple]:
    draw, all_days, all_classes = random.Random(SEED), days(), classes()
    usual = {"form": "written", "required": True, "place": "家庭", "subject": "语文"}
    drawn = [
        (draw.choice(all_classes), draw.choice(all_days), {"minutes": draw.randint(5, 90)})
        for _ in range(number)
    ]
    return [("homework", bearer, day, amounts, usual, None, None) for bearer, day, amounts in drawn]


def mixed_questions(number: int) -> list[tuple]:
    draw, all_days, all_classes = random.Random(SEED), days(), classes()
    office, school = Bearer("县教育局", "department"), Bearer("城关小学", "school", stage="primary")
    exams = [{"exam_type": name, "paper": True} for name in ("final", "midterm", "unit")]
    shapes = [  # kind, bearers, amounts, attributes
        (
            "homework",
            all_classes,
            [{"minutes": n} for n in range(5, 91)],
            [{"form": "written", "required": True}],
        ),
        ("exam", all_classes, [{}], exams),
        ("lesson", all_classes, [{"minutes": 40}], [{"subject": "数学"}]),
        ("service", all_classes, [{"minutes": 120}], [{"slot": "after_class"}]),
        ("document", [office], [{"characters": n} for n in range(800, 9_000)], [{"assessed": True}]),
        ("meeting", [office], [{"half_days": n} for n in (1, 2, 3)], [{}]),
        ("visit", [school], [{}], [{"visit_type": "comprehensive"}]),
        ("competition", [school], [{}], [{"listed": True}]),
    ]
    return [
        (
            kind,
            draw.choice(bearers),
            draw.choice(all_days),
            draw.choice(amounts),
            draw.choice(more),
            "08:10",
            "17:40",
        )
        for kind, bearers, amounts, more in (draw.choice(shapes) for _ in range(number))
    ]


def compare(ours: float, questions: list[tuple]) -> None:
    """Asks openfisca-core the same homework questions in its own environment, installed on the first run."""
    if not install():
        print("openfisca-core: cannot be installed here; our figure stands alone")
        return
    asked = [(day.isoformat(), amounts["minutes"]) for _, _, day, amounts, *_ in questions]
    done = subprocess.run(
        [ENVIRONMENT / "bin" / "python", PEERS / "openfisca_single.py"],
        input=json.dumps(asked[:PEER_CHECKS]),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(f"openfisca-core: failed\n{done.stderr[-500:]}")
        return
    theirs = json.loads(done.stdout)["rate"]
    print(f"openfisca-core, one dated limit: {theirs:,.0f} checks/s; {PEER_CHECKS:,} of the same questions")
    print(f"ratio: {ours / theirs:.1f}")


def install() -> bool:
    """Puts openfisca-core into an environment of its own; whether it is there."""
    python = ENVIRONMENT / "bin" / "python"
    ready = ENVIRONMENT / "installed"
    if ready.exists():
        return True
    made = subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], capture_output=True)
    if made.returncode:
        return False
    pip = [python, "-m", "pip", "install", "-q", "-r", PEERS / "openfisca.txt"]
    installed = subprocess.run(pip, capture_output=True).returncode == 0
    if installed:
        ready.touch()
    return installed


if __name__ == "__main__":
    main()
