"""The pages of work reports. Thin: see queries/work and actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingfu.findings import queries as findings
from qingfu.lake import indicators
from qingfu.lake.indicators.sheets import table_book
from qingfu.lake.indicators.words import query_of
from qingfu.reports import actions
from qingfu.reports.actions import LINK, Unfit
from qingfu.reports.composing import Laid, slots
from qingfu.reports.forms import PeriodForm, SpareForm, WordsForm
from qingfu.reports.models import Spared, WorkReport
from qingfu.reports.queries import work
from qingfu.reports.queries.review import PICTURES, SEVERITIES
from qingfu.reports.views.claims import records_book
from qingfu.reports.views.export import export_of
from qingfu.reports.views.records import excel, table_of
from qingfu.reports.views.review import WORD
from qingfu.reports.word import notes
from qingfu.text.official.composed import numbered
from qingfu.text.review.finding import kinds
from qingfu.units.models import Token
from qingfu.units.queries import Forbidden
from qingfu.units.web import by_link, signed_in

SHOWN = 40  # reports, links
NOTED_SHOWN = 12
RECORDS_SHOWN = 200
STEPS = ("submit", "check", "return", "sign")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """The reports of my units, and one more by one click."""
    units = work.units_of(request.actor, "compose_report")
    if not units:
        raise Forbidden("compose_report")
    if request.method != "POST":
        return _home(request, units)
    form = _period_form(PeriodForm, units, request.POST)
    if not form.is_valid():
        return _home(request, units, form=form, status=422)
    try:
        made = actions.compose_report(request.actor, form.unit_id, *form.span, form.cleaned_data["key"])
    except (Unfit, work.NoRecords) as error:
        return _home(request, units, form=form, problem=str(error), status=422)
    messages.success(request, _("已成稿。请写需要您写的几处"))
    return redirect("reports:report", made.pk)


def _period_form(kind: type, units, *args, **kwargs) -> PeriodForm:
    return kind(*args, units=units, periods=work.periods(units[0]), **kwargs)


def _home(request: HttpRequest, units, *, form=None, spare_form=None, problem="", status=200) -> HttpResponse:
    usual = {"days": LINK["usual_days"]}
    may_spare = work.units_of(request.actor, "spare_report")
    context = {
        "form": form or _period_form(PeriodForm, units),
        "spare_form": spare_form or (_period_form(SpareForm, may_spare, initial=usual) if may_spare else None),
        "problem": problem, "reports": work.visible(request.actor).order_by("-made_at")[:SHOWN],
        "links": [_link(request, one) for one in work.spared_by(request.actor)[:SHOWN]], "export": export_of(request),
    }  # fmt: skip
    return render(request, "reports/home.html", context, status=status)


def _link(request: HttpRequest, made: Spared) -> dict:
    is_open = made.withdrawn_at is None and made.expires_on >= timezone.localdate()
    address = request.build_absolute_uri(reverse("reports:figures", args=[actions.link_of(made)])) if is_open else ""
    return {"made": made, "address": address, "shown": sum(one["state"] == "shown" for one in made.figures)}


# ---- one report ----


def _reported(request: HttpRequest, report_id: int) -> WorkReport:
    report = work.visible(request.actor).filter(pk=report_id).first()
    if report is None:
        raise Http404
    return report


@require_safe
@never_cache
@signed_in
def report_page(request: HttpRequest, report_id: int) -> HttpResponse:
    """A report as it stands: its text with the sources of every figure, what a person has to write, its way."""
    return _page(request, _reported(request, report_id))


def _page(request: HttpRequest, report: WorkReport, *, words=None, problem="", status=200) -> HttpResponse:
    actor, found = request.actor, work.laid_out(report)
    left_out = work.left_out_of(report)
    may_write = work.may_write(actor, report)
    context = {
        "report": report, "lines": list(_lines(found)), "sources": found.sources, "notes": notes(report.content),
        "day": report.signed_day or timezone.localdate(), "problem": problem,
        "words": words or (WordsForm(initial=report.written, slots=slots(report.template)) if may_write else None),
        "problems": [{**one, "left_out": left_out.get(one["key"])} for one in report.content["problems"]],
        "may_write": may_write, "may_check": work.may_check(actor, report), "may_sign": work.may_sign(actor, report),
        "noted": [_noted(row) for row in report.read["noted"][:NOTED_SHOWN]], "noted_all": len(report.read["noted"]),
        "events": _events(report),
        "at": list(WorkReport.State.values).index(report.state) + 1, "way": list(WorkReport.State.labels),
    }  # fmt: skip
    return render(request, "reports/report.html", context, status=status)


def _events(report: WorkReport) -> list[dict]:
    """The steps as the timeline takes them."""
    return [
        {"when": f"{timezone.localtime(one.at):%Y-%m-%d %H:%M}", "title": one.get_what_display(), "detail": one.note,
         "who": one.person.name}
        for one in report.steps.select_related("person").order_by("pk")
    ]  # fmt: skip


def _lines(found: Laid) -> Iterator[dict]:
    """The blocks as the page shows them: with the number of a heading, of a chart, with its picture's number."""
    charts = 0
    for number, block in numbered(found.blocks):
        charts += block.kind == "chart"
        yield {"number": number, "block": block, "chart": charts}


