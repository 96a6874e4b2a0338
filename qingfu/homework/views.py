"""Pages of a teacher's homework. Thin: what changes is in actions, what is shown comes from queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingfu.homework import actions, menu, queries
from qingfu.homework.advice import advice
from qingfu.homework.forms import Check, MaterialForm, PlanLineForms, WaiverForm, fields_of
from qingfu.homework.items import ALL_SUBJECTS, Item, Posting, Target
from qingfu.homework.models import Plan, PlanItem
from qingfu.homework.queries import Board
from qingfu.homework.reading import LONGEST_TEXT, Line, clean, flagged_items, flagged_message, flagged_remarks, understand
from qingfu.ledger import actions as ledger
from qingfu.ledger import queries as ledger_queries
from qingfu.ledger.answers import Answer
from qingfu.ledger.models import Waiver
from qingfu.rulebook.words import grade_names
from qingfu.text.plain import TextTooLong
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, one_in_scope, require, school_of, scope
from qingfu.units.web import signed_in

STEPS = [_("写下"), _("核对"), _("公示")]
MOST_LINTED = 2000  # characters that are looked at while somebody types
KEY_LENGTH = 60


@dataclass
class Desk:
    """What every page of a teacher starts from."""

    actor: Actor

    @cached_property
    def today(self) -> date:
        return timezone.localdate()

    @cached_property
    def targets(self) -> list[Target]:
        return queries.targets(self.actor)

    @cached_property
    def board(self) -> Board:
        return Board(queries.classes_of(self.targets))

    @cached_property
    def subjects(self) -> list[str]:
        return queries.subjects_of(self.targets)

    @cached_property
    def days(self) -> list:
        return queries.days_to_choose(self.board.calendar, self.today)

    @property
    def first_day(self) -> date:
        return queries.working_days(self.board.calendar, self.today)[0]

    def chosen(self, code: str) -> list[Target]:
        """The targets that a choice such as "c12" or "grade-3" means; the first choice where it means none."""
        by_code = dict(self._choices())
        return by_code.get(code) or next(iter(by_code.values()), [])

    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen to give homework to: grades with several classes, then each class and group."""
        several = [(code, found) for code, found in self._choices() if code.startswith("grade-")]
        named = [
            (code, _("%(grade)s %(count)s 个班") % {"grade": grade_names((int(code[6:]),)), "count": len(found)})
            for code, found in several
        ]
        return named + [(target.code, target.name) for target in self.targets]

    def _choices(self) -> list[tuple[str, list[Target]]]:
        grades: dict[int, list[Target]] = {}
        for target in self.targets:
            if target.group_id is None:
                grades.setdefault(target.classes[0].grade, []).append(target)
        whole = [(f"grade-{grade}", found) for grade, found in sorted(grades.items()) if len(found) > 1]
        single = [(target.code, [target]) for target in self.targets]
        return whole + single if len(grades) == 1 else single + whole


def desk_of(request: HttpRequest) -> Desk:
    """The teacher's desk. Raises Forbidden for somebody who teaches nothing."""
    if not request.actor.posts_for("post_homework"):
        raise Forbidden("post_homework")
    return Desk(request.actor)


def page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """A page of this room in the shell, with a fresh key for its forms."""
    shared = {"nav": menu.entries(request), "place": place_of(request.actor), "key": uuid4().hex}
    return render(request, f"homework/{template}.html", {**shared, **context})


def place_of(actor: Actor) -> str:
    unit = Unit.objects.filter(pk=actor.unit_id).first()
    return unit.name if unit else ""


def key_of(request: HttpRequest) -> str:
    """The idempotency key of a form: the same for a double tap and for a retry."""
    return request.POST.get("key", "")[:KEY_LENGTH] or uuid4().hex


# ---- today ----


@never_cache
@require_GET
@signed_in
def today(request: HttpRequest) -> HttpResponse:
    """Her classes with what is left, her plan with one tap, requests of colleagues, what she has posted."""
    return page(request, "today", today_context(desk_of(request), request.GET.get("to", "")))


