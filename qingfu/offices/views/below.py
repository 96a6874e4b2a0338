"""基层视角: what is asked of a village, school or office, by whom, by when, and what it takes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qingfu.offices import queries
from qingfu.offices.views.desk import chosen_unit, page
from qingfu.units.web import signed_in


@never_cache
@require_safe
@signed_in
def below(request: HttpRequest) -> HttpResponse:
    """Everything asked of the unit: what is to be done, then what was."""
    unit, today = chosen_unit(request, "see_below"), timezone.localdate()
    arrivals = queries.inbox_of(unit, today)
    context = {
        "unit": unit, "units": queries.units_of(request.actor, "see_below"),
        "coming": [one for one in reversed(arrivals) if one.demand.day >= today],
        "past": [one for one in arrivals if one.demand.day < today],
    }  # fmt: skip
    return page(request, "below", context)
