"""The pages from above: thin, see the modules beside it."""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from qingfu.findings import queries as findings
from qingfu.homework import queries as homework
from qingfu.homework.queries import WEEKDAYS
from qingfu.site.home import class_day as days
from qingfu.site.home import county, nav, school, week
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, one_in_scope, school_of
from qingfu.units.web import signed_in

NEEDS_SHOWN = 6
SCHOOLS_SHOWN = 40
FINDINGS_SHOWN = 20
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """Everybody's own page: the most immediate of her roles."""
    target = nav.first_page(request.actor)
    return redirect(target) if target else render(request, "home/no_role.html")


@require_safe
@signed_in
def week_page(request: HttpRequest) -> HttpResponse:
    """Classes by day: of the unit asked for, else of the nearest that the actor answers for."""
    monday = _monday(request.GET.get("week", ""))
    unit = _week_unit(request)
    school = school_of(unit)
    found = week.week_of(unit, school, week.classes_below(request.actor, unit), monday)
    return render(request, "home/week.html", _week_context(request, found))


def _monday(text: str) -> date:
    try:
        return week.monday_from(text, timezone.localdate())
    except ValueError:
        raise Http404(text) from None


def _week_unit(request: HttpRequest) -> Unit:
    asked = request.GET.get("unit", "")
    if asked.isdecimal():
        unit = one_in_scope(request.actor, "see_class", int(asked))
    else:
        unit = None if asked else week.unit_of(request.actor)
    if unit is None or unit.kind not in ("class", "grade", "school"):
        raise Http404(asked)
    return unit


def _week_context(request: HttpRequest, found: week.Week) -> dict:
    groups = week.alike(found.needs)
    return {
        "week": found,
        "days": week.heat_days(found),
        "grids": week.grids(found),
        "free": week.free_grades(found),
        "needs": groups[:NEEDS_SHOWN],
        "more_needs": groups[NEEDS_SHOWN:],
        "over": [need for need in found.needs if need.rank == 0],
        "before": week.week_name(found.monday - week.WEEK),
        "after": week.week_name(found.monday + week.WEEK),
        "this_week": found.monday == week.monday_from("", timezone.localdate()),
        "choices": week.units_to_choose(request.actor, found.school),
        "waiting": [] if request.actor.has_role("dean", "principal") else school.waiting(request.actor),
    }


@require_safe
@signed_in
def class_day_page(request: HttpRequest, class_id: int, day: date) -> HttpResponse:
    """The records behind a figure."""
    unit = one_in_scope(request.actor, "see_class", class_id)
    if unit.kind != Unit.Kind.CLASS:
        raise Http404
    found = days.class_day(unit, day)
    may_lift = day >= timezone.localdate() and bool(request.actor.posts_for("grant_waiver"))
    context = {
        "found": found, "bars": days.bars_of(found), "weekday": WEEKDAYS[day.weekday()], "week": week.week_name(day),
        "waivable": dict(homework.limits_to_waive(request.actor, [unit])) if may_lift else {},
    }  # fmt: skip
    return render(request, "home/class_day.html", context)


@require_safe
@signed_in
def school_page(request: HttpRequest, school_id: int) -> HttpResponse:
    """The leader's page of a school."""
    unit = _school(request, "see_school", school_id)
    found = school.desk(request.actor, unit, timezone.localdate())
    return render(request, "home/school.html", {"desk": found, "refusal_days": school.REFUSAL_DAYS})


def _school(request: HttpRequest, verb: str, school_id: int) -> Unit:
    unit = one_in_scope(request.actor, verb, school_id)
    if unit.kind != Unit.Kind.SCHOOL:
        raise Http404
    return unit


@require_safe
@signed_in
def county_page(request: HttpRequest) -> HttpResponse:
    """Which schools need a visit and why; all schools below, by pinyin."""
    _require_county(request)
    words, order = request.GET.get("q", ""), request.GET.get("order", "since")
    found = county.schools(request.actor, timezone.localdate(), words)
    visits = Paginator(county.to_visit(found, order), SCHOOLS_SHOWN).get_page(request.GET.get("page"))
    context = {"words": words, "order": order, "total": len(found), "visits": visits, "schools": found,
               "imports": bool(request.actor.posts_for("import_workbook"))}  # fmt: skip
    return render(request, "home/county.html", context)


@require_safe
@signed_in
def county_export(request: HttpRequest) -> HttpResponse:
    """The schools to visit as a workbook, as the page lists them."""
    _require_county(request)
    today = timezone.localdate()
    found = county.schools(request.actor, today, request.GET.get("q", ""))
    content = county.workbook(county.to_visit(found, request.GET.get("order", "since")))
    response = HttpResponse(content, content_type=EXCEL)
    response.headers["Content-Disposition"] = 'attachment; filename="visits.xlsx"'
    return response


@require_safe
@signed_in
def county_school_page(request: HttpRequest, school_id: int) -> HttpResponse:
    """One school as the county sees it: the reasons, its findings, this week's classes."""
    unit = _school(request, "see_county", school_id)
    today = timezone.localdate()
    (found,) = [one for one in county.schools(request.actor, today) if one.unit == unit]
    its_week = week.week_of(unit, unit, week.classes_below(request.actor, unit), week.monday_from("", today))
    open_ones = findings.listed(request.actor, "open", school_id=unit.pk)
    context = {
        "school": found, "week": its_week, "days": week.heat_days(its_week), "grids": week.grids(its_week),
        "findings": findings.with_places(open_ones[:FINDINGS_SHOWN]), "refusals": school.refusals(unit, today),
        "refusal_days": school.REFUSAL_DAYS,
    }  # fmt: skip
    return render(request, "home/county_school.html", context)


def _require_county(request: HttpRequest) -> None:
    if not request.actor.posts_for("see_county"):
        raise Forbidden("see_county")
