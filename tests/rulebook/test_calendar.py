from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingfu.rulebook import DayChange, RulebookError, Term, load_calendar, parse_changes
from qingfu.rulebook.calendar import LAST_ANNOUNCED

CALENDAR = load_calendar()
ANY_DAY = st.dates(date(2018, 1, 1), date(2029, 12, 31))
ONE_DAY = timedelta(days=1)


def test_an_ordinary_wednesday_is_a_school_day():
    day = CALENDAR.day(date(2025, 11, 12))
    assert (day.kind, day.is_school_day, day.term_id, day.week_id) == (
        "school_day",
        True,
        "2025-2026-1",
        "2025-W46",
    )


def test_a_saturday_in_term_is_a_rest_day():
    day = CALENDAR.day(date(2025, 11, 15))
    assert (day.kind, day.is_school_day, day.weekday) == ("rest_day", False, 6)


def test_a_make_up_sunday_is_a_school_day_and_cites_the_state_council():
    day = CALENDAR.day(date(2025, 9, 28))
    assert (day.kind, day.is_school_day, day.is_workday) == ("make_up", True, True)
    assert day.source == "国务院办公厅关于2025年部分节假日安排的通知"


def test_national_day_is_a_holiday():
    day = CALENDAR.day(date(2025, 10, 1))
    assert (day.kind, day.name, day.is_workday) == ("holiday", "国庆节", False)


def test_a_make_up_day_in_the_winter_vacation_is_work_for_offices_and_vacation_for_schools():
    day = CALENDAR.day(date(2026, 2, 28))
    assert (day.kind, day.name, day.is_school_day, day.is_workday) == ("vacation", "寒假", False, True)


def test_spring_festival_in_the_vacation_stays_a_holiday():
    assert CALENDAR.day(date(2026, 2, 17)).kind == "holiday"


def test_days_of_a_year_not_announced_are_provisional():
    new_year = date(LAST_ANNOUNCED + 1, 1, 1)
    assert CALENDAR.day(new_year).provisional
    assert CALENDAR.day(new_year + timedelta(days=4)).provisional


def test_new_year_2027_is_a_holiday_though_nothing_is_announced():
    day = CALENDAR.day(date(2027, 1, 1))
    assert (day.kind, day.name, day.is_workday) == ("holiday", "元旦", False)


def test_today_is_in_the_autumn_term_of_2026():
    term = CALENDAR.term(date(2026, 11, 22))
    assert (term.id, term.start, term.school_year) == ("2026-2027-1", date(2026, 9, 1), "2026-2027")


def test_a_school_year_that_nobody_described_follows_the_usual_pattern():
    day = CALENDAR.day(date(2019, 5, 15))
    assert (day.kind, day.term_id, day.provisional) == ("school_day", "2018-2019-2", True)


def test_the_vacation_counts_for_the_term_before_it():
    window = CALENDAR.window("term", date(2026, 2, 10))
    assert (window.key, window.start, window.end) == ("2025-2026-1", date(2025, 9, 1), date(2026, 3, 1))
    assert not CALENDAR.in_term(date(2026, 2, 10))


def test_the_summer_belongs_to_the_school_year_that_ends():
    assert CALENDAR.window("school_year", date(2026, 8, 20)).key == "2025-2026"
    assert CALENDAR.window("school_year", date(2026, 9, 1)).key == "2026-2027"


def test_weeks_of_term_count_from_the_week_with_the_first_day():
    assert CALENDAR.term_week(date(2026, 9, 1)) == 1
    assert CALENDAR.term_week(date(2026, 9, 7)) == 2


def test_the_first_week_of_a_month_has_its_first_day():
    assert CALENDAR.day(date(2025, 11, 2)).week_of_month == 1  # a Sunday; the first is a Saturday
    assert CALENDAR.day(date(2025, 11, 3)).week_of_month == 2


def test_after_a_friday_comes_monday():
    assert CALENDAR.next_school_day(date(2025, 11, 14)) == date(2025, 11, 17)


def test_school_days_of_the_week_before_national_day():
    days = CALENDAR.school_days(date(2025, 9, 22), date(2025, 9, 28))
    assert days == [date(2025, 9, 22) + timedelta(days=n) for n in (0, 1, 2, 3, 4, 6)]


