"""A county with some weeks of homework behind it, problems open and put right, and its records exported."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.lake.actions import export_lake
from qingfu.lake.reading import lake_folder
from qingfu.ledger.actions import record, sync_national
from qingfu.ledger.drafts import Draft
from qingfu.rulebook import load_calendar
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant
from tests.factories import County, make_county

WRITTEN = {"form": "written", "required": True, "place": "家庭"}
DAYS, SCHOOL = 6, "青禾县实验小学"


def make_reporting_county() -> County:
    """Six school days of homework in both classes of grade 3 and in 七(1)班, one of them over the limit."""
    county = make_county()
    sync_national()
    with as_tenant(county.tenant_id):
        for number, day in enumerate(school_days()):
            _homework(county, "王丽", "三(1)班", day, "语文", 20 + number)
            _homework(county, "李强", "三(2)班", day, "数学", 90 if number == 0 else 15)
            _homework(county, "何老师", "七(1)班", day, "数学", 30, "青禾县第一中学")
        _problems(county)
    export(county)
    return county


def school_days() -> list[date]:
    """The last school days before today, the latest first."""
    calendar, day, found = load_calendar(), timezone.localdate(), []
    while len(found) < DAYS:
        day -= timedelta(days=1)
        if calendar.day(day).is_school_day:
            found.append(day)
    return found


def span() -> tuple[date, date]:
    return school_days()[-1] - timedelta(days=3), timezone.localdate()


def export(county: County) -> None:
    export_lake(operator_actor(county.unit), county.unit, lake_folder())


def _homework(county, who: str, class_: str, day: date, subject: str, minutes: int, school: str = SCHOOL) -> None:
    bearer = county.class_(class_, school).pk
    draft = Draft(bearer, day, subject=subject, text="练习", minutes=minutes, attributes=WRITTEN)
    record(county.actor(who), draft.for_bearers([bearer]), f"{county.tenant_id}-{class_}-{day}", "补记")


def _problems(county: County) -> None:
    """A check at 三(1)班 in time, one at 七(1)班 that is late, one put right. The excess opened one by itself."""
    today = timezone.localdate()
    junior = county.class_("七(1)班", "青禾县第一中学")
    for bearer, summary, due, state in (
        (county.class_("三(1)班"), "黑板上没有写当天作业的公示", today + timedelta(days=5), "open"),
        (junior, "作业公示晚于放学", today - timedelta(days=2), "open"),
        (junior, "课间没有到室外活动", today, "rectified"),
    ):
        Finding.objects.create(
            bearer=bearer, kind="check", summary=summary, responsible_unit=bearer, role="class_teacher", due_day=due,
            state=state, rectified_level=0 if state == "rectified" else None,
        )  # fmt: skip
