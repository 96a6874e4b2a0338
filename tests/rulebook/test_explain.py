from datetime import date

from qingfu.rulebook import Bearer, Rulebook, explain
from qingfu.rulebook.explain import lines, records

ON = date(2025, 11, 12)


def test_the_chain_runs_from_nation_to_school_and_the_tightest_binds(rulebook, class_4_2):
    chain = explain(rulebook, "homework", class_4_2, ON).chains[0]
    assert [(step.level, step.cap) for step in chain.steps] == [("nation", 60), ("county", 50)]
    assert chain.binding.limit.id == "qinghe.homework.g3-6"


def test_a_laxer_school_does_not_bind(nation, county, school):
    explanation = explain(Rulebook([nation, county, school]), "homework", Bearer(1, "class", grade=5), ON)
    assert [step.cap for step in explanation.chains[0].steps] == [60, 50, 70]
    assert explanation.binding.level == "county"


def test_before_the_county_rule_the_nation_binds(rulebook, class_4_2):
    assert explain(rulebook, "homework", class_4_2, date(2025, 5, 14)).binding.level == "nation"


def test_for_grade_1_the_ban_comes_first(rulebook):
    assert explain(rulebook, "homework", Bearer(1, "class", grade=1), ON).binding.limit.form == "never"


def test_where_nothing_is_in_force_nothing_binds(rulebook, class_4_2):
    assert explain(rulebook, "homework", class_4_2, date(2001, 1, 1)).binding is None


def test_lines_mark_the_binding_one(rulebook, class_4_2):
    first, second = lines(explain(rulebook, "homework", class_4_2, ON))[:2]
    assert first.startswith("　 国家｜每天书面作业总时长：每个上学日不超过 60 分钟｜")
    assert second.startswith("→ 县｜每天书面作业总时长：每个上学日不超过 50 分钟｜")


def test_records_carry_the_same(rulebook, class_4_2):
    record = records(explain(rulebook, "homework", class_4_2, ON))[1]
    assert (record["chain"], record["level"], record["cap"], record["binds"]) == (1, "county", 50, True)
    assert (record["number"], record["clause"]) == ("青教〔2025〕8号", "第六条")
