"""What `check` tells a headmaster."""

from datetime import date

import pytest

from qingfu.rulebook import Pack, Verdict, check, load_national

ON = date(2025, 11, 12)


@pytest.fixture(scope="module")
def problems(nation, county, school):
    return {
        (problem.kind, problem.limit_id, problem.superior_id): problem
        for problem in check([nation, county, school], ON)
    }


def test_a_stricter_county_has_no_problem(nation, county):
    assert check([nation, county], ON) == []


def test_packs_may_be_given_by_level(nation, county):
    assert check({"nation": [nation], "county": [county]}, ON) == []


def test_every_problem_of_the_school_is_found_and_no_other(problems):
    assert set(problems) == {
        ("laxer", "chengguan.homework.g5-6", "cn.homework.g3-6"),
        ("laxer", "chengguan.homework.g5-6", "qinghe.homework.g3-6"),
        ("laxer", "chengguan.homework.g1-2", "cn.homework.g1-2"),
        ("laxer", "chengguan.break", "cn.break.length"),
        ("conflict", "chengguan.service.cap", "cn.service.hours"),
        ("hole", "chengguan.homework.g3", "qinghe.homework.g3-6"),
        ("parts", "chengguan.homework.chinese", "qinghe.homework.g3-6"),
        ("clash", "chengguan.unit-tests", "cn.exam.unit"),
        ("clash", "chengguan.saturday", "cn.service.days"),
    }


def test_laxer_names_both_figures_the_document_and_what_to_do(problems):
    assert problems["laxer", "chengguan.homework.g5-6", "qinghe.homework.g3-6"].text_zh == (
        "学校规则“城关小学”的“五六年级书面作业”（五、六年级）：每个上学日不超过 70 分钟，比县规定的宽。"
        "县规定每个上学日不超过 50 分钟（《青禾县义务教育学校作业管理办法》（青教〔2025〕8号）第六条）。"
        "以严的为准，请改成每个上学日不超过 50 分钟，或删去这一条。"
    )


def test_the_hole_is_named_and_what_holds_there(problems):
    text = problems["hole", "chengguan.homework.g3", "qinghe.homework.g3-6"].text_zh
    assert "写了三年级、五、六年级，漏了四年级" in text
    assert "仍按县规定：每个上学日不超过 50 分钟" in text


def test_parts_are_added_up(problems):
    text = problems["parts", "chengguan.homework.chinese", "qinghe.homework.g3-6"].text_zh
    assert "语文书面作业 30 分钟、数学书面作业 35 分钟，合计 65 分钟，五年级的总量是 50 分钟" in text


def test_a_practice_is_judged_on_the_day_it_takes_place(problems):
    clash = problems["clash", "chengguan.saturday", "cn.service.days"]
    assert "2025-11-15（周六，休息日）" in clash.text_zh
    assert clash.verdict == Verdict.REFUSE


LOCAL = """
[pack]
id = "local"
level = "school"
title = "某小学"
[documents.d]
title = "规定"
[[limit]]
id = "local.limit"
title = "书面作业"
kind = "{kind}"
where = {where}
bearer = "class"
applies = {{ grades = {grades} }}
form = "{form}"
measure = "minutes"
window = "school_day"
force = "must"
[[limit.value]]
from = 2020-01-01
{bound}
document = "d"
confidence = "local"
"""


@pytest.mark.parametrize(
    ("kind", "where", "grades", "form", "bound", "kinds"),
    [
        ("homework", '{ form = "written" }', [4], "at_most", "cap = 60", []),
        ("homework", '{ form = "written" }', [4], "at_most", "cap = 61", ["laxer"]),
        ("homework", "{}", [4], "at_most", "cap = 61", ["laxer"]),
        ("homework", '{ form = "oral" }', [4], "at_most", "cap = 90", []),
        ("homework", "{ required = false }", [4], "at_most", "cap = 90", []),
        ("homework", '{ form = "written" }', [8], "at_most", "cap = 90", []),
        ("homework", '{ form = "written" }', [1], "at_most", "cap = 0", []),
        ("homework", '{ form = "written" }', [4], "at_least", "floor = 70", ["conflict"]),
        ("homework", '{ form = "written" }', [4], "at_least", "floor = 30", []),
        ("homework", '{ form = "written" }', [3, 5, 6], "at_most", "cap = 60", ["hole"]),
        ("homework", '{ form = "written" }', [1, 2, 7, 8, 9], "at_most", "cap = 0", []),
        ("service", "{}", [4], "at_least", "floor = 100", ["laxer"]),
        ("service", '{ content = "sport" }', [4], "at_least", "floor = 30", []),
        ("service", '{ content = "sport" }', [4], "at_most", "cap = 30", []),
    ],
)
def test_only_what_bounds_the_same_demands_is_compared(nation, kind, where, grades, form, bound, kinds):
    local = Pack.from_toml(LOCAL.format(kind=kind, where=where, grades=grades, form=form, bound=bound))
    assert [problem.kind for problem in check([nation, local], ON)] == kinds


def test_a_rule_is_judged_by_what_is_in_force_that_day(nation):
    two_exams = Pack.from_toml(
        LOCAL.format(
            kind="exam", where='{ exam_type = "final" }', grades=[4], form="count_at_most", bound="cap = 2"
        ).replace('"school_day"', '"term"')
    )
    assert check([nation, two_exams], date(2021, 8, 29)) == []
    assert [problem.kind for problem in check([nation, two_exams], date(2021, 8, 30))] == ["laxer"]


def test_falling_short_of_what_is_only_encouraged_is_said_softly(nation, school):
    soft = Pack.from_toml(nation.to_toml().replace('force = "ban"', 'force = "encourage"'))
    (problem,) = [it for it in check([soft, school], ON) if it.limit_id == "chengguan.break"]
    assert problem.verdict == Verdict.INFORM
    assert "不算违反" in problem.text_zh


def test_the_national_rules_have_no_problem_among_themselves():
    assert check(load_national(), ON) == []
