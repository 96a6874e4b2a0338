"""A pattern for many words finds the longest one at each place, as trying them one after the other does."""

import re
from random import Random

import pytest

from qingfu.text.review.words import either


def words_of(draw: Random) -> list[str]:
    return ["".join(draw.choices("减负.校", k=draw.randint(1, 4))) for _ in range(draw.randint(1, 9))]


@pytest.mark.parametrize("before", ["", "负", "(?<!校)", "[减负]?"])
@pytest.mark.parametrize("after", ["", "(?=减)", "校{0,2}减", "负?$"])
def test_words_are_found_as_if_each_were_tried_the_longest_first(before, after):
    draw, found = Random(7), 0
    for _ in range(300):
        words, text = words_of(draw), "".join(draw.choices("减负.校", k=40))
        one_by_one = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        spans = [match.span() for match in re.finditer(f"{before}(?:{one_by_one}){after}", text)]
        assert [match.span() for match in re.finditer(before + either(words) + after, text)] == spans
        found += len(spans)
    assert found > 20
