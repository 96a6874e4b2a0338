"""Meetings: a look before one is called, the list, the plan of the year, the length after, the calendar."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.meetings import LengthForm, MeetingForm, PlannedMeetingForm
from qingfu.offices.models import PlannedMeeting
from qingfu.offices.verdicts import said
from qingfu.offices.views.desk import NOT_TAKEN, chosen_unit, key_of, page, to
from qingfu.units.models import Token, Unit
from qingfu.units.queries import PUBLIC_PATHS, require
from qingfu.units.web import by_link, signed_in

PAST_SHOWN = 20
CALENDAR = "text/calendar; charset=utf-8"


@never_cache
@require_safe
@signed_in
def listed(request: HttpRequest) -> HttpResponse:
    """The office's meetings: those to come, those whose length is still to be said, and what may still be called."""
    unit, today = chosen_unit(request, "post_meeting"), timezone.localdate()
    rows = list(queries.meetings_of(unit))
    context = {
        "unit": unit, "today": today, "coming": [one for one in reversed(rows) if one.ask.day >= today],
        "past": [one for one in rows if one.ask.day < today][:PAST_SHOWN],
        "allowances": [one for one in queries.allowances(unit, today) if one.kind == "meeting"],
        "plan": list(queries.planned_of(unit, today.year)),
    }  # fmt: skip
    return page(request, "meetings/list", context)


@never_cache
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Write down a meeting, look at what it takes and meets, then call it."""
    unit = chosen_unit(request, "post_meeting")
    units = queries.bearers_for(request.actor, unit, "post_meeting", timezone.localdate())
    form = MeetingForm(request.POST or None, units=units, initial=_initial(request, unit))
    context = {"form": form, "unit": unit}
    if request.method == "POST" and form.is_valid():
        if "look" not in request.POST:
            made = _called(request, unit, form, context)
            if made is not None:
                return to(request, "offices:meeting", made.pk)
        context["look"] = queries.look(unit, form.convening(), timezone.localdate())
    return page(request, "meetings/new", context)


def _initial(request: HttpRequest, unit: Unit) -> dict:
    asked = request.GET.get("plan", "")
    plan = PlannedMeeting.objects.filter(pk=int(asked), unit=unit).first() if asked.isdecimal() else None
    if plan is None:
        return {"day": queries.next_workday(unit, timezone.localdate()), "minutes": 60}
    return {"title": plan.title, "minutes": plan.minutes, "meeting_type": plan.meeting_type, "plan_id": plan.pk}


def _called(request: HttpRequest, unit: Unit, form: MeetingForm, context: dict):
    """The meeting, or None with what stopped it in ``context``."""
    emergency = form.cleaned_data["reason"] if "emergency" in request.POST else ""
    if "emergency" in request.POST and not emergency:
        form.add_error("reason", _("应急、法定的会也要写明是什么事"))
        return None
    try:
        result = actions.call_meeting(
            request.actor, unit, form.convening(), key_of(request), review="review" in request.POST, emergency=emergency
        )
    except NOT_TAKEN as problem:
        form.add_error(None, str(problem))
        return None
    if result.ask is None:
        context |= {"outcome": result.outcome, "said": said(result.answer), "why": result.answer.why}
        return None
    if result.outcome == "waiting":
        messages.info(request, _("已提请两办审核，同意后自动发出。"))
    else:
        messages.success(request, _("已通知 %(count)s 个单位。") % {"count": result.ask.bearers})
    return result.ask.meeting


@never_cache
@require_safe
@signed_in
def one(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """A meeting, for whoever called it or is invited."""
    found = queries.one_meeting(request.actor, meeting_id)
    _own, theirs = queries.parts_of(found.ask)
    mine = found.ask.unit in queries.units_of(request.actor, "post_meeting")
    over = found.ask.day <= timezone.localdate() and found.ask.state == "posted"
    form = LengthForm(initial={"minutes": found.actual_minutes or found.minutes}) if mine and over else None
    context = {"meeting": found, "theirs": theirs, "mine": mine, "form": form}
    return page(request, "meetings/one", context)


@require_POST
@signed_in
def length(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """After it: how long it took."""
    found = queries.one_meeting(request.actor, meeting_id)
    require(request.actor, "post_meeting", found.ask.unit)
    form = LengthForm(request.POST)
    try:
        if not form.is_valid():
            raise actions.NotInPlace(_("请填实际开了多少分钟"))
        actions.record_length(request.actor, found.pk, form.cleaned_data["minutes"])
    except actions.NotInPlace as problem:
        messages.error(request, str(problem))
        return to(request, "offices:meeting", found.pk)
    messages.success(request, _("已记下实际时长。"))
    return to(request, "offices:meetings")


@never_cache
@signed_in
def plan(request: HttpRequest) -> HttpResponse:
    """The plan of the year, beside what the rules allow."""
    unit, today = chosen_unit(request, "post_meeting"), timezone.localdate()
    form = PlannedMeetingForm(request.POST or None, initial={"month": today.month})
    if request.method == "POST" and form.is_valid():
        actions.plan_meeting(request.actor, unit, key_of(request), year=today.year, **form.cleaned_data)
        messages.success(request, _("已列入计划。"))
        return to(request, "offices:meeting_plan")
    rows = list(queries.planned_of(unit, today.year))
    caps = [one for one in queries.allowances(unit, today) if one.kind == "meeting" and one.budget.cap is not None]
    return page(request, "meetings/plan", {"unit": unit, "form": form, "rows": rows, "year": today.year, "caps": caps})


@require_POST
@signed_in
def drop(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A planned meeting is not held."""
    actions.drop_planned(request.actor, plan_id)
    messages.success(request, _("不开了，为基层省下一个会。"))
    return to(request, "offices:meeting_plan")


@never_cache
@signed_in
def calendar(request: HttpRequest) -> HttpResponse:
    """The address of the unit's calendar, for phones and computers; a new one where it got into wrong hands."""
    unit = chosen_unit(request, "see_below")
    secret = actions.calendar_link(request.actor, unit, fresh=request.method == "POST")
    if request.method == "POST":
        messages.success(request, _("已换新地址，旧地址打不开了。"))
        return to(request, "offices:calendar")
    address = request.build_absolute_uri(PUBLIC_PATHS[Token.Kind.CALENDAR].format(secret))
    return page(request, "meetings/calendar", {"unit": unit, "address": address})


@never_cache
@require_safe
@by_link(Token.Kind.CALENDAR)
def feed(request: HttpRequest, link: Token) -> HttpResponse:
    """The calendar itself (RFC 5545): whoever has the address reads it, without a session."""
    unit = Unit.objects.get(pk=link.subject_id)
    return HttpResponse(queries.feed(unit, timezone.localdate()), content_type=CALENDAR)

