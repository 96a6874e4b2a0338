"""What the lint finds and what it leaves alone."""

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from qingfu.text.doubts import DOUBTS, is_bare, surroundings
from qingfu.text.homework import read
from qingfu.text.lint import CODES, lint
from qingfu.text.opinion import OPINION

PHRASES = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))
FOUND = [(code, text) for code in CODES for text in PHRASES[code]["terse"] + PHRASES[code]["found"]]
CLEAR = [(code, text) for code in CODES for text in PHRASES[code]["clear"]]


def codes(text, grade=5, **more):
    return {flag.code for flag in lint(text, grade, **more)}


def grade_of(code, kind):
    return PHRASES[code].get(kind, PHRASES[code].get("grade", 5))


@pytest.mark.parametrize(("code", "text"), FOUND)
def test_what_may_not_be_asked_is_found(code, text):
    assert code in codes(text, grade_of(code, "grade"))


@pytest.mark.parametrize(("code", "text"), CLEAR)
def test_what_looks_alike_is_left_alone(code, text):
    assert code not in codes(text, grade_of(code, "clear_grade"))


@pytest.mark.parametrize("message", PHRASES["message"], ids=lambda message: message["text"][:20])
def test_a_whole_message_carries_just_its_codes(message):
    assert codes(message["text"], message["grade"], materials=message["materials"]) == set(message["codes"])


@pytest.mark.parametrize("message", PHRASES["first_grades"], ids=lambda message: message["text"][:20])
def test_written_items_of_the_first_grades(message):
    flags = lint(message["text"], message["grade"])
    assert sum(flag.code == "grade12_written" for flag in flags) == message["written"]


@pytest.mark.parametrize(
    "text",
    [
        "不用打卡", "今天不用在群里打卡", "请勿打卡", "打卡取消了", "打卡就不用了", "禁止要求学生每天打卡",
        "不打卡、不接龙", "不需要家长签字、拍照或打卡", "没有打卡任务", "用“打卡”造句",
    ],
)
def test_a_negation_or_quotation_takes_the_flag_away(text):
    assert codes(text) == set()


@pytest.mark.parametrize(
    "text",
    ["不要忘记打卡", "别忘了打卡", "打卡不能少", "没打卡的同学今晚打卡", "不用抄写，打卡即可", "今天继续“打卡”"],
)
def test_what_only_sounds_like_a_negation_does_not(text):
    assert "check_in" in codes(text)


def test_a_flag_says_where_what_and_what_instead():
    text = "１．抄写生字 ２．朗读后請家長簽字"
    (flag,) = lint(text, 5)
    assert flag.code == "parent_work"
    assert text[flag.start:flag.end] == flag.text and "簽字" in flag.text
    assert flag.why_zh and flag.hint_zh


def test_one_offence_is_one_flag():
    assert len(lint("请家长检查、批改并签字", 5)) == 1


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("《53天天练》第8页", ["53天天练"]), ("五三第8页", ["《53天天练》"]), ("实验班P34", ["实验班提优训练"]),
        ("《名校课堂》P30", ["名校课堂 数学八上"]),
    ],
)
def test_listed_material_is_not_flagged_under_any_name_of_its_series(text, listed):
    assert "unlisted_material" in codes(text)
    assert "unlisted_material" not in codes(text, materials=listed)


@pytest.mark.parametrize(("grade", "found"), [(1, True), (2, True), (3, False), (9, False)])
def test_written_homework_is_flagged_in_the_first_two_grades_only(grade, found):
    assert ("grade12_written" in codes("抄写生字两遍", grade)) == found


def test_written_work_at_school_is_not_homework():
    assert codes("口算一页，课后服务时完成", 2) == set()


def test_the_teachers_corrections_of_the_items_count():
    text = "第10课生字"
    reading = read(text, 1, subject="语文", today=date(2025, 11, 12))
    (item,) = reading.items
    corrected = [type(item)(**{**vars(item), "form": "oral"})]
    assert "grade12_written" not in codes(text, 1, items=corrected)
    assert "grade12_written" in codes(text, 1, items=[type(item)(**{**vars(item), "form": "written"})])


@pytest.mark.parametrize(("grade", "found"), [(2, True), (6, True), (7, False), (9, False)])
def test_mid_term_exams_are_allowed_in_junior_school_only(grade, found):
    assert ("disguised_exam" in codes("下周四语文期中考试", grade)) == found


def test_the_second_opinion_adds_what_no_pattern_knows_and_keeps_off_what_is_called_off():
    told = "数学做完，家长拿红笔走上一遭，错处圈出。"
    assert "parent_work" in codes(told)
    assert "parent_work" not in codes(told.replace("家长", "不用家长"))


@pytest.mark.parametrize("name", ["opinion.txt", "doubts.txt"])
def test_the_models_are_small_files(name):
    assert len((files("qingfu.text") / "data" / name).read_bytes()) < 300_000


def test_the_second_look_drops_what_is_only_talked_about_but_never_a_plain_order():
    assert codes("有人说要每天上传运动视频，没有这回事。作业：跳绳100。") == set()
    plain_order = surroundings("打卡", 0, 2)
    assert is_bare(plain_order) and not DOUBTS.drop("打卡", "check_in", 0, 2)
    assert not is_bare(surroundings("以前每天都要在群里打卡", 9, 11))


def test_a_sentence_is_judged_alike_in_whatever_order_sentences_come():
    first, second = "背完录一小段发来。", "读课文两遍。"
    judged = [OPINION.judge(text[start:end]) for text in (first + second, second + first)
              for start, end in OPINION.sentences(text)]
    assert judged[0] == judged[3] and judged[1] == judged[2]
    assert judged[0]["check_in"] > judged[1]["check_in"]
