"""September and the end of a term: preview, go on, undo within a day."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingfu.units import actions, queries
from qingfu.units.forms import CloseTermForm
from qingfu.units.models import ClosedTerm, Promotion
from qingfu.units.views.common import county_of, shell
from qingfu.units.web import signed_in
from qingfu.units.years import school_year_of

MOST_NEW_CLASSES = 40
PREVIEW_FROM = 6


@never_cache
@signed_in
def year(request: HttpRequest) -> HttpResponse:
    """What moving up would do to each school, and which terms are closed."""
    county = county_of(request.actor)
    queries.require(request.actor, "promote_grades", county)
    school_year = _school_year(request)
    done = queries.promotions(request.actor, school_year)
    undo_from = timezone.now() - actions.UNDO_WITHIN
    every = [
        (queries.promotion_of(school, school_year), done.get(school.pk))
        for school in queries.schools(request.actor, "promote_grades")
    ]
    rows = [(step, done) for step, done in every if (done.at > undo_from if done else step.due)]
    context = shell(
        request, "year", rows=rows, settled=[one for one in every if one not in rows],
        school_year=school_year, next_year=school_year + 1,
        left=sum(step.due for step, _done in rows),
        early=date(school_year, 9, 1) - timezone.localdate() > actions.EARLIEST,
        terms=queries.closed_terms(), form=CloseTermForm(initial=_this_term()),
        undo_from=undo_from,
    )  # fmt: skip
    return render(request, "units/year.html", context)


def _school_year(request: HttpRequest) -> int:
    """The school year to move into: asked for, else the present one, from June on the one that comes."""
    asked = request.GET.get("into", "") or request.POST.get("into", "")
    today = timezone.localdate()
    coming = today.year if today.month >= PREVIEW_FROM else school_year_of(today)
    return int(asked) if asked.isdigit() and 2020 <= int(asked) <= 2100 else coming


def _this_term() -> dict:
    today = timezone.localdate()
    start = school_year_of(today)
    half = 1 if today.month >= 8 or today.month == 1 else 2
    return {"term_id": f"{start}-{start + 1}-{half}", "last_day": today}


@require_POST
@signed_in
def promote(request: HttpRequest) -> HttpResponse:
    """Move up every school that is ticked."""
    school_year = _school_year(request)
    chosen = {int(value) for value in request.POST.getlist("school") if value.isdigit()}
    count = 0
    for school in queries.schools(request.actor, "promote_grades").filter(pk__in=chosen):
        try:
            with transaction.atomic():
                new = _number(request.POST.get(f"new-{school.pk}", ""))
                actions.promote(request.actor, school, school_year, new)
            count += 1
        except actions.NotNow as problem:
            messages.error(request, str(problem))
    if count:
        messages.success(request, _("%(count)d 所学校已升级，一天之内可以撤回。") % {"count": count})
    return redirect(f"{request.path.removesuffix('promote/')}?into={school_year}")


def _number(text: str) -> int:
    return min(int(text), MOST_NEW_CLASSES) if text.isdigit() else 0


@require_POST
@signed_in
def undo_promotion(request: HttpRequest, promotion_id: int) -> HttpResponse:
    schools = queries.scope(request.actor, "promote_grades")
    promotion = Promotion.objects.filter(school__in=schools, pk=promotion_id).select_related("school").first()
    if promotion is None:
        raise queries.Forbidden("promote_grades")
    try:
        actions.undo_promotion(request.actor, promotion)
        messages.success(request, _("%(name)s 已恢复到升级以前。") % {"name": promotion.school.name})
    except actions.NotNow as problem:
        messages.error(request, str(problem))
    return redirect("units:year")


@require_POST
@signed_in
def close_term(request: HttpRequest) -> HttpResponse:
    queries.require(request.actor, "close_term", county_of(request.actor))
    form = CloseTermForm(request.POST)
    if not form.is_valid():
        said = (f"{form.fields[name].label}：{error}" for name, errors in form.errors.items() for error in errors)
        messages.error(request, " ".join(said))
        return redirect("units:year")
    try:
        with transaction.atomic():
            actions.close_term(request.actor, county_of(request.actor), **form.cleaned_data)
        messages.success(request, _("学期已结束，一天之内可以撤回。"))
    except IntegrityError:
        messages.info(request, _("这个学期已经结束了。"))
    return redirect("units:year")


@require_POST
@signed_in
def reopen_term(request: HttpRequest, closed_id: int) -> HttpResponse:
    county = county_of(request.actor)
    queries.require(request.actor, "close_term", county)
    closed = ClosedTerm.objects.filter(pk=closed_id).first()
    try:
        if closed is not None:
            actions.reopen_term(request.actor, county, closed)
            messages.success(request, _("学期已重新打开。"))
    except actions.NotNow as problem:
        messages.error(request, str(problem))
    return redirect("units:year")
