"""Questions written from the fact sheet alone: every section, both sides of the numbers and dates, odd writing.

Each line of questions.tsv names the verdict (several with | where more than one will do), the row that decides, the
example pack beside the national ones, and the question.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import qingfu.rulebook
from qingfu.rulebook import QuestionError, Rulebook, ask, breaches_of, load_calendar, load_national, load_pack

EXAMPLES = Path(qingfu.rulebook.__file__).parent / "data" / "examples"
LINES = [
    line.split("\t")
    for line in (Path(__file__).parent / "questions.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
PACKS = sorted({pack for _, _, pack, _ in LINES})


@cache
def national():
    return load_national()


def answer(question: dict, rulebook: Rulebook) -> tuple[str, set[str]]:
    """The verdict, and the rows of all that is broken."""
    try:
        found = ask(question, rulebook, load_calendar(), today=date(2025, 11, 12))
    except QuestionError:
        return "error", set()
    broken = {breach["limit"] for breach in found["breaches"]}
    return found["verdict"], {
        row for pack in rulebook.packs for limit in pack.limits if limit.id in broken for row in limit.rows
    }


@pytest.mark.parametrize("pack", PACKS)
def test_the_answers_are_those_of_the_fact_sheet(pack):
    rulebook = Rulebook([*national(), *([] if pack == "-" else [load_pack(EXAMPLES / f"{pack}.toml")])])
    wrong = []
    for verdict, rows, its_pack, line in LINES:
        if its_pack != pack:
            continue
        got, broken = answer(json.loads(line), rulebook)
        cited = got in ("pass", "error") or rows == "-" or not broken.isdisjoint(rows.split("|"))
        if got not in verdict.split("|") or not cited:
            wrong.append((verdict, rows, line, got, sorted(broken)))
    assert wrong == []


def test_what_a_question_breaks_is_told_alone_as_in_its_answer():
    broken = 0
    for _, _, _, line in LINES:
        question = {"on": "2025-11-12"} | json.loads(line)
        try:
            told = ask(question)["breaches"]
        except QuestionError:
            with pytest.raises(QuestionError):
                breaches_of(question)
            continue
        assert breaches_of(question) == told
        broken += bool(told)
    assert broken > 50


def test_there_are_questions_on_every_part_of_the_fact_sheet():
    rows = {row.split("-")[0] for _, rows, _, _ in LINES for row in rows.split("|")}
    parts = "HW-SL-PH-PE-RD-EX-AS-CU-TR-CP-TM-VC-GV-IN-SD-AP-CR-TB-QE-UP-LS-L"
    assert set(parts.split("-")) <= rows
