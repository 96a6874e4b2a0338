"""The same question on the day before a change and on the day of it.

The table reads like the table of dated changes: which change, what is asked, the last day of the old
answer and the answer itself, then the first day of the new one. "pass" means that no limit stands in the way.
"""

from dataclasses import dataclass, field
from datetime import date

import pytest

from qingfu.rulebook import (
    Bearer,
    Demand,
    LocalTime,
    Pack,
    Rulebook,
    Verdict,
    load_calendar,
    load_national,
)
from qingfu.rulebook.judge import judge_close
from qingfu.rulebook.model import all_hold

CALENDAR = load_calendar()
COUNTY = Pack("demo.times", "county", "作息", times=(LocalTime("off_work", "17:30"),))
RULES = Rulebook([*load_national(), COUNTY])


@dataclass(frozen=True)
class Ask:
    """One thing asked of one bearer; `used` is what its budgets already hold, `last_year` the baseline."""

    kind: str
    bearer: str = "class"
    grade: int | None = None
    amounts: dict = field(default_factory=dict)
    start: str | None = None
    end: str | None = None
    used: int = 0
    last_year: int | None = None
    level: str | None = None
    says: dict = field(default_factory=dict)

    def bearing(self) -> Bearer:
        return Bearer(1, self.bearer, self.grade, attributes={"level": self.level} if self.level else {})

    def on(self, day: date) -> str:
        demand = Demand(self.kind, self.bearing(), day, self.amounts, self.says, self.start, self.end)
        breaches = RULES.judge(demand, CALENDAR, used=lambda charge: self.used, baseline=self.last_year)
        return max((breach.verdict for breach in breaches), default=Verdict.PASS).code


@dataclass(frozen=True)
class Done:
    """What a class got of a kind, of which `says` is true, by the end of a school day."""

    kind: str
    grade: int
    done: int
    says: dict = field(default_factory=dict)

    def on(self, day: date) -> str:
        bearer, window = Bearer(1, "class", self.grade), CALENDAR.window("school_day", day)
        due = [
            RULES.close_due(in_force, bearer, window, CALENDAR)
            for in_force in RULES.limits(self.kind, bearer, day)
            if in_force.limit.window == "school_day"
            and not in_force.limit.is_gate
            and all_hold(in_force.limit.where, self.says)
        ]
        assert CALENDAR.day(day).is_school_day
        verdicts = (breach.verdict for one in due if (breach := judge_close(one, self.done)))
        return max(verdicts, default=Verdict.PASS).code


SECOND = {"used": 1}
GOOD_VISIT = {"planned": True, "approved": True, "listed_this_year": True, "visit_type": "comprehensive"}
OTHER = {"visit_type": "special", "issuer_sector": "other"}
GOOD_ACTIVITY = {"social": True, "approved": True, "on_whitelist": True}
BORROWED = {"from_level": "city", "approved": True}
CENTRAL = {"bearer": "department", "level": "central"}
AT_HOME = {"form": "written", "required": True, "place": "家庭"}
HOUR = {"minutes": 60}
WEEK = {"scope": "week", "subject": "总课时"}
EVENING_GAME = Ask("game", "enterprise", start="20:00", end="21:00", amounts=HOUR)
LISTED_COMPETITION = Ask("competition", "school", amounts={"yuan": 0, "times": 1}, says={"listed": True})
APP = {"app_type": "government", "carrier": "app", "filed": True}

