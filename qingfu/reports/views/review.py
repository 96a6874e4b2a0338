"""The page of the report reader. Thin: see queries, drafts and forms. It writes nothing anywhere."""

from __future__ import annotations

import json
from urllib.parse import quote

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from qingfu.reports.drafts import packed, read_pasted
from qingfu.reports.forms import ENDINGS, MOST_CHARACTERS, MOST_FILES, DraftForm
from qingfu.reports.queries import claims
from qingfu.reports.queries.review import NOTES_SHOWN, Reading
from qingfu.text.files import CannotRead
from qingfu.text.review.claims import DIFFERS
from qingfu.text.review.commands import cleaned, commented
from qingfu.text.review.reader import as_row
from qingfu.text.review.several import rows_of
from qingfu.units.queries import Forbidden
from qingfu.units.uploads import MEGABYTE, MOST_BYTES, InMemory
from qingfu.units.web import signed_in

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@csrf_exempt  # the way of the upload is set before the form is read; `_review` checks the token
def review(request: HttpRequest) -> HttpResponse:
    """Put a report in; see what an editor would say of it."""
    request.upload_handlers = [InMemory(request)]
    return _review(request)


@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def _review(request: HttpRequest) -> HttpResponse:
    _require(request)
    if request.method != "POST":
        return _ask(request, DraftForm())
    person = request.actor.person_id
    warnings: list[str] = []
    if "state" in request.POST:
        try:
            reading = Reading.of(request.POST, person)
        except BadSignature:
            return _ask(request, DraftForm(), _("这一页已经过时，读不出来了。请重新粘贴或选择文件。"), status=422)
        if "again" in request.POST:
            reading = Reading([read_pasted(reading.repaired_text())], reading.on, QueryDict())
    else:
        form = DraftForm(request.POST, request.FILES)
        if not form.is_valid():
            return _ask(request, form, status=422)
        reading, warnings = Reading(form.drafts, form.cleaned_data["on"], QueryDict()), form.warnings
    _set_beside(request, reading)
    context = {
        "ledger": reading.ledger, "reading": reading, "state": packed(reading.drafts, reading.on, person),
        "warnings": warnings, "notes_shown": NOTES_SHOWN, "notes_first": f":{NOTES_SHOWN}",
        "notes_rest": f"{NOTES_SHOWN}:",
        "made": len(reading.accepted[reading.current]),
    }  # fmt: skip
    return render(request, "reports/result.html", context)


def _set_beside(request: HttpRequest, reading: Reading) -> None:
    """Each text beside the ledger; what was chosen for one text is nothing to another that is to be shown."""
    chosen = {} if "show" in request.POST else request.POST
    documents = [review.document for review in reading.reviews]
    reading.ledgers = claims.beside(request.actor, documents, reading.current, chosen)


def _require(request: HttpRequest) -> None:
    if not request.actor.posts_for("review_report"):
        raise Forbidden("review_report")


def _ask(request: HttpRequest, form: DraftForm, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "form": form, "problem": problem, "endings": ENDINGS, "most_files": MOST_FILES,
        "beside_ledger": bool(claims.units_for(request.actor)),
        "most_megabytes": MOST_BYTES // MEGABYTE, "most_characters": f"{MOST_CHARACTERS:,}",
    }  # fmt: skip
    return render(request, "reports/ask.html", context, status=status)


@require_POST
@never_cache
@signed_in
def download(request: HttpRequest) -> HttpResponse:
    """The text under review as Word with comments, as Word with accepted repairs tracked, or findings as JSON."""
    _require(request)
    make = MAKERS.get(request.POST.get("what", ""))
    if make is None:
        return HttpResponseBadRequest(_("没有这种下载。"))
    try:
        reading = Reading.of(request.POST, request.actor.person_id)
        if "unit" in request.POST:
            _set_beside(request, reading)
        return make(reading)
    except BadSignature:
        return _ask(request, DraftForm(), _("这一页已经过时，读不出来了。请重新粘贴或选择文件。"), status=422)
    except CannotRead as error:
        return _ask(request, DraftForm(), str(error), status=422)


def _with_comments(reading: Reading) -> HttpResponse:
    findings = [*reading.review.findings, *(one.finding() for one in reading.claims if one.verdict == DIFFERS)]
    return _file(commented(reading.draft.source(), findings), WORD, _stem(reading) + _("-批注.docx"))


def _with_changes(reading: Reading) -> HttpResponse:
    content = cleaned(reading.draft.source(), reading.accepted_findings())
    return _file(content, WORD, _stem(reading) + _("-修订.docx"))


def _as_lines(reading: Reading) -> HttpResponse:
    beside = [
        as_row(review.document, one.finding()) | {"claim": {"unit": ledger.unit.name, **one.as_row()}}
        for review, ledger in zip(reading.reviews, reading.ledgers, strict=False)
        for one in ledger.checked
    ]
    rows = [*rows_of(reading.reviews), *beside]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return _file(lines.encode(), "application/x-ndjson", _stem(reading) + ".jsonl")


MAKERS = {"word": _with_comments, "changes": _with_changes, "lines": _as_lines}


def _stem(reading: Reading) -> str:
    name = reading.draft.name
    return name.rpartition(".")[0] or name


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response
