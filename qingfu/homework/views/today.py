"""今天: the teacher's one page, and taking homework back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingfu.homework import actions, queries
from qingfu.homework.reading import clean
from qingfu.homework.views.desk import Desk, desk_of, ids_of, key_of, page
from qingfu.ledger import actions as ledger
from qingfu.ledger.models import Demand
from qingfu.units.web import signed_in


@never_cache
@require_GET
@signed_in
def today(request: HttpRequest) -> HttpResponse:
    """Her classes with what is left, her plan with one tap, requests of colleagues, what she has posted."""
    return page(request, "today", today_context(desk_of(request), request.GET.get("to", "")))


def today_context(desk: Desk, to: str, text: str = "", error: str = "") -> dict:
    calendar = desk.board.calendar
    first, second = queries.working_days(calendar, desk.today)
    beside = desk.beside
    planned = queries.planned_for(beside.planned, first)
    waiting = [row for row in planned if row.waits]
    ready = [row for row in planned if not row.waits]
    return {
        "today": queries.day_name(calendar, desk.today, desk.today), "date": desk.today,
        "weekday": queries.WEEKDAYS[desk.today.weekday()],
        "first": queries.day_name(calendar, first, desk.today), "rest": calendar.day(desk.today),
        "term_week": calendar.term_week(desk.today) if calendar.in_term(desk.today) else None,
        "cards": queries.class_bars(desk.board, desk.targets, [first, second]),
        "plan": queries.named_items(ready, desk.targets), "waiting": queries.named_items(waiting, desk.targets),
        "posted": queries.posted_for(beside.posted, first, calendar),
        "asked_of": queries.asked_of_with_items(desk.actor, calendar) if beside.asked_of else [],
        "asked_by": queries.asked_by(desk.actor) if beside.asked_by else [],
        "to_second": queries.withdrawals_to_second(desk.actor) if beside.to_second else [],
        "choices": desk.choices(), "to": to, "text": text, "error": error,
    }  # fmt: skip


# ---- taking back ----


@require_POST
@signed_in
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take homework back; after lessons it needs a reason and a second person."""
    ids = ids_of(request, "demand")
    reason = clean(request.POST.get("reason", ""))[:300]
    try:
        answer = actions.withdraw_homework(request.actor, ids, key_of(request), reason)
    except ValueError as problem:
        messages.warning(request, str(problem))
        return redirect("homework:today")
    if answer.outcome == "needs_reason":
        rows = Demand.objects.filter(id__in=ids, issuer_id=request.actor.person_id)
        return page(request, "withdraw", {"rows": rows, "asked_empty": "reason" in request.POST})
    said = {
        "posted": _("已撤回。"),
        "needs_second": _("已提出撤回，等另一位老师（班主任、年级组长或教务处）同意；在这之前公示不变。"),
    }
    messages.success(request, said.get(answer.outcome, _("没有撤回，请再试一次。")))
    return redirect("homework:today")


@require_POST
@signed_in
def second(request: HttpRequest) -> HttpResponse:
    """The second person agrees to a late withdrawal, or does not."""
    ids = ids_of(request, "demand")
    try:
        ledger.confirm_withdrawal(request.actor, ids, key_of(request), agree="agree" in request.POST)
    except ValueError as problem:
        messages.warning(request, str(problem))
    else:
        agreed = "agree" in request.POST
        messages.success(request, _("已同意撤回，公示已更正。") if agreed else _("没有同意，公示不变。"))
    return redirect("homework:today")
