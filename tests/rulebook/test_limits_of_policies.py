"""Every number of the fact sheet's sections on the grass roots and on teachers, asked about on both sides of it and on
both sides of its date.

The table reads like the sheet: row, limit and number; who bears it; what just keeps it and what just breaks it; from
which day, and until which where it ended; what the wording makes of a breach. Only the limit of the line is looked
at: what else a demand breaks is the matter of another line.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from qingfu.rulebook import Bearer, Demand, Rulebook, load_calendar, load_national, load_not_checkable
from qingfu.rulebook.judge import judge_close

SHEET = tomllib.loads((Path(__file__).parent / "rows.toml").read_text("utf-8"))
SECTIONS = ("GV", "IN", "SD", "AP", "CR", "FM", "TB")
RULES, CALENDAR = Rulebook(load_national()), load_calendar()
LIMITS = {limit.id: limit for pack in RULES.packs for limit in pack.limits}
LONG_AFTER = date(2027, 3, 10)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """One demand: its amounts, what is true of it, and the how many-th of its window it is."""

    amounts: dict = field(default_factory=dict)
    says: dict = field(default_factory=dict)
    nth: int = 1


@dataclass(frozen=True)
class Line:
    """One number. ``last_year``: the figure that a share is taken of; ``level`` of the bearer."""

    row: str
    limit: str
    number: float
    bearer: str
    within: Asked
    over: Asked
    first: str
    verdict: str
    last: str | None = None
    last_year: int | None = None
    level: str = ""

    def on(self, day: date, asked: Asked) -> str:
        """The verdict of this line's limit on a day."""
        bearer = Bearer(1, self.bearer, attributes={"level": self.level} if self.level else {})
        demand = Demand(LIMITS[self.limit].kind, bearer, day, asked.amounts, asked.says)
        breaches = RULES.judge(demand, CALENDAR, used=lambda charge: asked.nth - 1, baseline=self.last_year)
        return next((one.verdict.code for one in breaches if one.in_force.limit.id == self.limit), "pass")

    @property
    def begins(self) -> date:
        return date.fromisoformat(self.first)


def amount(measure: str, within: int, over: int, **says) -> tuple[Asked, Asked]:
    return Asked({measure: within}, says), Asked({measure: over}, says)


def count(most: int, **says) -> tuple[Asked, Asked]:
    return Asked({}, says, most), Asked({}, says, most + 1)


def never(key: str, otherwise: str, wrong: str, **says) -> tuple[Asked, Asked]:
    return Asked({}, {**says, key: otherwise}), Asked({}, {**says, key: wrong})


