"""Sentences with some kinds of defects, and sentences that only look like them: how many are told, how few in vain."""

import pytest

from .sentences import HELD, LEARNT, PLAIN, VARIED, VARIED_HELD, counts

LEAST = {
    PLAIN: {"policy_conflict": 0.95, "burden_as_merit": 0.95, "internal_contradiction": 0.9, "empty_figure": 0.85},
    LEARNT: {"policy_conflict": 0.9, "burden_as_merit": 0.9, "internal_contradiction": 0.9, "empty_figure": 0.85},
    HELD: {"policy_conflict": 0.6, "burden_as_merit": 0.4, "internal_contradiction": 0.4, "empty_figure": 0.45},
    VARIED: {"policy_conflict": 0.85, "empty_figure": 0.8, "ocr_slip": 0.7, "truncated": 0.9},
    VARIED_HELD: {"policy_conflict": 0.6, "empty_figure": 0.75, "ocr_slip": 0.45, "truncated": 0.85},
}
MOST_VAIN = {  # of what is told; of others 0.03
    (VARIED, "truncated"): 0.1,
    (VARIED_HELD, "truncated"): 0.12,
    (VARIED_HELD, "policy_conflict"): 0.1,
}


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in LEAST.items() for kind in kinds])
def test_defects_are_told_and_what_looks_like_them_is_not(name, kind):
    found = counts(name, kind)
    assert found["found"] >= LEAST[name][kind] * found["there"] > 0
    assert found["vain"] <= MOST_VAIN.get((name, kind), 0.03) * (found["found"] + found["vain"])
