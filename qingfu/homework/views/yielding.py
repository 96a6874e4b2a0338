"""协商: asking a colleague for minutes, and answering."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingfu.homework import actions
from qingfu.homework.forms import Check
from qingfu.homework.items import Posting
from qingfu.homework.reading import clean
from qingfu.homework.views.desk import Desk, desk_of, ids_of, key_of
from qingfu.homework.views.posting import as_data, check_page, refused, said
from qingfu.ledger import actions as ledger
from qingfu.ledger.answers import Answer
from qingfu.units.web import signed_in


@require_POST
@signed_in
def ask(request: HttpRequest) -> HttpResponse:
    """Ask a colleague for minutes; classes where all fits are posted at once."""
    desk = desk_of(request)
    check = Check(desk.targets, desk.board.calendar, request.POST)
    if not check.is_valid():
        return check_page(request, desk, check)
    posting = check.posting()
    unit = next((one for one in posting.classes() if [one.pk] == ids_of(request, "class")), None)
    numbers = ids_of(request, "demand") + ids_of(request, "yield")
    if unit is None or len(numbers) != 2:
        raise Http404
    try:
        made = actions.ask_colleague(
            request.actor, posting, unit, *numbers, key_of(request),
            clean(request.POST.get("message", "")),
        )  # fmt: skip
    except actions.NotHeld as problem:
        return refused(request, desk, posting.for_class(unit.pk), problem.answer)
    except (actions.CannotAsk, ledger.KeyReused) as problem:
        messages.warning(request, str(problem))
        return check_page(request, desk, Check(desk.targets, desk.board.calendar, as_data(posting)))
    messages.success(
        request,
        _("已请%(name)s老师让 %(minutes)s 分钟，为您预留一天；她同意后就公示给%(place)s。")
        % {"name": made.asked.name, "minutes": made.minutes, "place": unit.name},
    )
    rest = posting.without_classes([unit.pk])
    if not rest.items:
        return redirect("homework:today")
    return put_rest(request, desk, rest)


def put_rest(request: HttpRequest, desk: Desk, rest: Posting) -> HttpResponse:
    """The classes that nobody has to be asked for."""
    answer = actions.post_homework(request.actor, rest, f"{key_of(request)}-rest")
    if answer.ok:
        messages.success(request, said(rest, answer))
        return redirect("homework:today")
    return refused(request, desk, rest, answer)


@require_POST
@signed_in
def answer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Accept or decline what a colleague asks."""
    try:
        if "accept" in request.POST:
            _tell(request, actions.accept_request(request.actor, request_id, key_of(request)))
        else:
            note = clean(request.POST.get("note", ""))
            actions.decline_request(request.actor, request_id, key_of(request), note)
            messages.success(request, _("已答复：这次不行。预留的分钟数已经放开。"))
    except (actions.CannotAsk, ValueError) as problem:
        messages.warning(request, str(problem))
    return redirect("homework:today")


def _tell(request: HttpRequest, answer: Answer) -> None:
    if answer.ok:
        messages.success(request, _("已让出，对方的作业已经公示。谢谢您。"))
    else:
        messages.warning(request, _("没有办成：预留已经过期，或者那一天又满了。请对方重新提出。"))


@require_POST
@signed_in
def withdraw_ask(request: HttpRequest, request_id: int) -> HttpResponse:
    """The asker does not need it any more."""
    try:
        actions.withdraw_request(request.actor, request_id, key_of(request))
        messages.success(request, _("已撤回协商，预留的分钟数已经放开。"))
    except actions.CannotAsk as problem:
        messages.warning(request, str(problem))
    return redirect("homework:today")
