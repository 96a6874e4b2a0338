"""Every gate form: what passes, what breaks it, what cannot be judged, and what people read."""

from datetime import date

import pytest

from qingfu.rulebook import Bearer, Demand, Pack, Rulebook, Verdict

WEDNESDAY, SATURDAY = date(2025, 11, 12), date(2025, 11, 15)


def broken(rulebook, demand, calendar):
    return [(breach.in_force.limit.id, breach.verdict) for breach in rulebook.judge_single(demand, calendar)]


def missing(rulebook, demand, calendar):
    return [(it.in_force.limit.id, it.missing) for it in rulebook.unjudged(demand, calendar)]


def test_written_homework_is_never_given_to_grade_1(rulebook, calendar):
    demand = Demand(
        "homework",
        Bearer(1, "class", grade=1),
        WEDNESDAY,
        {"minutes": 5},
        {"form": "written", "place": "家庭"},
    )
    (breach,) = rulebook.judge_single(demand, calendar)
    assert breach.verdict == Verdict.REFUSE
    assert breach.reason_zh == (
        "一二年级不布置书面家庭作业：不应安排这类作业（国家规定，依据《关于进一步减轻义务教育阶段学生作业负担"
        "和校外培训负担的意见》（中办发〔2021〕40号）第4条）"
    )


def test_reading_aloud_may_be_given_to_grade_1(rulebook, calendar):
    demand = Demand("homework", Bearer(1, "class", grade=1), WEDNESDAY, {"minutes": 5}, {"form": "oral"})
    assert rulebook.judge_single(demand, calendar) == []


def test_a_demand_of_nothing_breaks_nothing(rulebook, calendar):
    demand = Demand(
        "homework",
        Bearer(1, "class", grade=1),
        WEDNESDAY,
        {"minutes": 0},
        {"form": "written", "place": "家庭"},
    )
    assert rulebook.judge_single(demand, calendar) == []


@pytest.mark.parametrize(("minutes", "verdicts"), [(45, []), (46, [("cn.lesson.length", Verdict.REFUSE)])])
def test_a_lesson_lasts_45_minutes_at_most(rulebook, calendar, class_4_2, minutes, verdicts):
    lesson = Demand("lesson", class_4_2, WEDNESDAY, {"minutes": minutes}, start="09:00")
    assert broken(rulebook, lesson, calendar) == verdicts


@pytest.mark.parametrize(("minutes", "verdicts"), [(10, []), (9, [("cn.break.length", Verdict.REFUSE)])])
def test_a_break_lasts_10_minutes_at_least(rulebook, calendar, class_4_2, minutes, verdicts):
    assert broken(rulebook, Demand("break", class_4_2, WEDNESDAY, {"minutes": minutes}), calendar) == verdicts


@pytest.mark.parametrize(
    ("start", "verdicts"), [("08:20", []), ("08:19", [("cn.lesson.start", Verdict.WARN)])]
)
def test_lessons_do_not_begin_before_twenty_past_eight(rulebook, calendar, class_4_2, start, verdicts):
    lesson = Demand("lesson", class_4_2, WEDNESDAY, {"minutes": 40}, start=start)
    assert broken(rulebook, lesson, calendar) == verdicts


def test_the_lesson_start_of_primary_schools_is_not_for_junior_ones(rulebook, calendar):
    lesson = Demand("lesson", Bearer(1, "class", grade=8), WEDNESDAY, {"minutes": 40}, start="08:00")
    assert rulebook.judge_single(lesson, calendar) == []


@pytest.mark.parametrize(("end", "is_late"), [("21:20", False), ("21:21", True), ("00:30", True)])
def test_bedtime_counts_past_midnight(rulebook, calendar, class_4_2, end, is_late):
    assert bool(rulebook.judge_single(Demand("bedtime", class_4_2, WEDNESDAY, end=end), calendar)) == is_late


def test_service_is_not_held_on_saturdays(rulebook, calendar, class_4_2):
    service = Demand("service", class_4_2, SATURDAY, {"minutes": 120}, end="17:40")
    (breach,) = rulebook.judge_single(service, calendar)
    assert breach.reason_zh.startswith("课后服务只在教学日：2025-11-15（周六，休息日）不应安排这类课后服务")


