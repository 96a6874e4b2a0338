"""A figure of a unit counts everything below it; what few people said is found in no figure and no difference."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingfu.lake.days import day_row
from qingfu.lake.indicators import figures, figures_of_counties, records
from qingfu.lake.indicators.ground import Ground, Place
from qingfu.lake.indicators.pools import Cell, pooled
from qingfu.lake.reading import open_lake
from qingfu.rulebook import load_calendar
from qingfu.rulebook.calendar import days_between

from .making import write_rows

COUNTY, SCHOOLS, GRADES, CLASSES = 1, (2, 3), (4, 5, 6), (7, 8, 9, 10, 11)
PARENT = {2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 4, 8: 4, 9: 5, 10: 6, 11: 6}
KINDS = {1: "county"} | dict.fromkeys(SCHOOLS, "school") | dict.fromkeys(GRADES, "grade")
GRADE_OF = {4: 1, 7: 1, 8: 1, 5: 3, 9: 3, 6: 1, 10: 1, 11: 1}
FIRST, LAST, WRITTEN = date(2025, 9, 1), date(2025, 10, 31), date(2025, 12, 1)
RECORDED = json.dumps([{"limit_id": "cn.a", "how": "recorded"}])
UNITS = sorted({COUNTY, *PARENT})


def path_of(unit: int) -> str:
    return (path_of(PARENT[unit]) if unit in PARENT else "") + f"{unit:04d}"


def lake_of(
    folder, days=(FIRST - timedelta(days=400), LAST + timedelta(days=60)), entered=None, code="QH", written=None, **rows
):
    entered = entered or {}
    bearers = [
        {"county": code, "bearer_id": unit, "parent_id": PARENT.get(unit), "kind": KINDS.get(unit, "class"),
         "name": f"单位{unit}", "grade": GRADE_OF.get(unit), "seats": 45, "path": path_of(unit), "depth": 1,
         "institution_id": unit, "calendar": 0, "rulebook": 0, "entered": entered.get(unit),
         "first_grade": 1 if unit in entered else None}
        for unit in UNITS
    ]  # fmt: skip
    calendar = load_calendar()
    dated = [{"county": code, "calendar": 0, **day_row(calendar, day)} for day in days_between(*days)]
    write_rows(folder, code, {"bearers": bearers, "days": dated, **rows}, written or WRITTEN)
    return open_lake(folder)


def homework(unit: int, day: date, number: int = 0, subject: str = "语文", minutes: int = 20, **more) -> dict:
    return {
        "county": "QH", "demand_id": number, "kind": "homework", "bearer_id": unit, "day": day, "subject": subject,
        "minutes": minutes, "stands": True, "emergency": False, "late": False, "attribute_form": "written",
        "attribute_place": "家庭", **more,
    }  # fmt: skip


def answers(unit: int, day: date, kind: str, count: int) -> dict:
    return {"county": "QH", "unit_id": unit, "day": day, "kind": kind, "band": "", "band_from": 30, "count": count}


def only(lake, id, unit=COUNTY, first=FIRST, last=LAST):
    (found,) = figures(lake, [id], unit, first, last)
    return found


def test_children_months_and_subjects_add_up_to_the_whole(tmp_path):
    random = Random(20251128)
    span = (LAST - FIRST).days
    rows = [
        homework(
            random.choice(UNITS), FIRST + timedelta(days=random.randint(-5, span + 5)), number,
            random.choice(["语文", "数学"]), kind=random.choice(["homework", "document", "visit"]),
            attribute_estimated_minutes="30",
        )
        for number in range(200)
    ]  # fmt: skip
    lake = lake_of(tmp_path, demands=rows)
    ids = ["documents_received", "inspection_days", "burden_minutes", "homework_grade12_home"]
    for unit, ways in ((COUNTY, [("unit",), ("month",), ("grade",), ("unit", "week")]), (2, [("unit",)])):
        whole = {one.indicator.id: one.value for one in figures(lake, ids, unit, FIRST, LAST)}
        for by in ways:
            parts: Counter = Counter()
            for one in figures(lake, ids, unit, FIRST, LAST, by):
                parts[one.indicator.id] += one.value or 0
            assert parts == whole, (unit, by)
    subjects = figures(lake, ids, COUNTY, FIRST, LAST, ("subject",))
    assert sum(one.value for one in subjects if one.indicator.id == "burden_minutes") == 30 * sum(
        FIRST <= row["day"] <= LAST for row in rows
    )


def test_a_county_among_several_has_the_figures_that_it_has_alone(tmp_path):
    """Units of two counties have the same numbers, and one of the counties was written later."""
    several = {"QA": 3, "QB": 5, "QC": 7}
    for code, minutes in several.items():
        rows = [
            homework(unit, FIRST + timedelta(days=n), n, minutes=minutes + n % 4, county=code)
            for n, unit in enumerate((*CLASSES, *CLASSES))
        ]  # fmt: skip
        week = FIRST + timedelta(days=7)
        said = [{**answers(unit, week, "time", minutes + unit), "county": code} for unit in CLASSES]
        lake_of(tmp_path, code=code, written=WRITTEN + timedelta(days=code == "QC"), demands=rows, answers=said)
    ids = ["homework_minutes_p90", "homework_minutes_mean", "real_minutes_median", "documents_change"]
    together = list(figures_of_counties(open_lake(tmp_path), ids, FIRST, LAST))
    alone = [one for code in several for one in figures(open_lake(tmp_path, (code,)), ids, COUNTY, FIRST, LAST)]
    assert together == alone
    assert len({one.value for one in together if one.indicator.id == "homework_minutes_p90"}) == len(several)


def test_what_is_done_on_several_days_weighs_on_each_of_them(tmp_path):
    next_day = FIRST + timedelta(days=1)
    rows = [homework(7, FIRST, 1, minutes=50, is_split=True), homework(7, next_day, 2, minutes=20)]
    shares = [
        {"county": "QH", "demand_id": 1, "day": FIRST + timedelta(days=n), "minutes": minutes}
        for n, minutes in enumerate((10, 15, 25))
    ]  # fmt: skip
    lake = lake_of(tmp_path, demands=rows, splits=shares)
    asked = ["homework_minutes_median", "homework_minutes_p90", "homework_minutes_mean"]
    assert [one.value for one in figures(lake, asked, COUNTY, FIRST, LAST)] == [25, 35, Decimal("23.3")]
    assert [only(lake, id, last=FIRST).value for id in asked] == [10, 10, 10]
    assert [row["minutes"] for row in records(lake, asked[0], COUNTY, FIRST, LAST)] == [25, 15, 20, 10]


def ground(top: int) -> Ground:
    """A unit with all below it, without a lake."""
    below = [unit for unit in UNITS if path_of(unit).startswith(path_of(top))]
    places = {unit: Place(unit, "", "", None, 45, None, None, None, path_of(unit), unit) for unit in below}
    return Ground(None, "QH", places[top], 0, places)


weeks = st.lists(
    st.dictionaries(st.sampled_from([*CLASSES, COUNTY]), st.tuples(st.integers(1, 12), st.integers(0, 12))),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=30)
@given(weeks, st.sampled_from(["none", "part", "both"]))
def test_no_difference_of_figures_is_about_fewer_than_five(said, told):
    """Whatever is set against each other: units that lie in each other, and weeks that lie in each other."""
    sums = {}
    for unit in UNITS:
        tree = ground(unit)
        for begin in range(len(said)):
            for end in range(begin + 1, len(said) + 1):
                total = [0, 0]
                for week in said[begin:end]:
                    cells = {place: Cell(n, min(part, n)) for place, (n, part) in week.items() if place in tree.places}
                    for cell in pooled(tree, cells, told).values():
                        total = [total[0] + cell.answers, total[1] + cell.part]
                sums[unit, begin, end] = total
    for (unit, begin, end), (answers_, part) in sums.items():
        inside = [
            sums[other, from_, to] for other, from_, to in sums
            if path_of(other).startswith(path_of(unit)) and begin <= from_ and to <= end
        ]  # fmt: skip
        below = [sums[child, begin, end] for child in UNITS if PARENT.get(child) == unit]
        everything = [sum(one) for one in zip(*below, strict=True)] if below else [0, 0]
        for less, less_part in (*inside, everything, (0, 0)):
            assert answers_ - less not in range(1, 5)
            if told != "none":
                assert part - less_part not in range(1, 5)
            if told == "both":
                assert (answers_ - part) - (less - less_part) not in range(1, 5)


def test_four_families_of_a_class_are_hidden_there_and_counted_with_their_grade(tmp_path):
    day = date(2025, 9, 10)
    told = [answers(7, day, "time", 4), answers(8, day, "time", 6), answers(9, day, "time", 4)]
    lake = lake_of(tmp_path, answers=told)
    few, many = only(lake, "real_minutes_median", 7), only(lake, "real_minutes_median", 8)
    assert (few.state, few.value, few.records, few.denominator) == ("hidden", None, 0, None)
    assert (many.state, many.value, many.records) == ("shown", 30, 6)
    assert only(lake, "real_minutes_median", 4).state == "hidden"  # four of ten are left for the school
    assert only(lake, "real_minutes_median", 2).records == 14  # four and four are eight there
    assert only(lake, "real_minutes_median", 10).state == "missing"  # nobody was asked
    assert [row["answers"] for row in records(lake, "real_minutes_median", 4, FIRST, LAST)] == [6]


def test_who_said_otherwise_is_not_told_below_five_either(tmp_path):
    day = date(2025, 9, 10)
    lake = lake_of(tmp_path, answers=[answers(7, day, "time", 12), answers(7, day, "unposted", 3)])
    assert only(lake, "unposted_rate", 7).state == "hidden"
    assert only(lake, "real_minutes_median", 7).state == "shown"


def test_a_week_counts_where_its_middle_lies_and_only_when_it_is_over(tmp_path):
    across = date(2025, 9, 1)  # a Monday: its Thursday is the 4th
    running = WRITTEN - timedelta(days=WRITTEN.weekday())
    lake = lake_of(tmp_path, answers=[answers(7, across, "time", 9), answers(7, running, "time", 9)])
    assert only(lake, "real_minutes_median", first=across, last=date(2025, 9, 3)).state == "missing"
    assert only(lake, "real_minutes_median", first=date(2025, 9, 4), last=date(2025, 9, 4)).records == 9
    assert only(lake, "real_minutes_median", last=date(2025, 12, 31)).records == 9


def test_the_last_day_of_a_term_and_the_first_of_the_next_are_told_apart(tmp_path):
    last, first = date(2025, 8, 31), date(2025, 9, 1)
    rows = [homework(7, last, 1), homework(7, first, 2), homework(8, first, 3, over=RECORDED)]
    lake = lake_of(tmp_path, demands=rows)
    found = figures(lake, ["homework_days_over"], COUNTY, last - timedelta(days=30), first, ("term",))
    assert [(one.by[0][1], one.last, one.value, one.denominator) for one in found] == [
        ("2024-2025-2", last, Decimal("0.00"), 1), ("2025-2026-1", first, Decimal("50.00"), 2),
    ]  # fmt: skip
    assert only(lake, "homework_days_over", first=first, last=first).records == 2


def test_a_year_before_is_the_same_days_and_needs_records_then(tmp_path):
    then, now = date(2024, 9, 10), date(2025, 9, 10)
    rows = [homework(7, then, 1, minutes=40), homework(7, now, 2, minutes=30), homework(10, now, 3)]
    lake = lake_of(tmp_path, demands=rows)
    change = only(lake, "homework_change", 2)
    assert (change.value, change.numerator, change.denominator, change.records) == (Decimal("-25.0"), 30, 40, 2)
    assert only(lake, "homework_change", 3).state == "missing"
    behind = records(lake, "homework_change", 2, FIRST, LAST)
    assert [(row["day"], row["counted"]) for row in behind] == [(now, True), (then, False)]


def test_days_still_to_come_are_not_set_against_days_that_were(tmp_path):
    """A report on a term that goes on: last year's days are those that were over by now."""
    rows = [
        homework(7, day, number, minutes=30)
        for number, day in enumerate((date(2024, 11, 5), date(2024, 12, 20), date(2025, 11, 5), date(2025, 12, 20)))
    ]  # fmt: skip
    change = only(lake_of(tmp_path, demands=rows), "homework_change", 2, last=date(2025, 12, 31))
    assert (change.numerator, change.denominator, change.records) == (30, 30, 2)


