"""全县情况: the county's page of indicators. Thin: see queries/county."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.lake.actions import ask_refresh
from qingfu.lake.indicators.sheets import workbook
from qingfu.reports.queries import county as queries
from qingfu.reports.queries.work import NoRecords
from qingfu.reports.views.records import table_of
from qingfu.units.models import Unit
from qingfu.units.queries import may
from qingfu.units.web import signed_in

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@never_cache
@signed_in
def situation(request: HttpRequest) -> HttpResponse:
    """Monitor, assess, feed back, intervene, assure: the term so far, and what changed from month to month."""
    return _page(request, "reports/county.html", lambda county: {"found": queries.situation(county)})


@require_safe
@never_cache
@signed_in
def indicator(request: HttpRequest, indicator_id: str) -> HttpResponse:
    """One indicator: what it is, its months, its schools and offices in the order of the tree, the records behind."""
    try:
        return _page(request, "reports/indicator.html", lambda county: _one(county, indicator_id))
    except LookupError as error:
        raise Http404 from error


@require_safe
@signed_in
def download(request: HttpRequest) -> HttpResponse:
    """Every indicator of the county as a workbook, for the term and by month."""
    county = queries.county_of(request.actor)
    try:
        content = workbook(*queries.all_figures(county))
    except NoRecords:
        return redirect("reports:county")
    response = HttpResponse(content, content_type=EXCEL)
    response.headers["Content-Disposition"] = 'attachment; filename="indicators.xlsx"'
    return response


@require_POST
@signed_in
def refresh(request: HttpRequest) -> HttpResponse:
    """Have the county's records exported now instead of tonight."""
    ask_refresh(request.actor, queries.county_of(request.actor))
    messages.success(request, _("正在更新，几分钟后再看"))
    return redirect("reports:county")


def _page(request: HttpRequest, template: str, work: Callable[..., dict]) -> HttpResponse:
    """A page of the county's figures, or what to do where there are none."""
    county = queries.county_of(request.actor)
    context = {"county": county, "may_refresh": may(request.actor, "export_lake", county)}
    try:
        context |= work(county)
    except NoRecords as error:
        template, context["problem"] = "reports/no_lake.html", str(error)
    return render(request, template, context)


def _one(county: Unit, indicator_id: str) -> dict:
    found = queries.one_indicator(county, indicator_id)
    one = found.figure.indicator
    return {"found": found, "one": one, **table_of(one, found.records)}
