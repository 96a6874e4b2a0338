"""基数: this year's figures of the year before, their source and versions, what is missing, and bringing it along."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qingfu.ledger.actions import BadFigure, Figure
from qingfu.ledger.queries import broken_baselines
from qingfu.offices import actions
from qingfu.offices.forms.baselines import COLUMNS, ChangeForm, FilterForm, SuccessorsForm, read_list
from qingfu.offices.queries import baselines as data
from qingfu.offices.views.desk import excel, page, paged, to
from qingfu.units.actions import MAX_BYTES
from qingfu.units.queries import Forbidden, may
from qingfu.units.web import signed_in
from qingfu.units.workbook.safety import WorkbookError

VERB = "freeze_baselines"
SALT = "offices.baselines.import"
HELD = 3600
"""Seconds that figures which were looked at may be taken in."""


def _lines(request: HttpRequest, verb: str = "") -> list[data.Line]:
    units = data.seen_by(request.actor, timezone.localdate())
    if verb:
        units = [unit for unit in units if may(request.actor, verb, unit)]
    return data.lines_of(units, timezone.localdate())


@never_cache
@require_safe
@signed_in
def baselines(request: HttpRequest) -> HttpResponse:
    """This year's baselines: figure, source, versions; what is missing and what to do about it."""
    form, lines = FilterForm(request.GET), _lines(request)
    several = paged(request, data.narrowed(lines, **form.chosen()))
    context = {
        "form": form, "page": several, "missing": sum(one.missing for one in lines), "all": len(lines),
        "year": timezone.localdate().year, "freezes": bool(request.actor.posts_for(VERB)),
    }  # fmt: skip
    return page(request, "baselines/list", context)


@never_cache
@require_safe
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """The same list as a workbook."""
    heads = [_("单位"), _("规定"), _("依据"), _("基数"), _("来源"), _("出处"), _("第几版"), _("情况")]
    rows = []
    for one in data.narrowed(_lines(request), **FilterForm(request.GET).chosen()):
        known = one.latest
        figures = [known.amount, known.get_origin_display(), known.source, known.version] if known else ["", "", "", ""]
        rows.append([one.unit.name, one.limit.title, one.document, *figures, str(one.state.value)])
    return excel("baselines.xlsx", _("基数"), heads, rows)


@never_cache
@require_safe
@signed_in
def template(request: HttpRequest) -> HttpResponse:
    """A workbook with a line for every figure that is missing; only the figure and its source are to be filled in."""
    if not request.actor.posts_for(VERB):
        raise Forbidden(VERB)
    missing = [one for one in _lines(request, VERB) if one.missing]
    rows = [[one.unit.name, one.limit.title, one.year - 1, "", ""] for one in missing]
    return excel("baselines-template.xlsx", _("基数"), COLUMNS, rows)


@never_cache
@signed_in
def bring(request: HttpRequest) -> HttpResponse:
    """导入: look first; what is bad is named by row and column; frozen only when told to."""
    lines = _lines(request, VERB)
    if not request.actor.posts_for(VERB):
        raise Forbidden(VERB)
    if request.method == "POST" and "rows" in request.POST:
        return _take_in(request)
    context: dict = {"year": timezone.localdate().year - 1}
    if request.method == "POST":
        file = request.FILES.get("workbook")
        try:
            if file is None:
                raise WorkbookError(_("请选一个 .xlsx 或 .csv 文件"))
            found, same, problems = read_list(file.read(MAX_BYTES + 1), file.name, lines)
            if not (found or same or problems):
                raise WorkbookError(_("“数”这一列都是空的"))
        except WorkbookError as problem:
            found, same, problems = [], 0, [str(problem)]
        most = data.settings()["problems"]
        context |= {"problems": problems[:most], "more": max(0, len(problems) - most), "same": same}
        if found and not problems:
            named = {one.place: one for one in lines}
            context["found"] = [(named[one.bearer_id, one.limit_id], one) for one in found]
            context["rows"] = signing.dumps(
                [request.actor.person_id, [vars(one) for one in found]], salt=SALT, compress=True
            )
    return page(request, "baselines/import", context)


def _take_in(request: HttpRequest) -> HttpResponse:
    try:
        person_id, rows = signing.loads(request.POST["rows"], salt=SALT, max_age=HELD)
        if person_id != request.actor.person_id:
            raise signing.BadSignature
        count = actions.import_baselines(request.actor, [Figure(**row) for row in rows])
    except signing.BadSignature:
        messages.error(request, _("看过的名单过了一小时，请重新上传。"))
    except (actions.NotInPlace, BadFigure) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("已冻结 %(count)s 个数。") % {"count": count})
        return to(request, "offices:baselines")
    return to(request, "offices:baselines_import")


@never_cache
@signed_in
def one(request: HttpRequest, baseline_id: int) -> HttpResponse:
    """All versions of one figure; whoever may freeze adds one."""
    versions = data.history_of(request.actor, baseline_id)
    latest = versions[-1]
    changes = may(request.actor, VERB, latest.bearer) and latest.year == timezone.localdate().year
    form = ChangeForm(request.POST or None, initial={"amount": latest.amount}) if changes else None
    if request.method == "POST":
        if form is None:
            raise Forbidden(VERB, latest.bearer)
        if form.is_valid():
            said = form.cleaned_data
            try:
                made = actions.change_baseline(
                    request.actor, baseline_id, said["amount"], said["office"], said["reason"]
                )
                messages.success(request, _("已记下新版本，从现在起按它算；以前发出的不变。"))
                return to(request, "offices:baseline", made.pk)
            except (actions.NotInPlace, BadFigure) as problem:
                form.add_error(None, str(problem))
    broken = broken_baselines() & {row.pk for row in versions}
    context = {
        "versions": versions[::-1], "latest": latest, "form": form, "broken": broken,
        "title": data.limit_title(latest.bearer_id, latest.limit_id),
    }  # fmt: skip
    return page(request, "baselines/one", context)


@never_cache
@signed_in
def successors(request: HttpRequest) -> HttpResponse:
    """单位合并、拆分: who carries on what a unit did, with shares."""
    today: date = timezone.localdate()
    if not request.actor.posts_for(VERB):
        raise Forbidden(VERB)
    units = [unit for unit in data.seen_by(request.actor, today) if may(request.actor, VERB, unit)]
    form = SuccessorsForm(request.POST or None, units=units, initial={"since": today})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        before = next(unit for unit in units if unit.pk == said["before"])
        try:
            actions.name_successors(request.actor, before, said["since"], form.shares(), said["office"])
            messages.success(request, _("已记下，今年的基数已按份额分好。"))
            return to(request, "offices:baselines")
        except actions.NotInPlace as problem:
            form.add_error(None, str(problem))
    return page(request, "baselines/units", {"form": form, "successions": data.successions()})