def test_what_a_class_was_asked_stays_with_the_grade_that_it_had(tmp_path):
    """Of the classes of grade 3, one was in grade 2 the year before; what has no year of entry keeps its grade."""
    then, now = date(2025, 6, 10), date(2025, 9, 10)
    rows = [homework(unit, day, 2 * unit + place) for unit in (9, 5) for place, day in enumerate((then, now))]
    lake = lake_of(tmp_path, entered={9: 2023}, demands=rows, answers=[answers(9, then, "time", 8)])
    count = only(lake, "homework_grade12_home", first=then, last=now)
    assert (count.value, count.records) == (1, 1)
    told = figures(lake, ["homework_minutes_median", "real_minutes_median"], COUNTY, then, now, ("grade",))
    assert [(one.indicator.id[:4], one.by[0][1], one.denominator) for one in told] == [
        ("home", "2", 1), ("home", "3", 3), ("real", "2", 8),
    ]  # fmt: skip


def test_early_lessons_are_those_before_their_time_not_those_that_break_any_rule(tmp_path):
    lesson = {"kind": "lesson", "starts": 460}
    rows = [
        homework(7, FIRST, number, **lesson, over=json.dumps([{"limit_id": limit}]))
        for number, limit in enumerate(("cn.sleep.lessons-start.g1-6", "cn.fitness.lesson-taken"))
    ]  # fmt: skip
    assert only(lake_of(tmp_path, demands=rows), "early_lessons").value == Decimal("50.0")


