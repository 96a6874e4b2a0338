"""Any text at all: never an exception, spans that are true, items that do not overlap, work that grows with the length.

Work is counted, not timed: lines of Python run, and the width of every pattern, which bounds what one of them can do
at one place of the text.
"""

import re
import sys
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingfu.text import amounts, atoms, doubts, homework, lint, minutes, numbers, opinion, patterns, plain, when
from qingfu.text.homework import FORMS, read
from qingfu.text.lint import CODES
from qingfu.text.minutes import TABLE, propose

MODULES = (amounts, atoms, doubts, homework, lint, minutes, numbers, opinion, patterns, plain, when)
TODAY = date(2025, 11, 12)
PIECES = st.sampled_from([
    "语文", "数学：", "英语:", "【选做】", "1.", "2、", "①", "（1）", "•", "\n", "；", "。", "，", "、", "  ",
    "抄写", "生字", "两遍", "１０遍", "练习册P23-24", "约20分钟", "半小时", "（共30分钟）", "明天交", "周五前",
    "2月30日", "家长", "签字", "打卡", "不用", "拍照", "发群", "《", "》", "53天天练", "“", "”", "限时", "单元卷",
    "罚抄", "对答案", "\u200b", "\u202e", "😀", "️⃣", "<br>", "<script>alert(1)</script>", "&nbsp;",
    "'; DROP TABLE demand; --", "{~8}", "(?:", "\x00", "\ud800", "語", "國", "以上", "课后服务", "a", "%s", "零",
    "一百",
])
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join))


@settings(max_examples=400, deadline=None)
@given(text=TEXTS, grade=st.integers(1, 9), subject=st.sampled_from([None, "语文"]))
def test_reading_never_fails_and_its_spans_are_true(text, grade, subject):
    reading = read(text, grade, subject=subject, today=TODAY)
    parts = sorted([*reading.items, *reading.remarks], key=lambda part: part.start)
    for part in parts:
        assert part.text == text[part.start:part.end] != ""
    for item, following in zip(reading.items, reading.items[1:], strict=False):
        assert item.end <= following.start
    for item in reading.items:
        assert item.form in FORMS
        assert item.minutes is None or item.minutes > 0
        assert TABLE["least"] <= propose(item, grade)[0]


@settings(max_examples=400, deadline=None)
@given(text=TEXTS, grade=st.integers(1, 9), materials=st.lists(st.text(max_size=8), max_size=2))
def test_lint_never_fails_and_its_spans_are_true(text, grade, materials):
    flags = lint.lint(text, grade, materials=materials)
    assert flags == sorted(flags, key=lambda flag: (flag.start, flag.end, flag.code))
    for flag in flags:
        assert flag.code in CODES
        assert flag.text == text[flag.start:flag.end] != ""


@settings(max_examples=100, deadline=None)
@given(text=st.lists(PIECES.filter(lambda piece: piece[0] not in "<&"), max_size=40).map("".join))
def test_invisible_characters_change_nothing(text):
    veiled = "\u200b".join(text)
    seen = [(item.form, item.required, item.minutes) for item in read(text, 4, subject=None, today=TODAY).items]
    assert seen == [(item.form, item.required, item.minutes)
                    for item in read(veiled, 4, subject=None, today=TODAY).items]


HARD = [
    "语文：1.抄写生字2遍，家长签字；", "（）", "(a)", "《", "《a》", "“", "【", "【语文】", "数学", "阅读 ", "1.",
    "1.抄写", "①", "\n", "，", " ", "a", "字", "1", "一", "没交的同学抄", "不用", "家长", "答案", "打卡",
    "共20分钟", "都是周五前交。", "抄写，", "<b>", "<", "&", "\u200b",
]


def lines_run(text):
    """How many lines of Python this room runs to read and lint the text."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        count += event == "line"
        return trace

    lint.lint("", 1)  # first use compiles and caches
    sys.settrace(trace)
    try:
        lint.lint(text, 1)
    finally:
        sys.settrace(None)
    return count


@pytest.mark.parametrize("piece", HARD)
def test_twice_the_text_is_at_most_twice_the_work(piece):
    once = piece * (800 // len(piece))
    assert lines_run(once * 2) <= 2.1 * lines_run(once) + 200


def patterns_in(thing, seen):
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, re.Pattern):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from patterns_in(value, seen)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from patterns_in(value, seen)
    elif type(thing).__module__.startswith("qingfu.text"):
        yield from patterns_in(vars(thing), seen)


def all_patterns():
    names = atoms.subject_names(None)
    return list(patterns_in([names, *(dict(vars(module)) for module in MODULES)], set()))


def test_no_pattern_is_unbounded():
    ours = {patterns._PLACEHOLDER}  # runs on our data only
    found = [pattern for pattern in all_patterns() if pattern not in ours]
    assert len(found) > 100
    widest = 500  # a match never looks further than this; the text may be 20,000 long
    for pattern in found:
        _, most = re._parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE).getwidth()
        assert most <= widest, pattern.pattern[:80]
