"""Questions as other programs and people write them, and the answers."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingfu.rulebook import QuestionError, ask

DAY = "2025-11-12"


def verdict(kind, bearer, value, on=DAY, **more):
    return ask({"kind": kind, "bearer": bearer, "on": on, "value": value, **more})["verdict"]


def test_seventy_minutes_for_grade_4_do_not_fit():
    answer = ask({"kind": "homework", "bearer": "grade 4", "on": DAY, "value": 70})
    assert answer["verdict"] == "refuse"
    assert answer["limit"] == "cn.homework.written.g3-6"
    assert answer["document"] == "关于加强义务教育学校作业管理的通知"
    assert (answer["level"], answer["cap"], answer["number"]) == ("nation", 60, "教基厅函〔2021〕13号")
    assert "不超过 60 分钟，这次是 70 分钟" in answer["reason"]


def test_a_pass_cites_the_rule_that_it_keeps():
    answer = ask({"kind": "homework", "bearer": "grade 4", "on": DAY, "value": 60})
    assert (answer["verdict"], answer["limit"], answer["breaches"]) == (
        "pass",
        "cn.homework.written.g3-6",
        [],
    )
    assert answer["reason"].startswith("在规定之内")


def test_where_no_rule_is_the_answer_says_so():
    answer = ask({"kind": "homework", "bearer": "grade 4", "on": "2025-11-15", "value": 90})
    assert (answer["verdict"], answer["limit"], answer["day"]) == ("pass", None, "rest_day")
    assert answer["reason"].startswith("没有发现违反的规定")


@pytest.mark.parametrize(
    "bearer",
    [
        "grade 4",
        "Grade4",
        "g4",
        "4",
        4,
        "四年级",
        "四年级2班",
        "4年级",
        "class of grade 4",
        {"grade": 4},
        {"grade": "4"},
        {"grade": "四年级", "kind": "class"},
    ],
)
def test_grade_4_may_be_written_in_many_ways(bearer):
    assert verdict("homework", bearer, 61) == "refuse"
    assert verdict("homework", bearer, 60) == "pass"


@pytest.mark.parametrize(
    "value",
    [
        70,
        "70",
        "70分钟",
        "70 minutes",
        {"minutes": 70},
        {"minutes": 70, "subject": "数学"},
        {"hours": 1.5},
        "1.5小时",
    ],
)
def test_minutes_may_be_written_in_many_ways(value):
    assert verdict("作业", "四年级", value) == "refuse"


@pytest.mark.parametrize("value", ["08:00", "8:00", {"start": "08:00"}, {"time": "08:00"}])
def test_times_of_day_may_be_written_in_many_ways(value):
    assert verdict("lesson", "grade 3", value) == "warn"
    assert verdict("lesson", "grade 8", value) == "pass"


def test_what_is_assumed_is_told_and_can_be_said_otherwise():
    answer = ask({"kind": "homework", "bearer": "grade 1", "on": DAY, "value": 10})
    assert (answer["verdict"], answer["assumed"]["form"]) == ("refuse", "written")
    oral = ask({"kind": "homework", "bearer": "grade 1", "on": DAY, "value": {"minutes": 10, "form": "oral"}})
    assert (oral["verdict"], "form" in oral["assumed"]) == ("pass", False)


def test_attributes_may_stand_beside_the_value_or_in_it():
    for more in ({"exam_type": "unit"}, {"attributes": {"exam_type": "unit"}}):
        assert verdict("exam", "grade 5", 1, **more) == "refuse"
    assert verdict("exam", "grade 5", {"exam_type": "unit"}) == "refuse"


def test_the_same_question_before_and_after_a_rule_changed():
    assert verdict("exam", "grade 4", 2, on="2021-08-29") == "pass"
    assert verdict("exam", "grade 4", 2, on="2021-08-30") == "refuse"


@pytest.mark.parametrize(
    ("kind", "bearer", "value", "expected"),
    [
        ("document", "department", 5000, "pass"),
        ("document", "department", 5001, "warn"),
        ("document", "township", 6000, "warn"),  # accounts are kept for the office that sends it
        ("speech", "department", 61, "refuse"),
        ("secondment", "township", 3, "needs_waiver"),
        ("sleep", "grade 4", 9, "refuse"),  # hours
        ("sleep", "grade 4", 600, "pass"),  # minutes
        ("sport", "grade 4", {"hours": 2}, "pass"),
        ("sport", "grade 4", 90, "refuse"),
        ("break", "grade 4", 12, "inform"),  # fifteen are encouraged, ten are a must
        ("break", "grade 4", 9, "refuse"),
        ("bedtime", "grade 4", "21:30", "warn"),
        ("lesson", "primary", "08:00", "warn"),
        ("lesson", "primary school", "08:00", "warn"),
        ("inspection", "school", 2, "refuse"),
        ("tutoring", "institution", {"end": "20:31"}, "refuse"),
        ("visit", "school", 2, "refuse"),
        ("activity", "school", 7, "refuse"),
        ("activity", "school", 6, "pass"),
    ],
)
def test_questions_from_all_fields(kind, bearer, value, expected):
    assert verdict(kind, bearer, value) == expected


def test_a_fact_that_the_question_leaves_open_is_no_breach_but_is_told():
    answer = ask({"kind": "activity", "bearer": "school", "on": DAY, "value": 1})
    assert answer["verdict"] == "pass"
    assert answer["unjudged"]
    assert ask({"kind": "activity", "bearer": "school", "on": DAY, "value": {"on_whitelist": False}})[
        "breaches"
    ]


def test_september_2025_is_in_no_list_of_competitions():
    assert verdict("competition", "school", 1, on="2025-09-15", listed=True) == "refuse"
    assert verdict("competition", "school", True, on="2025-10-15", listed=True) == "pass"
    assert verdict("competition", "school", 1, on="2025-09-15") == "refuse"


def test_documents_against_last_year():
    def documents(number):
        return verdict("document", "department", {"times": number}, last_year=40)

    assert (documents(40), documents(41)) == ("pass", "warn")


def test_the_id_of_a_question_comes_back():
    assert ask({"id": "q7", "kind": "homework", "bearer": 4, "on": DAY, "value": 1})["id"] == "q7"


def test_without_a_day_it_is_today():
    answer = ask({"kind": "homework", "bearer": 4, "value": 70}, today=date(2025, 11, 12))
    assert (answer["on"], answer["verdict"]) == (DAY, "refuse")


def test_the_rules_of_a_county_answer_too(rulebook):
    answer = ask({"kind": "homework", "bearer": 4, "on": DAY, "value": 55}, rulebook)
    assert (answer["verdict"], answer["level"], answer["cap"], answer["clause"]) == (
        "refuse",
        "county",
        50,
        "第六条",
    )


def test_of_several_breaches_the_highest_level_is_cited_and_all_are_listed(rulebook):
    answer = ask({"kind": "homework", "bearer": 4, "on": DAY, "value": 70}, rulebook)
    assert answer["level"] == "nation"
    assert [breach["level"] for breach in answer["breaches"]] == ["nation", "county"]


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        ([], "JSON 对象"),
        ({}, "缺少 kind"),
        ({"kind": "homewrok"}, "不认识"),
        ({"kind": 5}, "不认识"),
        ({"kind": "homework", "bearer": "class", "on": DAY}, "写明年级"),
        ({"kind": "homework", "bearer": "grade 13", "on": DAY}, "bearer"),
        ({"kind": "homework", "bearer": "grades 3-6", "on": DAY}, "bearer"),
        ({"kind": "homework", "bearer": "三至六年级", "on": DAY}, "bearer"),
        ({"kind": "homework", "bearer": {"grade": 13}, "on": DAY}, "年级"),
        ({"kind": "homework", "bearer": True, "on": DAY}, "bearer"),
        ({"kind": "homework", "bearer": {"kind": "crowd"}, "on": DAY}, "bearer.kind"),
        ({"kind": "homework", "bearer": {"grade": 4, "attributes": 3}, "on": DAY}, "attributes"),
        ({"kind": "homework", "bearer": {"grade": 4, "unit_kinds": "x"}, "on": DAY}, "unit_kinds"),
        (
            {"kind": "service", "bearer": {"grade": 4, "attributes": {"off_work": "late"}}, "on": DAY},
            "off_work",
        ),
        ({"kind": "homework", "bearer": 4, "on": "2025-02-30"}, "不是日期"),
        ({"kind": "homework", "bearer": 4, "on": "0001-01-01"}, "太早"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "value": -5}, "不小于 0"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "value": "lots"}, "看不懂"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "value": [70]}, "不小于 0"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "value": {"minutes": "NaN"}}, "不小于 0"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "value": 7, "unit": "parsec"}, "单位"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "value": 7, "end": "25:00"}, "时刻"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "value": 7, "due": "2035-01-01"}, "太远"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "value": 7, "split": {"2025-11-12": 5}}, "split"),
        ({"kind": "homework", "bearer": 4, "on": DAY, "attributes": "written"}, "attributes"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_to_write(question, complaint):
    with pytest.raises(QuestionError, match=complaint):
        ask(question)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = "kind bearer on value unit grade stage attributes start due split last_year form name listed subject"
SENSIBLE = ["homework", "exam", "teaching_aid", "class", "grade 4", DAY, "primary", 70, "08:00"]


@given(st.dictionaries(st.sampled_from(KEYS.split()), JSON | st.sampled_from(SENSIBLE)))
def test_no_question_brings_it_down(question):
    try:
        answer = ask(question, today=date(2025, 11, 12))
    except QuestionError:
        return
    json.dumps(answer)
