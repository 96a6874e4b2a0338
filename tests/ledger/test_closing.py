"""Close limits are judged when their window or deadline ends, from what the ledger holds, and once."""

from datetime import date, timedelta
from itertools import cycle

import pytest
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.ledger import reckoning
from qingfu.ledger.actions import close_windows, publish_pack, record
from qingfu.ledger.drafts import Draft
from qingfu.rulebook import load_calendar
from qingfu.units.models import Unit
from qingfu.units.tenancy import as_tenant
from qingfu.units.years import school_year_of
from tests.findings.conftest import school_days_back

from .conftest import WRITTEN, new_key
from .packs import school_pack

PRIMARY = "青禾县实验小学"
FREE_DAY = (
    school_pack(1, force="general")
    .replace('"homework"\nwhere = { form = "written", required = true }', '"homework_free_day"')
    .replace("本校每天书面作业总时长", "每周一个无作业日")
    .replace('form = "at_most"', 'form = "count_at_least"')
    .replace('measure = "minutes"\nwindow = "school_day"', 'window = "week"')
    .replace("cap = 1", "floor = 1")
)

MARKED = (
    school_pack(1)
    .replace('{ form = "written", required = true }', '{ form = "written" }\npart = { marked = true }')
    .replace("本校每天书面作业总时长", "书面作业全批全改")
    .replace('form = "at_most"', 'form = "share_at_least_of_whole"')
    .replace('measure = "minutes"\nwindow = "school_day"', 'window = "week"')
    .replace("cap = 1", "share = 0.9")
)
SPORT = (
    school_pack(1)
    .replace('"homework"\nwhere = { form = "written", required = true }', '"homework"\nwhere = { form = "practical" }')
    .replace("本校每天书面作业总时长", "每周实践作业")
    .replace('form = "at_most"', 'form = "at_least"')
    .replace('window = "school_day"', 'window = "week"')
    .replace("cap = 1", "floor = 30")
)


@pytest.fixture
def full_week() -> date:
    """The Monday of the last week of five school days that is over, in this term."""
    calendar, monday = load_calendar(), timezone.localdate() - timedelta(days=timezone.localdate().weekday() + 7)
    while len(calendar.school_days(monday, monday + timedelta(days=6))) != 5:
        monday -= timedelta(days=7)
    return monday


@pytest.fixture
def free_day_rule(county):
    publish_pack(county.actor("孙校长"), county.schools[PRIMARY].pk, FREE_DAY)


def set_on(county, days, said=(), name="三(1)班") -> None:
    """Homework of a class on days; with what is ``said`` of each, as a cycle."""
    bearer, several = county.class_(name).pk, cycle(said or [{}])
    drafts = [
        Draft(bearer, day, subject="语文", minutes=20, text="练习", attributes={**WRITTEN, **next(several)})
        for day in days
    ]
    record(county.actor("王丽"), drafts, new_key(), "补登")


def short(rows) -> list[Finding]:
    return rows(Finding, kind="closed_short", bearer__name="三(1)班", limit_id="school.homework.written")


def test_a_week_without_a_free_day_is_found_when_the_week_is_over(county, free_day_rule, full_week, rows):
    days = [full_week + timedelta(days=n) for n in range(5)]
    set_on(county, days)
    close_windows(county.tenant_id, days[-1])
    assert short(rows) == []
    close_windows(county.tenant_id, full_week + timedelta(days=6))
    (finding,) = short(rows)
    assert "每周一个无作业日：每周不少于 1 次，现在是 0 次" in finding.summary
    assert finding.object_ids == [full_week.toordinal()]


def test_a_week_with_a_free_day_is_right(county, free_day_rule, full_week, rows):
    set_on(county, [full_week + timedelta(days=n) for n in range(4)])
    close_windows(county.tenant_id, full_week + timedelta(days=6))
    assert short(rows) == []


