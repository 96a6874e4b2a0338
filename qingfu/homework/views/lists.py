"""教辅清单 and 报批: what those who lead a school decide beforehand."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingfu.homework import actions, queries
from qingfu.homework.forms import MaterialForm, WaiverForm
from qingfu.homework.views.desk import page
from qingfu.ledger import actions as ledger
from qingfu.ledger.models import Waiver
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, scope
from qingfu.units.web import signed_in

LONGEST_ID = 19  # figures

# ---- 教辅清单 ----


@never_cache
@signed_in
def materials(request: HttpRequest) -> HttpResponse:
    """The school's list of commercial material; what is not on it is warned of."""
    school = _school_of(request.actor, "list_materials")
    form = MaterialForm(request.POST or None, initial={"starts": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.list_material(request.actor, school, **form.cleaned_data)
        except actions.AlreadyListed as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("“%(name)s”已列入清单。") % {"name": made.name})
            return redirect("homework:materials")
    listed = queries.materials_of(school)
    return page(request, "materials", {"form": form, "listed": listed, "date": timezone.localdate(), "school": school})


@require_POST
@signed_in
def material_end(request: HttpRequest, material_id: int) -> HttpResponse:
    """From tomorrow on it is not on the list."""
    made = actions.unlist_material(request.actor, material_id, timezone.localdate())
    messages.success(request, _("“%(name)s”明天起不在清单里。") % {"name": made.name})
    return redirect("homework:materials")


def _school_of(actor: Actor, verb: str) -> Unit:
    """The school that the actor leads. Raises Forbidden."""
    school = scope(actor, verb).filter(kind=Unit.Kind.SCHOOL).order_by("path").first()
    if school is None:
        raise Forbidden(verb)
    return school


# ---- 报批 ----


@never_cache
@signed_in
def waivers(request: HttpRequest) -> HttpResponse:
    """Grant a waiver: one limit, one class, how much more, why, until when."""
    if not request.actor.posts_for("grant_waiver"):
        raise Forbidden("grant_waiver")
    schools = queries.schools_to_waive_in(request.actor)
    school = _chosen_school(request, schools)
    classes = queries.classes_to_waive_in(request.actor, school) if school else []
    limits = queries.limits_to_waive(request.actor, classes)
    form = WaiverForm(
        request.POST or None, classes=classes, limits=limits, initial=_waiver_initial(request)
    )
    if request.method == "POST" and form.is_valid() and _granted(request, form):
        return redirect(request.get_full_path())
    context = {"form": form, "limits": limits, "granted": queries.waivers_of(classes)}
    return page(request, "waivers", {**context, "schools": schools, "school": school})


def _chosen_school(request: HttpRequest, schools: list[Unit]) -> Unit | None:
    """The school that was asked for, or that of the class; else the first. A county has more classes than one list
    can hold."""
    asked, class_ = request.GET.get("school", ""), request.GET.get("class", "")
    unit = Unit.objects.filter(pk=class_).first() if class_.isdecimal() and len(class_) < LONGEST_ID else None
    path = unit.path if unit else ""
    return next(
        (one for one in schools if str(one.pk) == asked or path.startswith(one.path)), schools[0] if schools else None
    )


def _waiver_initial(request: HttpRequest) -> dict:
    day = _asked_day(request)
    return {
        "class_id": request.GET.get("class"), "limit_id": request.GET.get("limit"), "starts": day, "ends": day,
        "expires": day + timedelta(days=1), "office": _("校长室"),
    }  # fmt: skip


def _asked_day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()


def _granted(request: HttpRequest, form: WaiverForm) -> bool:
    data = form.cleaned_data
    try:
        ledger.grant_waiver(
            request.actor, data["class_id"], data["limit_id"], data["starts"], data["ends"], data["extra"],
            office=data["office"], reason=data["reason"], expires_at=actions.end_of(data["expires"]),
        )  # fmt: skip
    except ledger.CannotBeWaived as problem:
        form.add_error("limit_id", str(problem))
        return False
    except KeyError:
        form.add_error("limit_id", _("这个班没有这一条规定"))
        return False
    messages.success(request, _("已批准。对外只显示批准单位和理由。"))
    return True


@require_POST
@signed_in
def waiver_revoke(request: HttpRequest, waiver_id: int) -> HttpResponse:
    """Take a waiver back; what was posted under it stands."""
    try:
        ledger.revoke_waiver(request.actor, waiver_id)
    except Waiver.DoesNotExist:
        raise Forbidden("grant_waiver")
    messages.success(request, _("报批已收回；已经公示的不变。"))
    return redirect("homework:waivers")
