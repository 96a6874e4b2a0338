"""The word lists are sound."""

import pytest

from qingfu.text.lint import CODES, LINT
from qingfu.text.vocabulary import load


def test_traditional_characters_map_one_to_one():
    pairs = load("traditional.toml")["pairs"].split()
    assert all(len(pair) == 2 for pair in pairs)
    assert len({pair[0] for pair in pairs}) == len(pairs)


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_why_and_what_instead_and_names_its_rows(code):
    flag = LINT["flags"][code]
    assert flag["why"].endswith("。") and flag["hint"].endswith("。") and flag["rows"]


def test_these_are_the_nine_codes():
    assert set(CODES) == {
        "parent_work", "check_in", "phone_homework", "punitive", "mechanical", "self_marking", "grade12_written",
        "disguised_exam", "unlisted_material",
    }
