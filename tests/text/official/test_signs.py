"""What a sentence demands of those below, and what only looks like it."""

import tomllib
from pathlib import Path

import pytest

from qingfu.text.files import pasted
from qingfu.text.official.parts import draft_of
from qingfu.text.official.signs import signs_of

PHRASES = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text("utf-8"))
CASES = [
    (code, sentence, side == "found")
    for code, sides in PHRASES.items()
    for side, sentences in sides.items()
    for sentence in sentences
]


def signs_in(sentence: str):
    return signs_of(draft_of(pasted(f"关于某项工作的通知\n各乡镇：\n{sentence}\n云溪县农业农村局\n2026年3月1日\n")))


@pytest.mark.parametrize(("code", "sentence", "found"), CASES, ids=lambda value: str(value))
def test_a_demand_is_told_from_its_look_alike(code, sentence, found):
    assert (code in {sign.code for sign in signs_in(sentence)}) == found


def test_a_title_is_quoted_and_demands_nothing():
    assert not signs_in("按照《关于报送2025年度工作总结的通知》已经办结。")


def test_the_place_of_a_demand_is_that_of_its_words():
    text = "关于秋收的通知\n各乡镇：\n请做好收割。各乡镇每周报送进度统计表。\n云溪县农业农村局\n2026年3月1日\n"
    sign = signs_of(draft_of(pasted(text)))[0]
    assert text[sign.start : sign.end] == sign.quote
