"""What makes the demonstration school alive: plans for the coming days, colleagues who were first, families' taps."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from qingfu.homework.actions import PlanLine, file_plan, post_homework
from qingfu.homework.items import Item, Posting
from qingfu.homework.queries import targets
from qingfu.ledger.models import Demand
from qingfu.ledger.queries import calendar_for
from qingfu.notices.answers import bands_of
from qingfu.notices.models import FamilyCount
from qingfu.rulebook import Calendar
from qingfu.site.demo.guests import GRADE, SCHOOL
from qingfu.units.actions import seat_classes
from qingfu.units.models import Membership, Unit
from qingfu.units.queries import Actor, actor_of
from qingfu.units.tenancy import as_tenant

PLANNED_DAYS = 5
COUNTED_DAYS = 10
ANSWERING = (0.25, 0.5)  # share of families that tap on an evening; an estimate

# What the teachers of the grade mean to set, day by day: minutes, text. A full day shows what a refusal looks like.
PLANS = {
    "语文": [(15, "抄写第12课生字，每个2遍"), (20, "小练笔：秋天的校园，150字"), (15, "《课堂作业本》第13课"),
             (10, "摘抄两个好句子，写一句感受"), (15, "第14课词语听写后订正")],
    "英语": [(10, "Unit 5 单词各写1遍"), (10, "《活动手册》第38页"), (8, "用Unit 5的句型写3个句子"),
             (10, "《活动手册》第39页"), (10, "Unit 5 小短文抄写")],
}  # fmt: skip
FIRST_POSTED = [(20, "《课堂作业本》第46页"), (48, "解决问题5道（课本第52页），口算一页")]


def enliven(tenant_id: int, seed: int, today: date) -> None:
    """Give the demonstration school seats, plans for the coming days, posts of colleagues, and answers of families."""
    with as_tenant(tenant_id):
        school = Unit.objects.get(tenant_id=tenant_id, kind="school", name=SCHOOL)
        classes = list(Unit.objects.filter(path__startswith=school.path, kind="class", grade=GRADE))
        seat_classes(classes)
        calendar = calendar_for(school)
        _posts(classes, calendar, today)
        _plans(classes, calendar, today)
        answers = _answers(school, calendar, Random(f"{seed}/families"), today)
    with as_tenant(tenant_id, using="owner"):  # the app's role may only count one tap at a time
        FamilyCount.objects.using("owner").bulk_create(answers)


def _coming(calendar: Calendar, today: date) -> list[date]:
    """The next school days, today included if it is one."""
    days = (today + timedelta(days=n) for n in range(21))
    return [day for day in days if calendar.day(day).is_school_day][:PLANNED_DAYS]


def _teachers(classes: list[Unit], subject: str) -> list[Actor]:
    roles = Membership.objects.filter(unit__in=classes, role=Membership.Role.TEACHER, subject=subject)
    person_ids = roles.order_by("person_id").values_list("person_id", flat=True).distinct()
    return [actor_of(person_id) for person_id in person_ids]


def _posts(classes: list[Unit], calendar: Calendar, today: date) -> None:
    """Mathematics was first on the coming two days."""
    for actor in _teachers(classes, "数学"):
        for day, (minutes, text) in zip(_coming(calendar, today), FIRST_POSTED, strict=False):
            item = Item("数学", text, "written", True, minutes, "课后服务", None, tuple(targets(actor)))
            post_homework(actor, Posting(day, (item,)), f"demo-{actor.person_id}-{day}")


def _plans(classes: list[Unit], calendar: Calendar, today: date) -> None:
    weeks: dict[date, list] = {}
    for place, day in enumerate(_coming(calendar, today)):
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append((place, day))
    for subject, texts in PLANS.items():
        for actor in _teachers(classes, subject):
            class_ids = tuple(unit.pk for target in targets(actor) for unit in target.classes)
            for monday, days in weeks.items():
                lines = [
                    PlanLine(day, class_ids, texts[place][1], "written", True, texts[place][0], "课后服务")
                    for place, day in days
                ]
                file_plan(actor, subject, monday, lines)


def _answers(school: Unit, calendar: Calendar, random: Random, today: date) -> list[FamilyCount]:
    """How long families say it took on the last school days: near what was posted, a few above it."""
    days = [today - timedelta(days=n) for n in range(1, 2 * COUNTED_DAYS)]
    days = [day for day in days if calendar.day(day).is_school_day][:COUNTED_DAYS]
    classes = list(Unit.objects.filter(path__startswith=school.path, kind="class"))
    minutes: dict[tuple[int, date], int] = {}
    posted = Demand.objects.filter(bearer_id__in=[c.pk for c in classes], day__in=days, attributes__form="written")
    for bearer_id, day, charged in posted.values_list("bearer_id", "day", "charged_minutes"):
        minutes[bearer_id, day] = minutes.get((bearer_id, day), 0) + charged
    rows = []
    for class_ in classes:
        for day in days:
            rows += _of_evening(class_, day, minutes.get((class_.pk, day), 0), random)
    return rows


def _of_evening(class_: Unit, day: date, minutes: int, random: Random) -> list[FamilyCount]:
    families = round(class_.seats * random.uniform(*ANSWERING))
    codes = [_band(class_.grade, minutes * random.gauss(1.05, 0.25)) for _ in range(families)]
    rows = [(FamilyCount.Kind.TIME, code, codes.count(code)) for code in sorted(set(codes))]
    rows.append((FamilyCount.Kind.BEDTIME, "", sum(random.random() < 0.04 for _ in range(families))))
    rows.append((FamilyCount.Kind.UNPOSTED, "", sum(random.random() < 0.01 for _ in range(families))))
    return [
        FamilyCount(tenant_id=class_.tenant_id, unit=class_, day=day, kind=kind, band=code, count=count)
        for kind, code, count in rows
        if count
    ]


def _band(grade: int, minutes: float) -> str:
    """The code of the band that a number of minutes falls into; codes are written "30-45", "60-" or "none"."""
    for band in bands_of(grade):
        low, _, high = band.code.partition("-")
        if band.code == "none":
            if minutes < 1:
                return band.code
        elif not high or minutes < int(high):
            return band.code
    raise ValueError(grade)

