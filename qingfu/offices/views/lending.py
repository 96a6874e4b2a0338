"""借调: who is away from where, what ends soon; borrow, extend, return."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.forms.lending import BackForm, ExtendForm, LendingFilter, LendingForm
from qingfu.offices.lending import AGREED, AWAY, Where, by_place, extended, settings, until, where
from qingfu.offices.models import Secondment
from qingfu.offices.queries import lending as data
from qingfu.offices.queries.standing import ASKED_KINDS
from qingfu.offices.verdicts import said
from qingfu.offices.views.desk import NOT_TAKEN, chosen_unit, excel, key_of, page, paged, to
from qingfu.units.queries import Forbidden, may
from qingfu.units.web import signed_in


@never_cache
@require_safe
@signed_in
def secondments(request: HttpRequest) -> HttpResponse:
    """Who is away, by place of origin; the rows below by filter."""
    today = timezone.localdate()
    form, rows = _narrowed(request)
    every = data.narrowed(data.seen_by(request.actor), today)
    found = paged(request, rows)
    context = {
        "unit": chosen_unit(request, "see_below"), "form": form, "page": found, "rows": [_told(one) for one in found],
        "places": by_place(every, today), "away": sum(one.people for one in every if one.stands in AWAY),
        "soon": sum(one.people for one in every if one.stands == Where.SOON),
        "over": sum(one.people for one in every if one.stands == Where.OVER),
        "registers": bool(request.actor.posts_for("register_secondment")), "days": settings()["soon_days"],
    }  # fmt: skip
    return page(request, "lending/list", context)


def _narrowed(request: HttpRequest):
    form = LendingFilter(request.GET)
    return form, data.narrowed(data.seen_by(request.actor), timezone.localdate(), **form.chosen())


def _told(one: Secondment) -> Secondment:
    """The row with its words and days, as pages and the workbook show it."""
    one.borrower = one.ask.source or one.ask.unit.name
    one.post_text, one.task_text = settings()["posts"][one.post], settings()["tasks"][one.task]
    one.until, one.extended = until(one), extended(one)
    one.stands = where(one, timezone.localdate())
    return one


@never_cache
@require_safe
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """The list as it stands, as a workbook."""
    chosen_unit(request, "see_below")
    _form, rows = _narrowed(request)
    heads = [
        _("从哪里借"), _("借到哪里"), _("岗位"), _("人数"), _("做什么"), _("从哪天起"), _("约定几个月"),
        _("延了几个月"), _("到哪天"), _("借出单位同意"), _("本人同意"), _("现在"), _("哪天回来"),
    ]  # fmt: skip
    lines = (
        [
            one.lender.name, one.borrower, one.post_text, one.people, one.task_text, one.starts, one.months,
            one.extended, one.until, one.unit_consent, one.person_consent, one.stands.label,
            one.returned_on,
        ]
        for one in map(_told, rows)
    )  # fmt: skip
    return excel("secondments.xlsx", _("借调"), heads, lines)


@never_cache
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Borrow; a verdict that stops it is shown with what would help."""
    unit, today = chosen_unit(request, "register_secondment"), timezone.localdate()
    below = list(queries.bearers_for(request.actor, unit, "register_secondment", today))
    units = [unit, *below] if unit.kind in ASKED_KINDS else below
    form = LendingForm(request.POST or None, units=units, initial={"starts": today})
    context = {"unit": unit, "form": form}
    if request.method == "POST" and form.is_valid():
        what = form.cleaned_data
        lender = next(one for one in units if one.pk == what["lender"])
        if what["source"] and not may(request.actor, "register_secondment", lender):
            form.add_error("lender", _("上级来借的，由被借的单位或它的上级登记"))
            return page(request, "lending/new", context)
        try:
            result = actions.borrow(
                request.actor, unit, lender, what["post"], what["task"], what["starts"], form.terms(), key_of(request),
                source=what["source"], reason=what["reason"], review="review" in request.POST,
                emergency=what["emergency"],
            )  # fmt: skip
        except NOT_TAKEN as problem:
            form.add_error(None, str(problem))
        else:
            if result.ask is not None:
                _tell(request, result)
                return to(request, "offices:secondment", result.ask.secondment.pk)
            context |= _stopped(result)
    return page(request, "lending/new", context)


def _tell(request: HttpRequest, result) -> None:
    if result.outcome == "waiting":
        messages.info(request, _("已提请两办审核，同意后才算借成。"))
    else:
        messages.success(request, _("已登记。"))


def _stopped(result) -> dict:
    return {"outcome": result.outcome, "said": said(result.answer), "why": result.answer.why}


@never_cache
@require_safe
@signed_in
def one(request: HttpRequest, secondment_id: int) -> HttpResponse:
    """One secondment: who bears it, until when, its extensions."""
    return _one(request, secondment_id)


def _one(request: HttpRequest, secondment_id: int, **more) -> HttpResponse:
    today, found = timezone.localdate(), _told(data.one_secondment(request.actor, secondment_id))
    context: dict = {"found": found, "extensions": list(found.extensions.all())}
    if may(request.actor, "register_secondment", found.ask.unit):
        if found.stands in AGREED:
            context["extend_form"] = ExtendForm()
        if found.stands in AWAY:
            context["back_form"] = BackForm(initial={"day": today})
    return page(request, "lending/one", {**context, **more})


@require_POST
@signed_in
def extend(request: HttpRequest, secondment_id: int) -> HttpResponse:
    """延期."""
    found = _mine(request, secondment_id)
    form = ExtendForm(request.POST)
    if not form.is_valid():
        return _one(request, secondment_id, extend_form=form)
    reason, review = form.cleaned_data["reason"], "review" in request.POST
    try:
        result = actions.extend(
            request.actor, secondment_id, form.terms(found.people), key_of(request), reason=reason, review=review
        )
    except NOT_TAKEN as problem:
        form.add_error(None, str(problem))
        return _one(request, secondment_id, extend_form=form, outcome="needs_waiver" if review and not reason else "")
    if result.ask is None:
        return _one(request, secondment_id, extend_form=form, **_stopped(result))
    _tell(request, result)
    return to(request, "offices:secondment", secondment_id)


@require_POST
@signed_in
def back(request: HttpRequest, secondment_id: int) -> HttpResponse:
    """回原单位."""
    _mine(request, secondment_id)
    form = BackForm(request.POST)
    if not form.is_valid():
        return _one(request, secondment_id, back_form=form)
    try:
        actions.bring_back(request.actor, secondment_id, form.cleaned_data["day"])
        messages.success(request, _("已记下，人回来了。"))
    except actions.NotInPlace as problem:
        messages.error(request, str(problem))
    return to(request, "offices:secondment", secondment_id)


def _mine(request: HttpRequest, secondment_id: int) -> Secondment:
    """One that the actor's own office registered. Raises Forbidden."""
    found = data.one_secondment(request.actor, secondment_id)
    if not may(request.actor, "register_secondment", found.ask.unit):
        raise Forbidden("register_secondment", found.ask.unit)
    return found