def test_a_typhoon_closes_the_schools_of_a_county():
    storm = date(2025, 9, 24)
    county = CALENDAR.with_changes([DayChange(storm, "holiday", "台风停课", "青禾县防汛抗旱指挥部通知")])
    assert not county.day(storm).is_school_day
    assert county.day(storm).source == "青禾县防汛抗旱指挥部通知"
    assert CALENDAR.day(storm).is_school_day, "the calendar it is laid over stays as it is"


def test_a_make_up_saturday_of_a_county_is_a_school_day():
    saturday = date(2025, 11, 8)
    county = CALENDAR.with_changes([DayChange(saturday, "make_up", "补台风停课", "青教〔2025〕12号")])
    assert county.day(saturday).is_school_day
    assert county.window("school_day", saturday).key == "2025-11-08"


def test_a_county_fixes_its_own_terms():
    county = CALENDAR.with_changes(
        [Term("2026-2027-1", date(2026, 8, 31), date(2027, 1, 15), "青禾县2026—2027学年校历")]
    )
    day = county.day(date(2026, 8, 31))
    assert (day.is_school_day, day.term_id, day.provisional) == (True, "2026-2027-1", False)
    assert county.day(date(2027, 1, 18)).kind == "vacation"


def test_terms_that_overlap_are_refused():
    with pytest.raises(RulebookError, match="重叠"):
        CALENDAR.with_changes([Term("2025-2026-1", date(2025, 9, 1), date(2026, 3, 10))])


def test_terms_that_share_one_day_are_refused():
    with pytest.raises(RulebookError, match="重叠"):
        CALENDAR.with_changes([Term("2025-2026-1", date(2025, 9, 1), date(2026, 3, 2))])


def test_a_term_with_a_strange_id_is_refused():
    with pytest.raises(RulebookError, match="2025-2026-1"):
        CALENDAR.with_changes([Term("上学期", date(2030, 9, 1), date(2031, 1, 10))])


def test_a_calendar_file_of_a_county():
    changes = parse_changes(
        """
        [calendar]
        title = "青禾县校历"
        source = "青教〔2026〕3号"
        [[term]]
        id = "2026-2027-1"
        start = 2026-08-31
        end = 2027-01-15
        [[holiday]]
        name = "三月三"
        start = 2027-04-08
        end = 2027-04-09
        [[day]]
        date = 2026-10-17
        kind = "make_up"
        name = "补课"
        """
    )
    county = CALENDAR.with_changes(changes)
    assert county.day(date(2026, 10, 17)).source == "青教〔2026〕3号"
    assert county.day(date(2027, 4, 9)).name == "三月三"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[calendar]\nterm = 1", "不认识"),
        ("[[day]]\ndate = 2026-10-17\nkind = 'party'", "kind"),
        ("[[day]]\ndate = '2026-10-17'\nkind = 'make_up'", "不加引号"),
        ("[[day]", "TOML"),
    ],
)
def test_a_bad_calendar_file_is_refused_by_name(text, complaint):
    with pytest.raises(RulebookError, match=complaint) as refused:
        parse_changes(text, "校历.toml")
    assert "校历.toml" in str(refused.value)


@given(ANY_DAY, st.sampled_from(["day", "week", "month", "term", "school_year", "year"]))
def test_windows_of_a_kind_partition_the_days(day, kind):
    window = CALENDAR.window(kind, day)
    assert day in window
    assert all(CALENDAR.window(kind, edge) == window for edge in (window.start, window.end))
    after = CALENDAR.window(kind, window.end + ONE_DAY)
    assert after.start == window.end + ONE_DAY
    assert window < after and window.key < after.key


@given(ANY_DAY)
def test_a_day_is_a_school_day_or_a_day_off_and_school_days_are_numbered_in_order(day):
    today, tomorrow = CALENDAR.day(day), CALENDAR.day(day + ONE_DAY)
    assert today.is_school_day == (today.kind in ("school_day", "make_up"))
    same_year = CALENDAR.window("school_year", day) == CALENDAR.window("school_year", day + ONE_DAY)
    if same_year:
        assert tomorrow.school_seq - today.school_seq == tomorrow.is_school_day
    else:
        assert tomorrow.school_seq == tomorrow.is_school_day


@given(ANY_DAY, st.integers(0, 30))
def test_school_days_can_be_counted_forward(day, number):
    later = CALENDAR.add_school_days(day, number)
    assert len(CALENDAR.school_days(day + ONE_DAY, later)) == number
