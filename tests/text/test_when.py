"""Due dates: the phrase, and the day it means on Wednesday 12 November 2025."""

from datetime import date

import pytest

from qingfu.text.plain import plain
from qingfu.text.when import find_due

WEDNESDAY = date(2025, 11, 12)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("明天交", date(2025, 11, 13)),
        ("后天上课前交", date(2025, 11, 14)),
        ("周五前交", date(2025, 11, 14)),
        ("周三检查", date(2025, 11, 12)),
        ("周二带来", date(2025, 11, 18)),
        ("本周五交", date(2025, 11, 14)),
        ("下周一交", date(2025, 11, 17)),
        ("下下周一交", date(2025, 11, 24)),
        ("下周交", date(2025, 11, 17)),
        ("星期天晚上前上传", date(2025, 11, 16)),
        ("11月20日交", date(2025, 11, 20)),
        ("十二月三号前交", date(2025, 12, 3)),
        ("3月5日交", date(2026, 3, 5)),
        ("11月10日交", date(2025, 11, 10)),
        ("20号交", date(2025, 11, 20)),
        ("5号交", date(2025, 12, 5)),
        ("截止时间：11月18日", date(2025, 11, 18)),
        ("11/17交", date(2025, 11, 17)),
    ],
)
def test_a_due_phrase_names_its_day(text, day):
    assert [due.on for due in find_due(plain(text).text, WEDNESDAY)] == [day]


@pytest.mark.parametrize(
    "text", ["预习明天的课文", "今天学了第5课", "观察三天", "周末和爸妈散步", "明天听写", "比例尺1/100"]
)
def test_a_day_without_handing_in_is_no_due_day(text):
    assert find_due(text, WEDNESDAY) == []


@pytest.mark.parametrize("text", ["2月30日交", "13月1日交", "下节课交", "月底交"])
def test_a_phrase_that_names_no_certain_day_is_kept_without_one(text):
    assert [due.on for due in find_due(plain(text).text, WEDNESDAY)] == [None]


def test_the_next_school_day_is_the_calendars():
    def after_the_holiday(day):
        return date(2025, 11, 17)

    assert find_due("下一个上学日交", WEDNESDAY, after_the_holiday)[0].on == date(2025, 11, 17)
    assert find_due("返校后交", WEDNESDAY)[0].on is None
