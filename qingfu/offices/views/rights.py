"""放权赋能: what is handed down with which support; allowed and real workdays."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.rights import CountForm, EndForm, HandDownForm, RightsFilter
from qingfu.offices.models import HandedDown
from qingfu.offices.queries import rights as data
from qingfu.offices.views.desk import chosen_unit, excel, page, paged, to
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, may
from qingfu.units.web import signed_in

RECEIVERS = (Unit.Kind.TOWNSHIP, Unit.Kind.SCHOOL)


@never_cache
@require_safe
@signed_in
def rights(request: HttpRequest) -> HttpResponse:
    """What is handed down, each with its time limit and the time that it really takes."""
    form, rows = _narrowed(request)
    found = paged(request, rows)
    context = {
        "unit": chosen_unit(request, "see_below"), "form": form, "page": found,
        "rows": [(one, data.pace_of(one.counts.all())) for one in found],
        "hands": bool(request.actor.posts_for("hand_down")),
    }  # fmt: skip
    return page(request, "rights/list", context)


def _narrowed(request: HttpRequest):
    form = RightsFilter(request.GET)
    return form, data.narrowed(data.handed_down(request.actor), **form.chosen())


@never_cache
@require_safe
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """The list as it stands, as a workbook."""
    chosen_unit(request, "see_below")
    _form, rows = _narrowed(request)
    heads = [
        _("下放的审批或权限"), _("谁下放"), _("谁承接"), _("从哪天起"), _("规定几个工作日"), _("给了人"), _("给了钱"),
        _("做了培训"), _("收件"), _("按时办结"), _("超时办结"), _("实际平均工作日"), _("收回日期"), _("收回理由"),
    ]  # fmt: skip
    return excel("rights.xlsx", _("放权"), heads, map(_line, rows))


def _line(one: HandedDown) -> list:
    pace = data.pace_of(one.counts.all())
    return [
        one.item, one.unit.name, one.receiver.name, one.since, one.workdays, one.people, one.money, one.training,
        pace.begun, pace.in_time, pace.late, pace.average, one.ended_on, one.ended_why,
    ]  # fmt: skip


@never_cache
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """下放 one approval."""
    unit, today = chosen_unit(request, "hand_down"), timezone.localdate()
    units = queries.bearers_for(request.actor, unit, "hand_down", today, RECEIVERS)
    form = HandDownForm(request.POST or None, units=units, initial={"since": today})
    if request.method == "POST" and form.is_valid():
        what = dict(form.cleaned_data)
        receivers = what.pop("receivers")
        try:
            made = actions.hand_down(request.actor, unit, receivers, **what)
        except actions.NotInPlace as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("已登记，下放给 %(count)s 个单位。") % {"count": len(made)})
            return to(request, "offices:rights")
    return page(request, "rights/new", {"form": form, "unit": unit})


@never_cache
@require_safe
@signed_in
def one(request: HttpRequest, handed_id: int) -> HttpResponse:
    """One approval at one unit, month by month."""
    return _one(request, handed_id)


def _one(request: HttpRequest, handed_id: int, **more) -> HttpResponse:
    found = data.one_handed(request.actor, handed_id)
    months = data.months_open(found, timezone.localdate())
    context: dict = {"handed": found, "pace": data.pace_of(found.counts.all()), "counts": found.counts.all()}
    if may(request.actor, "count_cases", found.receiver) and months:
        context["form"] = CountForm(months=months)
    if may(request.actor, "hand_down", found.unit) and not found.ended_on:
        context["end_form"] = EndForm()
    return page(request, "rights/one", {**context, **more})


@require_POST
@signed_in
def count(request: HttpRequest, handed_id: int) -> HttpResponse:
    """The figures of a month."""
    found = data.one_handed(request.actor, handed_id)
    if not may(request.actor, "count_cases", found.receiver):
        raise Forbidden("count_cases", found.receiver)
    form = CountForm(request.POST, months=data.months_open(found, timezone.localdate()))
    if form.is_valid():
        try:
            actions.count_cases(request.actor, handed_id, *form.counted())
            messages.success(request, _("已记下。"))
            return to(request, "offices:right", handed_id)
        except actions.NotInPlace as problem:
            form.add_error(None, str(problem))
    return _one(request, handed_id, form=form)


@require_POST
@signed_in
def end(request: HttpRequest, handed_id: int) -> HttpResponse:
    """收回."""
    found = data.one_handed(request.actor, handed_id)
    if not may(request.actor, "hand_down", found.unit):
        raise Forbidden("hand_down", found.unit)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _one(request, handed_id, end_form=form)
    try:
        actions.take_back(request.actor, handed_id, form.cleaned_data["why"])
        messages.success(request, _("已收回。"))
    except actions.NotInPlace as problem:
        messages.error(request, str(problem))
    return to(request, "offices:right", handed_id)
