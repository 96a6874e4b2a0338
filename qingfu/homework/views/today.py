"""今天: the teacher's one page, and taking homework back."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingfu.homework import actions, queries
from qingfu.homework.models import YieldRequest
from qingfu.homework.reading import clean
from qingfu.homework.views.desk import Desk, desk_of, ids_of, key_of, page
from qingfu.ledger import actions as ledger
from qingfu.ledger.models import Demand
from qingfu.rulebook import Calendar
from qingfu.rulebook.calendar import Day
from qingfu.units.queries import Forbidden
from qingfu.units.web import Reader, signed_in


@never_cache
@require_GET
@signed_in
def today(request: HttpRequest) -> HttpResponse:
    """Her classes with what is left, her plan with one tap, requests of colleagues, what she has posted."""
    return today_page(request, Today(desk_of(request), request.GET.get("to", "")))


def today_page(request: HttpRequest, shown: Today) -> HttpResponse:
    return page(request, "today", {"page": shown, "reader": Reader(request)})


class Today:
    """今天, worked out from its ``inputs`` alone, so that whoever has seen the same inputs has seen the page.

    The requests of colleagues and the withdrawals to second are none of it: they stand on few pages, depend on the
    clock, and are read as they are shown.
    """

    def __init__(self, desk: Desk, to: str, text: str = "", error: str = ""):
        self._desk = desk
        self.to, self.text, self.error = to, text, error

    @cached_property
    def inputs(self) -> tuple:
        """All that decides what the page says, but for its language."""
        desk, seen = self._desk, self._desk.seen
        targets = tuple(
            (one.code, one.name, one.combined, tuple(unit.pk for unit in one.classes)) for one in desk.targets
        )
        rules = tuple(desk.board.of(unit) for unit in desk.board.units)  # with the calendar and the names of classes
        rows = seen.planned, seen.posted, seen.balances
        return desk.today, targets, rules, rows, self.has_requests, self.to, self.text, self.error

    # ---- the day ----

    @cached_property
    def _calendar(self) -> Calendar:
        return self._desk.board.calendar

    @cached_property
    def _days(self) -> tuple[date, date]:
        return queries.working_days(self._calendar, self._desk.today)

    @property
    def date(self) -> date:
        return self._desk.today

    @property
    def weekday(self) -> str:
        return queries.WEEKDAYS[self.date.weekday()]

    @cached_property
    def first(self) -> queries.DayName:
        """The school day that the page is about."""
        return queries.day_name(self._calendar, self._days[0], self.date)

    @property
    def rest(self) -> Day:
        return self._calendar.day(self.date)

    @property
    def term_week(self) -> int | None:
        return self._calendar.term_week(self.date) if self._calendar.in_term(self.date) else None

    # ---- her classes ----

    @property
    def has_classes(self) -> bool:
        return bool(self._desk.targets)

    @cached_property
    def cards(self) -> list[queries.ClassBars]:
        return queries.class_bars(self._desk.board, self._desk.targets, self._days, self._desk.seen.states())

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        return self._desk.choices()

    # ---- her plan, and what she has posted ----

    @cached_property
    def _planned(self) -> list[queries.Planned]:
        return queries.planned_for(self._desk.seen.planned, self._days[0])

    @cached_property
    def plan(self) -> list[queries.NamedItem]:
        return queries.named_items([row for row in self._planned if not row.waits], self._desk.targets)

    @cached_property
    def waiting(self) -> list[queries.NamedItem]:
        return queries.named_items([row for row in self._planned if row.waits], self._desk.targets)

    @cached_property
    def posted(self) -> list[queries.Posted]:
        return queries.posted_for(self._desk.seen.posted, self._days[0], self._calendar)

    # ---- colleagues ----

    @cached_property
    def asked_of(self) -> list[queries.AskedOf]:
        return queries.asked_of_with_items(self._desk.actor, self._calendar) if self._desk.seen.asked_of else []

    @cached_property
    def asked_by(self) -> list[YieldRequest]:
        return queries.asked_by(self._desk.actor) if self._desk.seen.asked_by else []

    @cached_property
    def to_second(self) -> list[tuple[Demand, str, str]]:
        return queries.withdrawals_to_second(self._desk.actor) if self._desk.seen.to_second else []

    @property
    def has_requests(self) -> bool:
        return bool(self.asked_of or self.to_second)


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
        return _back(request)
    if answer.outcome == "needs_reason":
        rows = Demand.objects.filter(id__in=ids, issuer_id=request.actor.person_id)
        return page(request, "withdraw", {"rows": rows, "asked_empty": "reason" in request.POST})
    said = {
        "posted": _("已撤回。"),
        "needs_second": _("已提出撤回，等另一位老师（班主任、年级组长或教务处）同意；在这之前公示不变。"),
    }
    messages.success(request, said.get(answer.outcome, _("没有撤回，请再试一次。")))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To 今天, which only those have who teach."""
    return redirect("homework:today" if request.actor.posts_for("post_homework") else "homework:withdrawals")


@never_cache
@require_GET
@signed_in
def withdrawals(request: HttpRequest) -> HttpResponse:
    """Late withdrawals that wait for a second person, for those too who teach nothing and so have no 今天."""
    if not (request.actor.posts_for("second_withdrawal") and request.actor.posts_for("see_class")):
        raise Forbidden("second_withdrawal")
    return page(request, "withdrawals", {"to_second": queries.withdrawals_to_second(request.actor)})


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
    return _back(request)