def today_context(desk: Desk, to: str, text: str = "", error: str = "") -> dict:
    calendar = desk.board.calendar
    first, second = queries.working_days(calendar, desk.today)
    planned = queries.planned(desk.actor, first)
    waiting = [row for row in planned if queries.needs_approval(row.plan.school) and row.plan.state != Plan.State.APPROVED]
    ready = [row for row in planned if row not in waiting]
    return {
        "today": queries.day_name(calendar, desk.today, desk.today), "date": desk.today,
        "weekday": queries.WEEKDAYS[desk.today.weekday()],
        "first": queries.day_name(calendar, first, desk.today), "rest": calendar.day(desk.today),
        "term_week": calendar.term_week(desk.today) if calendar.in_term(desk.today) else None,
        "cards": queries.class_bars(desk.board, desk.targets, [first, second]),
        "plan": queries.named_items(ready, desk.targets), "waiting": queries.named_items(waiting, desk.targets),
        "posted": queries.posted_by(desk.actor, [first], calendar),
        "asked_of": queries.asked_of_with_items(desk.actor, calendar), "asked_by": queries.asked_by(desk.actor),
        "to_second": queries.withdrawals_to_second(desk.actor),
        "choices": desk.choices(), "to": to, "text": text, "error": error,
    }  # fmt: skip


# ---- from a message to a posting ----


@require_POST
@signed_in
def lint(request: HttpRequest) -> HttpResponse:
    """What the message may not ask, while she types it."""
    desk = desk_of(request)
    chosen = desk.chosen(request.POST.get("to", ""))
    text = request.POST.get("text", "")[:MOST_LINTED]
    flagged = []
    if chosen:
        subject = desk.subjects[0] if desk.subjects else ""
        flagged = flagged_message(text, chosen[0].classes[0], subject, desk.board, desk.first_day)
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
        return page(request, "today", today_context(desk, to, text, error))
    try:
        reading, lines = understand(text, chosen[0].classes[0].grade, _own_subject(chosen), desk.first_day, desk.board)
    except TextTooLong as problem:
        return page(request, "today", today_context(desk, to, text, str(problem)))
    hers = [line for line in lines if _is_hers(line, chosen)]
    flags = flagged_remarks(text, reading, chosen[0].classes[0], desk.board, desk.first_day)
    check = _blank_check(desk, chosen, [_initial(line, desk) for line in hers[:MOST_LINES]])
    return check_page(
        request, desk, check, read=True, not_hers=[line for line in lines if not _is_hers(line, chosen)],
        remarks=[clean(one.text) for one in reading.remarks], remark_flags=flags,
        too_many=len(hers) - MOST_LINES,
    )  # fmt: skip


MOST_LINES = 30


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
    return Check(desk.targets, desk.days, initial={"shared": shared, "items": items})


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
    check = Check(desk.targets, desk.days, request.POST)
    posting = check.posting() if check.is_valid() else Posting(desk.first_day, ())
    return render(request, "homework/_after.html", {**judged(desk, posting), "posting": posting, "swap": True})


@require_POST
@signed_in
def post(request: HttpRequest) -> HttpResponse:
    """Post what was checked; or change it as one of the buttons says and post that."""
    desk = desk_of(request)
    if {"add", "recheck", "remove"} & set(request.POST):
        return check_page(request, desk, _changed_check(desk, request))
    check = Check(desk.targets, desk.days, request.POST)
    if not check.is_valid():
        return check_page(request, desk, check)
    posting = amended(check.posting(), request)
    if "redo" in request.POST or not posting.items:
        return check_page(request, desk, Check(desk.targets, desk.days, as_data(posting)))
    return put(request, desk, posting)


def _changed_check(desk: Desk, request: HttpRequest) -> Check:
    data = request.POST.copy()
    if "add" in data:
        count = min(int(data.get("i-TOTAL_FORMS") or 0), MOST_LINES)
        data["i-TOTAL_FORMS"] = str(count + 1)
        chosen = [target for target in desk.targets if target.code in data.getlist("to")]
        for name, value in _blank_item(desk, chosen or desk.targets).items():
            data[f"i-{count}-{name}"] = value
    elif data.get("remove", "").isdecimal():
        data = _without_item(data, int(data["remove"]))
    return Check(desk.targets, desk.days, data)


def _without_item(data: QueryDict, gone: int) -> QueryDict:
    """What was typed, without one item."""
    left = QueryDict(mutable=True)
    for name, values in data.lists():
        head, number, field = (*name.split("-", 2), "", "")[:3]
        if head != "i" or not number.isdecimal():
            left.setlist(name, values)
        elif int(number) != gone:
            left.setlist(f"i-{int(number) - (int(number) > gone)}-{field}", values)
    left["i-TOTAL_FORMS"] = str(max(0, int(data.get("i-TOTAL_FORMS") or 0) - 1))
    return left


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
        return check_page(request, desk, Check(desk.targets, desk.days, as_data(posting)))
    if answer.ok:
        messages.success(request, _said(posting, answer))
        return redirect("homework:today")
    return refused(request, desk, posting, answer)


