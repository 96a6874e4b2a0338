"""应用、小程序、公众号、工作群: the register, the yearly questions, the clean-up, a list brought along."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.findings.queries import visible
from qingfu.offices import actions, queries
from qingfu.offices.channels import bans, purposes, settings
from qingfu.offices.forms.channels import (
    COLUMNS,
    AnswersForm,
    ChannelForm,
    FilterForm,
    ReviewForm,
    banned_texts,
    example_rows,
    read_list,
)
from qingfu.offices.models import Channel
from qingfu.offices.queries import channels as data
from qingfu.offices.verdicts import said
from qingfu.offices.views.desk import NOT_TAKEN, chosen_unit, excel, key_of, page, paged, to
from qingfu.units.actions import MAX_BYTES
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, may
from qingfu.units.web import signed_in
from qingfu.units.workbook.safety import WorkbookError

SALT = "offices.channels.import"
HELD = 3600
"""For so many seconds a list that was looked at can be taken in."""
FIELDS = (
    "carrier", "name", "purpose", "about", "kinds", "unit_ids", "headcount", "source", "forced", "safety",
    "filing_number",
)  # fmt: skip
DAYS = ("since", "filed_on")


@never_cache
@require_safe
@signed_in
def channels(request: HttpRequest) -> HttpResponse:
    """What the office keeps, and what it must use itself."""
    today = timezone.localdate()
    form, rows = _narrowed(request, today)
    unit = chosen_unit(request, "see_below")
    found = paged(request, rows)
    context = {
        "unit": unit, "form": form, "page": found, "rows": [(one, banned_texts(one)) for one in found],
        "keeps": bool(request.actor.posts_for("see_office")), "used": _used(request) == "used",
        "registers": bool(request.actor.posts_for("register_channel")), "overdue": data.overdue_before(today),
        "must_use": data.used_by(unit).count() if unit.kind != Unit.Kind.COUNTY else 0,
    }  # fmt: skip
    return page(request, "channels/list", context)


def _used(request: HttpRequest) -> str:
    """Which of the two lists: what is kept, or what must be used; whoever keeps none sees the second."""
    keeps = request.actor.posts_for("see_office")
    return "used" if request.GET.get("list") == "used" or not keeps else "kept"


def _narrowed(request: HttpRequest, today: date):
    unit, form = chosen_unit(request, "see_below"), FilterForm(request.GET)
    rows = data.used_by(unit) if _used(request) == "used" else data.kept_by(request.actor)
    return form, data.narrowed(rows, today, **form.chosen())


@never_cache
@require_safe
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """The list as it stands, as a workbook."""
    _form, rows = _narrowed(request, timezone.localdate())
    heads = [
        _("单位"), *COLUMNS, _("不得的功能"), _("最近自查"), _("状态"), _("处理日期"), _("理由"),
    ]  # fmt: skip
    several = list(rows)
    names = _names(several)
    return excel("channels.xlsx", _("应用和工作群"), heads, [_line(one, names) for one in several])


def _names(several: list[Channel]) -> dict[int, str]:
    """The single units that channels name, by id."""
    ids = {pk for one in several for pk in one.unit_ids}
    return dict(Unit.objects.filter(pk__in=ids).values_list("pk", "name"))


def _users(one: Channel, names: dict[int, str]) -> str:
    """Who uses it, as people read it."""
    kinds = [str(Unit.Kind(kind).label) for kind in one.kinds]
    return "、".join([*kinds, *(names[pk] for pk in one.unit_ids)])


def _line(one: Channel, names: dict[int, str]) -> list:
    return [
        one.unit.name, one.name, one.get_carrier_display(), purposes()[one.purpose], one.about, _users(one, names),
        one.headcount, one.get_source_display(), one.since, one.forced, one.safety, one.filing_number, one.filed_on,
        "；".join(banned_texts(one)), one.reviewed_on, one.get_state_display(), one.decided_on, one.reason,
    ]  # fmt: skip


@never_cache
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Register one: what is in use is stated, what is to begin is judged first."""
    unit = chosen_unit(request, "register_channel")
    units = _units(request, unit)
    form = ChannelForm(request.POST or None, units=units, initial={"since": timezone.localdate()})
    answers = AnswersForm(request.POST or None, carriers=Channel.Carrier.values)
    context = {"unit": unit, "form": form, "answers": answers}
    if request.method == "POST" and form.is_valid() and answers.is_valid():
        channel = form.channel(unit)
        try:
            made, result = actions.register_channel(
                request.actor, channel, answers.answers(channel.carrier), key_of(request),
                reason=request.POST.get("reason", "")[:300], review="review" in request.POST,
            )  # fmt: skip
        except NOT_TAKEN as problem:
            form.add_error(None, str(problem))
        else:
            if made is not None and result is not None and result.outcome == "waiting":
                messages.info(request, _("已提请两办审核，同意后列入名录。"))
                return to(request, "offices:channels")
            if made is not None:
                _tell(request, made)
                return to(request, "offices:channel", made.pk)
            context |= {"outcome": result.outcome, "said": said(result.answer), "why": result.answer.why}
    return page(request, "channels/new", context)


def _units(request: HttpRequest, unit: Unit) -> list[Unit]:
    return list(queries.bearers_for(request.actor, unit, "register_channel", timezone.localdate()))


def _tell(request: HttpRequest, channel: Channel) -> None:
    if data.open_findings(channel).exists():
        messages.warning(request, _("已登记。有不合规定的，已列为问题，请按期整改。"))
    else:
        messages.success(request, _("已登记。"))


