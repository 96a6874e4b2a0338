"""The records behind a figure that a report was set against. Thin: see queries/claims."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qingfu.lake.indicators import Indicator, catalogue
from qingfu.lake.indicators.sheets import workbook
from qingfu.reports.queries import claims
from qingfu.reports.queries.work import NoRecords
from qingfu.reports.views.records import excel, table_of
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden
from qingfu.units.web import signed_in


@require_safe
@never_cache
@signed_in
def records(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """A figure of a unit (``unit``) from ``first`` to ``last``, and the records that it was counted from."""
    unit, one, first, last = _asked(request, indicator_id)
    context = {"unit": unit, "one": one, "first": first, "last": last, "most": claims.RECORDS_SHOWN}
    try:
        figure, rows, digest = claims.records_of(unit, one.id, first, last)
        context |= {"figure": figure, "digest": digest, "asked": request.GET.urlencode(), **table_of(one, rows)}
    except NoRecords as error:
        context["problem"] = str(error)
    return render(request, "reports/claim_records.html", context)


@require_safe
@never_cache
@signed_in
def records_excel(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """The same as a workbook."""
    unit, one, first, last = _asked(request, indicator_id)
    try:
        return records_book(unit, one.id, first, last)
    except NoRecords as error:
        raise Http404 from error


def records_book(unit: Unit, indicator_id: str, first: date, last: date) -> HttpResponse:
    """A figure and the records behind it as a workbook. Raises NoRecords."""
    figure, rows, digest = claims.records_of(unit, indicator_id, first, last)
    table = table_of(figure.indicator, rows)
    content = workbook([figure], digest, (table["heads"], table["rows"]))
    return excel(f"{unit.name}-{figure.indicator.name}", content)


def _asked(request: HttpRequest, indicator_id: str) -> tuple[Unit, Indicator, date, date]:
    if not claims.units_for(request.actor):
        raise Forbidden("compose_report")
    try:
        unit_id = int(request.GET.get("unit", ""))
        first, last = (date.fromisoformat(request.GET.get(name, "")) for name in ("first", "last"))
        one = catalogue()[indicator_id]
    except (ValueError, KeyError) as error:
        raise Http404 from error
    if last < first:
        raise Http404
    return claims.unit_for(request.actor, unit_id), one, first, last
