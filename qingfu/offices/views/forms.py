"""报表 of an office, the field dictionary, and 一表通 of whoever is asked."""

from __future__ import annotations

import io
from datetime import date, timedelta

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.offices import actions, queries
from qingfu.offices.asking import Asking
from qingfu.offices.fields import FieldProblem, Words, checked, fields_of_text, fields_of_workbook
from qingfu.offices.forms.forms import NewForm
from qingfu.offices.queries import forms as data
from qingfu.offices.verdicts import said
from qingfu.offices.views.desk import NOT_TAKEN, chosen_unit, key_of, page, to
from qingfu.offices.workbooks import write_form
from qingfu.units.actions import MAX_BYTES
from qingfu.units.models import Unit
from qingfu.units.web import signed_in, typed
from qingfu.units.workbook.safety import WorkbookError

FORMS_SHOWN = 30
USUAL_DAYS = 7
"""In how many days a form is due where nobody says otherwise; on a rest day, the next working day."""
PROBLEMS_SHOWN = 20


@never_cache
@require_safe
@signed_in
def forms(request: HttpRequest) -> HttpResponse:
    """What the office has registered, and what nobody had to fill in again."""
    unit = chosen_unit(request, "post_form")
    context = {
        "unit": unit, "rows": list(data.forms_of(unit)[:FORMS_SHOWN]),
        "spared": data.spared_by(unit, timezone.localdate().year),
    }  # fmt: skip
    return page(request, "forms/list", context)


