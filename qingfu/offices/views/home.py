"""The clerk's first page, 收文登记, and one asking with all that belongs to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.forms.asks import OtherForm, PassOnForm, ReceiveForm
from qingfu.offices.models import Ask
from qingfu.offices.verdicts import said
from qingfu.offices.views.desk import NOT_TAKEN, chosen_unit, key_of, page, to
from qingfu.units.models import Unit
from qingfu.units.permissions import posting_verb
from qingfu.units.queries import Forbidden
from qingfu.units.web import signed_in, typed

ARRIVALS_SHOWN = 12
ASKS_SHOWN = 12


@never_cache
@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """One look: what the office may still ask of others this year, what waits, what came in."""
    unit, today = chosen_unit(request, "post_document"), timezone.localdate()
    context = {
        "unit": unit, "units": queries.units_of(request.actor, "post_document"), "today": today,
        "allowances": queries.allowances(unit, today), "sent": queries.sent(unit, today),
        "waiting": list(queries.waiting_of(unit)),
        "asked": list(queries.asked_lately(unit)[:ASKS_SHOWN]),
        "arrivals": queries.inbox_of(unit, today)[:ARRIVALS_SHOWN],
        "emergencies": queries.emergencies([unit], today.year),
    }  # fmt: skip
    return page(request, "home", context)


@never_cache
@signed_in
def receive(request: HttpRequest) -> HttpResponse:
    """收文登记: once, by whoever opens it; never refused."""
    unit = chosen_unit(request, "post_document")
    form = ReceiveForm(request.POST or None, initial={"day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asking = Asking(
            data["kind"], data["day"], (Bearer(unit, data["people"]),), form.amounts(),
            {"demands_report": True} if data["demands_report"] else {}, data["due_day"],
        )  # fmt: skip
        try:
            made = actions.receive(request.actor, unit, asking, key_of(request), data["source"]).ask
        except NOT_TAKEN as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("已登记，约 %(minutes)s 分钟（估算）。") % {"minutes": made.minutes})
            return to(request, "offices:home")
    return page(request, "receive", {"form": form, "unit": unit})


@never_cache
@signed_in
def other(request: HttpRequest) -> HttpResponse:
    """What is neither document, meeting, visit nor form: campaigns, plaques, pledges, subscriptions, circulars …"""
    unit = chosen_unit(request, "post_document")
    units = queries.bearers_for(request.actor, unit, "post_document", timezone.localdate())
    form = OtherForm(request.POST or None, units=units, initial={"day": timezone.localdate()})
    context = {"form": form, "unit": unit}
    if request.method == "POST" and form.is_valid():
        try:
            asking, key = form.asking(unit), key_of(request)
            result = actions.ask(request.actor, unit, asking, key, review="review" in request.POST)
        except NOT_TAKEN as problem:
            form.add_error(None, str(problem))
        else:
            if result.ask is not None:
                messages.success(request, _("已发出。") if result.outcome == "posted" else _("已提请两办审核。"))
                return to(request, "offices:ask", result.ask.pk)
            context |= {"outcome": result.outcome, "said": said(result.answer), "why": result.answer.why}
    return page(request, "other", context)


@never_cache
@require_safe
@signed_in
def ask(request: HttpRequest, ask_id: int) -> HttpResponse:
    """One asking: of whom, how long it takes them, under which rule it passed."""
    found = queries.one_ask(request.actor, ask_id)
    own, theirs = queries.parts_of(found)
    mine = found.asker_id == request.actor.person_id
    context = {"ask": found, "own": own, "theirs": theirs, "mine": mine, "to_pass_on": _passing_unit(request, found)}
    return page(request, "ask", context)


def _passing_unit(request: HttpRequest, found: Ask) -> Unit | None:
    """The actor's office to which it came and that has units of its own to pass it on to."""
    verb, today = posting_verb(found.kind), timezone.localdate()
    for unit in queries.units_of(request.actor, verb):
        if queries.arrival_at(found, unit) and queries.bearers_for(request.actor, unit, verb, today).exists():
            return unit
    return None


@never_cache
@signed_in
def pass_on(request: HttpRequest, ask_id: int) -> HttpResponse:
    """转发: the same to one's own units; it stays one thing."""
    found = queries.one_ask(request.actor, ask_id)
    unit, today = _passing_unit(request, found), timezone.localdate()
    if unit is None:
        raise Forbidden(posting_verb(found.kind))
    units = queries.bearers_for(request.actor, unit, posting_verb(found.kind), today)
    form = PassOnForm(request.POST or None, units=units, initial={"day": max(found.day, today)})
    context = {"form": form, "unit": unit, "ask": found}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            result = actions.pass_on(
                request.actor, unit, ask_id, form.bearers(), key_of(request), day=data["day"],
                starts=data["starts"].strftime("%H:%M") if data["starts"] else "", reason=data["reason"],
                review="review" in request.POST,
            )  # fmt: skip
        except NOT_TAKEN as problem:
            form.add_error(None, str(problem))
        else:
            if result.ask is not None:
                messages.success(request, _("已转发，仍算一件。"))
                return to(request, "offices:ask", result.ask.pk)
            context |= {"outcome": result.outcome, "said": said(result.answer), "why": result.answer.why}
    return page(request, "pass_on", context)


@require_POST
@signed_in
def withdraw(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Take it back; once its day has begun that needs a reason and the two offices."""
    try:
        answer = actions.withdraw(request.actor, ask_id, key_of(request), typed(request.POST, "reason", 300))
    except Ask.DoesNotExist:
        raise Forbidden("see_office") from None
    except ValueError as problem:
        messages.error(request, str(problem))
        return to(request, "offices:ask", ask_id)
    if answer.outcome == "needs_reason":
        messages.warning(request, _("这件事已经开始，撤回要写理由。"))
        return to(request, "offices:ask", ask_id)
    messages.success(request, _("已撤回。") if answer.ok else _("已提请撤回，等两办同意；已占用的额度不退。"))
    return to(request, "offices:home")
