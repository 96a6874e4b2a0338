"""Any text at all: never an exception, every finding inside the text and true to it, no hang.

Short by default; QINGFU_SOAK=1 goes on for about an hour.
"""

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingfu.text.review.detectors import DETECTORS
from qingfu.text.review.finding import CONFIDENCES, SEVERITIES, kinds
from qingfu.text.review.reader import review_text
from tests.text.review.mutate import KINDS, inject
from tests.text.review.reports import clean_reports

SOAK = bool(os.environ.get("QINGFU_SOAK"))
EXAMPLES = 80_000 if SOAK else 40
PAGE = 300  # characters
LENGTH = 200_000 if SOAK else 20_000
REPORTS = clean_reports()
NAMES = st.sampled_from(sorted(REPORTS))
PIECES = st.sampled_from([
    "学校", "作业", "减负", "我校", "我县", "负担", "工作汇报", "篇1", "第二篇", "一、", "（一）",
    "1.", "L", "(S)", "①",
    "一是", "二是", "第一，", "四个方面：", "20xx年", "XX", "×", "某某", "**", "__", "（  ）",
    "％", "30%", "12人", "１２",
    "共12人，其中男5人、女6人", "从10次减少到5次，下降50%", "年月日", "〔〕号", "“", "”", "《",
    "》", "(", ")", "[", "]",
    "學校", "為(wèi)", "鄉(xiāng)", "皽p", "！皽p負", "?", "\ufffd", "\ud800", "\udfff", "\x00",
    "\r", "\r\n", "\u2028",
    "\u200b", "\u202e", "\u200f", "\ufeff", "😀", "👨‍👩‍👧", "e\u0301", "\U0002070e", "\n",
    "\n\n", " ", "　", "\t", "。", "，", "；",
    "：", "、", "校长王小明", "学生李明、王芳等同学", "13812345678", "11010519491231002X",
    "各位领导：", "的'", "-12-",
    "第3页共5页", "http://a.b", "abc", "�", "每日打卡", "统部署", "进步加强",
])  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=400),
    st.text("0123456789.%人元 ", max_size=400),
    st.text("()（）[]【】《》“”‘’", max_size=400),
    st.lists(PIECES, max_size=80).map("".join),
    st.tuples(PIECES, st.integers(1, 2_000)).map(lambda given: given[0] * given[1]),
)


def must_hold(text: str) -> None:
    """What is true of every review, whatever the text is."""
    review = review_text(text, file="a.txt")
    assert review.document.raw == text
    lines = text.split("\n")
    for finding, row in zip(review.findings, review.as_rows(), strict=True):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert row["text"] == text[finding.start : finding.end]
        before = sum(len(line) + 1 for line in lines[: row["line"] - 1])
        assert before + row["start"] == finding.start <= before + len(lines[row["line"] - 1])
        last = row.get("end_line", row["line"])
        assert sum(len(line) + 1 for line in lines[: last - 1]) + row["end"] == finding.end

        assert row["kind"] in kinds() and row["severity"] in SEVERITIES and row["conf"] in CONFIDENCES and row["note"]
        if finding.pair:
            assert 0 <= finding.pair.start <= finding.pair.end <= len(text)


slow = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(TEXTS)
def test_any_text_is_read_and_every_finding_is_true(text):
    must_hold(text)


@slow
@given(NAMES, st.sampled_from(KINDS), st.lists(st.tuples(st.integers(0), PIECES), max_size=8))
def test_a_report_with_anything_put_into_it_is_read(name, defect, pieces):
    text, _ = inject(REPORTS[name], *defect, random.Random(f"{name} {defect}"))
    for place, piece in pieces:
        place %= len(text) + 1
        text = text[:place] + piece + text[place + len(piece) // 2 :]
    must_hold(text)


@settings(slow, max_examples=EXAMPLES // 8)
@given(NAMES, st.integers(0), st.integers(1, 3), st.sampled_from(["gbk", "utf-8", "big5"]))
def test_a_report_that_lost_bytes_is_read(name, place, lost, encoding):
    content = REPORTS[name][:PAGE].encode(encoding, "replace")
    place %= len(content)
    must_hold((content[:place] + content[place + lost :]).decode(encoding, "surrogateescape"))


LONG = {
    f"{piece!r} again and again": piece
    for piece in (
            " ", "　", "\t", "学", "学校", "1", "1.", "12人", "3人1%", "（", "“", "”", "“”",
            "《》", "《学校工作》", "x", "1xx", "20xx年",
            "某某", "_", "** ", "，", "。", "。 ", "一是", "一是学，二是校，", "1.学", "(1)", "①",
            "年月日", "号〔〕", "我校我县", "的'学",
            "王小、", "学生李小明、", "校长张三丰，", "、学", "四个方面", "四个方面：一是",
            "由10万元减少到5", "共1人，其中1人，", "学(xué)",
            "\x00", "\ud800", "\u202e", "😀", "e\u0301", "學校減負", "家长", "每天", "1234 ", "138-", "减少人次",
            "全校学生12人，全校学生13人。", "学\n", "一、学\n", "1.学校工作\n", "四个方面：一是\n",
            "学校减负工作总结\n",
            "各位领导：\n学校工作总结\n", "工作汇报 篇1\n学校", "\n",
    )
}  # fmt: skip


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_a_long_text_of_one_thing_is_read_to_its_end(piece):
    """Patterns that look back over what they have seen would never come to the end of these."""
    text = "学校工作汇报\n中" + piece * (LENGTH // len(piece)) + "的"
    review = review_text(text)
    assert all(0 <= finding.start <= finding.end <= len(text) for finding in review.findings)


def test_every_detector_is_under_test():
    names = {detector.__module__.rpartition(".")[2] for detector in DETECTORS}
    folder = Path(__file__).parents[3] / "qingfu/text/review/detectors"
    assert names == {path.stem for path in folder.glob("*.py")} - {"__init__"}
