"""A county with a few evenings of homework, and its lake."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.ledger.actions import post, record, sync_national
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Demand
from qingfu.rulebook import load_calendar
from qingfu.site.demo import fill
from qingfu.site.demo.county import schools
from qingfu.site.demo.guests import GRADE, SCHOOL
from qingfu.units.models import Membership, Unit
from qingfu.units.queries import actor_of
from qingfu.units.tenancy import as_tenant
from tests.factories import County, make_county

WRITTEN = {"form": "written", "required": True, "place": "家庭"}


@pytest.fixture(scope="module")
def county(cluster) -> County:
    """三(1)班: 20 + 15 minutes tomorrow, 70 recorded the school day after; 三(2)班: 20 minutes in two months' time."""
    county = make_county()
    sync_national()
    wang, li = county.actor("王丽"), county.actor("李强")
    one, two = county.class_("三(1)班").pk, county.class_("三(2)班").pk
    calendar = load_calendar()
    first = calendar.next_school_day(timezone.localdate())
    second = calendar.next_school_day(first)
    later = calendar.next_school_day(first + timedelta(days=62))
    with as_tenant(county.tenant_id):
        for key, who, draft in (
            ("a", wang, Draft(one, first, subject="语文", text="抄写第5课生字", minutes=20, attributes=WRITTEN)),
            ("b", li, Draft(one, first, subject="数学", text="练习册第12页", minutes=15, attributes=WRITTEN)),
            ("d", wang, Draft(two, later, subject="语文", text="小练笔", minutes=20, attributes=WRITTEN)),
        ):
            assert post(who, draft.for_bearers([draft.bearer_id]), key).ok
        long = Draft(one, second, subject="数学", text="整张卷子，\n带\"引号\"", minutes=70, attributes=WRITTEN)
        record(li, long.for_bearers([one]), "c", "补记")
    return county


@pytest.fixture(scope="module")
def demonstration(cluster) -> Unit:
    """青禾县 as `qingfu demo` fills it, with three of its schools: the visitors' with two classes in their grade and
    one in the others, and the smallest two; the offices with their month; families' answers; and three evenings that
    were too much. Its own tenant, under a name of its own."""
    plans = sorted(schools(), key=lambda plan: len(plan.classes))
    visitors = next(plan for plan in plans if plan.name == SCHOOL)
    visitors.classes = [one for one in visitors.classes if one.number <= 1 + (one.grade == GRADE)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(fill.facts(), "name", "青禾县（指标）")
        patch.setitem(fill.facts(), "code", "3699Z")
        patch.setattr(fill, "schools", lambda seed: [visitors, *plans[:2]])
        patch.setattr(fill, "_gather_statistics", lambda: None)
        tenant_id = fill.fill(lambda line: None, OneAfterAnother())
    with as_tenant(tenant_id):
        teacher = Membership.objects.filter(unit__grade=3, role=Membership.Role.TEACHER, subject="数学").first()
        posted = Demand.objects.filter(bearer_id=teacher.unit_id).order_by("-day").values_list("day", flat=True)
        for day in sorted(set(posted))[-12:-3:4]:
            long = Draft(teacher.unit_id, day, subject="数学", text="整张卷子", minutes=90, attributes=WRITTEN)
            record(actor_of(teacher.person_id), long.for_bearers([teacher.unit_id]), f"long-{day}", "补记")
        return Unit.objects.get(pk=tenant_id)


class OneAfterAnother(Executor):
    """Does in this process, and at once, what it is given."""

    def submit(self, task, *arguments):
        done = Future()
        done.set_result(task(*arguments))
        return done
