"""减负专班: what was complained of, once it is released, and the villages that are telephoned."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.below import CallForm, SampleForm
from qingfu.offices.periods import figures, month_of
from qingfu.offices.views.desk import page, to
from qingfu.planning.request import PlanError
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden
from qingfu.units.web import signed_in, typed


@never_cache
@require_safe
@signed_in
def complaints(request: HttpRequest) -> HttpResponse:
    """What was released, to be answered; how much is still held, as a number."""
    groups = queries.released(request.actor)
    context = {"groups": groups, "held": queries.still_held(), "needed": figures()["release"]}
    return page(request, "complaints", context)


@require_POST
@signed_in
def answer(request: HttpRequest) -> HttpResponse:
    """What was done about a group."""
    _require(request)
    try:
        day = date.fromisoformat(request.POST.get("released_on", ""))
        actions.answer_complaints(request.actor, day, request.POST.get("group", ""), typed(request.POST, "answer", 300))
    except ValueError as problem:  # NotInPlace, or no day
        messages.error(request, str(problem))
    else:
        messages.success(request, _("已答复，反映的人看得到。"))
    return to(request, "offices:complaints")


@never_cache
@require_safe
@signed_in
def picture(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """A forwarded screenshot."""
    content = queries.picture_of(request.actor, complaint_id)
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return HttpResponse(content, content_type=kind)


@never_cache
@signed_in
def samples(request: HttpRequest) -> HttpResponse:
    """This month's sample: publish the list, draw, telephone."""
    _require(request)
    month = month_of(timezone.localdate())
    form = SampleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.commit_sample(request.actor, month, dict(form.cleaned_data))
            return to(request, "offices:samples")
        except (actions.NotInPlace, PlanError) as problem:
            form.add_error(None, str(problem))
    rows = queries.samples(request.actor)
    context = {
        "form": form, "month": month, "rows": [(one, _calls(one)) for one in rows],
        "now": any(one.month == month for one in rows), "correction": queries.correction(timezone.localdate()),
    }  # fmt: skip
    return page(request, "samples", context)


def _calls(sample) -> list[tuple]:
    """(unit, the call or None) of each village drawn."""
    made = {call.unit_id: call for call in sample.calls.all()}
    ids = actions.picked(sample)
    units = Unit.objects.in_bulk(ids)
    return [(units[pk], made.get(pk)) for pk in ids]


@require_POST
@signed_in
def draw(request: HttpRequest, sample_id: int) -> HttpResponse:
    """Draw with the seed that everybody saw."""
    try:
        actions.draw_sample(request.actor, sample_id, {"value": typed(request.POST, "seed", 200)})
    except (actions.NotInPlace, PlanError) as problem:
        messages.error(request, str(problem))
    return to(request, "offices:samples")


@never_cache
@signed_in
def call(request: HttpRequest, sample_id: int, unit_id: int) -> HttpResponse:
    """What one village said."""
    _require(request)
    rows = {one.pk: one for one in queries.samples(request.actor)}
    sample = rows.get(sample_id)
    if sample is None or unit_id not in actions.picked(sample):
        raise Forbidden("handle_complaints")
    before = next((one for one in sample.calls.all() if one.unit_id == unit_id), None)
    form = CallForm(request.POST or None, initial=CallForm.typed_before(before))
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_call(request.actor, sample_id, unit_id, **form.said())
            messages.success(request, _("已记下。"))
            return to(request, "offices:samples")
        except actions.NotInPlace as problem:
            form.add_error(None, str(problem))
    return page(request, "call", {"form": form, "sample": sample, "unit": Unit.objects.get(pk=unit_id)})


def _require(request: HttpRequest) -> None:
    if not request.actor.posts_for("handle_complaints"):
        raise Forbidden("handle_complaints")