OF_2007, CUT, GUIDING, TEACHERS = "2007-12-31", "2019-03-31", "2024-08-06", "2025-10-14"
OFFICE, CENTRAL, WAIVER = "department", {"level": "central"}, "needs_waiver"
DOWN, COMPREHENSIVE = {"to_grassroots": True}, {"visit_type": "comprehensive"}
LINES = [
    Line("GV-01", "cn.documents.count", 1.0, OFFICE, *count(100), GUIDING, "warn", last_year=100),
    Line("GV-01", "cn.meetings.count", 1.0, OFFICE, *count(12), GUIDING, "warn", last_year=12),
    Line("GV-02", "cn.documents.characters", 5000, OFFICE, *amount("characters", 5000, 5001), GUIDING, "warn"),
    Line("GV-03", "cn.documents.characters.special", 4000, OFFICE,
         *amount("characters", 4000, 4001, document_type="special"), GUIDING, "warn"),
    Line("GV-05", "cn.meetings.system", 1, OFFICE, *count(1, meeting_type="system"), GUIDING, WAIVER),
    Line("GV-06", "cn.meetings.speech", 60, OFFICE, *amount("minutes", 60, 61, speaker="main_leader"), GUIDING,
         "refuse"),
    Line("GV-07", "cn.meetings.speakers", 1, OFFICE, *amount("speakers", 1, 2, both_heads=True), GUIDING, "warn"),
    Line("GV-08", "cn.meetings.days.discussion", 3, OFFICE, *amount("half_days", 3, 4, group_discussion=True),
         GUIDING, WAIVER),
    Line("GV-09", "cn.meetings.days", 1, OFFICE, *amount("half_days", 1, 2), GUIDING, "warn"),
    Line("GV-20", "cn.documents.pages", 10, OFFICE, *amount("pages", 10, 11), CUT, WAIVER, last="2024-08-05"),
    Line("GV-21", "cn.documents.cut", 0.7, OFFICE, *count(70, **DOWN), CUT, "refuse", last="2019-12-31", last_year=100),
    Line("GV-21", "cn.meetings.cut", 0.7, OFFICE, *count(7, **DOWN), CUT, "refuse", last="2019-12-31", last_year=10),
    Line("GV-24", "cn.documents.state-council", 5000, OFFICE, *amount("characters", 5000, 5001, issuer="state_council"),
         OF_2007, "warn"),
    Line("GV-24", "cn.documents.state-council-office", 4000, OFFICE,
         *amount("characters", 4000, 4001, issuer="state_council_office"), OF_2007, "warn"),
    Line("GV-24", "cn.speech.draft.national", 8000, OFFICE,
         *amount("characters", 8000, 8001, issuer="state_council", meeting_type="national"), OF_2007, "warn"),
    Line("GV-24", "cn.speech.draft", 5000, OFFICE, *amount("characters", 5000, 5001, issuer="state_council"),
         OF_2007, "warn"),
    Line("GV-24", "cn.meetings.national", 1, OFFICE, *count(1, meeting_type="national"), OF_2007, "warn", **CENTRAL),
    Line("GV-24", "cn.meetings.remarks", 8, OFFICE, *amount("minutes", 8, 9, speech_type="remarks"), OF_2007,
         "warn", **CENTRAL),
    Line("IN-01", "cn.visits.central", 1, OFFICE, *count(1, **COMPREHENSIVE), GUIDING, WAIVER, **CENTRAL),
    *[Line("IN-10", "cn.visits.cut", 0.5, bearer, *count(5), "2018-10-31", "refuse", last="2019-12-31", last_year=10)
      for bearer in ("county", "township", "village", "enterprise", "school")],
    *[Line("SD-01", "cn.secondment.below-county", 0, bearer, *never("from_level", "city", level), GUIDING, WAIVER)
      for bearer, level in (("office", "county"), ("bureau", "county"), ("county", "county"),
                            ("township", "township"), ("village", "village"))],
    Line("SD-02", "cn.secondment.months", 6, "city", *amount("months", 6, 7, from_level="city"), GUIDING, "warn"),
    Line("SD-02", "cn.secondment.months", 6, "city", *amount("months", 6, 7, from_level="province", extension=True),
         GUIDING, "warn"),
    Line("AP-01", "cn.apps.central", 1, OFFICE, *count(1, audience="grassroots"), GUIDING, WAIVER, **CENTRAL),
    *[Line("AP-03", "cn.apps.below-county", 0, bearer, *never("builder", "county", bearer, build=True), "2026-01-25",
           WAIVER) for bearer in ("township", "village")],
    Line("TB-01", "cn.teachers.visits.cut", 0.5, "school", *count(5), "2019-12-15", "refuse", last="2020-12-31",
         last_year=10),
    Line("TB-03", "cn.teachers.supervision", 1, "school", *count(1, **COMPREHENSIVE), TEACHERS, "refuse"),
    Line("TB-04", "cn.teachers.visits.notice", 1, "school", Asked({"months_ahead": 1, "times": 1}, COMPREHENSIVE),
         Asked({"months_ahead": 0, "times": 1}, COMPREHENSIVE), TEACHERS, "refuse"),
    Line("TB-05", "cn.teachers.affairs.whitelist", 10, "province", *count(10, list="social_affairs"), TEACHERS,
         "warn"),
    Line("TB-06", "cn.teachers.affairs.count", 6, "school", *count(6, social=True), TEACHERS, "refuse"),
    Line("TB-07", "cn.teachers.secondment", 0, "school", *never("from_level", "city", "school"), TEACHERS, WAIVER),
    Line("TB-07", "cn.teachers.secondment.months", 6, "school", *amount("months", 6, 7, from_level="school"), TEACHERS,
         "warn"),
    Line("TB-07", "cn.teachers.secondment.months", 6, "school",
         *amount("months", 6, 7, from_level="school", extension=True), TEACHERS, "warn"),
    *[Line("TB-08", "cn.teachers.exam-duty", 5, "school", *count(5, task=task), TEACHERS, "refuse")
      for task in ("social_exam", "monitoring")],
]  # fmt: skip
CLEANUP = ("TB-10", "cn.teachers.apps.cleanup", 1)
each_line = pytest.mark.parametrize("line", LINES, ids=[f"{line.row} {line.limit} {line.bearer}" for line in LINES])


