"""基层视角: what is asked of a village, school or office, by whom, by when, and what it takes."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.below import ComplainForm
from qingfu.offices.models import Complaint
from qingfu.offices.periods import MONTH, WEEK, YEAR
from qingfu.offices.views.desk import chosen_unit, page, to
from qingfu.units.queries import may, require
from qingfu.units.web import signed_in

ANSWERS_SHOWN = 6


@never_cache
@require_safe
@signed_in
def below(request: HttpRequest) -> HttpResponse:
    """Everything asked of the unit: what is to be done, then week, month or year by issuer and kind."""
    return _below(request)


def _below(request: HttpRequest, sentence: str = "") -> HttpResponse:
    """``sentence`` is what was typed in a complaint that could not be taken."""
    unit, today = chosen_unit(request, "see_below"), timezone.localdate()
    arrivals = queries.inbox_of(unit, today)
    context = {
        "unit": unit, "units": queries.units_of(request.actor, "see_below"),
        "coming": [one for one in reversed(arrivals) if one.demand.day >= today],
        "past": [one for one in arrivals if one.demand.day < today],
        "view": _view([unit.pk], request), "periods": _periods(request), "correction": queries.correction(today),
        "complains": may(request.actor, "complain", unit), "whats": Complaint.What.choices,
        "answers": queries.released(answered=True)[:ANSWERS_SHOWN], "sentence": sentence,
    }  # fmt: skip
    return page(request, "below", context)


@never_cache
@require_safe
@signed_in
def county(request: HttpRequest) -> HttpResponse:
    """The same for all townships, villages and schools together: for whoever looks after what offices ask."""
    unit, today = chosen_unit(request, "review_office_waiver"), timezone.localdate()
    context = {
        "unit": unit, "view": _view(queries.grassroots(), request), "periods": _periods(request),
        "correction": queries.correction(today),
        "emergencies": queries.emergencies(queries.offices_of(unit), today.year),
    }  # fmt: skip
    return page(request, "county", context)


@require_POST
@signed_in
def complain(request: HttpRequest) -> HttpResponse:
    """One tap: to the relief team, and nobody else."""
    unit = chosen_unit(request, "complain")
    require(request.actor, "complain", unit)
    form = ComplainForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(text for texts in form.errors.values() for text in texts))
        return _below(request, request.POST.get("sentence", ""))
    data = form.cleaned_data
    picture = data["picture"].read() if data["picture"] else b""
    try:
        actions.complain(
            request.actor, unit, data["what"], demand_id=data["demand"], sentence=data["sentence"], picture=picture
        )
    except actions.NotInPlace as problem:
        again = _("截图要重新选。") if picture else ""
        messages.error(request, f"{problem}。{again}")
        return _below(request, data["sentence"])
    # The same words for a second tap: else a colleague could find out that somebody has complained.
    messages.success(request, _("已记下，只给减负专班，月底和别人的一起放出。"))
    return to(request, "offices:below")


def _view(unit_ids: list[int], request: HttpRequest):
    try:
        return queries.view(unit_ids, request.GET.get("period", MONTH), timezone.localdate())
    except KeyError:
        raise Http404 from None


def _periods(request: HttpRequest) -> list[dict]:
    chosen = request.GET.get("period", MONTH)
    names = ((WEEK, _("本周")), (MONTH, _("本月")), (YEAR, _("今年")))
    here = reverse(request.resolver_match.view_name)
    return [
        {"label": label, "href": f"{here}?period={period}", "current": period == chosen, "count": None}
        for period, label in names
    ]
