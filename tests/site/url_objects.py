"""What the addresses of tests/site/test_every_url.py are about: for each argument a fresh object of the county."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.homework.models import Material, Plan, PlanItem, YieldRequest
from qingfu.homework.queries import monday_of
from qingfu.lake.importing.actions import upload_register
from qingfu.lake.models import Trial
from qingfu.ledger import actions as ledger
from qingfu.ledger.actions import Figure, freeze_baselines
from qingfu.ledger.drafts import Draft
from qingfu.offices.models import (
    Ask,
    Channel,
    DataForm,
    HandedDown,
    Listed,
    Meeting,
    MergedPlan,
    PlannedMeeting,
    Project,
    Receipt,
    SealedVisit,
    Secondment,
    Visit,
)
from qingfu.reports.actions import link_of
from qingfu.reports.composing import Facts, Problem, compose, figures_named
from qingfu.reports.models import Spared, WorkReport
from qingfu.units.actions import issue_link
from qingfu.units.models import ClosedTerm, Family, Membership, Person, Promotion, Seat, Token, Upload
from qingfu.units.tenancy import as_tenant
from qingfu.units.workbook.template import write_template
from tests.factories import TERM_STARTS, County
from tests.ledger.conftest import WRITTEN, new_key
from tests.ledger.packs import school_pack
from tests.reports.making import missing

PRIMARY = "青禾县实验小学"
TODAY = timezone.localdate()
_serial = count(1)


def class_id(county: County) -> int:
    return county.class_("三(1)班").pk


def school_id(county: County) -> int:
    return county.schools[PRIMARY].pk


def import_id(county: County) -> int:
    """A register of the primary school that waits for a yes."""
    school = county.schools[PRIMARY]
    data = f"布置日期,班级,科目,用时\n2025-3-4,三(1)班,语文,{next(_serial) % 50}\n".encode()
    with as_tenant(county.tenant_id):
        return upload_register(county.actor("周涛"), school, "日志.csv", data).pk


def trial_id(county: County) -> int:
    """A trial at the primary school that waits."""
    return Trial.objects.create(
        unit=county.schools[PRIMARY], limit_id="cn.homework", number=45, first=TODAY, last=TODAY, title="作业 45 分钟"
    ).pk  # fmt: skip


def finding_id(county: County) -> int:
    """An open finding about 三(1)班, for which its class teacher answers."""
    class_ = county.class_("三(1)班")
    return Finding.objects.create(
        bearer=class_, kind="check", summary="公示晚了一天", responsible_unit=class_, role="class_teacher",
        due_day=TODAY + timedelta(days=7),
    ).pk  # fmt: skip


def rectified_id(county: County) -> int:
    """One that its class teacher has put right."""
    pk = finding_id(county)
    Finding.objects.filter(pk=pk).update(state="rectified", rectified_level=0, role="dean", recheck_day=TODAY)
    return pk


def person_id(county: County) -> int:
    """A teacher of 三(1)班 who has just come."""
    number = next(_serial)
    person = Person.objects.create(unit=county.schools[PRIMARY], name="新来的老师", account=f"new{number}")
    Membership.objects.create(
        person=person, unit=county.class_("三(1)班"), role="teacher", subject="音乐", starts=TERM_STARTS
    )
    return person.pk


def membership_id(county: County) -> int:
    return Membership.objects.get(person_id=person_id(county)).pk


def seat_id(county: County) -> int:
    family = Family.objects.create()
    return Seat.objects.create(unit=county.class_("三(1)班"), number=next(_serial) + 100, family=family).pk


def upload_id(county: County) -> int:
    return Upload.objects.create(person_id=county.people["管理员"].pk, name="名册.xlsx", content=write_template()).pk


def promotion_id(county: County) -> int:
    made = Promotion.objects.create(school=county.schools[PRIMARY], school_year=2100 + next(_serial), before={})
    Promotion.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(days=3))
    return made.pk


def closed_id(county: County) -> int:
    return ClosedTerm.objects.create(term_id=f"21{next(_serial):02}-2199-1", last_day=TODAY).pk


def term_id(county: County) -> str:
    return f"20{next(_serial) % 90 + 10}-2099-2"


def key(county: County) -> str:
    return new_key()


def pack_id(county: County) -> int:
    toml = school_pack(45, place=f"s{next(_serial)}")
    return ledger.publish_pack(county.actor("孙校长"), school_id(county), toml).pk


def change_id(county: County) -> int:
    day = TODAY + timedelta(days=200 + next(_serial))
    return ledger.change_calendar(
        county.actor("孙校长"), school_id(county), day, day, day_kind="rest_day", source="学校通知"
    ).change_id


def waiver_id(county: County) -> int:
    """A waiver of the principal's own limit, which is 原则上."""
    place = f"w{next(_serial)}"
    ledger.publish_pack(county.actor("孙校长"), school_id(county), school_pack(45, force="principle", place=place))
    return ledger.grant_waiver(
        county.actor("孙校长"), class_id(county), f"{place}.homework.written", TODAY, TODAY, 5, office="教务处",
        reason="单元复习", expires_at=timezone.now() + timedelta(days=1),
    ).pk  # fmt: skip


