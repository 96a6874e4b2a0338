"""Each detector on sentences of phrases.toml: what it finds, with its span and its fix, and what it leaves alone."""

import tomllib
from pathlib import Path

import pytest

from qingfu.text.review.finding import kinds
from qingfu.text.review.reader import review_text

PHRASES = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text("utf-8"))
FOUND = [(row["kind"], row["sub"], row.get("fix"), text) for row in PHRASES["found"] for text in row["texts"]]
CLEAR = [(row["kind"], text) for row in PHRASES["clear"] for text in row["texts"]]


def findings(text: str, kind: str):
    return [finding for finding in review_text(text.replace("|", "\n")).findings if finding.kind == kind]


@pytest.mark.parametrize(("kind", "sub", "fix", "text"), FOUND)
def test_a_defect_is_found_where_it_stands(kind, sub, fix, text):
    start, end = text.index("〚"), text.index("〛") - 1
    found = findings(text.replace("〚", "").replace("〛", ""), kind)
    assert [(f.sub, f.start, f.end) for f in found] == [(sub, start, end)]
    if fix is not None:
        assert found[0].fix == fix


@pytest.mark.parametrize(("kind", "text"), CLEAR)
def test_sound_text_is_left_alone(kind, text):
    assert not findings(text, kind)


def test_every_kind_that_hides_others_names_kinds_that_exist():
    assert {covered for kind in kinds().values() for covered in kind.covers} <= set(kinds())


def test_a_torn_figure_is_told_at_the_end_and_at_the_place_that_it_came_from():
    found = findings("全校1015名学生，周末留校的有名，占5.2%。53", "moved_figure")
    assert [(finding.start, finding.fix) for finding in found] == [(16, "53名"), (24, None)]


def test_what_a_report_lists_as_a_problem_is_no_merit_and_no_conflict():
    text = "小学作业检查通报\n\n一、做法\n{}\n二、发现的问题\n{}\n三、打算\n公示上墙。\n"
    burden, clear = "1.要求家长批改作业。教师每周收一次。", "1.作业公示上墙。"
    assert findings(text.format(burden, clear), "policy_conflict")
    assert not findings(text.format(clear, burden), "policy_conflict")
    assert not findings(text.format(clear, burden), "burden_as_merit")


def test_numerals_that_are_no_number_carry_no_list_on():
    assert not findings("学校工作汇报\n一是抓常规，二是抓质量，十十是抓落实。", "numbering_error")
