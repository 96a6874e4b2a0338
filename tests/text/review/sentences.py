"""Sentences with some kinds of defects, and sentences that only look like them: what the reader tells of them.

plain_sentences.tsv was written before the patterns were read; later_sentences_learnt.tsv and later_sentences_held.tsv
after, and before the patterns were made more general: the first to learn from, the second not looked at. So were
varied_sentences_learnt.tsv and varied_sentences_held.tsv, in other wordings and with two more kinds.

    python -m tests.text.review.sentences [learnt]    # figures by file and kind; what was missed of what is learnt from
"""

import sys
from collections import Counter
from csv import DictReader
from datetime import date
from functools import cache
from pathlib import Path

from qingfu.text.review.detectors import (
    burden_as_merit,
    count_claims,
    empty_figures,
    figures_agree,
    moved_figures,
    policy,
    reckoning,
    scanning,
    told_again,
    truncation,
    wording,
)  # fmt: skip
from qingfu.text.review.layers import read_document

HERE = Path(__file__).parent
PLAIN, LEARNT, HELD = "plain_sentences", "later_sentences_learnt", "later_sentences_held"
VARIED, VARIED_HELD = "varied_sentences_learnt", "varied_sentences_held"
LINE = "⏎"  # stands for a line end in the files
DETECTORS = {
    "policy_conflict": (policy, burden_as_merit),  # either is right for the other
    "burden_as_merit": (policy, burden_as_merit),
    "internal_contradiction": (figures_agree, count_claims, reckoning, told_again),
    "empty_figure": (empty_figures, moved_figures),
    "ocr_slip": (wording, scanning),
    "truncated": (truncation,),
}
TITLES = {
    "P": "青禾县城关小学2025年秋季学期减负工作总结", "J": "青禾县第二初级中学2025年秋季学期减负工作总结",
    "C": "青禾县2025年为基层减负工作情况汇报", "T": "柳河镇2025年为基层减负工作情况汇报",
}  # fmt: skip


@cache
def rows(name: str) -> tuple[dict, ...]:
    """The rows of a file: kind, defect (yes or no), where (a key of TITLES), text."""
    with (HERE / f"{name}.tsv").open(encoding="utf-8") as file:
        return tuple(DictReader(file, delimiter="\t"))


def is_told(row: dict) -> bool:
    text = row["text"].replace(LINE, "\n")
    document = read_document(f"{TITLES[row['where']]}\n{text}\n", on=date(2025, 12, 1))
    return any(True for detector in DETECTORS[row["kind"]] for _ in detector.find(document))


def counts(name: str, kind: str) -> Counter:
    """How many of a kind are there, found, fine, and told in vain."""
    result: Counter = Counter()
    for row in rows(name):
        if row["kind"] == kind:
            due = row["defect"] == "yes"
            told = is_told(row)
            result.update(there=due, found=due and told, fine=not due, vain=not due and told)
    return result


def main() -> None:
    for name in (PLAIN, LEARNT, HELD, VARIED, VARIED_HELD):
        print(name)
        for kind in DETECTORS:
            if (found := counts(name, kind))["there"]:
                print(f"  {kind:24} {found['found']}/{found['there']}, in vain {found['vain']} of {found['fine']}")
    for row in (*rows(LEARNT), *rows(VARIED)) if "learnt" in sys.argv else ():
        if is_told(row) != (row["defect"] == "yes"):
            print(row["kind"], row["defect"], row["where"], row["text"])


if __name__ == "__main__":
    main()