def test_service_is_held_on_a_make_up_saturday(rulebook, calendar, class_4_2):
    service = Demand("service", class_4_2, date(2025, 10, 11), {"minutes": 120}, end="17:40")
    assert rulebook.judge_single(service, calendar) == []


def test_the_end_of_work_is_what_the_county_says(rulebook, calendar, class_4_2):
    early = Demand("service", class_4_2, WEDNESDAY, {"minutes": 120}, end="17:20")
    (breach,) = rulebook.judge_single(early, calendar)
    assert (breach.verdict, breach.cap, breach.amount) == (Verdict.NEEDS_WAIVER, "17:30", "17:20")


def test_the_school_knows_better_than_the_county_when_work_ends(nation, county, calendar, class_4_2):
    town = '[pack]\nid = "town"\nlevel = "school"\ntitle = "柳林镇中心校"\n'
    own = Pack.from_toml(town + '[[times]]\nname = "off_work"\ntime = "17:00"')
    service = Demand("service", class_4_2, WEDNESDAY, {"minutes": 120}, end="17:20")
    assert Rulebook([own, county, nation]).judge_single(service, calendar) == []


def test_a_school_may_have_its_own_end_of_work(rulebook, calendar):
    bearer = Bearer(1, "class", grade=4, attributes={"off_work": "17:00"})
    assert (
        rulebook.judge_single(Demand("service", bearer, WEDNESDAY, {"minutes": 120}, end="17:20"), calendar)
        == []
    )


def test_where_nobody_says_when_work_ends_it_is_not_judged(nation, calendar, class_4_2):
    rulebook = Rulebook([nation])
    service = Demand("service", class_4_2, WEDNESDAY, {"minutes": 120}, end="16:00")
    assert rulebook.judge_single(service, calendar) == []
    assert missing(rulebook, service, calendar) == [("cn.service.end", "off_work")]


def test_what_is_not_stated_is_told_not_passed_over(rulebook, calendar, class_4_2, township):
    assert missing(rulebook, Demand("lesson", class_4_2, WEDNESDAY), calendar) == [
        ("cn.lesson.start", "start"),
        ("cn.lesson.length", "minutes"),
    ]
    document = Demand("document", township, WEDNESDAY, {}, {"assessed": True})
    assert missing(rulebook, document, calendar) == [
        ("cn.document.length", "characters"),
        ("cn.document.count", "last_year"),
    ]


def test_a_document_must_have_been_assessed(rulebook, calendar, township):
    def document(**attributes):
        return Demand("document", township, WEDNESDAY, {"characters": 3000}, attributes)

    assert broken(rulebook, document(), calendar) == [("cn.document.assessed", Verdict.REFUSE)]
    assert broken(rulebook, document(assessed=False), calendar) == [("cn.document.assessed", Verdict.REFUSE)]
    assert broken(rulebook, document(assessed=True), calendar) == []


def test_documents_that_deploy_comprehensive_work_may_be_longer(rulebook, calendar, township):
    def document(**attributes):
        return Demand("document", township, WEDNESDAY, {"characters": 6000}, {"assessed": True, **attributes})

    assert broken(rulebook, document(), calendar) == [("cn.document.length", Verdict.WARN)]
    assert broken(rulebook, document(document_type="special"), calendar) == [
        ("cn.document.length", Verdict.WARN)
    ]
    assert broken(rulebook, document(document_type="comprehensive"), calendar) == []


def test_a_document_no_longer_than_the_least_cap_is_never_too_long(rulebook, calendar, township):
    least = rulebook.least_cap("document", "characters")

    def too_long(characters, **attributes):
        asked = Demand("document", township, WEDNESDAY, {"characters": characters}, {"assessed": True, **attributes})
        return bool(broken(rulebook, asked, calendar))

    every = [{}, *({"document_type": which} for which in ("special", "comprehensive"))]
    assert not any(too_long(least, **attributes) for attributes in every)
    assert any(too_long(least + 1, **attributes) for attributes in every)
    assert rulebook.least_cap("lesson", "characters") is None