@pytest.mark.parametrize(("rectified", "share"), [(date(2025, 10, 10), "100.0"), (date(2025, 10, 11), "0.0")])
def test_rectified_in_time_is_on_the_last_day_at_the_latest_and_only_of_what_was_due(tmp_path, rectified, share):
    due, later = date(2025, 10, 10), WRITTEN + timedelta(days=1)
    rows = [
        {"county": "QH", "finding_id": number, "bearer_id": 7, "kind": "check", "opened_day": FIRST, "due_day": day,
         "rectified_day": rectified, "dropped": False, "level": 0, "count": 1, "state": "open"}
        for number, day in enumerate((due, later))
    ]  # fmt: skip
    found = only(lake_of(tmp_path, findings=rows), "findings_in_time", last=later)
    assert (str(found.value), found.records) == (share, 1)


def test_what_lasts_is_counted_on_the_last_day(tmp_path):
    rows = [
        {"county": "QH", "finding_id": number, "bearer_id": 7, "opened_day": FIRST, "closed_day": closed}
        for number, closed in enumerate((None, date(2025, 9, 20)))
    ]  # fmt: skip
    lake = lake_of(tmp_path, findings=rows)
    assert [one.value for one in figures(lake, ["findings_open"], 2, FIRST, LAST, ("month",))] == [1, 1]
    assert only(lake, "findings_open", last=date(2025, 9, 19)).value == 2
    assert only(lake, "findings_open", last=date(2025, 9, 20)).value == 1  # closed on that day, it is open no more


def test_what_was_allowed_is_not_over_and_beside_another_it_still_is(tmp_path):
    waived = {"limit_id": "cn.a", "how": "waived"}
    rows = [
        homework(unit, FIRST, unit, over=json.dumps(several))
        for unit, several in ((7, [waived]), (8, [waived, {"limit_id": "cn.b", "how": "warned"}]))
    ]  # fmt: skip
    found = only(lake_of(tmp_path, demands=rows), "homework_days_over")
    assert (found.numerator, found.denominator) == (1, 2)


def test_what_was_closed_without_being_put_right_is_neither_in_time_nor_late(tmp_path):
    finding = {"county": "QH", "bearer_id": 7, "kind": "check", "opened_day": FIRST, "due_day": LAST, "level": 0,
               "count": 1, "closed_day": LAST}  # fmt: skip
    rows = [{**finding, "finding_id": 1, "dropped": True}, {**finding, "finding_id": 2, "dropped": False}]
    found = only(lake_of(tmp_path, findings=rows), "findings_in_time")
    assert (found.numerator, found.denominator) == (0, 1)
