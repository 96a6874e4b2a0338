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
from qingfu.lake.manifest import LakeError
from qingfu.lake.tables import tables
from qingfu.reports.queries import county as queries
from qingfu.rulebook.words import word
from qingfu.units.models import Unit
from qingfu.units.queries import may
from qingfu.units.web import signed_in

FOR_PROGRAMS = frozenset({
    "demand_id", "unit_id", "bearer_id", "issuer_unit_id", "group_id", "week_id", "term_id", "school_seq", "posted_day",
    "state", "stands", "factor", "is_split", "origin", "verdict", "over", "emergency", "records", "limit_id", "path",
    "finding_id", "meeting_id", "visit_id", "listed_id", "receipt_id", "form_id", "waiver_id", "level",
})  # fmt: skip
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
    except (LakeError, ImportError):
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
    except LakeError:
        template = "reports/no_lake.html"
    except ImportError:
        template, context["no_extra"] = "reports/no_lake.html", True
    return render(request, template, context)


def _one(county: Unit, indicator_id: str) -> dict:
    """The records as a table: columns by their names in the lake's schema, without those that only a program reads."""
    found = queries.one_indicator(county, indicator_id)
    one = found.figure.indicator
    texts = {"unit_name": _("单位"), "counted": _("算在内"), one.expression.part.sum: one.unit}
    texts |= {column.name: column.text for column in tables()[one.expression.whole.table].columns}
    texts |= {"first": _("从"), "last": _("到"), "answers": _("回答"), "part": _("其中")}
    names = [name for name in (found.records[0] if found.records else {}) if name in texts and name not in FOR_PROGRAMS]
    rows = [[_said(name, row[name]) for name in names] for row in found.records]
    return {"found": found, "one": one, "head": [texts[name] for name in names], "rows": rows}


def _said(column: str, value) -> object:
    """A value as people read it."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if column == "kind":
        return word("kinds", value)
    return "" if value is None else value