# change, what is asked, last day and old answer, first day and new answer
CHANGES = [
    ("T-01", "六千字的文件，2024年印发，2025年公布全文",
     Ask("document", "department", amounts={"characters": 6000}, says={"assessed": True}),
     "2024-08-05", "pass", "2024-08-06", "warn"),
    ("T-02", "35分钟的线上课",
     Ask("training", "institution", amounts={"minutes": 35, "gap_minutes": 10}, says={"mode": "online"}),
     "2021-07-23", "pass", "2021-07-24", "refuse"),
    ("T-02", "45分钟的线上课",
     Ask("training", "institution", amounts={"minutes": 45, "gap_minutes": 10}, says={"mode": "online"}),
     "2019-07-14", "pass", "2019-07-15", "refuse"),
    ("T-03", "一年级一学期一次纸笔考试", Ask("exam", grade=1, says={"paper": True, "exam_type": "final"}),
     "2021-08-29", "pass", "2021-08-30", "refuse"),
    ("T-03", "一年级一学期第二次纸笔考试",
     Ask("exam", grade=1, **SECOND, says={"paper": True, "exam_type": "final"}),
     "2018-08-29", "pass", "2018-08-30", "refuse"),
    ("T-04", "五年级一学期第二次统一考试", Ask("exam", grade=5, **SECOND, says={"exam_type": "final"}),
     "2021-08-29", "pass", "2021-08-30", "refuse"),
    ("T-04", "五年级一学期第三次统一考试", Ask("exam", grade=5, used=2, says={"exam_type": "final"}),
     "2018-08-29", "pass", "2018-08-30", "refuse"),
    ("T-05", "八年级一学期第二次期末考试", Ask("exam", grade=8, **SECOND, says={"exam_type": "final"}),
     "2021-08-29", "pass", "2021-08-30", "refuse"),
    ("T-05", "八年级一学期第二次期中考试", Ask("exam", grade=8, **SECOND, says={"exam_type": "midterm"}),
     "2021-08-29", "pass", "2021-08-30", "refuse"),
    ("T-06", "高一全市统考", Ask("exam", grade=10, says={"exam_type": "final", "scope": "city"}),
     "2025-12-16", "pass", "2025-12-17", "refuse"),
    ("T-06", "七年级全市统考", Ask("exam", grade=7, says={"exam_type": "final", "scope": "city"}),
     "2021-08-29", "pass", "2021-08-30", "refuse"),
    ("T-07", "课后服务17:45结束，当地17:30下班", Ask("service", grade=4, end="17:45"),
     "2021-06-29", "pass", "2021-06-30", "needs_waiver"),
    ("T-07", "课后服务17:45结束，当地17:30下班", Ask("service", grade=4, end="17:45"),
     "2021-07-23", "needs_waiver", "2021-07-24", "pass"),
    ("T-07", "初中晚自习算课后服务", Ask("service", grade=8, end="20:00", says={"slot": "evening"}),
     "2023-12-26", "pass", "2023-12-27", "refuse"),
    ("T-08", "校内运动40分钟", Done("sport", 4, 40, {"place": "校内"}),
     "2018-06-29", "pass", "2018-09-03", "refuse"),
    ("T-08", "校外运动30分钟", Done("sport", 4, 30, {"place": "校外"}),
     "2021-04-29", "pass", "2021-04-30", "refuse"),
    ("T-08", "校内校外一共90分钟", Done("sport", 4, 90),
     "2025-01-10", "pass", "2025-02-24", "refuse"),
    ("T-09", "一天一次大课间", Done("break", 4, 1, {"size": "big"}),
     "2025-11-18", "pass", "2025-11-19", "refuse"),
    ("T-09", "一天没有大课间", Done("break", 4, 0, {"size": "big"}),
     "2021-04-29", "pass", "2021-04-30", "refuse"),
    ("T-09", "上午没有大课间", Done("break", 4, 0, {"size": "big", "half": "morning"}),
     "2021-04-29", "pass", "2025-11-19", "refuse"),
    ("T-10", "课间10分钟", Ask("break", grade=4, amounts={"minutes": 10}, says={"size": "short"}),
     "2025-10-23", "pass", "2025-10-24", "inform"),
    ("T-10", "课间8分钟", Ask("break", grade=4, amounts={"minutes": 8}, says={"size": "short"}),
     "2025-05-26", "pass", "2025-05-27", "refuse"),
    ("T-11", "线下培训一次收4个月",
     Ask("payment", "institution", amounts={"months": 4}, says={"purpose": "training", "basis": "period"}),
     "2018-08-30", "pass", "2018-08-31", "refuse"),
    ("T-11", "线上培训一次收80课时",
     Ask("payment", "institution", amounts={"lessons": 80},
         says={"purpose": "training", "basis": "lesson", "mode": "online"}),
     "2019-07-14", "pass", "2019-07-15", "refuse"),
    ("T-11", "线下培训一次收80课时",
     Ask("payment", "institution", amounts={"lessons": 80},
         says={"purpose": "training", "basis": "lesson", "mode": "offline"}),
     "2021-10-28", "pass", "2021-10-29", "refuse"),
    ("T-11", "非学科类一次收6000元",
     Ask("payment", "institution", amounts={"yuan": 6000, "months": 3},
         says={"purpose": "training", "basis": "period", "category": "non_subject"}),
     "2022-12-28", "pass", "2022-12-29", "refuse"),
    ("T-12", "12页的文件", Ask("document", "department", amounts={"pages": 12}, says={"assessed": True}),
     "2019-03-30", "pass", "2019-03-31", "needs_waiver"),
    ("T-12", "12页的文件", Ask("document", "department", amounts={"pages": 12}, says={"assessed": True}),
     "2024-08-05", "needs_waiver", "2024-08-06", "pass"),
    ("T-12", "4500字的专项文件",
     Ask("document", "department", amounts={"characters": 4500},
         says={"assessed": True, "document_type": "special"}),
     "2024-08-05", "pass", "2024-08-06", "warn"),
    ("T-13", "上年一百件，今年发到县以下的第71件",
     Ask("document", "department", used=70, last_year=100, says={"to_grassroots": True}),
     "2019-12-31", "refuse", "2020-01-01", "pass"),
    ("T-13", "上年一百件，今年第101件",
     Ask("document", "department", used=100, last_year=100, says={"assessed": True}),
     "2024-08-05", "pass", "2024-08-06", "warn"),
    ("T-13", "上年开到县以下十次会，今年第八次",
     Ask("meeting", "department", used=7, last_year=10, says={"to_grassroots": True}),
     "2019-03-30", "pass", "2019-03-31", "refuse"),
    ("T-13", "上年十次会，今年第十一次", Ask("meeting", "department", used=10, last_year=10),
     "2024-08-05", "pass", "2024-08-06", "warn"),
    ("T-14", "上年十项检查，今年到县的第六项", Ask("visit", "county", used=5, last_year=10),
     "2018-10-30", "pass", "2018-10-31", "refuse"),
    ("T-14", "中央部门一年第二项综合督查",
     Ask("visit", **CENTRAL, **SECOND, says={"visit_type": "comprehensive"}),
     "2024-08-05", "pass", "2024-08-06", "needs_waiver"),
    ("T-15", "上年十项检查，今年到校的第六项",
     Ask("visit", "school", amounts={"months_ahead": 1}, used=5, last_year=10, says=GOOD_VISIT | OTHER),
     "2020-12-31", "refuse", "2021-01-01", "pass"),
    ("T-15", "非教育部门到校自设检查", Ask("visit", "school", says=GOOD_VISIT | OTHER | {"own_item": True}),
     "2019-12-14", "pass", "2019-12-15", "refuse"),
    ("T-15", "一所学校一年第二次综合督导",
     Ask("visit", "school", amounts={"months_ahead": 1}, **SECOND, says=GOOD_VISIT),
     "2025-10-13", "pass", "2025-10-14", "refuse"),
    ("T-16", "从乡镇借人",
     Ask("secondment", "township", amounts={"months": 3}, says={"from_level": "township"}),
     "2024-08-05", "pass", "2024-08-06", "needs_waiver"),
    ("T-16", "从市里借人八个月", Ask("secondment", "city", amounts={"months": 8}, says=BORROWED),
     "2024-08-05", "pass", "2024-08-06", "warn"),
    ("T-16", "从学校借教师",
     Ask("secondment", "school", amounts={"months": 3}, says={"from_level": "school"}),
     "2025-10-13", "pass", "2025-10-14", "needs_waiver"),
    ("T-17", "白名单外的活动进校园", Ask("activity", "school", says={"social": True, "approved": True}),
     "2024-04-23", "pass", "2024-04-24", "refuse"),
    ("T-17", "一学期第七次社会事务进校园", Ask("activity", "school", used=6, says=GOOD_ACTIVITY),
     "2025-10-13", "pass", "2025-10-14", "refuse"),
    ("T-17", "省级白名单第十一项", Ask("list", "province", used=10, says={"list": "social_affairs"}),
     "2025-10-13", "pass", "2025-10-14", "warn"),
    ("T-18", "参加名单内的竞赛", LISTED_COMPETITION,
     "2025-08-31", "pass", "2025-09-01", "refuse"),
    ("T-18", "参加名单内的竞赛", LISTED_COMPETITION,
     "2025-09-30", "refuse", "2025-10-01", "pass"),
    ("T-19", "工作群强制接龙打卡", Ask("work_group", "village", says={"asks": ["check_in_chain"]}),
     "2023-12-17", "pass", "2023-12-18", "refuse"),
    ("T-19", "中央部门第二个面向基层的应用",
     Ask("app", **CENTRAL, **SECOND, says={**APP, "audience": "grassroots"}),
     "2024-08-05", "pass", "2024-08-06", "needs_waiver"),
    ("T-19", "政务应用排积分", Ask("app", "county", says={**APP, "features": ["points_ranking"]}),
     "2026-01-24", "pass", "2026-01-25", "refuse"),
    ("T-20", "18:00至19:00的游戏服务", Ask("game", "enterprise", start="18:00", end="19:00", amounts=HOUR),
     "2021-08-29", "pass", "2021-08-30", "refuse"),
    ("T-20", "调休上学的周末20:00至21:00的游戏服务",
     EVENING_GAME,
     "2021-04-25", "pass", "2021-09-18", "refuse"),
    ("T-21", "五年级在课后服务里写70分钟",
     Ask("homework", grade=5, amounts={"minutes": 70}, says=AT_HOME | {"place": "课后服务"}),
     "2021-04-07", "pass", "2021-04-08", "refuse"),
    ("T-21", "五年级回家读70分钟",
     Ask("homework", grade=5, amounts={"minutes": 70}, says=AT_HOME | {"form": "oral"}),
     "2021-04-07", "refuse", "2021-04-08", "pass"),
    ("T-22", "超前上新课", Ask("lesson", grade=5, start="08:30", says={"off_plan": "ahead"}),
     "2025-05-26", "pass", "2025-05-27", "refuse"),
]  # fmt: skip