def test_closing_a_day_again_opens_nothing_again(county, free_day_rule, full_week, rows):
    set_on(county, [full_week + timedelta(days=n) for n in range(5)])
    sunday = full_week + timedelta(days=6)
    assert close_windows(county.tenant_id, sunday) == 1
    assert close_windows(county.tenant_id, sunday) == 0
    assert [finding.count for finding in short(rows)] == [1]


def test_what_is_only_encouraged_opens_no_finding(county, full_week, rows):
    """The nation's free day is 鼓励."""
    set_on(county, [full_week + timedelta(days=n) for n in range(5)])
    close_windows(county.tenant_id, full_week + timedelta(days=6))
    assert rows(Finding, limit_id="cn.homework.free-day") == []


def test_a_share_of_marked_homework_is_judged_by_what_was_looked_at(county, full_week, rows):
    """HW-09, here by the week. A sample says of some homework whether it was marked; of the rest nobody knows."""
    publish_pack(county.actor("孙校长"), county.schools[PRIMARY].pk, MARKED)
    week = [full_week + timedelta(days=n) for n in range(5)]
    set_on(county, week, [{"marked": True}, {"marked": False}, {}])
    set_on(county, week, [{"marked": True}, {}], name="三(2)班")
    set_on(county, [full_week - timedelta(days=7)])
    close_windows(county.tenant_id, full_week - timedelta(days=1))
    close_windows(county.tenant_id, full_week + timedelta(days=6))
    (finding,) = rows(Finding, kind="closed_short", limit_id="school.homework.written")
    assert finding.bearer_id == county.class_("三(1)班").pk
    assert "书面作业全批全改：不少于 90%，现在是 50%" in finding.summary
    assert finding.object_ids == [full_week.toordinal()] and finding.due_day > timezone.localdate()


def test_a_floor_is_judged_where_the_school_enters_such_homework_at_all(county, full_week, rows):
    """That nobody entered anything is not nought: in the week before, no class has any homework here."""
    publish_pack(county.actor("孙校长"), county.schools[PRIMARY].pk, SPORT)
    set_on(county, [full_week], [{"form": "practical"}])
    set_on(county, [full_week], [{"form": "practical"}], name="三(2)班")
    set_on(county, [full_week + timedelta(days=1)], [{"form": "practical"}], name="三(2)班")
    close_windows(county.tenant_id, full_week - timedelta(days=1))
    assert rows(Finding, limit_id="school.homework.written") == []
    close_windows(county.tenant_id, full_week + timedelta(days=6))
    found = rows(Finding, kind="closed_short", limit_id="school.homework.written")
    by_class = {one.bearer_id: one.summary for one in found}
    assert county.class_("三(2)班").pk not in by_class, "40 minutes are enough"
    assert "现在是 20 分钟" in by_class[county.class_("三(1)班").pk]
    assert "现在是 0 分钟" in by_class[county.class_("四(1)班").pk]


def test_homework_published_more_than_a_week_late_is_a_finding(county, rows):
    """双减意见第4条: 作业要公示; seven days at most."""
    set_on(county, [school_days_back(15), school_days_back(1)])
    close_windows(county.tenant_id, timezone.localdate())
    (finding,) = rows(Finding, limit_id="cn.homework.published")
    assert len(finding.object_ids) == 1 and finding.object_kind == "demand"
    assert "公示" in finding.summary


def test_a_class_that_moved_up_is_judged_in_the_grade_that_it_had(county, full_week, rows):
    """A rule for grade 3, and a class in grade 4: what ended when it was in grade 3 was asked of grade 3."""
    rule = FREE_DAY.replace('bearer = "class"', 'bearer = "class"\napplies.grades = [3]')
    publish_pack(county.actor("孙校长"), county.schools[PRIMARY].pk, rule)
    set_on(county, [full_week + timedelta(days=n) for n in range(5)])
    with as_tenant(county.tenant_id):
        entered = school_year_of(full_week) - 2
        Unit.objects.filter(pk=county.class_("三(1)班").pk).update(grade=4, entered=entered)
    reckoning.forget(county.tenant_id, [county.class_("三(1)班").pk])
    close_windows(county.tenant_id, full_week + timedelta(days=6))
    assert len(short(rows)) == 1
