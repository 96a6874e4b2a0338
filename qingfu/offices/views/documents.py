"""发文: the year's plan, one document of it, the drafting check, and issuing. Drafts stay in memory."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qingfu.ledger.queries import rulebook_for
from qingfu.offices import actions, queries
from qingfu.offices.forms.documents import DraftForm, IssueForm, ProjectForm
from qingfu.offices.queries import documents as asked
from qingfu.offices.verdicts import said
from qingfu.offices.views.desk import NOT_TAKEN, chosen_unit, key_of, page, to
from qingfu.rulebook import RulebookError
from qingfu.text.files import CannotRead
from qingfu.text.official import Check, MarkedSecret, check_draft, corrected
from qingfu.text.official.commands import CARRIERS, PAGES_FROM
from qingfu.units.queries import may
from qingfu.units.uploads import InMemory
from qingfu.units.web import signed_in, typed

VERB = "post_document"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@never_cache
@require_safe
@signed_in
def plan(request: HttpRequest) -> HttpResponse:
    """What the office means to issue this year, against last year's number, and what could be merged."""
    unit, today = chosen_unit(request, VERB), timezone.localdate()
    projects = asked.projects_of(unit).filter(month__year=today.year)
    context = {
        "unit": unit, "units": queries.units_of(request.actor, VERB), "plan": asked.plan_of(unit, today.year, today),
        "proposals": asked.proposals_of(projects), "switches": not asked.needs_approval(request.actor, unit),
    }  # fmt: skip
    return page(request, "documents/plan", context)


@require_POST
@signed_in
def keeping(request: HttpRequest) -> HttpResponse:
    """What the office keeps of its drafts."""
    unit = chosen_unit(request, VERB)
    actions.keep_of_drafts(request.actor, unit, titles="titles" in request.POST, texts="texts" in request.POST)
    messages.success(request, _("已记下。"))
    return to(request, "offices:documents")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """发文立项."""
    unit, today = chosen_unit(request, VERB), timezone.localdate()
    bearers = queries.bearers_for(request.actor, unit, VERB, today)
    form = ProjectForm(
        request.POST or None, unit=unit, bearers=bearers, topics=asked.topics(), initial={"month": today}
    )
    if request.method == "POST" and form.is_valid():
        said_ = form.cleaned_data
        try:
            made = actions.propose_document(
                request.actor, unit, month=said_["month"], topic=said_["topic"], subject=said_.get("subject", ""),
                bearer_ids=[one.pk for one in said_["bearers"]], required=said_["required"],
                key=key_of(request),
            )  # fmt: skip
        except actions.NotInPlace as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("已列入计划：%(stands)s。") % {"stands": made.stands})
            return to(request, "offices:document", made.pk)
    return page(request, "documents/new", {"form": form, "unit": unit})


@never_cache
@require_safe
@signed_in
def project(request: HttpRequest, project_id: int) -> HttpResponse:
    """One document of the plan: check its draft, then issue it."""
    found = actions.one_project(request.actor, project_id)
    return _project_page(request, found, DraftForm(), IssueForm(initial={"day": timezone.localdate()}))


def _project_page(request, found, draft_form, issue_form, status: int = 200, **more) -> HttpResponse:
    context = {
        "project": found, "unit": found.unit, "checks": list(asked.checks_of(found)[:5]), "draft_form": draft_form,
        "issue_form": issue_form, "recipients": asked.recipients_of(found),
        "approves": may(request.actor, "approve_document", found.unit), "pages_from": PAGES_FROM, **more,
    }  # fmt: skip
    response = page(request, "documents/project", context)
    response.status_code = status
    return response


@require_POST
@signed_in
def decide(request: HttpRequest, project_id: int) -> HttpResponse:
    """Agree to a project, turn it down, or drop it."""
    try:
        if "approve" in request.POST:
            actions.approve_document(request.actor, project_id)
            messages.success(request, _("已同意立项。"))
        elif "drop" in request.POST:
            actions.drop_document(request.actor, project_id)
            messages.success(request, _("不发了，这一件算为基层省下。"))
        else:
            actions.turn_down_document(request.actor, project_id, typed(request.POST, "note", 300))
            messages.success(request, _("没有同意，理由已告诉提出的人。"))
    except actions.NotInPlace as problem:
        messages.error(request, str(problem))
    return to(request, "offices:document", project_id)


@require_POST
@signed_in
def merge(request: HttpRequest) -> HttpResponse:
    """Make one document of several."""
    chosen_unit(request, VERB)
    ids = [int(one) for one in request.POST.getlist("project") if one.isdigit()]
    try:
        kept = actions.merge_documents(request.actor, ids[0], ids[1:]) if len(ids) > 1 else None
    except actions.NotInPlace as problem:
        messages.error(request, str(problem))
        return to(request, "offices:documents")
    if kept is None:
        messages.error(request, _("请至少选两件。"))
        return to(request, "offices:documents")
    messages.success(request, _("已合并成一件，少发 %(count)s 件。") % {"count": len(ids) - 1})
    return to(request, "offices:document", kept.pk)