# Rows of the sheet that are no change of it, and on whose days docs/rulebook-sources.md had to decide.
DECIDED = [
    ("CU-11", "一年级每周27课时", Ask("curriculum", grade=1, amounts={"lessons": 27}, says=WEEK),
     "2022-08-31", "pass", "2022-09-01", "refuse"),
    ("CU-12", "四年级每周31课时", Ask("curriculum", grade=4, amounts={"lessons": 31}, says=WEEK),
     "2022-08-31", "pass", "2022-09-01", "refuse"),
    ("CU-13", "八年级每周35课时", Ask("curriculum", grade=8, amounts={"lessons": 35}, says=WEEK),
     "2022-08-31", "pass", "2022-09-01", "refuse"),
]  # fmt: skip

# What stays the same on both sides of a change.
UNCHANGED = [
    ("CU-11", "一年级每周26课时", Ask("curriculum", grade=1, amounts={"lessons": 26}, says=WEEK),
     "2022-08-31", "2022-09-01", "pass"),
    ("CU-13", "八年级每周30课时，少于34", Ask("curriculum", grade=8, amounts={"lessons": 30}, says=WEEK),
     "2022-08-31", "2022-09-01", "pass"),
    ("EX-02", "五年级一学期第二次期末考试，2025年重申", Ask("exam", grade=5, **SECOND, says={"exam_type": "final"}),
     "2025-12-16", "2025-12-17", "refuse"),
    ("AS-04", "课后服务17:15结束，当地17:30下班，2021年两个说法都不行", Ask("service", grade=4, end="17:15"),
     "2021-07-23", "2021-07-24", "needs_waiver"),
    ("AS-04", "课后服务17:15结束，2023年只说“衔接”，仍按2021年的", Ask("service", grade=4, end="17:15"),
     "2023-12-26", "2023-12-27", "needs_waiver"),
    ("AS-04", "课后服务17:30结束，当地17:30下班", Ask("service", grade=4, end="17:30"),
     "2023-12-26", "2023-12-27", "pass"),
    ("T-02", "线上课21:10结束", Ask("training", "institution", end="21:10", says={"mode": "online"}),
     "2021-07-23", "2021-07-24", "refuse"),
    ("T-03", "一年级纸笔考试，2025年重申", Ask("exam", grade=1, says={"paper": True}),
     "2025-12-16", "2025-12-17", "refuse"),
    ("T-05", "八年级一学期第三次统一考试", Ask("exam", grade=8, used=2, says={"exam_type": "final"}),
     "2021-08-29", "2021-08-30", "refuse"),
    ("T-19", "工作群接龙仍按2023年的意见", Ask("work_group", "village", says={"asks": "check_in_chain"}),
     "2026-01-24", "2026-01-25", "refuse"),
    ("T-20", "周六20:00至21:00的游戏服务", EVENING_GAME,
     "2021-08-28", "2021-09-04", "pass"),
    ("T-21", "五年级回家写70分钟",
     Ask("homework", grade=5, amounts={"minutes": 70}, says=AT_HOME),
     "2021-04-07", "2021-04-08", "refuse"),
]  # fmt: skip


