"""督查检查考核: the list of the year, one item, sealed visits, merging, what those below read and answer, caps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.inspections import (
    CapsForm,
    ChecklistForm,
    EmergencyForm,
    ListedForm,
    OpenForm,
    PeriodForm,
    QuietForm,
    SealForm,
    WindowForm,
)
from qingfu.offices.inspecting import settings
from qingfu.offices.models import Listed, MergedPlan, SealedVisit, Visit
from qingfu.offices.verdicts import said
from qingfu.offices.views.desk import NOT_TAKEN, chosen_unit, key_of, page, to
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, may, require
from qingfu.units.web import signed_in, typed

AHEAD = timedelta(days=60)
PLANS_SHOWN = 5
GONE = (Listed.DoesNotExist, SealedVisit.DoesNotExist, Visit.DoesNotExist, MergedPlan.DoesNotExist)


@never_cache
@require_safe
@signed_in
def listed(request: HttpRequest) -> HttpResponse:
    """The list of this year and the next: of her own office, or of all for whoever looks after them."""
    unit, today = chosen_unit(request, "see_office"), timezone.localdate()
    units = None if unit.pk == request.actor.tenant_id else queries.units_of(request.actor, "see_office")
    years = [(year, list(queries.listed_in(year, units))) for year in (today.year, today.year + 1)]
    files = bool(request.actor.posts_for("keep_inspection_plan"))
    context = {
        "unit": unit, "years": [(year, rows) for year, rows in years if rows], "files": files,
        "waiting": [one for _year, rows in years for one in rows if one.state == Listed.State.PROPOSED],
        "proposes": bool(request.actor.posts_for("post_visit")), "tallies": queries.tallies(today.year),
    }  # fmt: skip
    return page(request, "inspections/list", context)


@never_cache
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """An item for the list, to be filed."""
    unit, year = chosen_unit(request, "post_visit"), timezone.localdate().year
    form = ListedForm(request.POST or None, years=[year, year + 1])
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.propose_listed(request.actor, unit, **form.cleaned_data)
        except actions.NotInPlace as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("已报备案，备案后才能排检查。"))
            return to(request, "offices:inspection", made.pk)
    return page(request, "inspections/new", {"form": form, "unit": unit})


@never_cache
@signed_in
def emergency(request: HttpRequest) -> HttpResponse:
    """应急、法定检查: off the list, always recorded, counted apart."""
    unit, today = chosen_unit(request, "post_visit"), timezone.localdate()
    places = queries.bearers_for(request.actor, unit, "post_visit", today, queries.INSPECTED_KINDS)
    form = EmergencyForm(request.POST or None, places=places, initial={"day": today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(
                request.actor, unit, form.asking(unit), key_of(request),
                emergency=form.cleaned_data["reason"],
            )  # fmt: skip
        except NOT_TAKEN as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("已登记，应急的另算。"))
            return to(request, "offices:inspections")
    return page(request, "inspections/emergency", {"form": form, "unit": unit})


@never_cache
@require_safe
@signed_in
def one(request: HttpRequest, listed_id: int) -> HttpResponse:
    """One item: what it is, on which days, and what is sealed."""
    return _item(request, listed_id)


def _item(request: HttpRequest, listed_id: int, opening: tuple = (0, None), **more) -> HttpResponse:
    """``opening`` is the sealed visit whose form did not fit, and that form."""
    found, today = queries.one_listed(request.actor, listed_id), timezone.localdate()
    mine = may(request.actor, "post_visit", found.unit)
    company = queries.company_of(found)
    days = [
        (one, [(visit, company.get(visit.pk, [])) for visit in one.visits]) for one in queries.days_of(found)
    ]
    context = {"listed": found, "mine": mine, "days": days, "today": today}
    context["sealed"] = [(one, None) for one in queries.sealed_of(found)]
    if mine and found.state == Listed.State.FILED:
        places = _places(request, found)
        context |= {
            "window_form": WindowForm(places=places),
            "seal_form": SealForm(places=places, initial={"day": today}),
        }
        context["sealed"] = [
            (one, opening[1] if one.pk == opening[0] else OpenForm(places=places, initial={"day": today}))
            for one, _form in context["sealed"]
        ]
    if found.state == Listed.State.PROPOSED:
        context["files"] = may(request.actor, "keep_inspection_plan", found.unit)
    return page(request, "inspections/one", {**context, **more})


def _mine(request: HttpRequest, listed_id: int) -> Listed:
    """An item of the actor's own office. Raises Forbidden."""
    found = queries.one_listed(request.actor, listed_id)
    require(request.actor, "post_visit", found.unit)
    return found


def _places(request: HttpRequest, found: Listed):
    today, kinds = timezone.localdate(), tuple(found.kinds)
    return queries.bearers_for(request.actor, found.unit, "post_visit", today, kinds)


