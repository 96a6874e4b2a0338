"""Sentences of four kinds of defects, and sentences that only look like them: how many are told, how few in vain."""

import pytest

from .sentences import DETECTORS, HELD, LEARNT, PLAIN, counts

LEAST = {
    PLAIN: {"policy_conflict": 0.95, "burden_as_merit": 0.95, "internal_contradiction": 0.9, "empty_figure": 0.85},
    LEARNT: {"policy_conflict": 0.9, "burden_as_merit": 0.9, "internal_contradiction": 0.9, "empty_figure": 0.85},
    HELD: {"policy_conflict": 0.6, "burden_as_merit": 0.4, "internal_contradiction": 0.4, "empty_figure": 0.45},
}


@pytest.mark.parametrize("kind", DETECTORS)
@pytest.mark.parametrize("name", LEAST)
def test_defects_in_plain_words_are_told_and_what_looks_like_them_is_not(name, kind):
    found = counts(name, kind)
    assert found["found"] >= LEAST[name][kind] * found["there"]
    assert found["vain"] <= 0.03 * (found["found"] + found["vain"])