@pytest.mark.parametrize("change, what, ask, last, old, first, new", CHANGES + DECIDED)
def test_the_answer_changes_on_the_day(change, what, ask, last, old, first, new):
    assert (ask.on(date.fromisoformat(last)), ask.on(date.fromisoformat(first))) == (old, new), what


@pytest.mark.parametrize("change, what, ask, last, first, answer", UNCHANGED)
def test_the_answer_stays(change, what, ask, last, first, answer):
    assert {ask.on(date.fromisoformat(last)), ask.on(date.fromisoformat(first))} == {answer}, what


def test_all_twenty_two_changes_are_asked_about():
    assert {change for change, *_ in CHANGES} == {f"T-{number:02}" for number in range(1, 23)}


def test_the_provisions_of_2024_keep_their_three_dates_apart():
    document = next(pack for pack in load_national() if pack.id == "cn.grassroots").documents["guiding"]
    assert (document.issued, document.publicised) == (date(2024, 8, 6), date(2025, 8, 6))
    assert document.starts == date(2024, 8, 6)


def test_september_2025_is_in_neither_list_of_competitions():
    days = [date(2025, 9, day) for day in range(1, 31)]
    assert {LISTED_COMPETITION.on(day) for day in days} == {"refuse"}


def test_the_restated_ban_of_2025_cites_the_document_of_2025():
    def cited(day):
        limits = RULES.limits("exam", Bearer(1, "class", 1), day)
        return next(one.citation for one in limits if one.limit.id == "cn.exams.paper.g1-2")

    assert cited(date(2025, 12, 16)) == "《关于加强义务教育学校考试管理的通知》"
    assert cited(date(2025, 12, 17)) == "《关于进一步加强中小学日常考试管理的通知》（教基厅〔2025〕3号）"
