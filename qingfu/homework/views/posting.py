"""From a message, or from the week plan, to a posting; and what to do when it does not fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingfu.homework import actions, queries
from qingfu.homework.advice import advice
from qingfu.homework.forms import Check, fields_of
from qingfu.homework.items import ALL_SUBJECTS, Item, Posting, Target
from qingfu.homework.models import PlanItem
from qingfu.homework.reading import (
    LONGEST_TEXT,
    Line,
    clean,
    flagged_items,
    flagged_message,
    flagged_remarks,
    understand,
)
from qingfu.homework.views.desk import Desk, desk_of, ids_of, key_of, page
from qingfu.homework.views.today import Today, today_page
from qingfu.ledger import actions as ledger
from qingfu.ledger.answers import Answer
from qingfu.rulebook import Verdict
from qingfu.text.plain import TextTooLong
from qingfu.units.web import signed_in

STEPS = [gettext_lazy("写下"), gettext_lazy("核对"), gettext_lazy("公示")]
MOST_LINTED = 2000  # characters that are looked at while somebody types
MOST_LINES = 30


@require_POST
@signed_in
def lint(request: HttpRequest) -> HttpResponse:
    """What the message may not ask, while she types it."""
    desk = desk_of(request)
    chosen = desk.chosen(request.POST.get("to", ""))
    text = request.POST.get("text", "")[:MOST_LINTED]
    flagged = []
    if chosen:
        flagged = flagged_message(text, chosen[0], desk.board, desk.first_day)
    return render(request, "homework/_flagged.html", {"flagged": flagged})


@never_cache
@require_GET
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Structured entry: the same form as after reading a message, with one empty item."""
    desk = desk_of(request)
    chosen = desk.chosen(request.GET.get("to", ""))
    return check_page(request, desk, _blank_check(desk, chosen, [_blank_item(desk, chosen)]))


@require_POST
@signed_in
def read(request: HttpRequest) -> HttpResponse:
    """What was understood of a message, to be corrected."""
    desk = desk_of(request)
    text, to = request.POST.get("text", ""), request.POST.get("to", "")
    chosen = desk.chosen(to)
    if not chosen or not text.strip():
        error = _("先写下作业，再点“读一读”。") if chosen else _("您现在没有任课的班级，请联系教务处。")
        return today_page(request, Today(desk, to, text, error))
    try:
        reading, lines = understand(text, chosen[0].classes[0].grade, _own_subject(chosen), desk.first_day, desk.board)
    except TextTooLong as problem:
        return today_page(request, Today(desk, to, text, str(problem)))
    hers = [line for line in lines if _is_hers(line, chosen)]
    flags = flagged_remarks(text, reading, chosen[0], desk.board, desk.first_day)
    check = _blank_check(desk, chosen, [_initial(line, desk) for line in hers[:MOST_LINES]])
    return check_page(
        request, desk, check, read=True, not_hers=[line for line in lines if not _is_hers(line, chosen)],
        remarks=[clean(one.text) for one in reading.remarks], remark_flags=flags,
        too_many=len(hers) - MOST_LINES,
    )  # fmt: skip


def _own_subject(chosen: list[Target]) -> str | None:
    """The subject of a message that names none: hers, if she teaches only one there."""
    subjects = frozenset().union(*(target.subjects for target in chosen))
    return next(iter(subjects)) if len(subjects) == 1 and ALL_SUBJECTS not in subjects else None


def _is_hers(line: Line, chosen: list[Target]) -> bool:
    return line.subject is None or any(target.takes(line.subject) for target in chosen)


def _initial(line: Line, desk: Desk) -> dict:
    return {
        "subject": line.subject or desk.subjects[0], "text": line.text[:LONGEST_TEXT], "form": line.form,
        "required": "1" if line.required else "0", "place": line.place, "minutes": line.minutes,
        "due_day": line.due_day, "why": _("您写的") if line.stated else line.why,
    }  # fmt: skip