def _noted(row: dict) -> dict:
    kind = kinds()[row["kind"]]
    return {**row, "name": kind.name, "word": SEVERITIES[row["severity"]], "picture": PICTURES[row["severity"]]}


def _deed(view: Callable[[HttpRequest, WorkReport], HttpResponse | None]):
    """A POST that changes a report and goes back to it; what does not fit is said on its page."""

    @require_POST
    @signed_in
    @wraps(view)
    def inner(request: HttpRequest, report_id: int) -> HttpResponse:
        report = _reported(request, report_id)
        try:
            answer = view(request, report)
        except (Unfit, work.NoRecords) as error:
            return _page(request, report, problem=str(error), status=422)
        return answer or redirect("reports:report", report.pk)

    return inner


@_deed
def write(request: HttpRequest, report: WorkReport) -> HttpResponse | None:
    """Save what a person wrote into the places of a draft."""
    form = WordsForm(request.POST, slots=slots(report.template))
    form.is_valid()
    try:
        actions.write(request.actor, report.pk, form.cleaned_data)
    except Unfit as error:
        return _page(request, report, words=form, problem=str(error), status=422)
    messages.success(request, _("已保存，全文已审读一遍"))
    return None


@_deed
def again(request: HttpRequest, report: WorkReport) -> None:
    """Take the figures of a draft anew."""
    actions.take_figures_again(request.actor, report.pk)
    messages.success(request, _("已按现在的记录重新取数"))


@_deed
def problem(request: HttpRequest, report: WorkReport) -> None:
    """Leave a problem out with a reason, or name it again."""
    key = request.POST.get("key", "")
    if "back" in request.POST:
        actions.put_back(request.actor, report.pk, key)
    else:
        actions.leave_out(request.actor, report.pk, key, request.POST.get("reason", ""))


@_deed
def step(request: HttpRequest, report: WorkReport) -> None:
    """送审, 审核同意, 退回, 签发."""
    what = request.POST.get("what", "")
    if what == "return":
        actions.give_back(request.actor, report.pk, request.POST.get("reason", ""))
    elif what in STEPS:
        {"submit": actions.submit, "check": actions.check, "sign": actions.sign}[what](request.actor, report.pk)
    else:
        raise Unfit(_("没有这一步，请刷新页面"))


