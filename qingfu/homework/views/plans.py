"""The week plan: making, filing, printing and, where the school wants it, approving it."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingfu.homework import actions, queries
from qingfu.homework.forms import PlanLineForms
from qingfu.homework.items import Flagged, Item, Target
from qingfu.homework.models import Plan, PlanItem
from qingfu.homework.reading import LONGEST_TEXT, clean, flagged_items, gravest_first
from qingfu.homework.views.desk import Desk, desk_of, page
from qingfu.text.homework import FORMS, WRITTEN
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden
from qingfu.units.web import signed_in


@never_cache
@signed_in
def plan(request: HttpRequest) -> HttpResponse:
    """Make, edit and file the plan of a week, with what each class would have every day."""
    desk = desk_of(request)
    week, subject = _week_of(request, desk), _subject_of(request, desk)
    found = queries.plan_of(request.actor, subject, week)
    if request.method == "POST":
        forms = _forms(desk, subject, request.POST)
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
    return actions.PlanLine(
        data["day"], tuple(data["classes"]), data["text"], data["form"], data["required"], data["minutes"],
        data["place"], data["due_day"], data["item_id"],
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
    return f"{reverse('homework:plan')}?{urlencode({'week': week.isoformat(), 'subject': subject})}"


def _plan_classes(desk: Desk, subject: str) -> list[Unit]:
    return queries.classes_of(target for target in desk.targets if target.takes(subject))


def _forms(desk: Desk, subject: str, data=None, **more):
    """The lines of a plan: as they were sent, or with ``initial``."""
    known = {"classes": _plan_classes(desk, subject), "subject": subject}
    return PlanLineForms(data, prefix="p", form_kwargs=known, **more)


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
    return _forms(desk, subject, initial=initial)


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
        "budgets": _plan_budgets(desk, subject, days, forms), "flagged": _plan_flagged(desk, subject, forms),
        "management": forms,
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
    """For each class its days with their bars, and in them what the lines of the form would add."""
    classes = _plan_classes(desk, subject)
    found = queries.bars(desk.board, classes, [day.date for day in days])
    for (unit_id, day), minutes in _planned_minutes(forms).items():
        if (unit_id, day) in found and found[unit_id, day].state:
            found[unit_id, day].add(minutes)
    return [(unit, [(day, found[unit.pk, day.date]) for day in days]) for unit in classes]


def _planned_minutes(forms) -> dict[tuple[int, date], int]:
    """Minutes of written work that everybody does, by class and day, as far as the form can be read."""
    totals: dict[tuple[int, date], int] = {}
    for form in forms:
        text, minutes = form["text"].value(), str(form["minutes"].value() or "")
        counts = form["form"].value() == "written" and str(form["required"].value()) == "1"
        if text and counts and minutes.isdecimal():
            for pk in _classes_of_form(form):
                place = pk, _day_of_form(form)
                totals[place] = totals.get(place, 0) + int(minutes)
    return totals


def _classes_of_form(form) -> list[int]:
    return [int(pk) for pk in form["classes"].value() or () if str(pk).isdecimal()]


def _plan_flagged(desk: Desk, subject: str, forms) -> list[Flagged]:
    """What the lines of the form may not ask, the gravest first, as far as they can be read."""
    by_class = {unit.pk: Target("", "", (unit,), frozenset()) for unit in _plan_classes(desk, subject)}
    found = []
    for form in forms:
        text, day = clean(form["text"].value() or "")[:LONGEST_TEXT], _day_of_form(form)
        if text and day:
            chosen = tuple(by_class[pk] for pk in _classes_of_form(form) if pk in by_class)
            item = Item(
                subject, text, form["form"].value() if form["form"].value() in FORMS else WRITTEN,
                str(form["required"].value()) == "1", 0, form["place"].value() or "", None,
                chosen or tuple(by_class.values())[:1],
            )  # fmt: skip
            found += flagged_items([item], desk.board, day)
    return gravest_first(found)


@require_POST
@signed_in
def plan_preview(request: HttpRequest) -> HttpResponse:
    """What each class would have every day, and what may not be asked, while she plans."""
    desk = desk_of(request)
    week, subject = _week_of(request, desk), _subject_of(request, desk)
    days = queries.school_week(desk.board.calendar, week)
    forms = _forms(desk, subject, request.POST)
    context = {
        "budgets": _plan_budgets(desk, subject, days, forms), "flagged": _plan_flagged(desk, subject, forms),
        "swap": True,
    }  # fmt: skip
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
        "back": _plan_address(subject, week),
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
    school = queries.school_to_switch(request.actor)
    wanted = bool(school) and queries.needs_approval(school)
    return page(request, "plans", {"plans": shown, "school": school, "wanted": wanted})


@require_POST
@signed_in
def plan_approval(request: HttpRequest) -> HttpResponse:
    """Whether week plans are approved first at the school, or filed."""
    school = queries.school_to_switch(request.actor)
    if school is None:
        raise Forbidden("approve_plan")
    wanted = "wanted" in request.POST
    actions.switch_approval(request.actor, school, wanted)
    messages.success(request, _("从现在起，周计划先审批再公示。") if wanted else _("从现在起，周计划备案就行。"))
    return redirect("homework:plans")


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
        messages.warning(request, _why_not(problem))
    return redirect("homework:plans")


def _why_not(problem: actions.DoesNotFit) -> str:
    """Why a plan could not be approved: there is no room, or something of it may not be asked at all."""
    first = next(iter(problem.answer.refusals), None)
    if first and first.cap is None:
        said = {"text": problem.item.text, "rule": first.title, "document": first.in_force.citation}
        return _("“%(text)s”不能这样布置：%(rule)s，%(document)s。整份计划没有审批，请退回。") % said
    return _("“%(text)s”放不下，整份计划没有审批。请退回，或和老师商量。") % {"text": problem.item.text}