def _blank_item(desk: Desk, chosen: list[Target]) -> dict:
    subject = _own_subject(chosen) or next(iter(desk.subjects), "")
    return {"subject": subject, "form": "written", "required": "1"}


def _blank_check(desk: Desk, chosen: list[Target], items: list[dict]) -> Check:
    shared = {"day": desk.first_day, "to": [target.code for target in chosen]}
    return Check(desk.targets, desk.board.calendar, initial={"shared": shared, "items": items})


def check_page(request: HttpRequest, desk: Desk, check: Check, **more) -> HttpResponse:
    """核对. What the items ask and what it would come to is worked out from what the form shows now."""
    posting = check.posting() if check.shared.is_bound and check.is_valid() else _shown(check, desk)
    context = {**judged(desk, posting), "check": check, "steps": STEPS, "posting": posting, **more}
    return page(request, "check", context)


def judged(desk: Desk, posting: Posting) -> dict:
    """The bars after posting and the warnings, for the page and for its fragment."""
    after = queries.bars_after(desk.board, posting)
    return {
        "after": [(unit, after[unit.pk]) for unit in posting.classes()],
        "flagged": flagged_items(posting.items, desk.board, posting.day),
        "late": any(desk.board.is_late(unit, posting.day) for unit in posting.classes()),
    }


def _shown(check: Check, desk: Desk) -> Posting:
    """A posting of what a fresh form shows, or of nothing where it cannot be read yet."""
    if check.shared.is_bound:
        return Posting(desk.first_day, ())
    shared = check.shared.initial
    chosen = [target for target in desk.targets if target.code in shared["to"]]
    items = [
        Item(
            one["subject"], one["text"], one["form"], one["required"] == "1", one["minutes"], one["place"],
            targets=tuple(target for target in chosen if target.takes(one["subject"])),
        )
        for one in check.items.initial
        if one.get("text")
    ]  # fmt: skip
    return Posting(shared["day"], tuple(items))


@require_POST
@signed_in
def preview(request: HttpRequest) -> HttpResponse:
    """The bars and warnings of 核对 while she corrects it."""
    desk = desk_of(request)
    check = Check(desk.targets, desk.board.calendar, request.POST)
    posting = check.posting() if check.is_valid() else Posting(desk.first_day, ())
    return render(request, "homework/_after.html", {**judged(desk, posting), "posting": posting, "swap": True})


@require_POST
@signed_in
def post(request: HttpRequest) -> HttpResponse:
    """Post what was checked; or change it as one of the buttons says and post that."""
    desk = desk_of(request)
    if {"add", "recheck", "remove"} & set(request.POST):
        return check_page(request, desk, _changed_check(desk, request))
    check = Check(desk.targets, desk.board.calendar, request.POST)
    if not check.is_valid():
        return check_page(request, desk, check)
    posting = amended(check.posting(), request)
    again = Check(desk.targets, desk.board.calendar, as_data(posting))
    if "redo" in request.POST or not posting.items or not again.is_valid():
        return check_page(request, desk, again)
    return put(request, desk, posting)


def _changed_check(desk: Desk, request: HttpRequest) -> Check:
    data = request.POST.copy()
    if "add" in data:
        count = _count(data)
        data["i-TOTAL_FORMS"] = str(count + 1)
        chosen = [target for target in desk.targets if target.code in data.getlist("to")]
        for name, value in _blank_item(desk, chosen or desk.targets).items():
            data[f"i-{count}-{name}"] = value
    elif data.get("remove", "").isdecimal():
        data = _without_item(data, int(data["remove"]))
    return Check(desk.targets, desk.board.calendar, data)


def _without_item(data: QueryDict, gone: int) -> QueryDict:
    """What was typed, without one item."""
    left = QueryDict(mutable=True)
    for name, values in data.lists():
        head, number, field = (*name.split("-", 2), "", "")[:3]
        if head != "i" or not number.isdecimal():
            left.setlist(name, values)
        elif int(number) != gone:
            left.setlist(f"i-{int(number) - (int(number) > gone)}-{field}", values)
    left["i-TOTAL_FORMS"] = str(max(0, _count(data) - 1))
    return left