def material_id(county: County) -> int:
    return Material.objects.create(
        school=county.schools[PRIMARY], name=f"同步练习 {next(_serial)}", subject="语文", grade=3, starts=TODAY
    ).pk


def plan_id(county: County) -> int:
    """A plan of 陈静 (英语, grade 3) that has been filed."""
    plan = Plan.objects.create(
        school=county.schools[PRIMARY], author=county.people["陈静"], subject="英语", state="filed",
        week_starts=monday_of(TODAY) + timedelta(weeks=next(_serial)),
    )  # fmt: skip
    PlanItem.objects.create(
        plan=plan, day=plan.week_starts, classes=[class_id(county)], text="单词", form="written", minutes=5
    )
    return plan.pk


def item_id(county: County) -> int:
    return PlanItem.objects.get(plan_id=plan_id(county)).pk


def demand_id(county: County) -> int:
    """Homework of 陈静 for yesterday."""
    yesterday = TODAY - timedelta(days=1)
    draft = Draft(class_id(county), yesterday, subject="英语", minutes=1, attributes=WRITTEN, text="单词")
    return ledger.record(county.actor("陈静"), [draft], new_key(), "补登").demand_ids[0]


def asked_back_id(county: County) -> int:
    """Homework of 陈静 that she has asked to take back."""
    pk = demand_id(county)
    ledger.withdraw(county.actor("陈静"), [pk], new_key(), "记错了班")
    return pk


def yield_id(county: County) -> int:
    """陈静 asks 李强 to yield five minutes."""
    draft = Draft(class_id(county), TODAY, subject="数学", minutes=10, attributes=WRITTEN, text="练习")
    demand = ledger.record(county.actor("李强"), [draft], new_key(), "登记").demand_ids[0]
    return YieldRequest.objects.create(
        asker=county.people["陈静"], asked=county.people["李强"], class_unit=county.class_("三(1)班"), demand_id=demand,
        minutes=5, draft={}, expires_at=timezone.now() + timedelta(days=1),
    ).pk  # fmt: skip


def ask_id(county: County) -> int:
    """Something that the county's office asks of its schools, waiting for the two offices."""
    return Ask.objects.create(
        unit=county.unit, asker=county.people["管理员"], kind="document", day=TODAY, state="waiting", key=new_key()
    ).pk  # fmt: skip


def meeting_id(county: County) -> int:
    """A meeting that the county's office has called without any of its schools."""
    ask = Ask.objects.get(pk=ask_id(county))
    return Meeting.objects.create(ask=ask, title="调度会", starts="09:00", ends="10:00", minutes=60, people=9).pk


def planned_meeting_id(county: County) -> int:
    return PlannedMeeting.objects.create(
        unit=county.unit, year=TODAY.year, month=3, title="部署会", minutes=60, people=30
    ).pk  # fmt: skip


def project_id(county: County) -> int:
    """A document that the county's office may issue."""
    return Project.objects.create(
        unit=county.unit, author=county.people["管理员"], month=TODAY.replace(day=1), topic="教育", state="approved"
    ).pk


def receipt_id(county: County) -> int:
    """A document that goes round at the county's office."""
    return Receipt.objects.create(unit=county.unit, ask_id=ask_id(county), handle_by=TODAY).pk