@require_POST
@signed_in
def file(request: HttpRequest, listed_id: int) -> HttpResponse:
    """备案 or 退回."""
    accept, reason = "accept" in request.POST, typed(request.POST, "reason", 300)
    sentence = _("已备案，基层现在看得到内容和范围。") if accept else _("已退回，理由已告诉报的单位。")
    _done(request, lambda: actions.file_listed(request.actor, listed_id, accept=accept, reason=reason), sentence)
    return to(request, "offices:inspection", listed_id)


@require_POST
@signed_in
def plan(request: HttpRequest, listed_id: int) -> HttpResponse:
    """Places and their window."""
    found = _mine(request, listed_id)
    form = WindowForm(request.POST, places=_places(request, found))
    if not form.is_valid():
        return _item(request, listed_id, window_form=form)
    what = form.cleaned_data
    ids = [place.pk for place in what["places"]]
    try:
        actions.plan_visits(request.actor, listed_id, ids, what["first"], what["last"], key_of(request))
    except actions.NotInPlace as problem:
        form.add_error(None, str(problem))
        return _item(request, listed_id, window_form=form)
    messages.success(request, _("已排进窗口，合并后有日子。"))
    return to(request, "offices:inspection", listed_id)


@require_POST
@signed_in
def drop(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Plan a visit no longer."""
    _done(request, lambda: actions.drop_visit(request.actor, visit_id, key_of(request)), _("已删去。"))
    return to(request, "offices:inspections")


@require_POST
@signed_in
def ask(request: HttpRequest, listed_id: int) -> HttpResponse:
    """Ask the places of one day; a verdict that stops it is shown on the item's page."""
    found = _mine(request, listed_id)
    reason, review = typed(request.POST, "reason", 300), "review" in request.POST
    try:
        day = date.fromisoformat(typed(request.POST, "day", 10))
        result = actions.ask_visits(request.actor, found.pk, day, key_of(request), reason=reason, review=review)
    except ValueError as problem:  # NotInPlace among them
        messages.error(request, str(problem) if isinstance(problem, NOT_TAKEN) else _("请选一天"))
        return to(request, "offices:inspection", listed_id)
    if result.ask is None:
        why = {"outcome": result.outcome, "said": said(result.answer), "why": result.answer.why, "asked_day": day}
        return _item(request, listed_id, **why)
    if result.outcome == "waiting":
        messages.info(request, _("已提请两办审核，同意后自动发出。"))
    else:
        messages.success(request, _("已发给 %(count)s 个单位。") % {"count": result.ask.bearers})
    return to(request, "offices:inspection", listed_id)


@never_cache
@require_POST
@signed_in
def seal(request: HttpRequest, listed_id: int) -> HttpResponse:
    """封存: the code is shown once, on this page, and kept nowhere."""
    found = _mine(request, listed_id)
    form = SealForm(request.POST, places=_places(request, found))
    if not form.is_valid():
        return _item(request, listed_id, seal_form=form)
    try:
        said_ = form.cleaned_data
        sealed, code = actions.seal_visit(request.actor, found.pk, said_["place"], said_["day"], key_of(request))
    except actions.NotInPlace as problem:
        form.add_error(None, str(problem))
        return _item(request, listed_id, seal_form=form)
    where = dict(form.fields["place"].choices)[form.cleaned_data["place"]]
    context = {"listed": found, "sealed": sealed, "code": code, "where": where, "day": form.cleaned_data["day"]}
    return page(request, "inspections/sealed", context)


@require_POST
@signed_in
def unseal(request: HttpRequest, sealed_id: int) -> HttpResponse:
    """启封 after the visit, or 作废."""
    sealed = SealedVisit.objects.filter(pk=sealed_id).first()
    found = _mine(request, sealed.listed_id if sealed else 0)
    if "void" in request.POST:
        reason = typed(request.POST, "reason", 300)
        _done(request, lambda: actions.void_sealed(request.actor, sealed_id, reason), _("已作废。"))
        return to(request, "offices:inspection", found.pk)
    form = OpenForm(request.POST, places=_places(request, found))
    if not form.is_valid():
        return _item(request, found.pk, opening=(sealed_id, form))
    what = form.cleaned_data
    try:
        actions.open_sealed(
            request.actor, sealed_id, what["place"], what["day"], what["code"].strip(), key_of(request)
        )
    except actions.NotInPlace as problem:
        form.add_error(None, str(problem))  # the code is on paper: nobody types it twice
        return _item(request, found.pk, opening=(sealed_id, form))
    messages.success(request, _("已启封并入账。"))
    return to(request, "offices:inspection", found.pk)


@never_cache
@signed_in
def merging(request: HttpRequest) -> HttpResponse:
    """合并检查: what waits for a day, the days without inspections, proposals with their gain."""
    if not request.actor.posts_for("keep_inspection_plan"):
        raise Forbidden("keep_inspection_plan")
    today = timezone.localdate()
    start = {"first": today + timedelta(days=1), "last": today + AHEAD}
    form = PeriodForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        if _done(request, lambda: actions.merge_visits(request.actor, _county(request), first, last), ""):
            return to(request, "offices:merging")
    plans = [(plan, queries.gain_of(plan)) for plan in queries.merged_plans()[:PLANS_SHOWN]]
    context = {
        "form": form, "quiet_form": QuietForm(), "quiet": queries.quiet_days(today), "plans": plans,
        "open": list(queries.open_visits(today, today + timedelta(days=366))),
    }  # fmt: skip
    return page(request, "inspections/merging", context)


@require_POST
@signed_in
def adopt(request: HttpRequest, merged_id: int) -> HttpResponse:
    """Take a proposal."""
    sentence = _("已采用，各单位可以发出了。")
    _done(request, lambda: actions.adopt_plan(request.actor, _county(request), merged_id), sentence)
    return to(request, "offices:merging")


@never_cache
@require_safe
@signed_in
def published(request: HttpRequest, merged_id: int) -> HttpResponse:
    """A proposal as anybody can check it with `qingfu merge check`."""
    found = queries.merged_plans().filter(pk=merged_id).first()
    keeps = request.actor.posts_for("keep_inspection_plan")
    over = found is not None and found.last < timezone.localdate() and request.actor.posts_for("see_office")
    if found is None or not (keeps or over):  # days that lie ahead are for those who make the plan
        raise Forbidden("see_office")
    return JsonResponse(found.published, json_dumps_params={"ensure_ascii": False})


@require_POST
@signed_in
def quiet(request: HttpRequest) -> HttpResponse:
    """Days without inspections."""
    form = QuietForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请写明哪几天、为什么、哪几类单位"))
    what = form.cleaned_data
    _done(
        request,
        lambda: actions.keep_quiet(
            request.actor, _county(request), what.get("first", date.max), what.get("last", date.min),
            what.get("why", ""), what.get("kinds", []),
        ),
        _("已定下，合并和暗访都避开。"),
    )  # fmt: skip
    return to(request, "offices:merging")


@never_cache
@require_safe
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """来检查的: what may come this year, and what did, to be answered."""
    unit, today = chosen_unit(request, "complain"), timezone.localdate()
    context = {
        "unit": unit, "notices": queries.notices_for(unit, today), "visits": queries.visits_at(request.actor, today),
        "tallies": queries.tallies(today.year), "caps": queries.caps_in_force(_county(request), today),
    }  # fmt: skip
    return page(request, "inspections/notices", context)


@never_cache
@signed_in
def checklist(request: HttpRequest, visit_id: int) -> HttpResponse:
    """What they may not ask for. Before sending the page says whether the answer can be anonymous."""
    today = timezone.localdate()
    visit = queries.one_visit_at(request.actor, visit_id, today)
    form = ChecklistForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked, sentence = form.cleaned_data["asked"], _("已计入，没有留下是谁答的。")
        _done(request, lambda: actions.answer_checklist(request.actor, visit_id, asked), sentence)
        return to(request, "offices:inspection_notices")
    rules = settings()["anonymity"]
    context = {
        "visit": visit, "form": form, "anonymous": queries.can_be_anonymous(visit.listed, today),
        "least": rules["bearers"], "batch": rules["batch"],
    }  # fmt: skip
    return page(request, "inspections/checklist", context)


@never_cache
@signed_in
def caps(request: HttpRequest) -> HttpResponse:
    """涉企检查年度频次上限: for all offices to read, for the county to publish."""
    county, today = _county(request), timezone.localdate()
    publishes = may(request.actor, "publish_pack", county)
    if not request.actor.posts_for("see_office") and not request.actor.posts_for("see_county"):
        raise Forbidden("see_office")
    units = list(Unit.objects.filter(kind__in=(Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP)).order_by("path"))
    form = CapsForm(request.POST or None, units=units) if publishes else None
    if request.method == "POST":
        if form is None:
            raise Forbidden("publish_pack")
        if form.is_valid():
            what = dict(form.cleaned_data)
            unit = next(unit for unit in units if unit.pk == what.pop("unit"))
            if _done(request, lambda: actions.publish_caps(request.actor, county, unit, what), _("已公布，今天起算。")):
                return to(request, "offices:enterprise_caps")
    return page(request, "inspections/caps", {"caps": queries.caps_in_force(county, today), "form": form})


def _county(request: HttpRequest) -> Unit:
    return Unit.objects.get(pk=request.actor.tenant_id)


def _done(request: HttpRequest, act: Callable, sentence: str) -> bool:
    """Act and say so; what isn't in place is said instead. Whether it was done."""
    try:
        act()
    except GONE:
        raise Forbidden("see_office") from None
    except actions.NotInPlace as problem:
        messages.error(request, str(problem))
        return False
    if sentence:
        messages.success(request, sentence)
    return True
