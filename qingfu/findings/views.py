"""Pages of findings. Thin: see actions and queries."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qingfu.findings import actions, queries
from qingfu.findings.actions import Unfit
from qingfu.findings.export import workbook
from qingfu.findings.forms import AssignForm, CheckForm, CloseForm, FilterForm, RecheckForm, RectifyForm
from qingfu.findings.ladder import DAYS_TO_RECTIFY
from qingfu.findings.models import Finding, FindingStep
from qingfu.findings.records import records_of
from qingfu.units.queries import Forbidden, scope
from qingfu.units.web import signed_in

PAGE = 50
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RECORDS_SHOWN = 50


@require_safe
@signed_in
def list_page(request: HttpRequest) -> HttpResponse:
    """Findings by tab, narrowed and paged; the tab that has something to do first."""
    counts = queries.tab_counts(request.actor)
    tab, form, found = _narrowed(request, "mine" if counts["mine"] else "open")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "tab": tab, "tabs": _tabs(tab, counts), "page": page,
        "findings": queries.with_places(page.object_list),
        "may_check": bool(request.actor.posts_for("open_finding")),
    }  # fmt: skip
    return render(request, "findings/list.html", context)


def _narrowed(request: HttpRequest, usual: str):
    tab = request.GET.get("tab", usual)
    if tab not in queries.TABS:
        raise Http404(tab)
    schools = scope(request.actor, "see_school").filter(kind="school").order_by("pinyin", "pk")
    form = FilterForm(request.GET, schools=schools)
    return tab, form, queries.listed(request.actor, tab, **form.chosen())


def _tabs(current: str, counts: dict[str, int]) -> list[dict]:
    labels = {
        "mine": _("等我整改"), "recheck": _("等我回头看"), "open": _("待整改"), "rectified": _("待回头看"),
        "closed": _("已销号"),
    }  # fmt: skip
    return [
        {"label": label, "href": f"?tab={tab}", "current": tab == current, "count": counts[tab]}
        for tab, label in labels.items()
    ]


@require_safe
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """The list as it stands, as a workbook."""
    _tab, _form, found = _narrowed(request, "open")
    response = HttpResponse(workbook(found), content_type=EXCEL)
    response.headers["Content-Disposition"] = 'attachment; filename="findings.xlsx"'
    return response


@require_safe
@signed_in
def one_page(request: HttpRequest, finding_id: int) -> HttpResponse:
    """One finding: its records, its history, and what the reader may do now."""
    finding = _visible(request, finding_id)
    return render(request, "findings/one.html", _one_context(request, finding))


def _visible(request: HttpRequest, finding_id: int) -> Finding:
    visible = queries.visible(request.actor).select_related("bearer", "responsible_unit", "responsible")
    finding = visible.filter(pk=finding_id).first()
    if finding is None:
        raise Http404
    return finding


def _one_context(request: HttpRequest, finding: Finding, **bound) -> dict:
    actor = request.actor
    may_rectify = queries.may_rectify(actor, finding)
    forms = {
        "rectify": RectifyForm() if may_rectify else None,
        "assign": AssignForm(people=queries.people_for(finding.bearer)) if queries.may_assign(actor, finding) else None,
        "recheck": RecheckForm() if queries.may_recheck(actor, finding) else None,
        "close": CloseForm() if queries.may_close(actor, finding) else None,
    }
    shown = finding.object_ids[-RECORDS_SHOWN:]
    return {
        "finding": queries.with_places([finding])[0],
        "records": records_of(finding, shown),
        "records_left": len(finding.object_ids) - len(shown),
        "events": _events(finding),
        "person": finding.responsible if queries.may_assign(actor, finding) or may_rectify else None,
        "forms": {**forms, **bound},
    }


def _events(finding: Finding) -> list[dict]:
    """The steps as the timeline takes them, and the one to come."""
    events = [
        {
            "when": f"{timezone.localtime(step.at):%Y-%m-%d %H:%M}", "title": step.get_what_display(),
            "detail": step.note, "who": step.office,
        }
        for step in FindingStep.objects.filter(finding=finding).order_by("pk")
    ]  # fmt: skip
    if finding.state == Finding.State.OPEN:
        events.append({"when": str(finding.due_day), "title": _("整改期限"), "who": finding.office, "done": False})
    if finding.state == Finding.State.RECTIFIED:
        events.append({"when": str(finding.recheck_day), "title": _("回头看"), "who": finding.office, "done": False})
    return events


@require_POST
@signed_in
def rectify(request: HttpRequest, finding_id: int) -> HttpResponse:
    form = RectifyForm(request.POST)
    return _act(request, finding_id, "rectify", form, lambda said: actions.rectify(
        request.actor, finding_id, said["text"]), _("已记下。到期会有上一级回头看。"))  # fmt: skip


@require_POST
@signed_in
def recheck(request: HttpRequest, finding_id: int) -> HttpResponse:
    form = RecheckForm(request.POST)
    return _act(request, finding_id, "recheck", form, lambda said: actions.recheck(
        request.actor, finding_id, kept=said["kept"], note=said["note"]), _("回头看已记下。"))  # fmt: skip


@require_POST
@signed_in
def close(request: HttpRequest, finding_id: int) -> HttpResponse:
    form = CloseForm(request.POST)
    return _act(request, finding_id, "close", form, lambda said: actions.close(
        request.actor, finding_id, said["reason"]), _("已销号。"))  # fmt: skip


@require_POST
@signed_in
def assign(request: HttpRequest, finding_id: int) -> HttpResponse:
    form = AssignForm(request.POST, people=queries.people_for(_visible(request, finding_id).bearer))
    return _act(request, finding_id, "assign", form, lambda said: actions.assign(
        request.actor, finding_id, said["person"].pk), _("已交办。"))  # fmt: skip


def _act(request: HttpRequest, finding_id: int, name: str, form, do, said: str) -> HttpResponse:
    """Do it and come back; what does not fit is told at the form, with all that was typed."""
    finding = _visible(request, finding_id)
    if form.is_valid():
        try:
            do(form.cleaned_data)
        except Unfit as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, said)
            return redirect("findings:one", finding_id)
    context = _one_context(request, finding, **{name: form})
    return render(request, "findings/one.html", context, status=422)


@signed_in
def check(request: HttpRequest) -> HttpResponse:
    """三级检查: enter what a check found."""
    if not request.actor.posts_for("open_finding"):
        raise Forbidden("open_finding")
    units = queries.units_to_check(request.actor)
    due = timezone.localdate() + timedelta(days=DAYS_TO_RECTIFY)
    form = CheckForm(request.POST or None, units=units, initial={"due_day": due, "bearer": request.GET.get("bearer")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            finding = actions.report(request.actor, said["bearer"].pk, said["summary"], said["due_day"])
        except Unfit as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("已登记，交给%(office)s整改。") % {"office": finding.office})
            return redirect(reverse("findings:one", args=[finding.pk]))
    return render(request, "findings/check.html", {"form": form}, status=422 if form.errors else 200)