@never_cache
@require_safe
@signed_in
def merging(request: HttpRequest) -> HttpResponse:
    """For the two offices: what several offices could issue together."""
    found = asked.county_proposals(request.actor, timezone.localdate())
    return page(request, "documents/merging", {"proposals": found})


# The drafting check


def in_memory(view):
    """Uploads of this view never touch the disk: the way is set before the form is read, then the token is checked."""

    @csrf_exempt
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        request.upload_handlers = [InMemory(request)]
        return csrf_protect(never_cache(signed_in(view)))(request, *args, **kwargs)

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@in_memory
def check(request: HttpRequest) -> HttpResponse:
    """A draft looked at in memory; nothing of it is kept."""
    unit = chosen_unit(request, VERB)
    if request.method != "POST":
        return _check_page(request, unit, DraftForm())
    form = DraftForm(request.POST, request.FILES)
    return _check_page(request, unit, form, _checked(form, unit))


def _check_page(request: HttpRequest, unit, form: DraftForm, found: Check | None = None) -> HttpResponse:
    action = f"{reverse('offices:draft_check')}?unit={unit.pk}"
    return page(request, "documents/check", {"form": form, "unit": unit, "action": action, **_shown(found)})


@require_http_methods(["POST"])
@in_memory
def check_project(request: HttpRequest, project_id: int) -> HttpResponse:
    """The draft of a project: looked at in memory; counts, kind and hash are kept."""
    found = actions.one_project(request.actor, project_id)
    form = DraftForm(request.POST, request.FILES)
    result = _checked(form, found.unit, required=found.required)
    if result is not None:
        try:
            actions.keep_check(request.actor, project_id, result)
        except actions.NotInPlace as problem:
            messages.error(request, str(problem))
    issue_form = IssueForm(initial={"day": timezone.localdate()})
    return _project_page(request, found, form, issue_form, **_shown(result))


@require_http_methods(["POST"])
@in_memory
def corrected_copy(request: HttpRequest) -> HttpResponse:
    """The draft as a .docx laid out by the standard; nothing of it is kept."""
    unit = chosen_unit(request, VERB)
    form = DraftForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            content = corrected(form.cleaned_data["draft"])
        except (CannotRead, MarkedSecret) as problem:
            form.add_error("draft", str(problem))
        else:
            name = form.cleaned_data["draft"].name.rpartition(".")[0] + _("-改版式.docx")
            response = HttpResponse(content, content_type=WORD)
            response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
            return response
    return _check_page(request, unit, form)


def _checked(form: DraftForm, unit, *, required: bool = False) -> Check | None:
    """What the check says, by the rules of the unit; None where the form does not fit."""
    if not form.is_valid():
        return None
    typed_in = form.cleaned_data
    asked_for, day = required or typed_in["required"], typed_in["on"] or timezone.localdate()
    issued, last_year = asked.last_year_of(unit, day) or (None, None)
    return check_draft(
        typed_in["draft"], on=day, rulebook=rulebook_for(unit), superior=typed_in["superior"],
        required=True if asked_for else None, issued=issued, last_year=last_year,
    )  # fmt: skip


def _shown(found: Check | None) -> dict:
    if found is None:
        return {}
    return {
        "check": found, "carrier": CARRIERS[found.kind.carrier], "counted": PAGES_FROM[found.size.pages_from],
        "by_hand": sum(not one.mended for one in found.layout),
        "told": (*found.disguises, *found.wrong_kinds, *found.signs),
    }  # fmt: skip


@require_POST
@signed_in
def issue(request: HttpRequest, project_id: int) -> HttpResponse:
    """Put the checked draft to the ledger; what does not fit says which rule, and what would."""
    found = actions.one_project(request.actor, project_id)
    form = IssueForm(request.POST)
    if not form.is_valid():
        return _project_page(request, found, DraftForm(), form, status=422)
    try:
        issuing = actions.Issuing(**form.cleaned_data, review="review" in request.POST)
        result = actions.issue_document(request.actor, project_id, issuing, key_of(request))
    except (*NOT_TAKEN, RulebookError) as problem:
        form.add_error(None, str(problem))
        return _project_page(request, found, DraftForm(), form, status=422)
    if result.ask is not None:
        messages.success(request, _("已提交：%(state)s。") % {"state": result.ask.get_state_display()})
        return to(request, "offices:ask", result.ask.pk)
    return _project_page(
        request, found, DraftForm(), form, status=422, outcome=result.outcome, refusals=said(result.answer)
    )  # fmt: skip