@never_cache
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Register a form: first what is known already, then only what is left is asked."""
    unit, today = chosen_unit(request, "post_form"), timezone.localdate()
    bearers = list(queries.bearers_for(request.actor, unit, "post_form", today))
    initial = {"due_day": _usual_due(unit, today), "period": _usual_period(today)}
    form = NewForm(bearers, bool(unit.attributes.get("keep_titles")), _posted(request), initial=initial)
    context = {"form": form, "unit": unit}
    if not form.is_bound or not form.is_valid():
        return page(request, "forms/new", context)
    try:
        fields = checked(fields_of_text(form.cleaned_data["fields_text"], form.cleaned_data["period"]))
        if not form.chosen():
            form.add_error("kinds", _("请先选要做这件事的单位"))
        elif "send" in request.POST or "review" in request.POST:
            return _send(request, unit, form, fields, context)
        else:
            context["plan"] = data.plan_of([one.unit for one in form.chosen()], fields)
    except FieldProblem as problem:
        form.add_error("fields_text", str(problem))
    return page(request, "forms/new", context)


def _posted(request: HttpRequest):
    """What was typed, with the header of an uploaded workbook as lines of fields. None on a GET."""
    if request.method != "POST":
        return None
    values = request.POST.copy()
    file = request.FILES.get("workbook")
    if file:
        try:
            names = [name for name, _measure, _period in fields_of_workbook(file.read(MAX_BYTES + 1), "")]
            values["fields_text"] = "\n".join([values.get("fields_text", "").strip(), *names])
        except WorkbookError as problem:
            messages.error(request, str(problem))
    return values


def _usual_due(unit: Unit, today: date) -> date:
    day = today + timedelta(days=USUAL_DAYS)
    while not data.workdays(unit, today, day)[1]:
        day += timedelta(days=1)
    return day


def _usual_period(today: date) -> str:
    """The end of last month, as a form writes it."""
    last = today.replace(day=1) - timedelta(days=1)
    return f"{last.year}年{last.month}月末"


def _send(request: HttpRequest, unit: Unit, form: NewForm, fields: list[Words], context: dict) -> HttpResponse:
    answers = form.cleaned_data
    asking = Asking(
        data.KIND, answers["due_day"], form.chosen(), title=answers.get("title", ""), reason=answers["reason"]
    )
    try:
        made = actions.register_form(
            request.actor, unit, asking, fields, key_of(request), review="review" in request.POST,
            emergency=answers["emergency"],
        )  # fmt: skip
    except NOT_TAKEN as problem:
        form.add_error(None, str(problem))
        return page(request, "forms/new", context)
    if made.form is None:
        met = {"plan": made.plan, "outcome": made.outcome, "met": said(made.answer)}
        return page(request, "forms/new", {**context, **met})
    if made.outcome == actions.REPEATED:
        messages.info(request, _("没有发出：要的数都有了，或者已经有人在要。"))
    else:
        found = {"asked": made.form.asked, "avoided": made.form.avoided}
        messages.success(request, _("只问了 %(asked)s 个缺的数，%(avoided)s 个不用再填。") % found)
    return to(request, "offices:form", made.form.pk)


@never_cache
@require_safe
@signed_in
def form(request: HttpRequest, form_id: int) -> HttpResponse:
    """One form: what is there, what is still to come, and the workbook."""
    return _form_page(request, form_id)


def _form_page(request: HttpRequest, form_id: int, problems: list[str] | None = None) -> HttpResponse:
    found = data.one_form(request.actor, form_id)
    plan = data.filled(found)
    rules = data.rules_on_repeats(plan.bearers, found.due_day) if found.ask is None else []
    context = {"found": found, "plan": plan, "rules": rules, "problems": (problems or [])[:PROBLEMS_SHOWN]}
    response = page(request, "forms/one", context)
    response.status_code = 422 if problems else 200
    return response


@never_cache
@require_safe
@signed_in
def data_file(request: HttpRequest, form_id: int) -> HttpResponse:
    """The form as a workbook, filled from the records."""
    content = io.BytesIO(write_form(data.filled(data.one_form(request.actor, form_id))))
    return FileResponse(content, as_attachment=True, filename=_("报表%(number)s.xlsx") % {"number": form_id})


@require_POST
@signed_in
def returns(request: HttpRequest, form_id: int) -> HttpResponse:
    """The workbook as it came back: all of it, or nothing."""
    data.one_form(request.actor, form_id)
    file = request.FILES.get("workbook")
    try:
        if file is None:
            raise WorkbookError(_("请先选一个文件。"))
        count = actions.take_returns(request.actor, form_id, file.read(MAX_BYTES + 1))
    except WorkbookError as problem:
        return _form_page(request, form_id, [str(problem)])
    except actions.BadFigures as problem:
        return _form_page(request, form_id, problem.problems)
    messages.success(request, _("收下 %(count)s 个数。") % {"count": count})
    return to(request, "offices:form", form_id)


@never_cache
@require_safe
@signed_in
def fields(request: HttpRequest) -> HttpResponse:
    """字段字典: what has been collected, by whom, of whom, for what time. Look before asking."""
    unit = chosen_unit(request, "post_form")
    name, period = typed(request.GET, "q", 100), typed(request.GET, "period", 40)
    context = {"unit": unit, "q": name, "period": period, "found": None}
    if name:
        units = queries.bearers_for(request.actor, unit, "post_form", timezone.localdate())
        context["found"] = data.look_up((name, "", period), list(units.values_list("pk", flat=True)))
    return page(request, "forms/fields", context)


@never_cache
@signed_in
def one_sheet(request: HttpRequest) -> HttpResponse:
    """一表通: all that a unit is asked, each fact once; what is known stands there already."""
    unit = chosen_unit(request, "answer_forms")
    wanted = data.one_sheet(unit)
    problems: list[str] = []
    if request.method == "POST":
        answers = {one.field.pk: typed(request.POST, f"field-{one.field.pk}", 200) for one in wanted}
        changed = {one.field.pk for one in wanted if answers[one.field.pk] != one.cell.value}
        try:
            count = actions.give_figures(request.actor, unit, {pk: answers[pk] for pk in changed})
        except actions.BadFigures as problem:
            problems = problem.problems
        else:
            messages.success(request, _("收下 %(count)s 个数，谁要都从这里取，不会再问您。") % {"count": count})
            return redirect(f"{request.path}?unit={unit.pk}")
        wanted = [data.typed_over(one, answers[one.field.pk]) for one in wanted]
    context = {
        "unit": unit, "units": queries.units_of(request.actor, "answer_forms"),
        "open": [one for one in wanted if one.cell.state == data.ASK],
        "known": [one for one in wanted if one.cell.state == data.KNOWN],
        "spared": data.spared_to(unit, timezone.localdate().year), "problems": problems,
    }  # fmt: skip
    response = page(request, "forms/one_sheet", context)
    response.status_code = 422 if problems else 200
    return response