@pytest.mark.parametrize(
    ("day", "is_breach"),
    [(date(2025, 12, 3), True), (date(2025, 12, 10), False), (date(2025, 12, 6), False)],
)
def test_no_meetings_on_weekdays_of_the_first_week(rulebook, calendar, township, day, is_breach):
    assert bool(rulebook.judge_single(Demand("meeting", township, day), calendar)) == is_breach


@pytest.mark.parametrize(
    ("day", "attributes", "is_listed"),
    [
        (date(2025, 8, 31), {"listed": True}, True),
        (date(2025, 9, 15), {"listed": True}, False),  # September 2025 is in neither list
        (date(2025, 10, 1), {"listed": True}, True),
        (date(2025, 10, 1), {}, False),
        (date(2025, 11, 1), {"name": "全国青少年人工智能创新挑战赛"}, True),
        (date(2025, 8, 1), {"name": "全国青少年人工智能创新挑战赛"}, False),
        (date(2025, 11, 1), {"name": ""}, False),
    ],
)
def test_competitions_must_be_on_a_list_that_is_valid_that_day(
    rulebook, calendar, day, attributes, is_listed
):
    demand = Demand("competition", Bearer(1, "school"), day, {}, attributes)
    assert (rulebook.judge_single(demand, calendar) == []) == is_listed


def homework(bearer, minutes):
    return Demand("homework", bearer, WEDNESDAY, {"minutes": minutes}, {"form": "written", "required": True})


@pytest.mark.parametrize(("used", "is_breach"), [(30, False), (31, True), (60, True)])
def test_a_total_goes_over_with_what_is_used(rulebook, calendar, class_4_2, used, is_breach):
    county = rulebook.charges(homework(class_4_2, 20), calendar)[1]
    assert (rulebook.judge_total(county, used) is not None) == is_breach


def test_a_total_says_what_is_used_and_by_how_much_it_is_over(rulebook, calendar, class_4_2):
    nation = rulebook.charges(homework(class_4_2, 20), calendar)[0]
    breach = rulebook.judge_total(nation, 55)
    assert (breach.cap, breach.amount, breach.verdict) == (60, 75, Verdict.REFUSE)
    assert breach.reason_zh.startswith(
        "每天书面作业总时长：每个上学日不超过 60 分钟，已有 55 分钟，加上这次 20 分钟共 75 分钟，超出 15 分钟"
    )


def test_documents_are_held_against_last_year(rulebook, calendar, township):
    (charge,) = rulebook.charges(Demand("document", township, WEDNESDAY, {}, {"assessed": True}), calendar)
    assert rulebook.judge_total(charge, used=40) is None, "without last year's figure it is not judged"
    assert rulebook.judge_total(charge, used=39, baseline=40) is None
    assert rulebook.judge_total(charge, used=40, baseline=40).verdict == Verdict.WARN


def test_judge_puts_all_gate_forms_together(rulebook, calendar, class_4_2):
    breaches = rulebook.judge(homework(class_4_2, 15), calendar, used=lambda charge: 40)
    assert [breach.in_force.limit.id for breach in breaches] == ["qinghe.homework.g3-6"]


def test_who_may_lift_a_limit(rulebook, calendar, class_4_2):
    limits = {it.limit.id: it for it in rulebook.limits("homework", class_4_2, WEDNESDAY)}
    assert limits["cn.homework.g3-6"].waiver == "no"
    assert limits["qinghe.homework.g3-6"].waiver == "issuer"
    assert limits["qinghe.homework.weekend"].waiver == "named"


def test_the_cap_of_a_day_is_the_value_in_force_that_day(rulebook, calendar, class_4_2):
    for day, cap in [(date(2021, 8, 29), 2), (date(2021, 8, 30), 1)]:
        (exam,) = [it for it in rulebook.limits("exam", class_4_2, day) if it.limit.id == "cn.exam.g3-6"]
        assert exam.cap == cap
