"""Statements against the rulebook: broken ones are told with their rule, legal and forbidden ones are left alone."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from qingfu.text.review.reader import review_text

from .labelled import counts

STATEMENTS = tomllib.loads((Path(__file__).parent / "statements.toml").read_text("utf-8"))
BROKEN = [(row["sub"], text) for row in STATEMENTS["broken"] for text in row["texts"] + row["heldout"]]
LEGAL = [text for row in STATEMENTS["legal"] for text in row["texts"] + row["heldout"]]


def conflicts(text: str, on: date | None = date(2024, 11, 12)):
    return [found for found in review_text(text, on=on).findings if found.kind == "policy_conflict"]


@pytest.mark.parametrize(("sub", "text"), BROKEN)
def test_a_statement_that_breaks_a_rule_is_told_with_its_document(sub, text):
    (found,) = conflicts(text)
    assert found.sub == sub and "《" in found.note


@pytest.mark.parametrize("text", LEGAL)
def test_what_is_legal_forbidden_or_already_stopped_is_left_alone(text):
    assert not conflicts(text)


def test_two_exams_a_term_depend_on_the_day_of_the_report():
    text = "小学每学期组织期中、期末两次考试。"
    assert not conflicts(text, date(2021, 6, 1))
    assert [found.sub for found in conflicts(text, date(2022, 6, 1))] == ["exam_count"]
    (found,) = conflicts(text, None)
    assert (found.sub, found.severity) == ("depends_on_year", "warning")


def test_a_report_of_a_primary_school_need_not_say_so_in_each_sentence():
    text = "学校每学期在期中、期末进行两次学科调研。"
    assert not conflicts(text)
    assert not conflicts(f"三至六年级作业不多。{text}七年级也是。")
    assert [found.sub for found in conflicts(f"三至六年级作业不多。{text}")] == ["exam_count"]


def test_a_comma_of_another_width_ends_a_clause_too():
    assert conflicts("小学每学期在期中、期末进行两次学科调研,不组织统测。")


@pytest.mark.parametrize("half", ["held out", "written last"])
def test_statements_that_no_pattern_was_written_for_are_found_and_rarely_in_vain(half):
    found = counts(half)
    due = sum(number for (label, _), number in found.items() if label != "fine")
    told = sum(number for (_, said), number in found.items() if said != "fine")
    right = sum(number for (label, said), number in found.items() if label == said != "fine")
    assert right / due >= 0.80 and right / told >= 0.90


def test_a_year_at_the_head_of_a_sentence_is_its_day():
    assert not conflicts("2019学年，小学每学期组织期中、期末两次考试。")
    assert not conflicts("2021年以前，小学每学期组织期中、期末两次考试。")
    assert conflicts("2019年以来，小学每学期组织期中、期末两次考试。")
    assert conflicts("2023年秋季学期，小学组织期中、期末两次考试。", date(2020, 1, 10))


def test_a_report_on_the_double_reduction_is_not_older_than_it():
    text = "小学“双减”工作汇报\n\n每学期组织期中、期末两次考试。"
    assert [found.sub for found in conflicts(text, None)] == ["exam_count"]


def test_grades_of_the_clause_before_do_not_bear_what_all_others_do():
    assert not conflicts("小学除一、二年级不留作业外，其他年级书面作业总量不超过1小时。")
    assert conflicts("小学除一、二年级不留作业外，其他年级书面作业总量不超过80分钟。")


def test_a_list_that_goes_on_over_a_comma_is_denied_with_its_beginning():
    assert not conflicts("小学从不占用双休日，寒假和其他节假日集体补课。", date(2026, 3, 2))
    assert conflicts("小学利用寒假集体补课。", date(2026, 3, 2))


def test_pupils_may_come_in_a_little_before_the_first_lesson():
    assert not conflicts("学生8:10到校，8:20开始上课，小学不安排早读。")
    assert not conflicts("小学到校时间由7:20推迟到8:10。")
    assert conflicts("小学生8:10到校晨读。")
    (found,) = conflicts("要求小学生每天7:40到校。")
    assert "07:40" in found.note


def test_few_who_did_it_turn_round_what_comes_before_them_no_more():
    assert conflicts("初中八年级每天书面作业量约130分钟，个别学生写到十一点半。")
    assert not conflicts("个别初中八年级学生每天书面作业量约130分钟。")
