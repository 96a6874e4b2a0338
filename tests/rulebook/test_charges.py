"""What a demand takes from which budget."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingfu.rulebook import Bearer, Demand, Pack, Rulebook, load_calendar

WEDNESDAY, FRIDAY, SATURDAY = date(2025, 11, 12), date(2025, 11, 14), date(2025, 11, 15)
MONDAY = date(2025, 11, 17)
WRITTEN = {"form": "written", "required": True, "subject": "语文", "place": "家庭"}


def homework(bearer, day=WEDNESDAY, minutes=20, **more):
    return Demand("homework", bearer, day, {"minutes": minutes}, more.pop("attributes", WRITTEN), **more)


def taken(charges):
    return [(charge.limit_id, charge.window.key, charge.amount) for charge in charges]


def test_every_limit_in_force_is_charged_by_itself(rulebook, calendar, class_4_2):
    assert taken(rulebook.charges(homework(class_4_2), calendar)) == [
        ("cn.homework.g3-6", "2025-11-12", 20),
        ("qinghe.homework.g3-6", "2025-11-12", 20),
    ]


def test_a_charge_names_the_bearer_and_the_citation(rulebook, calendar, class_4_2):
    charge = rulebook.charges(homework(class_4_2), calendar)[1]
    assert charge.bearer_id == "四(2)班"
    assert charge.in_force.citation == "《青禾县义务教育学校作业管理办法》（青教〔2025〕8号）第六条"
    assert charge.in_force.level == "county"


def test_oral_and_optional_homework_are_not_charged(rulebook, calendar, class_4_2):
    oral = homework(class_4_2, attributes={**WRITTEN, "form": "oral"})
    optional = homework(class_4_2, attributes={**WRITTEN, "required": False})
    assert rulebook.charges(oral, calendar) == rulebook.charges(optional, calendar) == []


def test_another_grade_is_not_charged(rulebook, calendar):
    assert rulebook.charges(homework(Bearer("八(1)班", "class", grade=8)), calendar) == []


def test_before_the_county_had_a_rule_only_the_nation_charges(rulebook, calendar, class_4_2):
    assert taken(rulebook.charges(homework(class_4_2, date(2025, 5, 14)), calendar)) == [
        ("cn.homework.g3-6", "2025-05-14", 20)
    ]


def test_saturday_homework_falls_in_rest_day_windows_only(rulebook, calendar, class_4_2):
    assert taken(rulebook.charges(homework(class_4_2, SATURDAY), calendar)) == [
        ("qinghe.homework.weekend", "2025-11-15", 20)
    ]


def test_a_make_up_saturday_is_a_school_day(rulebook, calendar, class_4_2):
    charges = rulebook.charges(homework(class_4_2, date(2025, 10, 11)), calendar)
    assert taken(charges)[0] == ("cn.homework.g3-6", "2025-10-11", 20)


def test_work_over_the_weekend_counts_on_its_first_evening_unless_split(rulebook, calendar, class_4_2):
    demand = homework(class_4_2, FRIDAY, minutes=30)
    assert taken(rulebook.charges(demand, calendar))[0] == ("cn.homework.g3-6", "2025-11-14", 30)


def test_the_teacher_may_split_it(rulebook, calendar, class_4_2):
    demand = homework(class_4_2, FRIDAY, minutes=50, split={FRIDAY: 20, SATURDAY: 30})
    assert taken(rulebook.charges(demand, calendar)) == [
        ("cn.homework.g3-6", "2025-11-14", 20),
        ("qinghe.homework.g3-6", "2025-11-14", 20),
        ("qinghe.homework.weekend", "2025-11-15", 30),
    ]


def test_a_split_that_does_not_add_up_is_refused(class_4_2):
    with pytest.raises(ValueError, match="split"):
        homework(class_4_2, FRIDAY, minutes=50, split={FRIDAY: 20, SATURDAY: 20})


def test_a_pack_may_spread_work_evenly_over_the_evenings(rulebook, calendar, class_4_2):
    demand = homework(class_4_2, SATURDAY, minutes=25, due=MONDAY)
    assert taken(rulebook.charges(demand, calendar)) == [
        ("qinghe.homework.weekend", "2025-11-15", 13),
        ("qinghe.homework.weekend", "2025-11-16", 12),
    ]


def test_a_demand_counts_once_unless_it_stands_for_several(rulebook, calendar, class_4_2):
    exam = Demand("exam", class_4_2, WEDNESDAY, {}, {"exam_type": "final"})
    two = Demand("exam", class_4_2, WEDNESDAY, {"times": 2}, {"exam_type": "final"})
    assert taken(rulebook.charges(exam, calendar)) == [("cn.exam.g3-6", "2025-2026-1", 1)]
    assert taken(rulebook.charges(two, calendar)) == [("cn.exam.g3-6", "2025-2026-1", 2)]


def test_one_budget_for_each_subject(rulebook, calendar, class_4_2):
    def aid(subject):
        return Demand("teaching_aid", class_4_2, WEDNESDAY, {}, {"subject": subject})

    chinese, maths = (rulebook.charges(aid(subject), calendar)[0] for subject in ("语文", "数学"))
    assert (chinese.window.key, maths.window.key) == ("2025-2026-1#语文", "2025-2026-1#数学")
    assert (chinese.window.start, chinese.window.end) == (date(2025, 9, 1), date(2026, 3, 1))


def test_a_document_counts_in_its_year(rulebook, calendar, township):
    document = Demand("document", township, WEDNESDAY, {"characters": 3000})
    assert taken(rulebook.charges(document, calendar)) == [("cn.document.count", "2025", 1)]


def test_a_demand_of_nothing_takes_nothing(rulebook, calendar, class_4_2):
    assert rulebook.charges(homework(class_4_2, minutes=0), calendar) == []


SEVERAL_YEARS = """
[pack]
id = "cn.competitions"
level = "nation"
title = "竞赛"
[documents.mingdan]
title = "竞赛名单"
[[limit]]
id = "cn.period"
title = "名单期内至多三次"
kind = "competition"
bearer = "nation"
form = "count_at_most"
window = "period"
force = "ban"
[[limit.value]]
from = 2025-10-01
to = 2028-08-31
cap = 3
document = "mingdan"
confidence = "verbatim"
[[limit]]
id = "cn.standing"
title = "每个部门至多一个应用"
kind = "app"
bearer = "department"
form = "count_at_most"
window = "standing"
force = "principle"
[[limit.value]]
from = 2024-08-06
cap = 1
document = "mingdan"
confidence = "summary"
"""


def test_a_period_lasts_as_long_as_the_value(calendar):
    rulebook = Rulebook([Pack.from_toml(SEVERAL_YEARS)])
    demand = Demand("competition", Bearer(1, "nation"), date(2026, 5, 1))
    (charge,) = rulebook.charges(demand, calendar)
    assert (charge.window.start, charge.window.end) == (date(2025, 10, 1), date(2028, 8, 31))


def test_what_stands_counts_for_ever(calendar):
    rulebook = Rulebook([Pack.from_toml(SEVERAL_YEARS)])
    windows = {
        rulebook.charges(Demand("app", Bearer(1, "department"), day), calendar)[0].window
        for day in (date(2024, 9, 1), date(2040, 9, 1))
    }
    assert len(windows) == 1


CALENDAR = load_calendar()
ALL_DAYS = Rulebook(
    [
        Pack.from_toml(
            """
            [pack]
            id = "all"
            level = "nation"
            title = "每天"
            [documents.d]
            title = "测试"
            """
            + "".join(
                f"""
                [[limit]]
                id = "all.{window}"
                title = "{window}"
                kind = "homework"
                bearer = "class"
                form = "at_most"
                measure = "minutes"
                window = "{window}"
                split = "{split}"
                force = "must"
                [[limit.value]]
                from = 2000-01-01
                cap = 60
                document = "d"
                confidence = "local"
                """
                for window, split in [
                    ("school_day", "even"),
                    ("rest_day", "even"),
                    ("day", "first_day"),
                    ("week", "even"),
                    ("term", "first_day"),
                    ("year", "even"),
                ]
            )
        )
    ]
)


@given(
    st.dates(date(2024, 9, 1), date(2027, 6, 30)),
    st.dictionaries(st.integers(0, 20), st.integers(0, 90), max_size=5),
    st.integers(0, 14),
    st.booleans(),
)
def test_charges_add_up_to_the_demand(day, parts, days, is_split):
    """In every kind of window the parts are the whole; school days and rest days share it between them."""
    split = {day + timedelta(days=offset): minutes for offset, minutes in parts.items()}
    minutes = sum(split.values())
    demand = homework(
        Bearer(1, "class", grade=4),
        day,
        minutes,
        split=split if is_split else None,
        due=day + timedelta(days=days),
    )
    sums = dict.fromkeys(["day", "week", "term", "year", "school_day", "rest_day"], 0)
    for charge in ALL_DAYS.charges(demand, CALENDAR):
        assert charge.amount > 0
        sums[charge.window.kind] += charge.amount
    assert {sums["day"], sums["week"], sums["term"], sums["year"]} == {minutes}
    assert sums["school_day"] + sums["rest_day"] == minutes