def _said(posting: Posting, answer: Answer) -> str:
    names = "、".join(unit.name for unit in posting.classes())
    count = len(posting.items)
    text = _("已公示：%(classes)s %(count)s 项。") % {"classes": names, "count": count}
    if any(item.verdict == item.verdict.WARN for item in answer.over):
        return text + _("带着提醒公示，理由已记下。")
    return text


def refused(request: HttpRequest, desk: Desk, posting: Posting, answer: Answer) -> HttpResponse:
    """放不下，可以这样调."""
    if answer.outcome == "closed":
        messages.warning(request, _("这一天已经过去，请改成补登的日期再公示。"))
        return check_page(request, desk, Check(desk.targets, desk.days, as_data(posting)))
    context = {"advice": advice(request.actor, posting, answer), "fields": fields_of(posting), "posting": posting}
    return page(request, "refusal", context)


@require_POST
@signed_in
def confirm(request: HttpRequest) -> HttpResponse:
    """One tap: post items of the week plan to all their classes."""
    desk = desk_of(request)
    ids = [int(pk) for pk in request.POST.getlist("item")[:MOST_LINES] if pk.isdecimal()]
    rows = list(PlanItem.objects.filter(pk__in=ids, plan__author_id=request.actor.person_id).select_related("plan__school"))
    if not rows or len({row.day for row in rows}) > 1:
        raise Http404
    for row in rows:
        if queries.needs_approval(row.plan.school) and row.plan.state != Plan.State.APPROVED:
            messages.warning(request, _("“%(text)s”还在等审批。") % {"text": row.text})
            return redirect("homework:today")
    items = tuple(queries.items_of_plan(rows, desk.targets))
    return put(request, desk, Posting(rows[0].day, items, plan_items=tuple(row.pk for row in rows)))


# ---- taking back ----


@require_POST
@signed_in
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take homework back; after lessons it needs a reason and a second person."""
    ids = [int(pk) for pk in request.POST.getlist("demand")[:MOST_LINES * 10] if pk.isdecimal()]
    reason = clean(request.POST.get("reason", ""))[:300]
    try:
        answer = actions.withdraw_homework(request.actor, ids, key_of(request), reason)
    except ValueError as problem:
        messages.warning(request, str(problem))
        return redirect("homework:today")
    if answer.outcome == "needs_reason":
        rows = ledger_queries.Demand.objects.filter(id__in=ids, issuer_id=request.actor.person_id)
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
    ids = [int(pk) for pk in request.POST.getlist("demand")[:MOST_LINES] if pk.isdecimal()]
    try:
        ledger.confirm_withdrawal(request.actor, ids, key_of(request), agree="agree" in request.POST)
    except ValueError as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("已同意撤回，公示已更正。") if "agree" in request.POST else _("没有同意，公示不变。"))
    return redirect("homework:today")


# ---- 协商 ----


@require_POST
@signed_in
def ask(request: HttpRequest) -> HttpResponse:
    """Ask a colleague for minutes; classes where all fits are posted at once."""
    desk = desk_of(request)
    check = Check(desk.targets, desk.days, request.POST)
    if not check.is_valid():
        return check_page(request, desk, check)
    posting = check.posting()
    unit = next((one for one in posting.classes() if str(one.pk) == request.POST.get("class")), None)
    numbers = [request.POST.get(name, "") for name in ("demand", "yield")]
    if unit is None or not all(number.isdecimal() for number in numbers):
        raise Http404
    try:
        made = actions.ask_colleague(
            request.actor, posting, unit, int(numbers[0]), int(numbers[1]), key_of(request),
            clean(request.POST.get("message", "")),
        )  # fmt: skip
    except actions.NotHeld as problem:
        return refused(request, desk, posting.for_class(unit.pk), problem.answer)
    except (actions.CannotAsk, ledger.KeyReused) as problem:
        messages.warning(request, str(problem))
        return check_page(request, desk, Check(desk.targets, desk.days, as_data(posting)))
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
        messages.success(request, _said(rest, answer))
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


# ---- the week plan ----


@never_cache
@signed_in
def plan(request: HttpRequest) -> HttpResponse:
    """Make, edit and file the plan of a week, with what each class would have every day."""
    desk = desk_of(request)
    week, subject = _week_of(request, desk), _subject_of(request, desk)
    found = queries.plan_of(request.actor, subject, week)
    if request.method == "POST":
        forms = PlanLineForms(request.POST, prefix="p", form_kwargs={"classes": _plan_classes(desk, subject)})
        if forms.is_valid():
            return _filed(request, desk, subject, week, forms)
    else:
        forms = _plan_forms(desk, subject, week, found)
    return page(request, "plan", _plan_context(desk, subject, week, found, forms))


def _filed(request: HttpRequest, desk: Desk, subject: str, week: date, forms) -> HttpResponse:
    lines = [_plan_line(form.cleaned_data) for form in forms if form.cleaned_data.get("text")]
    try:
        made = actions.file_plan(request.actor, subject, week, lines)
    except actions.BadPlan as problem:
        messages.error(request, str(problem))
        found = queries.plan_of(request.actor, subject, week)
        return page(request, "plan", _plan_context(desk, subject, week, found, forms))
    messages.success(request, _filed_text(made))
    return redirect(_plan_address(subject, week))


def _filed_text(made: Plan) -> str:
    if queries.needs_approval(made.school) and made.state == Plan.State.FILED:
        return _("已提交，等年级组长或教务处审批。")
    return _("已备案。上课前在“今天”点一下就公示。")


def _plan_line(data: dict) -> actions.PlanLine:
    due = data["due_day"]
    return actions.PlanLine(
        data["day"], tuple(data["classes"]), data["text"], data["form"], data["required"], data["minutes"],
        data["place"], due if due and due >= data["day"] else None, data["item_id"],
    )  # fmt: skip


def _week_of(request: HttpRequest, desk: Desk) -> date:
    """The Monday asked for; else this week's, or the next one's once this week's lessons are over."""
    try:
        return queries.monday_of(date.fromisoformat(request.GET.get("week", "")))
    except ValueError:
        return queries.monday_of(desk.first_day)