def _count(data: QueryDict) -> int:
    """How many items a form says that it has."""
    said = data.get("i-TOTAL_FORMS", "")
    return min(int(said), MOST_LINES) if said.isdecimal() else 0


def as_data(posting: Posting) -> QueryDict:
    """A posting as if it had been typed."""
    data = QueryDict(mutable=True)
    for name, value in fields_of(posting):
        data.appendlist(name, value)
    return data


def amended(posting: Posting, request: HttpRequest) -> Posting:
    """The posting as a button of the refusal page wants it: fewer minutes, another day, an item less.

    Raises Http404 for a button that is none of ours.
    """
    try:
        if "minutes" in request.POST:
            n, minutes = request.POST["minutes"].split(":")
            return posting.with_minutes(int(n), int(minutes))
        if "drop" in request.POST:
            return posting.without(int(request.POST["drop"]))
        if "move" in request.POST:
            return _moved(posting, date.fromisoformat(request.POST["move"]))
    except (ValueError, IndexError):
        raise Http404
    return posting


def _moved(posting: Posting, day: date) -> Posting:
    items = [
        replace(item, due_day=item.due_day + (day - posting.day)) if item.due_day else item
        for item in posting.items
    ]
    return replace(posting, day=day, items=tuple(items))


def put(request: HttpRequest, desk: Desk, posting: Posting) -> HttpResponse:
    """Post, and go back to 今天; or say why not and what would fit."""
    try:
        answer = actions.post_homework(request.actor, posting, key_of(request))
    except actions.NothingToPost as problem:
        messages.error(request, str(problem))
        return redirect("homework:today")
    except ledger.KeyReused:
        messages.warning(request, _("这份作业刚才已经提交过。如果又改了内容，请核对后再点一次公示。"))
        return check_page(request, desk, Check(desk.targets, desk.board.calendar, as_data(posting)))
    except ledger.Overtaken as problem:
        messages.warning(request, str(problem))
        return check_page(request, desk, Check(desk.targets, desk.board.calendar, as_data(posting)))
    if answer.ok:
        messages.success(request, said(posting, answer))
        return redirect("homework:today")
    return refused(request, desk, posting, answer)


def said(posting: Posting, answer: Answer) -> str:
    names = "、".join(unit.name for unit in posting.classes())
    count = len(posting.items)
    text = _("已公示：%(classes)s %(count)s 项。") % {"classes": names, "count": count}
    if any(item.verdict == Verdict.WARN for item in answer.over):
        return text + _("带着提醒公示，理由已记下。")
    return text


def refused(request: HttpRequest, desk: Desk, posting: Posting, answer: Answer) -> HttpResponse:
    """放不下，可以这样调."""
    if answer.outcome == "closed":
        messages.warning(request, answer.why)
        return check_page(request, desk, Check(desk.targets, desk.board.calendar, as_data(posting)))
    context = {"advice": advice(request.actor, posting, answer), "fields": fields_of(posting), "posting": posting}
    return page(request, "refusal", context)


@require_POST
@signed_in
def confirm(request: HttpRequest) -> HttpResponse:
    """One tap: post items of the week plan to all their classes."""
    desk = desk_of(request)
    mine = PlanItem.objects.filter(pk__in=ids_of(request, "item"), plan__author_id=request.actor.person_id)
    rows = list(mine.exclude(state=PlanItem.State.DROPPED).select_related("plan__school"))
    if not rows or len({row.day for row in rows}) > 1:
        raise Http404
    for row in rows:
        if queries.waits_for_approval(row.plan):
            messages.warning(request, _("“%(text)s”还在等审批。") % {"text": row.text})
            return redirect("homework:today")
    items = tuple(queries.items_of_plan(rows, desk.targets))
    return put(request, desk, Posting(rows[0].day, items, plan_items=tuple(row.pk for row in rows)))
