"""The example packs: every local row accounted for, and `check` finds what is laxer, missing or clashing."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from qingfu.rulebook import Bearer, Demand, Rulebook, load_calendar, load_examples, load_national
from qingfu.rulebook.check import check
from qingfu.rulebook.words import DATA

ROWS = tomllib.loads((Path(__file__).parent / "rows.toml").read_text("utf-8"))
NOT_RULES = tomllib.loads((DATA / "not_rules.toml").read_text("utf-8"))["row"]
EXAMPLES = {pack.id.removeprefix("example."): pack for pack in load_examples()}
CALENDAR = load_calendar()
ON = date(2026, 3, 10)


def rows_of(pack) -> set[str]:
    return {row for one in (*pack.limits, *pack.practices) for row in one.rows}


def problems(name: str) -> set[tuple[str, str, str]]:
    """What `check` says of one example under the national rules: kind, the own limit, the one above it."""
    pack = EXAMPLES[name]
    found = [one for one in check([*load_national(), pack], on=ON) if one.pack_id == pack.id]
    return {(one.kind, one.limit_id.removeprefix(f"{pack.id}."), one.superior_id) for one in found}


def texts(name: str) -> str:
    return "\n".join(one.text_zh for one in check([*load_national(), EXAMPLES[name]], on=ON))


def test_every_local_row_is_in_an_example_or_listed_as_no_rule_and_never_both():
    in_packs = set().union(*map(rows_of, EXAMPLES.values()))
    listed = {row["id"] for row in NOT_RULES}
    assert in_packs | listed == set(ROWS["local"]) | {"AS-12", "TR-14", "TM-02"}
    assert in_packs & listed == set()


def test_what_is_no_rule_says_why():
    assert all(len(row["reason"]) >= 10 and row["category"] for row in NOT_RULES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_names_its_place_and_the_rows_of_its_file(name):
    pack = EXAMPLES[name]
    assert pack.place
    assert pack.limits or pack.practices
    assert pack.file.startswith(tuple(row.lower() for row in rows_of(pack)))


def test_no_example_passes_for_a_national_rule():
    assert {pack.level for pack in EXAMPLES.values()} == {"province", "city", "county", "school"}


def test_masked_years_are_assumed_and_said_to_be():
    masked = [pack for name, pack in EXAMPLES.items() if name.startswith("ls")]
    values = [value for pack in masked for limit in pack.limits for value in limit.values]
    assert {value.start for value in values} == {date(2021, 9, 1)}
    assert all("假定自2021年9月1日起" in value.note for value in values)
    assert all("假定" in practice.note for pack in masked for practice in pack.practices)


def test_all_examples_together_have_ids_of_their_own():
    assert Rulebook([*load_national(), *EXAMPLES.values()])


LAXER_OR_CLASHING = [
    ("ls02", {("laxer", "homework.stop", "cn.sleep.homework-stop.g1-6"),
              ("clash", "self-marking", "cn.homework.flag.self_marking")}),
    ("ls10", {("laxer", "homework.all", "cn.homework.written.g3-6"),
              ("laxer", "homework.all", "cn.homework.g1-2.home"),
              ("laxer", "homework.g1-2", "cn.homework.g1-2.home"),
              ("clash", "service.early", "cn.service.slots"),
              ("clash", "service.noon", "cn.service.slots"),
              ("clash", "service.evening", "cn.service.slots")}),
    ("ls11", {("clash", "saturday.lessons", "cn.holidays.lessons"),
              ("clash", "saturday.service", "cn.service.days")}),
    ("ls35", {("laxer", "sleep", "cn.sleep.hours.g1-6")}),
    ("ls36", {("clash", "exams.unit", "cn.exams.others"),
              ("clash", "exams.midterm", "cn.exams.midterm.g1-6")}),
    ("ls37", {("hole", "homework.g3", "cn.homework.written.g3-6")}),
    ("ls39", {("laxer", "exams", "cn.exams.count.g3-6")}),
    ("ls41", {("clash", "arrival", "cn.sleep.arrival.g1-6")}),
    ("l04", {("laxer", "break.g7-12", "cn.fitness.break.fifteen")}),
    ("l31", {("laxer", "speech", "cn.meetings.speech")}),
    ("l32", {("laxer", "province-wide.days", "cn.meetings.days")}),
]  # fmt: skip


@pytest.mark.parametrize("name, expected", LAXER_OR_CLASHING)
def test_check_reports_what_is_laxer_or_clashes(name, expected):
    assert problems(name) == expected


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {name for name, _ in LAXER_OR_CLASHING}))
def test_check_has_nothing_to_say_of_the_others(name):
    assert problems(name) == set()


def test_the_missing_grade_is_said_in_words():
    assert "漏了四年级" in texts("ls37")
    assert "60 分钟" in texts("ls37")


def test_too_little_sleep_is_said_in_words_with_the_document():
    assert "9 小时" in texts("ls35")
    assert "10 小时" in texts("ls35")
    assert "《关于进一步加强中小学生睡眠管理工作的通知》（教基厅函〔2021〕11号）" in texts("ls35")


def test_parts_that_are_ten_minutes_each_instead_of_together_are_found():
    """“科学和英语10分钟” adds up to 60 only if the two share the ten minutes."""
    pack = EXAMPLES["ls01"]
    assert problems("ls01") == set()
    science = pack.limit("example.ls01.homework.science-english")
    apart = pack.to_toml().replace('subject = [\n    "科学",\n    "英语",\n]', 'subject = "科学"', 1)
    english = apart.split("[[limit]]")[3].replace("science-english", "english").replace('"科学"', '"英语"')
    found = check([*load_national(), type(pack).from_toml(apart + "\n[[limit]]" + english)], on=ON)
    assert science.value_on(ON).cap == 10
    assert [one.kind for one in found] == ["parts"]
    assert "合计 70 分钟" in found[0].text_zh


def test_both_the_national_and_the_stricter_local_cap_are_charged():
    rules = Rulebook([*load_national(), EXAMPLES["l01"]])
    written = {"form": "written", "required": True}
    demand = Demand("homework", Bearer(1, "class", 4), ON, {"minutes": 50}, written)
    charged = {charge.limit_id: charge.in_force.cap for charge in rules.charges(demand, CALENDAR)}
    assert charged == {"cn.homework.written.g3-6": 60, "example.l01.homework.g3-6": 45}
    assert [breach.cap for breach in rules.judge(demand, CALENDAR)] == [45]


def test_other_subjects_of_the_boarding_school_have_twenty_minutes_each():
    rules = Rulebook([EXAMPLES["l02"]])
    saturday, bearer = date(2026, 3, 14), Bearer(1, "class", 8)
    asked = {"required": True}
    charges = [
        charge
        for subject in ("物理", "历史", "数学")
        for charge in rules.charges(
            Demand("homework", bearer, saturday, {"minutes": 20}, asked | {"subject": subject}), CALENDAR
        )
    ]
    assert [(charge.window.key, charge.in_force.cap) for charge in charges] == [
        ("2026-03-14#物理", 20), ("2026-03-14#历史", 20), ("2026-03-14#数学", 30),
    ]  # fmt: skip


def test_the_week_without_meetings_is_the_first_of_the_month():
    rules, county = Rulebook([EXAMPLES["ls32"]]), Bearer(1, "department")
    verdicts = [
        [breach.verdict.code for breach in rules.judge(Demand("meeting", county, day), CALENDAR)]
        for day in (date(2026, 4, 2), date(2026, 4, 8))
    ]
    assert verdicts == [["refuse"], []]
