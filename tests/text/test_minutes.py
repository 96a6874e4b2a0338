"""Proposed minutes: from kind and amount, by grade, and never instead of what the teacher states."""

from datetime import date

import pytest

from qingfu.text.homework import read
from qingfu.text.minutes import TABLE, propose


def proposed(text, grade):
    (item,) = read(text, grade, subject=None, today=date(2025, 11, 12)).items
    return propose(item, grade)


@pytest.mark.parametrize(
    ("text", "grade", "minutes"),
    [
        ("抄写第5课生字2遍", 4, 8),
        ("生字8个，每个写两遍", 4, 4),
        ("练习册P23-24", 4, 16),
        ("练习册P23-24", 8, 20),
        ("竖式计算10道", 4, 20),
        ("作文一篇，400字", 4, 34),
        ("朗读课文三遍", 4, 9),
        ("背诵古诗两首", 6, 18),
        ("跳绳3组", 3, 6),
    ],
)
def test_minutes_come_from_kind_and_amount(text, grade, minutes):
    assert proposed(text, grade)[0] == minutes


def test_copying_three_times_takes_three_times_as_long():
    assert proposed("抄写第5课生字3遍", 4)[0] == 3 * proposed("抄写第5课生字", 4)[0]


@pytest.mark.parametrize("text", ["写一篇日记", "观察蜗牛", "预习第6课", "做一份手抄报", "思考一个问题", "填图册"])
def test_every_item_gets_a_proposal_and_a_reason(text):
    minutes, why = proposed(text, 5)
    assert TABLE["least"] <= minutes <= TABLE["most"]
    assert why.endswith("（估计值，可改）")


def test_what_the_teacher_states_stays():
    assert proposed("练习册P23-24，约15分钟", 4) == (15, "老师写明的时间")


@pytest.mark.parametrize("kind", TABLE["kind"], ids=lambda kind: kind["name"])
def test_the_table_has_a_value_for_every_band_and_says_where_it_is_from(kind):
    bands = len(TABLE["bands"])
    assert all(len(rates) == bands and min(rates) > 0 for rates in kind["rates"].values())
    assert len(kind["alone"]) == bands and kind["from"]