@never_cache
@require_safe
@signed_in
def one(request: HttpRequest, channel_id: int) -> HttpResponse:
    """One channel: what it is, what was answered, what is to be put right."""
    return _one(request, channel_id)


def _one(request: HttpRequest, channel_id: int, **more) -> HttpResponse:
    today = timezone.localdate()
    found = data.one_channel(request.actor, channel_id, today)
    mine = may(request.actor, "register_channel", found.unit)
    opens = set(visible(request.actor).filter(object_kind="channel").values_list("pk", flat=True))
    context = {
        "channel": found, "mine": mine, "purpose": purposes()[found.purpose],
        "users": _users(found, _names([found])), "overdue": data.overdue_before(today),
        "findings": [(one, one.pk in opens) for one in data.open_findings(found)],
        "reviews": [
            (row, [bans()[code].text for code in row.answers]) for row in found.reviews.order_by("-day", "-pk")
        ],
    }  # fmt: skip
    if mine and found.state == Channel.State.KEPT:
        into = request.GET.get("into", "")
        start = {"state": Channel.State.MERGED, "into": into} if into else {}
        context["form"] = ReviewForm(targets=data.could_take(found), initial={"forced": found.forced, **start})
        context["answers"] = AnswersForm(carriers=[found.carrier], said=found.answers)
    return page(request, "channels/one", {**context, **more})


@require_POST
@signed_in
def review(request: HttpRequest, channel_id: int) -> HttpResponse:
    """自查: keep, merge or close."""
    found = data.one_channel(request.actor, channel_id, timezone.localdate())
    if not may(request.actor, "register_channel", found.unit):
        raise Forbidden("register_channel", found.unit)
    form = ReviewForm(request.POST, targets=data.could_take(found))
    answers = AnswersForm(request.POST, carriers=[found.carrier])
    if not form.is_valid() or not answers.is_valid():
        return _one(request, channel_id, form=form, answers=answers)
    what = form.cleaned_data
    try:
        kept = actions.review_channel(
            request.actor, channel_id, what["state"], answers.answers(found.carrier), what["reason"],
            into_id=what["into"], forced=what["forced"], filing_number=what["filing_number"], filed_on=what["filed_on"],
        )  # fmt: skip
    except actions.NotInPlace as problem:
        form.add_error(None, str(problem))
        return _one(request, channel_id, form=form, answers=answers)
    _tell(request, kept)
    return to(request, "offices:channel", channel_id)


@never_cache
@require_safe
@signed_in
def cleanup(request: HttpRequest) -> HttpResponse:
    """清理: what is overdue, what does the same for the same, and where the county stands with its schools."""
    if not request.actor.posts_for("see_office"):
        raise Forbidden("see_office")
    today, county = timezone.localdate(), Unit.objects.get(pk=request.actor.tenant_id)
    rows = data.kept_by(request.actor)
    late = paged(request, data.narrowed(rows, today, what=data.OVERDUE))
    context = {
        "late": late, "duplicates": data.duplicates(rows), "schools": data.school_cleanup(county, today),
        "months": settings()["review"]["months"], "registers": bool(request.actor.posts_for("register_channel")),
    }  # fmt: skip
    return page(request, "channels/cleanup", context)


@never_cache
@require_safe
@signed_in
def template(request: HttpRequest) -> HttpResponse:
    """The empty workbook with one example."""
    chosen_unit(request, "register_channel")
    return excel("channels-template.xlsx", _("名录"), list(COLUMNS), example_rows())


@never_cache
@signed_in
def bring(request: HttpRequest) -> HttpResponse:
    """导入: look first; what is bad is named by row and column; taken in only when told to."""
    unit, today = chosen_unit(request, "register_channel"), timezone.localdate()
    context: dict = {"unit": unit}
    if request.method == "POST" and "rows" in request.POST:
        return _take_in(request, unit)
    if request.method == "POST":
        file = request.FILES.get("workbook")
        try:
            if file is None:
                raise WorkbookError(_("请选一个 .xlsx 文件"))
            known = data.known_to(unit)
            found, problems = read_list(file.read(MAX_BYTES + 1), unit, _units(request, unit), today, known)
        except WorkbookError as problem:
            found, problems = [], [str(problem)]
        most = settings()["import"]["problems"]
        context |= {"problems": problems[:most], "more": max(0, len(problems) - most), "count": len(found)}
        if found and not problems:
            context |= {"found": found, "rows": signing.dumps([unit.pk, _plain(found)], salt=SALT, compress=True)}
    return page(request, "channels/import", context)


def _plain(found: list[Channel]) -> list[dict]:
    return [
        {field: getattr(one, field) for field in FIELDS}
        | {field: getattr(one, field) and getattr(one, field).isoformat() for field in DAYS}
        for one in found
    ]


def _take_in(request: HttpRequest, unit: Unit) -> HttpResponse:
    try:
        unit_id, rows = signing.loads(request.POST["rows"], salt=SALT, max_age=HELD)
        if unit_id != unit.pk:
            raise signing.BadSignature
        several = [
            Channel(**{**row, **{field: row[field] and date.fromisoformat(row[field]) for field in DAYS}})
            for row in rows
        ]
        count = actions.import_channels(request.actor, unit, several)
    except signing.BadSignature:
        messages.error(request, _("看过的名单过了一小时，请重新上传。"))
    except actions.NotInPlace as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("已导入 %(count)s 个，都等着自查。") % {"count": count})
        return to(request, "offices:channels")
    return to(request, "offices:channels_import")
