"""收文办理: what came in, passed round to whoever is in, and handled in time."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.receipts import CirculateForm
from qingfu.offices.queries import receipts as asked
from qingfu.offices.views.desk import chosen_unit, page, to
from qingfu.units.queries import Forbidden, people_of
from qingfu.units.web import signed_in, typed

VERB = "post_document"


@never_cache
@require_safe
@signed_in
def receipts(request: HttpRequest) -> HttpResponse:
    """What is to be handled, the most pressing first; what was; the share handled in time."""
    unit, today = chosen_unit(request, VERB), timezone.localdate()
    rows = asked.incoming(unit, today)
    context = {
        "unit": unit, "units": queries.units_of(request.actor, VERB), "today": today,
        "open": [(one, one.is_late(today)) for one in rows if not one.handled_on],
        "done": [(one, one.is_late(today)) for one in rows if one.handled_on],
        "in_time": asked.in_time(rows, today), "people": people_of(unit), "me": request.actor.person_id,
    }  # fmt: skip
    return page(request, "receipts/receipts", context)


@require_POST
@signed_in
def circulate(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Pass a document round."""
    unit = chosen_unit(request, VERB)
    form = CirculateForm(request.POST, people=people_of(unit))
    if not form.is_valid():
        messages.error(request, _("请选传给谁；期限要是一个日子。"))
        return _back(unit)
    try:
        people = map(int, form.cleaned_data["people"])
        actions.circulate(request.actor, unit, ask_id, people, form.cleaned_data["until"])
        messages.success(request, _("已传出。谁在谁先阅办，外出的先跳过。"))
    except actions.NotInPlace as problem:
        messages.error(request, str(problem))
    return _back(unit)


@require_POST
@signed_in
def handle(request: HttpRequest, ask_id: int) -> HttpResponse:
    """It is handled."""
    unit = chosen_unit(request, VERB)
    actions.handle_receipt(request.actor, unit, ask_id)
    messages.success(request, _("已办结；谁读过不再保存。"))
    return _back(unit)


@require_POST
@signed_in
def read(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """The actor has read it."""
    actions.mark_read(request.actor, receipt_id)
    return to(request, "offices:receipts")


@require_POST
@signed_in
def away(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Somebody is away, or back."""
    person = typed(request.POST, "person")
    if not person.isdigit():
        raise Forbidden(VERB)
    actions.pass_over(request.actor, receipt_id, int(person), away="back" not in request.POST)
    return to(request, "offices:receipts")


def _back(unit) -> HttpResponse:
    response = redirect("offices:receipts")
    response["Location"] += f"?unit={unit.pk}"
    return response