def _subject_of(request: HttpRequest, desk: Desk) -> str:
    asked = request.GET.get("subject", "")
    if asked in desk.subjects:
        return asked
    if not desk.subjects:
        raise Forbidden("post_homework")
    return desk.subjects[0]


def _plan_address(subject: str, week: date) -> str:
    return f"{reverse('homework:plan')}?week={week.isoformat()}&subject={subject}"


def _plan_classes(desk: Desk, subject: str) -> list[Unit]:
    return queries.classes_of(target for target in desk.targets if target.takes(subject))


def _plan_forms(desk: Desk, subject: str, week: date, found: Plan | None):
    """One form for each item that is not posted yet, and an empty one for each school day still to come."""
    classes = _plan_classes(desk, subject)
    rows = [row for row in found.items.all() if row.state == PlanItem.State.PLANNED] if found else []
    initial = [
        {
            "item_id": row.pk, "day": row.day, "text": row.text, "form": row.form,
            "required": str(int(row.required)), "place": row.place, "minutes": row.minutes, "due_day": row.due_day,
            "classes": row.classes,
        }
        for row in rows
    ]  # fmt: skip
    everybody = [unit.pk for unit in classes] if len({unit.grade for unit in classes}) == 1 else []
    initial += [
        {"day": day.date, "form": "written", "required": "1", "classes": everybody}
        for day in queries.school_week(desk.board.calendar, week)
        if not day.past
    ]
    return PlanLineForms(prefix="p", initial=initial, form_kwargs={"classes": classes})


def _plan_context(desk: Desk, subject: str, week: date, found: Plan | None, forms) -> dict:
    days = queries.school_week(desk.board.calendar, week)
    settled = [row for row in found.items.all() if row.state != PlanItem.State.PLANNED] if found else []
    by_day: dict[date, list] = {}
    for form in forms:
        by_day.setdefault(_day_of_form(form), []).append(form)
    before = queries.plan_of(desk.actor, subject, week - timedelta(days=7))
    return {
        "plan": found, "subject": subject, "week": week, "week_ends": week + timedelta(days=6),
        "days": [(day, by_day.get(day.date, []), [row for row in settled if row.day == day.date]) for day in days],
        "budgets": _plan_budgets(desk, subject, days, forms), "management": forms,
        "tabs": [
            {"label": one, "href": _plan_address(one, week), "current": one == subject} for one in desk.subjects
        ],
        "before": _plan_address(subject, week - timedelta(days=7)),
        "after": _plan_address(subject, week + timedelta(days=7)),
        "copyable": bool(before and before.items.all() and not (found and found.items.all())),
        "approval": bool(found and queries.needs_approval(found.school)),
        "address": _plan_address(subject, week),
    }  # fmt: skip


