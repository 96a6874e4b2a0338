"""How good reader and lint are on the labelled messages, as sums.

All but the tenth are read to tune with: the figures of sets at their first look stand in heldout_runs.md.
"""

from pathlib import Path

import pytest

from qingfu.text.lint import CODES
from qingfu.text.score import marked_messages, messages, score, table

HERE = Path(__file__).parent
FLOORS = {  # half: (precision, recall) of the flags, (precision, recall) of the items
    "dev": ((0.97, 0.95), (0.90, 0.90)),
    "released": ((0.97, 0.95), (0.85, 0.90)),
    "released2": ((0.97, 0.95), (0.85, 0.90)),
    "released3": ((0.97, 0.95), (0.84, 0.88)),
    "released4": ((0.97, 0.95), (0.80, 0.88)),
    "released5": ((0.97, 0.95), (0.90, 0.92)),
    "released6": ((0.97, 0.95), (0.90, 0.88)),
    "released7": ((0.96, 0.95), (0.80, 0.90)),
    "released8": ((0.97, 0.95), (0.75, 0.85)),
    "released9": ((0.97, 0.95), (0.84, 0.87)),
    "tenth": ((0.95, 0.90), (0.85, 0.89)),  # held out: neither patterns nor models have learned from it
}
RIGHT = {"subject": 0.80, "form": 0.85, "required": 0.95, "minutes": 0.95}  # of the items found
GUESSED = {("released8", "subject"): 0.72}  # its author guessed the subject of pages and workbooks (README.md)


@pytest.fixture(scope="module", params=FLOORS)
def half(request):
    result = score(messages(HERE / f"messages_{request.param}.jsonl"))
    print(f"\n{request.param}\n{table(result)}")
    return request.param, result


def test_flags_are_precise_and_few_are_missed(half):
    name, result = half
    precision, recall = FLOORS[name][0]
    assert result.all_codes.precision >= precision, table(result)
    assert result.all_codes.recall >= recall, table(result)


def test_every_code_is_labelled_and_found(half):
    _, result = half
    assert all(result.codes[code].labels and result.codes[code].found for code in CODES), table(result)


def test_items_are_told_apart(half):
    name, result = half
    precision, recall = FLOORS[name][1]
    assert result.items.precision >= precision and result.items.recall >= recall, table(result)


@pytest.mark.parametrize("what", RIGHT)
def test_items_are_understood(half, what):
    name, result = half
    assert result.share_right(what) >= GUESSED.get((name, what), RIGHT[what]), table(result)


def test_paraphrases_are_told_apart_too():
    result = score(marked_messages(HERE / "paraphrases.txt"))
    assert result.all_codes.precision >= 0.97 and result.all_codes.recall >= 0.95, table(result)


def test_marks_of_paraphrases_name_words_of_the_message(tmp_path):
    path = tmp_path / "few.txt"
    path.write_text("# remark\n5@53|读课文。⟦punitive:错一个抄十遍⟧⟦mechanical:抄十遍⟧！↵数学P3\n", encoding="utf-8")
    (message,) = marked_messages(path)
    assert message["text"] == "读课文。错一个抄十遍！\n数学P3" and message["materials_listed"] == ["53"]
    marked = {mark["code"]: message["text"][slice(*mark["span"])] for mark in message["forbidden"]}
    assert marked == {"punitive": "错一个抄十遍", "mechanical": "抄十遍"}
