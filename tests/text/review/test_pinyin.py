import pytest

from qingfu.text.review.pinyin import annotations, is_reading
from qingfu.text.review.reader import review_text


def found(text: str) -> list[str]:
    return [match[0] for match in annotations(text)]


@pytest.mark.parametrize(
    "text", ["鄉(xiāng)鎮工作", "鄉（xiāng）鎮工作", "鄉(xiang1)鎮工作", "鄉(xiang)鎮工作", "乡( xiāng )镇工作"]
)
def test_a_reading_behind_an_everyday_character_is_found_in_every_spelling(text):
    assert len(found(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "拼音(pīnyīn)教学",  # explains a word, not the one character
        "组长李喆(zhé)主持会议",  # a rare character, explained on purpose
        "“行”是多音字，此处读作行(xíng)。",
        "指标(KPI)完成良好，见附件(a)",
        "新建(xin)办公楼",  # not a reading of 建
        "(yè)务",
    ],
)
def test_brackets_that_somebody_meant_stay(text):
    assert found(text) == []


@pytest.mark.parametrize("text", ["為(\nwèi)民", "為(wèi\n)民"])
def test_a_bracket_that_goes_on_in_the_next_line_is_no_reading(text):
    """A layer keeps the lines of the text."""
    assert found(text) == [] and review_text(text).document.raw == text


def test_a_machine_that_annotated_everything_is_believed_for_rare_characters_too():
    assert len(found("規(guī)定發(fā)展業(yè)務環(huán)節監(jiān)督與李喆(zhé)")) == 6


def test_tone_marks_numbers_and_u_with_dots_are_read():
    assert is_reading("吕", "lǚ") and is_reading("吕", "lv3") and is_reading("區", "qū") and not is_reading("區", "yè")


def test_a_finding_takes_out_the_bracket_and_nothing_else():
    (finding,) = [f for f in review_text("各鄉(xiāng)鎮").findings if f.kind == "pinyin_annotation"]
    assert (finding.start, finding.end, finding.fix, finding.safe) == (2, 9, "", True)
