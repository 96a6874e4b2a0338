"""The people of 青禾县 that a visitor may be, with one tap and no password, while ``qingfu demo`` serves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from qingfu.site.demo.county import facts
from qingfu.units.actions import code_of, issue_link, open_session
from qingfu.units.models import Membership, Person, Seat, Tenant, Token, Unit
from qingfu.units.tenancy import as_tenant

SCHOOL = "青禾县实验小学"
CLASS = "三(2)班"
GRADE = 3  # of the class
OFFICES = ("county", "bureau", "township", "village")
VISIT = timedelta(hours=8)
Role = Membership.Role


class NoDemo(LookupError):
    """There is no demonstration county in this database."""


@dataclass(frozen=True)
class Guest:
    """A part to play: which role at which unit, and what there is to see."""

    key: str
    title: str
    what: str
    role: str
    kind: str
    subject: str = ""


GUESTS = (
    Guest("teacher", _("语文老师"), _("一键确认周计划，看还剩几分钟"), Role.TEACHER, "class", "语文"),
    Guest("math", _("数学老师"), _("另一位老师：收到协商，同意或婉拒"), Role.TEACHER, "class", "数学"),
    Guest("class_teacher", _("班主任"), _("本班一周的热力图，家庭反馈的人数"), Role.CLASS_TEACHER, "class"),
    Guest("grade_head", _("年级组长"), _("全年级班级 × 日期"), Role.GRADE_HEAD, "grade"),
    Guest("dean", _("教务主任"), _("教辅清单、周计划、整改"), Role.DEAN, "school"),
    Guest("principal", _("校长"), _("今天需要您做的事，或者没有"), Role.PRINCIPAL, "school"),
    Guest("officer", _("教育局业务科室"), _("哪些学校需要走访，为什么"), Role.COUNTY_OFFICER, "county"),
    Guest("admin", _("县级管理员"), _("学校、人员、规则包、校历"), Role.COUNTY_ADMIN, "county"),
    Guest("clerk", _("乡镇文秘"), _("今年还可以要村里做多少，开会前先看一眼"), Role.CLERK, "township"),
    Guest("head", _("镇长"), _("发文立项同不同意，草稿留不留"), Role.OFFICE_HEAD, "township"),
    Guest("bureau", _("县直单位文秘"), _("发文、开会、检查、要数之前，先看要基层多少小时"), Role.CLERK, "bureau"),
    Guest("two_offices", _("两办审核"), _("等审核的件，一句理由"), Role.TWO_OFFICES, "county"),
    Guest("planner", _("督查计划管理员"), _("年度清单备案，几家去一处的并成一天"), Role.INSPECTION_PLANNER, "county"),
    Guest("relief", _("减负专班"), _("基层反映的，打电话核实"), Role.RELIEF_TEAM, "county"),
    Guest("village", _("村干部"), _("谁要我们做什么，哪天，约多久"), Role.VILLAGE, "village"),
)


def demo_tenant() -> int:
    """The tenant of 青禾县. Raises NoDemo."""
    tenant = Tenant.objects.filter(kind="county", name=facts()["name"]).first()
    if tenant is None:
        raise NoDemo
    return tenant.pk


def enter_as(key: str) -> str:
    """A session of the guest ``key``: the cookie's value. Raises NoDemo, KeyError for no such guest."""
    guest = {guest.key: guest for guest in GUESTS}[key]
    with as_tenant(demo_tenant()):
        return open_session(_person(guest), "演示", VISIT, code_given=True)


def demo_links() -> dict[str, str]:
    """The public links that the demonstration shows: class, school, board, and a family of the class."""
    tenant_id = demo_tenant()
    with as_tenant(tenant_id):
        school = _school(tenant_id)
        class_ = Unit.objects.get(tenant_id=tenant_id, kind="class", name=CLASS, path__startswith=school.path)
        units = {Token.Kind.CLASS: class_, Token.Kind.BOARD: class_, Token.Kind.SCHOOL: school}
        links = {str(kind): issue_link(kind, tenant_id, unit.pk) for kind, unit in units.items()}
        return {**links, "family": code_of(Seat.objects.filter(unit=class_).order_by("number")[0].family)}


def _school(tenant_id: int) -> Unit:
    return Unit.objects.get(tenant_id=tenant_id, kind="school", name=SCHOOL)


def _person(guest: Guest) -> Person:
    """Who plays the part: at the demonstration's class, grade or school, at the county, or at an office."""
    tenant_id = demo_tenant()
    school = _school(tenant_id)
    if guest.kind in OFFICES:
        found = Membership.objects.filter(unit__kind=guest.kind, role=guest.role).order_by("pk")
        return found.first().person
    places = Unit.objects.filter(tenant_id=tenant_id, kind=guest.kind, path__startswith=school.path)
    if guest.kind == "class":
        places = places.filter(name=CLASS)
    if guest.kind == "grade":
        places = places.filter(grade=GRADE)
    return Membership.objects.get(unit=places.get(), role=guest.role, subject=guest.subject).person