def _day_of_form(form) -> date | None:
    value = form["day"].value()
    return value if isinstance(value, date) else _date_or_none(value)


def _date_or_none(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _plan_budgets(desk: Desk, subject: str, days: list, forms) -> list[tuple]:
    """For each class its bars of the week, with what the lines of the form would add."""
    classes = _plan_classes(desk, subject)
    found = queries.bars(desk.board, classes, [day.date for day in days])
    for (unit_id, day), minutes in _planned_minutes(forms).items():
        if (unit_id, day) in found and found[unit_id, day].state:
            found[unit_id, day].add(minutes)
    return [(unit, [found[unit.pk, day.date] for day in days]) for unit in classes]


def _planned_minutes(forms) -> dict[tuple[int, date], int]:
    """Minutes of written work that everybody does, by class and day, as far as the form can be read."""
    totals: dict[tuple[int, date], int] = {}
    for form in forms:
        text, minutes = form["text"].value(), str(form["minutes"].value() or "")
        counts = form["form"].value() == "written" and str(form["required"].value()) == "1"
        if text and counts and minutes.isdecimal():
            for pk in form["classes"].value() or ():
                place = int(pk), _day_of_form(form)
                totals[place] = totals.get(place, 0) + int(minutes)
    return totals


@require_POST
@signed_in
def plan_preview(request: HttpRequest) -> HttpResponse:
    """What each class would have every day, while she plans."""
    desk = desk_of(request)
    week, subject = _week_of(request, desk), _subject_of(request, desk)
    days = queries.school_week(desk.board.calendar, week)
    forms = PlanLineForms(request.POST, prefix="p", form_kwargs={"classes": _plan_classes(desk, subject)})
    context = {"budgets": _plan_budgets(desk, subject, days, forms), "week_days": days}
    return render(request, "homework/_budgets.html", context)


@require_POST
@signed_in
def plan_copy(request: HttpRequest) -> HttpResponse:
    """Last week's plan again."""
    desk = desk_of(request)
    week, subject = _week_of(request, desk), _subject_of(request, desk)
    count = actions.copy_last_week(request.actor, subject, week)
    if count:
        messages.success(request, _("已照上周抄来 %(count)s 项，改好再备案。") % {"count": count})
    else:
        messages.warning(request, _("上周没有可以抄的，或者这一周已经有计划。"))
    return redirect(_plan_address(subject, week))


@never_cache
@require_GET
@signed_in
def plan_print(request: HttpRequest) -> HttpResponse:
    """The week plan on a sheet of A4."""
    desk = desk_of(request)
    week, subject = _week_of(request, desk), _subject_of(request, desk)
    found = queries.plan_of(request.actor, subject, week)
    days = queries.school_week(desk.board.calendar, week)
    rows = queries.named_items(found.items.all(), desk.targets) if found else []
    table = [(day, [row for row in rows if row.item.day == day.date]) for day in days]
    context = {
        "days": table, "subject": subject, "week": week, "week_ends": week + timedelta(days=6), "plan": found,
        "place": place_of(request.actor), "back": _plan_address(subject, week),
    }  # fmt: skip
    return render(request, "homework/plan_print.html", context)


@require_POST
@signed_in
def plan_drop(request: HttpRequest, item_id: int) -> HttpResponse:
    """Not this time: the item leaves the list of 今天."""
    row = actions.drop_item(request.actor, item_id)
    messages.success(request, _("“%(text)s”这次不布置了。") % {"text": row.text})
    return redirect("homework:today")


@never_cache
@require_GET
@signed_in
def plans(request: HttpRequest) -> HttpResponse:
    """Plans that wait for approval, where the school has switched it on."""
    if not request.actor.posts_for("approve_plan"):
        raise Forbidden("approve_plan")
    waiting = queries.plans_to_approve(request.actor)
    units = Unit.objects.in_bulk({pk for one in waiting for pk in queries.plan_classes(one)})
    shown = [
        (one, [(row, "、".join(units[pk].name for pk in row.classes)) for row in one.items.all()]) for one in waiting
    ]
    return page(request, "plans", {"plans": shown})


@require_POST
@signed_in
def plan_decide(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Approve, or send back with a reason."""
    try:
        if "approve" in request.POST:
            actions.approve_plan(request.actor, plan_id)
            messages.success(request, _("已审批，各项的分钟数已经预留。"))
        else:
            actions.return_plan(request.actor, plan_id, clean(request.POST.get("note", "")))
            messages.success(request, _("已退回，老师会看到原因。"))
    except actions.BadPlan as problem:
        messages.warning(request, str(problem))
    except actions.DoesNotFit as problem:
        text = _("“%(text)s”放不下，整份计划没有审批。请退回，或和老师商量。") % {"text": problem.item.text}
        messages.warning(request, text)
    return redirect("homework:plans")


# ---- 教辅清单 ----


@never_cache
@signed_in
def materials(request: HttpRequest) -> HttpResponse:
    """The school's list of commercial material; what is not on it is warned of."""
    school = _school_of(request.actor, "list_materials")
    form = MaterialForm(request.POST or None, initial={"starts": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.list_material(request.actor, school, **form.cleaned_data)
        except actions.AlreadyListed as problem:
            form.add_error("name", str(problem))
        else:
            messages.success(request, _("“%(name)s”已列入清单。") % {"name": made.name})
            return redirect("homework:materials")
    listed = queries.materials_of(school)
    return page(request, "materials", {"form": form, "listed": listed, "date": timezone.localdate(), "school": school})


@require_POST
@signed_in
def material_end(request: HttpRequest, material_id: int) -> HttpResponse:
    """From tomorrow on it is not on the list."""
    made = actions.unlist_material(request.actor, material_id, timezone.localdate())
    messages.success(request, _("“%(name)s”明天起不在清单里。") % {"name": made.name})
    return redirect("homework:materials")


def _school_of(actor: Actor, verb: str) -> Unit:
    """The school that the actor leads. Raises Forbidden."""
    school = scope(actor, verb).filter(kind=Unit.Kind.SCHOOL).order_by("path").first()
    if school is None:
        raise Forbidden(verb)
    return school


# ---- 报批 ----


@never_cache
@signed_in
def waivers(request: HttpRequest) -> HttpResponse:
    """Grant a waiver: one limit, one class, how much more, why, until when."""
    if not request.actor.posts_for("grant_waiver"):
        raise Forbidden("grant_waiver")
    classes = list(scope(request.actor, "grant_waiver").filter(kind=Unit.Kind.CLASS).order_by("path")[:MOST_CLASSES])
    limits = queries.limits_to_waive(classes)
    form = WaiverForm(
        request.POST or None, classes=classes, limits=limits, initial=_waiver_initial(request)
    )
    if request.method == "POST" and form.is_valid() and _granted(request, form):
        return redirect("homework:waivers")
    return page(request, "waivers", {"form": form, "limits": limits, "granted": queries.waivers_of(classes)})


MOST_CLASSES = 200


def _waiver_initial(request: HttpRequest) -> dict:
    day = _date_or_none(request.GET.get("day")) or timezone.localdate()
    return {
        "class_id": request.GET.get("class"), "limit_id": request.GET.get("limit"), "starts": day, "ends": day,
        "expires": day + timedelta(days=1), "office": _("校长室"),
    }  # fmt: skip


def _granted(request: HttpRequest, form: WaiverForm) -> bool:
    data = form.cleaned_data
    try:
        ledger.grant_waiver(
            request.actor, data["class_id"], data["limit_id"], data["starts"], data["ends"], data["extra"],
            office=data["office"], reason=data["reason"], expires_at=actions.end_of(data["expires"]),
        )  # fmt: skip
    except ledger.CannotBeWaived as problem:
        form.add_error("limit_id", str(problem))
        return False
    except KeyError:
        form.add_error("limit_id", _("这个班没有这一条规定"))
        return False
    messages.success(request, _("已批准。对外只显示批准单位和理由。"))
    return True


@require_POST
@signed_in
def waiver_revoke(request: HttpRequest, waiver_id: int) -> HttpResponse:
    """Take a waiver back; what was posted under it stands."""
    try:
        ledger.revoke_waiver(request.actor, waiver_id)
    except Waiver.DoesNotExist:
        raise Forbidden("grant_waiver")
    messages.success(request, _("报批已收回；已经公示的不变。"))
    return redirect("homework:waivers")