def form_id(county: County) -> int:
    """A form of the county's office that nobody had to be asked for."""
    return DataForm.objects.create(
        unit=county.unit, asker=county.people["管理员"], due_day=TODAY, key=new_key()
    ).pk  # fmt: skip


def listed_id(county: County) -> int:
    """An inspection that the county's office has put up for the list."""
    return Listed.objects.create(
        unit=county.unit, year=TODAY.year, title=f"检查{next(_serial)}", content="现场看", kinds=["school"], minutes=60,
        proposer=county.people["管理员"],
    ).pk  # fmt: skip


def visit_id(county: County) -> int:
    """A visit to none of the schools."""
    return Visit.objects.create(listed_id=listed_id(county), place=county.unit, first=TODAY, last=TODAY).pk


def sealed_id(county: County) -> int:
    return SealedVisit.objects.create(listed_id=listed_id(county), sha256="0" * 64).pk


def merged_id(county: County) -> int:
    return MergedPlan.objects.create(first=TODAY, last=TODAY, published={}, maker=county.people["管理员"]).pk


def baseline_id(county: County) -> int:
    """A frozen figure of the first school."""
    figure = Figure(school_id(county), f"county.x{next(_serial)}", TODAY.year, 3, "import", "登记簿")
    return freeze_baselines(county.actor("管理员"), [figure])[0].pk


def channel_id(county: County) -> int:
    """A group of the county's office that its schools must be in."""
    return Channel.objects.create(
        unit=county.unit, carrier="group", name=f"群{next(_serial)}", purpose="daily", kinds=["school"], headcount=9,
        since=TODAY,
    ).pk  # fmt: skip


def secondment_id(county: County) -> int:
    """The county's office has borrowed a teacher of the school."""
    ask = Ask.objects.get(pk=ask_id(county))
    Ask.objects.filter(pk=ask.pk).update(kind="secondment", state="posted")
    what = {"lender": county.schools[PRIMARY], "post": "teacher", "task": "writing", "people": 1, "months": 3}
    return Secondment.objects.create(ask=ask, starts=TODAY, **what).pk


def handed_id(county: County) -> int:
    """The county's office has handed an approval to the school."""
    return HandedDown.objects.create(
        unit=county.unit, receiver=county.schools[PRIMARY], item=f"审批{next(_serial)}", workdays=5,
        since=TODAY - timedelta(days=70),
    ).pk  # fmt: skip


def token_id(county: County) -> int:
    """A session of 李强 on another phone."""
    return Token.objects.create(
        hash=str(next(_serial)).rjust(32).encode(), kind="session", subject_id=county.people["李强"].pk
    ).pk


def report_id(county: County) -> int:
    """A draft of the dean's about a period with one open problem and without exported records."""
    school, dean = county.schools[PRIMARY], county.people["周涛"]
    problem = Problem("check:1", "公示晚了一天", (finding_id(county),), 1, TODAY, check=True)
    figures = {one: missing(one, school, TODAY) for one in figures_named("school")}
    facts = Facts(figures, {}, [problem], [], [], timezone.localtime(), f"QH {timezone.localtime().isoformat()} 0123")
    names = {"unit": school.name, "kind": "school", "above": county.unit.name, "period": "2026年"}
    return WorkReport.objects.create(
        unit=school, template="school", first=TODAY, last=TODAY, author=dean,
        content=compose("school", names, TODAY, TODAY, facts), read={"noted": [], "characters": 0, "limits": []},
    ).pk  # fmt: skip


def spared_id(county: County) -> int:
    """Figures that the school has given by a link."""
    return Spared.objects.create(
        unit=county.schools[PRIMARY], asked_by="青禾县教育局", first=TODAY, last=TODAY, figures=[], digest="",
        person=county.people["孙校长"], expires_on=TODAY,
    ).pk  # fmt: skip


def figures_link(county: County) -> str:
    return link_of(Spared.objects.get(pk=spared_id(county)))


def link(kind: str) -> Callable[[County], str]:
    def make(county: County) -> str:
        subject = school_id(county) if kind == Token.Kind.SCHOOL else class_id(county)
        return issue_link(kind, county.tenant_id, subject)

    return make


def made(county: County, make: Callable[[County], object]) -> object:
    with as_tenant(county.tenant_id):
        return make(county)