@each_line
def test_on_the_first_day_the_number_is_kept_and_one_more_breaks_it(line):
    assert (line.on(line.begins, line.within), line.on(line.begins, line.over)) == ("pass", line.verdict)


@each_line
def test_on_the_day_before_it_holds_for_nobody(line):
    assert {line.on(line.begins - ONE_DAY, asked) for asked in (line.within, line.over)} == {"pass"}


@each_line
def test_it_holds_through_its_last_day_and_no_longer_or_is_still_in_force(line):
    last = date.fromisoformat(line.last) if line.last else LONG_AFTER
    assert (line.on(last, line.within), line.on(last, line.over)) == ("pass", line.verdict)
    if line.last:
        assert line.on(last + ONE_DAY, line.over) == "pass"


@each_line
def test_the_number_is_the_one_in_the_data_from_that_day_to_that_day(line):
    value = LIMITS[line.limit].value_on(line.begins)
    assert line.row in LIMITS[line.limit].rows
    assert (value.bound or 0, value.start, value.end) == (
        line.number, line.begins, date.fromisoformat(line.last) if line.last else None
    )  # fmt: skip


def test_the_yearly_clean_up_of_school_apps_is_due_once_a_year_from_its_first_day_on():
    """TB-10, the one number that must be reached: judged when the year is over."""
    bearer, begins = Bearer(1, "county"), date.fromisoformat(TEACHERS)
    assert not [one for one in RULES.limits("cleanup", bearer, begins - ONE_DAY) if one.limit.id == CLEANUP[1]]
    (in_force,) = [one for one in RULES.limits("cleanup", bearer, begins) if one.limit.id == CLEANUP[1]]
    due = RULES.close_due(in_force, bearer, CALENDAR.window("year", begins), CALENDAR)
    assert (due.floor, due.deadline) == (CLEANUP[2], date(2025, 12, 31))
    assert judge_close(due, 1) is None
    assert judge_close(due, 0).verdict.code == "refuse"


def test_every_number_of_the_sheet_has_its_line():
    asked = defaultdict(Counter)
    for row, _limit, number in [(line.row, line.limit, line.number) for line in LINES] + [CLEANUP]:
        asked[row][number] += 1
    assert asked == {row: Counter(numbers) for row, numbers in SHEET["numbers"].items()}


def test_every_row_of_the_sections_has_a_number_or_none_or_one_that_limits_nothing():
    rows = [row for row in SHEET["national"] if row.startswith(SECTIONS)]
    found = [*SHEET["numbers"], *SHEET["without_limit"]["rows"], *SHEET["without_number"]["rows"]]
    assert sorted(found) == sorted(rows)
    assert set(SHEET["without_limit"]["rows"]) <= set(load_not_checkable())


def test_every_limit_of_the_data_that_sets_a_number_has_its_line():
    asked = {line.limit for line in LINES} | {CLEANUP[1]}
    numeric = {
        limit.id for limit in LIMITS.values()
        if any(row.startswith(SECTIONS) for row in limit.rows)
        and any(value.bound is not None for value in limit.values)
    }  # fmt: skip
    assert numeric <= asked
