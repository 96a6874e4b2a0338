"""The pages of a county's, a school's and an office's indicators. Thin: see queries/situation."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qingfu.lake.indicators.sheets import workbook
from qingfu.reports.queries import situation as queries
from qingfu.reports.queries.work import NoRecords
from qingfu.reports.views.export import export_of
from qingfu.reports.views.records import excel, how_of, table_of
from qingfu.rulebook.words import word
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden
from qingfu.units.web import signed_in


@require_safe
@never_cache
@signed_in
def situation(request: HttpRequest, place: str) -> HttpResponse:
    """The term so far: what changed from month to month, what needs a person, and the rest."""

    def said(unit: Unit) -> dict:
        waiting = queries.waiting_in(request.actor, unit)
        late = f"{reverse('findings:list')}?tab=open&late=on" + (f"&school={unit.pk}" if place == "school" else "")
        return {"found": queries.situation(unit, place), "waiting": waiting, "late_href": late}

    return _page(request, place, "reports/situation.html", said)


@require_safe
@never_cache
@signed_in
def indicator(request: HttpRequest, place: str, indicator_id: str) -> HttpResponse:
    """One indicator: what it is, its months and grades, what lies below in the order of the tree, the records."""

    def said(unit: Unit) -> dict:
        found = queries.one_indicator(unit, place, indicator_id)
        one = found.figure.indicator
        return {
            "found": found, "one": one, "below": _below(found.below, unit), "how": how_of(found.figure),
            "months": _bars(found.months), "grades": _bars(found.grades), **table_of(one, found.records),
        }  # fmt: skip

    return _page(request, place, "reports/indicator.html", said)


@require_safe
@signed_in
def download(request: HttpRequest, place: str) -> HttpResponse:
    """Every indicator of a page as a workbook, for the term and by month."""
    unit = _unit(request, place)
    try:
        return excel(f"{unit.name}-{queries.TITLES[place]}", workbook(*queries.all_figures(unit, place)))
    except NoRecords:
        return redirect(f"reports:{place}")


@require_safe
@signed_in
def download_one(request: HttpRequest, place: str, indicator_id: str) -> HttpResponse:
    """One indicator as a workbook: the term, its months and grades, what lies below, and the records."""
    unit = _unit(request, place)
    try:
        found = queries.one_indicator(unit, place, indicator_id)
    except LookupError as error:
        raise Http404 from error
    except NoRecords:
        return redirect(f"reports:{place}")
    table = table_of(found.figure.indicator, found.records)
    content = workbook(found.all, found.digest, (table["heads"], table["rows"]))
    return excel(f"{unit.name}-{found.figure.indicator.name}", content)


def _unit(request: HttpRequest, place: str) -> Unit:
    asked = request.GET.get("unit", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Forbidden(queries.pages()[place]["verb"])
    return queries.unit_of(request.actor, place, int(asked) if asked else None)


def _page(request: HttpRequest, place: str, template: str, said: Callable[[Unit], dict]) -> HttpResponse:
    """A page of a unit's figures, or what to do where there are none."""
    unit = _unit(request, place)
    context = {
        "place_title": queries.TITLES[place], "unit": unit, "units": queries.units_of(request.actor, place),
        "home": f"reports:{place}", "one_page": f"reports:{place}_indicator", "excel": f"reports:{place}_download",
        "one_excel": f"reports:{place}_indicator_download", "asked": f"?unit={unit.pk}",
        "export": export_of(request),
    }  # fmt: skip
    try:
        context |= said(unit)
    except NoRecords as error:
        template, context["problem"] = "reports/no_lake.html", str(error)
    except LookupError as error:
        raise Http404 from error
    return render(request, template, context)


def _bars(figures: list) -> list[tuple]:
    """Each figure with what its part is called and the length of its bar: 100 for the longest, 0 for nothing."""
    most = max((abs(one.value) for one in figures if one.value), default=0)
    return [
        (one, word("grades", one.by[0][1]), round(100 * abs(one.value) / most) if one.value else 0) for one in figures
    ]


def _below(figures: list, unit: Unit) -> list[tuple]:
    """The figures of what lies below, each with the kind of page that its unit has; its own part has none."""
    units = Unit.objects.in_bulk([one.unit_id for one in figures])
    places = {one.unit_id: queries.place_of(units[one.unit_id]) for one in figures if one.unit_id != unit.pk}
    return [(one, f"reports:{places[one.unit_id]}" if places.get(one.unit_id) else "") for one in figures]
