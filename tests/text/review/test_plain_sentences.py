"""Sentences of four kinds of defects, and sentences that only look like them, written before the patterns were read."""

from csv import DictReader
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from qingfu.text.review.detectors import (
    burden_as_merit,
    count_claims,
    empty_figures,
    figures_agree,
    moved_figures,
    policy,
    reckoning,
)  # fmt: skip
from qingfu.text.review.layers import read_document

SENTENCES = Path(__file__).with_name("plain_sentences.tsv")
DETECTORS = {
    "policy_conflict": (policy, burden_as_merit),  # either is right for the other
    "burden_as_merit": (policy, burden_as_merit),
    "internal_contradiction": (figures_agree, count_claims, reckoning),
    "empty_figure": (empty_figures, moved_figures),
}
TITLES = {
    "P": "青禾县城关小学2025年秋季学期减负工作总结", "J": "青禾县第二初级中学2025年秋季学期减负工作总结",
    "C": "青禾县2025年为基层减负工作情况汇报", "T": "柳河镇2025年为基层减负工作情况汇报",
}  # fmt: skip
LEAST = {"policy_conflict": 0.95, "burden_as_merit": 0.95, "internal_contradiction": 0.85, "empty_figure": 0.8}


@cache
def _rows() -> tuple[dict, ...]:
    with SENTENCES.open(encoding="utf-8") as file:
        return tuple(DictReader(file, delimiter="\t"))


def _is_told(row: dict) -> bool:
    document = read_document(f"{TITLES[row['where']]}\n{row['text']}\n", on=date(2025, 12, 1))
    return any(True for detector in DETECTORS[row["kind"]] for _ in detector.find(document))


@pytest.mark.parametrize("kind", DETECTORS)
def test_defects_in_plain_words_are_told_and_what_looks_like_them_is_not(kind):
    rows = [row for row in _rows() if row["kind"] == kind]
    told = [row for row in rows if _is_told(row)]
    right = [row for row in told if row["defect"] == "yes"]
    assert len(right) >= LEAST[kind] * sum(row["defect"] == "yes" for row in rows)
    assert len(right) >= 0.97 * len(told)
