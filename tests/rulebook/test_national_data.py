"""The national packs: every row accounted for, every limit cited, the figures as the documents have them."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from qingfu.rulebook import FORMS, Rulebook, load_national, load_not_checkable, load_unrecorded
from qingfu.rulebook.words import DATA

ROOT = Path(__file__).parents[2]
ROWS = tomllib.loads((Path(__file__).parent / "rows.toml").read_text("utf-8"))
PACKS = load_national()
LIMITS = [(pack, limit) for pack in PACKS for limit in pack.limits]
BY_ID = {limit.id: limit for _, limit in LIMITS}
NOT_CHECKABLE = tomllib.loads((DATA / "not_checkable.toml").read_text("utf-8"))["row"]

NINE_FORMS = {
    "at most in a window": {"at_most", "count_at_most"},
    "each at most or at least": {"each_at_most", "each_at_least"},
    "never": {"never"},
    "never in a window": {"never_in"},
    "not before, not after": {"not_before", "not_after"},
    "at least in a window": {"at_least", "count_at_least"},
    "a share of last year or of a whole": {
        "share_at_most_last_year", "share_at_least_of_whole", "share_at_most_of_whole",
    },
    "must exist or follow": {"must_exist", "must_follow"},
    "on a list with dates": {"listed"},
}  # fmt: skip

# What the documents say on 10 March 2026, written down a second time: row, limit, bound.
FIGURES = [
    ("HW-02", "cn.homework.written.g3-6", 60),
    ("HW-03", "cn.homework.written.g7-9", 90),
    ("HW-06", "cn.homework.published", "published"),
    ("HW-09", "cn.homework.marked", 1.0),
    ("HW-13", "cn.homework.free-day", 1),
    ("SL-01", "cn.sleep.hours.g1-6", 10 * 60),
    ("SL-02", "cn.sleep.hours.g7-9", 9 * 60),
    ("SL-03", "cn.sleep.hours.g10-12", 8 * 60),
    ("SL-04", "cn.sleep.lessons-start.g1-6", "08:20"),
    ("SL-05", "cn.sleep.lessons-start.g7-12", "08:00"),
    ("SL-07", "cn.sleep.bedtime.g1-6", "21:20"),
    ("SL-08", "cn.sleep.bedtime.g7-9", "22:00"),
    ("SL-09", "cn.sleep.bedtime.g10-12", "23:00"),
    ("SL-10", "cn.sleep.homework-stop.g1-6", "21:20"),
    ("SL-11", "cn.training.offline.end", "20:30"),
    ("SL-12", "cn.training.online.end", "21:00"),
    ("SL-14", "cn.games.start", "20:00"),
    ("SL-14", "cn.games.end", "21:00"),
    ("SL-14", "cn.games.length", 60),
    ("PH-05", "cn.phones.screen-share", 0.3),
    ("RD-02", "cn.reading.round", 1),
    ("PE-01", "cn.fitness.lessons.g1-2", 4),
    ("PE-02", "cn.fitness.lessons.g3-9", 3),
    ("PE-03", "cn.fitness.lessons.g10-12", 2),
    ("PE-04", "cn.fitness.lessons.daily", 5),
    ("PE-05", "cn.fitness.sport.school", 60),
    ("PE-08", "cn.fitness.sport.total", 120),
    ("PE-10", "cn.fitness.big-break.daily", 2),
    ("PE-10", "cn.fitness.big-break.length", 30),
    ("PE-11", "cn.fitness.service-sport", 1),
    ("PE-12", "cn.fitness.break.fifteen", 15),
    ("PE-13", "cn.fitness.break.ten", 10),
    ("EX-01", "cn.exams.paper.g1-2", 0),
    ("EX-02", "cn.exams.final", 1),
    ("EX-02", "cn.exams.count.g3-6", 1),
    ("EX-03", "cn.exams.midterm.g7-9", 1),
    ("EX-06", "cn.exams.mock.g9", 2),
    ("EX-06", "cn.exams.mock.g12", 2),
    ("AS-01", "cn.service.daily", 1),
    ("AS-02", "cn.service.hours", 120),
    ("AS-04", "cn.service.end", "off_work"),
    ("CU-01", "cn.curriculum.share.chinese.min", 200),
    ("CU-01", "cn.curriculum.share.chinese.max", 220),
    ("CU-02", "cn.curriculum.share.maths.min", 130),
    ("CU-02", "cn.curriculum.share.maths.max", 150),
    ("CU-03", "cn.curriculum.share.foreign.min", 60),
    ("CU-03", "cn.curriculum.share.foreign.max", 80),
    ("CU-04", "cn.curriculum.share.morality.min", 60),
    ("CU-04", "cn.curriculum.share.morality.max", 80),
    ("CU-05", "cn.curriculum.share.history-geography.min", 30),
    ("CU-05", "cn.curriculum.share.history-geography.max", 40),
    ("CU-06", "cn.curriculum.share.science.min", 80),
    ("CU-06", "cn.curriculum.share.science.max", 100),
    ("CU-07", "cn.curriculum.share.it.min", 10),
    ("CU-07", "cn.curriculum.share.it.max", 30),
    ("CU-08", "cn.curriculum.share.pe.min", 100),
    ("CU-08", "cn.curriculum.share.pe.max", 110),
    ("CU-09", "cn.curriculum.share.arts.min", 90),
    ("CU-09", "cn.curriculum.share.arts.max", 110),
    ("CU-10", "cn.curriculum.share.local.min", 140),
    ("CU-10", "cn.curriculum.share.local.max", 180),
    ("CU-11", "cn.curriculum.week.g1-2", 26),
    ("CU-12", "cn.curriculum.week.g3-6", 30),
    ("CU-13", "cn.curriculum.week.g7-9", 34),
    ("CU-14", "cn.curriculum.lesson-length.g1-6", 40),
    ("CU-14", "cn.curriculum.lesson-length.g7-9", 45),
    ("CU-15", "cn.curriculum.weeks.total.g1-8", 39),
    ("CU-15", "cn.curriculum.weeks.new-teaching.g1-8", 35),
    ("CU-15", "cn.curriculum.weeks.review.g1-8", 2),
    ("CU-15", "cn.curriculum.weeks.new-teaching.g9", 33),
    ("CU-15", "cn.curriculum.weeks.review.g9", 4),
    ("CU-16", "cn.curriculum.interdisciplinary", 100),
    ("TR-02", "cn.training.online.length", 30),
    ("TR-03", "cn.training.online.gap", 10),
    ("TR-04", "cn.training.online.end", "21:00"),
    ("TR-06", "cn.training.offline.end", "20:30"),
    ("TR-08", "cn.training.prepay.months", 3),
    ("TR-08", "cn.training.prepay.lessons", 60),
    ("TR-09", "cn.training.prepay.yuan", 5000),
    ("TR-10", "cn.training.prepay.ahead", 1),
    ("TR-10", "cn.training.prepay.lessons-left", 20),
    ("TR-17", "cn.training.staff.share", 0.5),
    ("TR-18", "cn.training.staff.ratio.school-age", 20),
    ("TR-18", "cn.training.staff.ratio.preschool", 60),
    ("TR-27", "cn.edu-apps.fee", 0),
    ("CP-02", "cn.competitions.yearly", 1),
    ("CP-02", "cn.competitions.period", 3),
    ("CP-03", "cn.competitions.fee", 0),
    ("TM-01", "cn.aids.one-per-subject", 1),
    ("GV-01", "cn.documents.count", 1.0),
    ("GV-02", "cn.documents.characters", 5000),
    ("GV-03", "cn.documents.characters.special", 4000),
    ("GV-05", "cn.meetings.system", 1),
    ("GV-06", "cn.meetings.speech", 60),
    ("GV-07", "cn.meetings.speakers", 1),
    ("GV-08", "cn.meetings.days.discussion", 3),
    ("GV-09", "cn.meetings.days", 1),
    ("GV-24", "cn.documents.state-council", 5000),
    ("GV-24", "cn.documents.state-council-office", 4000),
    ("GV-24", "cn.meetings.national", 1),
    ("GV-24", "cn.meetings.remarks", 8),
    ("GV-24", "cn.speech.draft.national", 8000),
    ("GV-24", "cn.speech.draft", 5000),
    ("IN-01", "cn.visits.central", 1),
    ("SD-02", "cn.secondment.months", 6),
    ("AP-01", "cn.apps.central", 1),
    ("TB-03", "cn.teachers.supervision", 1),
    ("TB-04", "cn.teachers.visits.notice", 1),
    ("TB-05", "cn.teachers.affairs.whitelist", 10),
    ("TB-06", "cn.teachers.affairs.count", 6),
    ("TB-07", "cn.teachers.secondment.months", 6),
    ("TB-08", "cn.teachers.exam-duty", 5),
    ("TB-10", "cn.teachers.apps.cleanup", 1),
    ("UP-03", "cn.quality.practice", 1),
]

# What the wording of some rows amounts to.
FORCES = [
    ("HW-08", "cn.homework.flag.parent_work", "ban"),
    ("HW-12", "cn.homework.paper", "principle"),
    ("HW-13", "cn.homework.free-day", "encourage"),
    ("SL-04", "cn.sleep.lessons-start.g1-6", "general"),
    ("PH-01", "cn.phones.campus.written-request", "principle"),
    ("PH-02", "cn.phones.classroom", "ban"),
    ("PE-12", "cn.fitness.break.fifteen", "encourage"),
    ("PE-13", "cn.fitness.break.ten", "ban"),
    ("AS-04", "cn.service.end", "principle"),
    ("GV-01", "cn.documents.count", "general"),
    ("GV-06", "cn.meetings.speech", "ban"),
    ("SD-01", "cn.secondment.below-county", "principle"),
    ("TB-06", "cn.teachers.affairs.count", "ban"),
    ("TB-09", "cn.teachers.duty.shifts", "principle"),
]

LINT_CODES = [
    "parent_work", "check_in", "phone_homework", "punitive", "mechanical", "self_marking",
    "grade12_written", "disguised_exam", "unlisted_material",
]  # fmt: skip


def test_every_row_is_in_a_pack_or_listed_with_a_reason_and_never_both():
    in_packs = {row for _, limit in LIMITS for row in limit.rows}
    listed = set(load_not_checkable())
    assert in_packs | listed == set(ROWS["national"])
    assert in_packs & listed == set()


def test_there_are_194_rows_and_each_reason_is_its_own():
    assert len(ROWS["national"]) == len(set(ROWS["national"])) == 194
    reasons = load_not_checkable()
    assert len(NOT_CHECKABLE) == len(reasons)
    assert all(len(reason) >= 10 for reason in reasons.values())
    assert len(set(reasons.values())) == len(reasons)


def test_each_row_that_is_not_checked_has_a_known_category():
    known = {
        "people", "no_number", "definition", "fact", "pointer", "consequence", "undated", "local_only",
        "not_verified",
    }  # fmt: skip
    assert {row["category"] for row in NOT_CHECKABLE} == known


def test_each_limit_that_is_judged_when_something_ends_has_a_record_or_a_reason_why_there_is_none():
    """The ledger is the record of homework, the register of apps that of the clean-up; of the rest, who says why."""
    on_record = {"cn.homework.free-day", "cn.homework.published", "cn.teachers.apps.cleanup"}
    closes = {limit.id for _, limit in LIMITS if not limit.is_gate}
    unrecorded = {limit.id: reason for limit, reason in load_unrecorded()}
    assert unrecorded.keys() | on_record == closes and not unrecorded.keys() & on_record
    assert {"cn.homework.marked", "cn.phones.screen-share", "cn.training.staff.share"} < unrecorded.keys()
    assert all(len(reason) >= 10 for reason in unrecorded.values())


def test_rows_that_are_not_verified_stay_out():
    live = {row for _, limit in LIMITS for row in limit.rows}
    assert live.isdisjoint({"SL-15", "VC-03", "IN-02", "CR-02", "TR-23", "UP-09", "UP-10"})


@pytest.mark.parametrize("name", NINE_FORMS)
def test_each_of_the_nine_forms_occurs(name):
    assert {limit.form for _, limit in LIMITS} & NINE_FORMS[name]


def test_the_nine_forms_are_all_there_are_and_each_one_is_used():
    assert set().union(*NINE_FORMS.values()) == set(FORMS) == {limit.form for _, limit in LIMITS}


@pytest.mark.parametrize("pack, limit", LIMITS, ids=[limit.id for _, limit in LIMITS])
def test_every_value_cites_a_document_with_a_title_and_a_date(pack, limit):
    for value in limit.values:
        document = pack.documents[value.document]
        assert document.title
        assert document.issued or document.publicised or document.in_force
        assert value.start >= min(filter(None, [document.issued, document.publicised, document.in_force]))


def test_all_national_packs_make_one_rulebook():
    assert len(Rulebook(PACKS).packs) == len(PACKS) == 13
    assert {pack.level for pack in PACKS} == {"nation"}
    assert len(BY_ID) == len(LIMITS)


@pytest.mark.parametrize("row, limit_id, bound", FIGURES)
def test_the_figure_of_a_row(row, limit_id, bound):
    limit = BY_ID[limit_id]
    value = limit.value_on(date(2026, 3, 10))
    assert row in limit.rows
    assert (value.fact if value.bound is None else value.bound) == bound


@pytest.mark.parametrize("row, limit_id, force", FORCES)
def test_the_force_of_a_row(row, limit_id, force):
    assert row in BY_ID[limit_id].rows
    assert BY_ID[limit_id].force == force


@pytest.mark.parametrize("code", LINT_CODES)
def test_each_code_of_the_homework_lint_has_its_limit(code):
    limits = [
        limit for _, limit in LIMITS
        if limit.kind == "homework" and any(code in c.any_of for c in limit.where if c.key == "flag")
    ]  # fmt: skip
    assert [limit.id for limit in limits] == [f"cn.homework.flag.{code}"]
    assert limits[0].form == "never"


def test_numbers_that_were_not_verified_are_left_empty():
    unverified = {
        "关于进一步加强中小学生体质健康管理工作的通知", "关于加强义务教育学校考试管理的通知",
        "关于规范面向中小学生的非学科类校外培训的意见", "关于进一步规范义务教育课后服务有关工作的通知",
        "基础教育规范管理负面清单（2025版）", "进一步加强中小学生心理健康工作十条措施",
        "关于实施学生体质强健计划的意见", "义务教育质量评价指南",
    }  # fmt: skip
    numbers = {document.title: document.number for pack in PACKS for document in pack.documents.values()}
    assert {title: numbers[title] for title in unverified} == dict.fromkeys(unverified, "")


def test_one_document_is_described_the_same_in_every_pack():
    seen = {}
    for pack in PACKS:
        for key, document in pack.documents.items():
            assert seen.setdefault(key, document) == document


def test_titles_are_short_and_chinese():
    for _, limit in LIMITS:
        assert len(limit.title) <= 24, limit.id
        assert re.search(r"[\u4e00-\u9fff]", limit.title), limit.id


def test_the_page_of_sources_names_every_document():
    page = (ROOT / "docs" / "rulebook-sources.md").read_text("utf-8")
    for pack in PACKS:
        for document in pack.documents.values():
            assert document.title in page
            assert document.number in page


def test_the_page_of_the_vocabulary_names_every_attribute():
    page = (ROOT / "docs" / "rulebook-vocabulary.md").read_text("utf-8")
    for _, limit in LIMITS:
        assert f"`{limit.kind}`" in page
        for condition in (*limit.where, *limit.part):
            assert f"`{condition.key}`" in page, (limit.id, condition.key)
        for value in limit.values:
            assert value.fact is None or f"`{value.fact}`" in page, (limit.id, value.fact)