@require_safe
@never_cache
@signed_in
def word(request: HttpRequest, report_id: int) -> HttpResponse:
    """The report as Word."""
    report = _reported(request, report_id)
    try:
        content = work.word_of(report, work.laid_out(report))
    except work.NoRecords as error:
        return _page(request, report, problem=str(error), status=422)
    response = HttpResponse(content, content_type=WORD)
    name = quote(f"{report.title}.docx", safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@require_safe
@signed_in
def chart(request: HttpRequest, report_id: int, number: int) -> HttpResponse:
    """A chart of the report as a picture."""
    drawn = [one.chart for one in work.laid_out(_reported(request, report_id)).blocks if one.chart]
    if not 1 <= number <= len(drawn):
        raise Http404
    try:
        return HttpResponse(work.picture_of(drawn[number - 1]), content_type="image/png")
    except work.NoRecords as error:
        raise Http404 from error


@require_safe
@never_cache
@signed_in
def source(request: HttpRequest, report_id: int, number: int) -> HttpResponse:
    """The records behind a mark."""
    report = _reported(request, report_id)
    found = _source(report, number)
    context = {"report": report, "source": found, "most": RECORDS_SHOWN, "notes": notes(report.content)}
    try:
        context |= {"indicator": _records, "findings": _findings, "rule": _rule}[found["kind"]](request, report, found)
    except work.NoRecords as error:
        context["problem"] = str(error)
    return render(request, "reports/source.html", context)


@require_safe
@never_cache
@signed_in
def source_excel(request: HttpRequest, report_id: int, number: int) -> HttpResponse:
    """The figure and the records behind a mark as a workbook; marks of problems and of rules have none."""
    report = _reported(request, report_id)
    found = _source(report, number)
    if found["kind"] != "indicator":
        raise Http404
    try:
        return records_book(report.unit, found["ref"], report.first, report.last)
    except work.NoRecords:
        return redirect("reports:source", report.pk, number)


def _source(report: WorkReport, number: int) -> dict:
    sources = work.laid_out(report).sources
    if not 1 <= number <= len(sources):
        raise Http404
    return sources[number - 1]


def _records(request: HttpRequest, report: WorkReport, found: dict) -> dict:
    one = indicators.catalogue()[found["ref"]]
    lake = work.lake_of(report.unit)
    rows = indicators.records(lake, one.id, report.unit_id, report.first, report.last, RECORDS_SHOWN)
    return {"query": query_of(one), **table_of(one, rows)}


def _findings(request: HttpRequest, report: WorkReport, found: dict) -> dict:
    mine = findings.visible(request.actor).filter(pk__in=found["ref"]).select_related("bearer").order_by("pk")
    return {"findings": list(mine[:RECORDS_SHOWN])}


def _rule(request: HttpRequest, report: WorkReport, found: dict) -> dict:
    return {"rule": reverse("ledger:rules")}


# ---- 免报 ----


@require_POST
@signed_in
def spare(request: HttpRequest) -> HttpResponse:
    """Answer a superior with figures by a link."""
    units = work.units_of(request.actor, "spare_report")
    if not units:
        raise Forbidden("spare_report")
    form = _period_form(SpareForm, units, request.POST)
    if form.is_valid():
        try:
            made, _secret = actions.spare(
                request.actor, form.unit_id, form.cleaned_data["asked_by"], *form.span, form.cleaned_data["days"],
                form.cleaned_data["key"],
            )  # fmt: skip
        except (Unfit, work.NoRecords) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("链接已做好，把它发给对方就行，不用写材料"))
            return redirect(f"{reverse('reports:home')}#link-{made.pk}")
    return _home(request, units, spare_form=form, status=422)


@require_POST
@signed_in
def withdraw(request: HttpRequest, spared_id: int) -> HttpResponse:
    """Take a link back."""
    actions.withdraw_link(request.actor, spared_id)
    messages.success(request, _("链接已收回，打不开了"))
    return redirect("reports:home")


@require_safe
@never_cache
@by_link(Token.Kind.FIGURES)
def figures(request: HttpRequest, link: Token) -> HttpResponse:
    """Figures for whoever asked for a report: dated, with their definitions, no document."""
    made = _given(link)
    context = {
        "made": made, "place": made.unit.name, "shown": [one for one in made.figures if one["state"] == "shown"],
        "others": [one for one in made.figures if one["state"] != "shown"],
    }  # fmt: skip
    response = render(request, "reports/figures.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@never_cache
@by_link(Token.Kind.FIGURES)
def figures_excel(request: HttpRequest, link: Token) -> HttpResponse:
    """The same figures as a workbook."""
    made = _given(link)
    heads = (_("指标"), _("数"), _("记录数"), _("定义"), _("出处"))
    rows = [
        (one["name"], one["value"] or _("没有给出"), one["records"], one["definition"], one["source"])
        for one in made.figures
    ]
    return excel(f"{made.unit.name}-{made.first}-{made.last}", table_book(_("数据"), heads, rows))


def _given(link: Token) -> Spared:
    made = Spared.objects.select_related("unit").filter(pk=link.subject_id, withdrawn_at=None).first()
    if made is None:
        raise Http404
    return made
