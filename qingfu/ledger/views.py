"""Pages of rules and of the calendar. Thin: see actions, rule_pages and drafting."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qingfu.ledger import actions, drafting, rule_pages
from qingfu.ledger.forms import CalendarForm, EndForm, LimitForm, LookForm, TextForm, TimeForm, ValueForm
from qingfu.ledger.models import CalendarChange
from qingfu.ledger.queries import calendar_for, rulebook_for
from qingfu.rulebook import Pack, RulebookError
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, one_in_scope
from qingfu.units.web import signed_in

TOUCHED_SHOWN = 100
UNPROCESSABLE = 422


# ---- what is in force ----


@require_safe
@signed_in
def rules(request: HttpRequest) -> HttpResponse:
    """What is in force on a day for a grade (or the school itself), from the nation down, and which rule binds."""
    unit = rule_pages.unit_for(request.actor, request.GET.get("unit", ""))
    grades = rule_pages.grades_of(unit)
    today = timezone.localdate()
    usual = {"on": today, "kind": "homework", "grade": rule_pages.own_grade(request.actor, grades)}
    asked = {**usual, **request.GET.dict()}
    form = LookForm(asked, grades=grades)
    context = {"form": form, "unit": unit}
    if not form.is_valid():
        return render(request, "ledger/rules.html", context, status=UNPROCESSABLE)
    said = form.cleaned_data
    bearer = rule_pages.bearer_in(unit, int(said["grade"]) if said["grade"] else None)
    book = rulebook_for(unit)
    kinds = rule_pages.kinds_with_rules(book, bearer, said["on"])
    kind = said["kind"] if said["kind"] in dict(kinds) or not kinds else kinds[0][0]
    context |= {
        "kinds": kinds, "kind": kind, "on": said["on"], "day": calendar_for(unit).day(said["on"]),
        "found": rule_pages.rules(book, kind, bearer, said["on"]),
    }  # fmt: skip
    return render(request, "ledger/rules.html", context)


# ---- packs ----


@require_safe
@signed_in
def packs(request: HttpRequest) -> HttpResponse:
    """The packs of the actor's county and school with their versions, and those above."""
    own, above = rule_pages.packs_for(request.actor, rule_pages.home_unit(request.actor))
    context = {
        "own": own, "above": above, "schools": rule_pages.school_packs(request.actor) if _is_county(request) else [],
        "publishes": rule_pages.publishes_for(request.actor, "publish_pack"),
    }  # fmt: skip
    return render(request, "ledger/packs.html", context)


def _is_county(request: HttpRequest) -> bool:
    return bool(request.actor.posts_for("see_county"))


@require_safe
@signed_in
def pack(request: HttpRequest, pk: int) -> HttpResponse:
    """One published version: its rules in words, what it changed, and every other version."""
    found = rule_pages.pack_in_sight(request.actor, pk)
    if found is None:
        raise Http404
    book = Pack.from_toml(found.toml)
    context = {
        "pack": found, "limits": rule_pages.limits_in_words(book, timezone.localdate()),
        "times": rule_pages.times_in_words(book),
        "changes": rule_pages.changes_of(found), "versions": rule_pages.versions_of(found),
        "mine": found.unit in rule_pages.publishes_for(request.actor, "publish_pack"),
    }  # fmt: skip
    return render(request, "ledger/pack.html", context)


@signed_in
def edit_pack(request: HttpRequest) -> HttpResponse:
    """A pack in the making. Every step shows what publishing it would do; only ``publish_pack`` publishes."""
    unit = _publisher(request)
    pack_id = request.GET.get("pack") or f"{unit.code or unit.pk}.homework"
    published = rule_pages.latest_version(unit, pack_id)
    base = Pack.from_toml(published.toml) if published else drafting.empty_pack(
        pack_id, unit.kind if unit.is_tenant else "school", _("作业"), unit.name)  # fmt: skip
    step = _Step(request, unit, base, published.version if published else 0)
    return step.respond()


def _publisher(request: HttpRequest) -> Unit:
    """The unit for which the actor publishes: the one asked for, else her own."""
    units = rule_pages.publishes_for(request.actor, "publish_pack")
    asked = request.GET.get("unit", "")
    if asked.isdecimal():
        return one_in_scope(request.actor, "publish_pack", int(asked))
    if not units or asked:
        raise Forbidden("publish_pack")
    return units[0]


class _Step:
    """One step of editing a pack: the text as it came, one change to it, and what that would do."""

    def __init__(self, request: HttpRequest, unit: Unit, base: Pack, version: int):
        self.request, self.unit, self.base, self.version = request, unit, base, version
        self.today = timezone.localdate()
        self.pack = self._working()
        grades = rule_pages.grades_of(unit)
        limits = [(limit.id, f"{limit.title} {limit.applies.text}".strip()) for limit in self.pack.limits]
        bound = request.POST or None
        self.action = request.POST.get("action", "")
        self.forms = {
            "limit": LimitForm(bound if self.action == "limit" else None, prefix="limit", grades=grades),
            "value": ValueForm(bound if self.action == "value" else None, prefix="value", limits=limits),
            "end": EndForm(bound if self.action == "end" else None, prefix="end", limits=limits),
            "time": TimeForm(bound if self.action == "time" else None, prefix="time"),
        }
        self.problem = ""

    def _working(self) -> Pack:
        """The pack with the changes of the steps before, which travel in the form."""
        text = self.request.POST.get("working", "")
        try:
            return Pack.from_toml(text) if text else self.base
        except RulebookError:
            return self.base

    def respond(self) -> HttpResponse:
        if self.action == "publish":
            return self._publish()
        done = self._apply()
        status = 200 if done else UNPROCESSABLE
        return render(self.request, "ledger/edit_pack.html", self._context(), status=status)

    def _apply(self) -> bool:
        """Take the change of this step in; what is wrong with it is told, and nothing is lost."""
        try:
            if self.action == "text":
                self.pack = Pack.from_toml(self.request.POST.get("toml", ""))
            elif self.action in self.forms:
                form = self.forms[self.action]
                if not form.is_valid():
                    return False
                self.pack = self._changed(form)
        except RulebookError as error:
            self.problem = str(error)
            return False
        return True

    def _changed(self, form) -> Pack:
        said = form.cleaned_data
        if self.action == "limit":
            return drafting.with_limit(self.pack, drafting.common_limits()[said["common"]], form.said())
        if self.action == "value":
            return drafting.with_value(self.pack, said["limit"], form.said())
        if self.action == "time":
            return drafting.with_time(self.pack, said["name"], f"{said['time']:%H:%M}", said["start"])
        return drafting.without_limit(self.pack, said["limit"], said["last_day"])

    def _publish(self) -> HttpResponse:
        if self.request.POST.get("version") != str(self.version):
            self.problem = _("这个规则包刚刚有了新版本。请先看新版本，再决定怎么改。")
            return render(self.request, "ledger/edit_pack.html", self._context(), status=409)
        try:
            made = actions.publish_pack(self.request.actor, self.unit.pk, self.request.POST.get("working", ""))
        except RulebookError as error:
            self.problem = str(error)
            return render(self.request, "ledger/edit_pack.html", self._context(), status=UNPROCESSABLE)
        messages.success(self.request, _("已发布第 %(version)d 版，从现在起照此判断。") % {"version": made.version})
        return redirect("ledger:pack", made.pk)

    def _context(self) -> dict:
        changed = self.pack != self.base
        toml = self.request.POST.get("toml") if self.action == "text" and self.problem else self.pack.to_toml()
        try:
            outlook = rule_pages.outlook(self.unit, self.pack, self.today) if changed else None
        except RulebookError as error:  # an id that a level above uses
            outlook, self.problem = None, self.problem or str(error)
        return {
            "unit": self.unit, "base": self.base, "pack": self.pack, "version": self.version, "forms": self.forms,
            "text": TextForm(initial={"toml": toml}), "working": self.pack.to_toml(), "problem": self.problem,
            "outlook": outlook, "text_open": self.action == "text",
            "limits": rule_pages.limits_in_words(self.pack, self.today), "times": rule_pages.times_in_words(self.pack),
        }  # fmt: skip


# ---- the calendar ----


@require_safe
@signed_in
def calendar(request: HttpRequest) -> HttpResponse:
    """The school calendar, every change with its source, and what the last changes moved."""
    unit = rule_pages.unit_for(request.actor, request.GET.get("unit", ""))
    return render(request, "ledger/calendar.html", _calendar_context(request, unit))


def _calendar_context(request: HttpRequest, unit: Unit) -> dict:
    today = timezone.localdate()
    found = calendar_for(unit)
    changes = rule_pages.calendar_changes(unit)
    moved = rule_pages.moved_by(changes)
    for change in changes:
        change.moved = len(moved.get(change.pk, ()))
    news = [pk for change in changes if rule_pages.is_news(change) for pk in moved.get(change.pk, ())]
    return {
        "unit": unit, "today": found.day(today), "changes": changes,
        "terms": rule_pages.term_pages(found, today),
        "times": rule_pages.times_today(unit, today),
        "sets_times": rule_pages.publishes(request.actor, unit),
        "may_change": bool(request.actor.posts_for("change_calendar")),
        "mine": rule_pages.moved_demands(request.actor, news),
    }  # fmt: skip


@require_safe
@signed_in
def calendar_change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change of the calendar, and the demands of the reader's classes that it moved."""
    change = _change(request, pk)
    ids = rule_pages.moved_by([change]).get(change.pk, [])
    waits = rule_pages.waits(change)
    may_confirm = waits and rule_pages.decides(request.actor, change.unit)
    context = {
        "change": rule_pages.titled(change),
        "moved": len(ids),
        "demands": rule_pages.moved_demands(request.actor, ids)[:TOUCHED_SHOWN],
        "waits": waits,
        "may_confirm": may_confirm,
        "would_move": _would_move(request, change) if may_confirm else [],
    }
    return render(request, "ledger/calendar_change.html", context)


def _change(request: HttpRequest, pk: int) -> CalendarChange:
    """A change of the reader's own county or school, or of a school that she may see. Raises Http404."""
    change = get_object_or_404(CalendarChange.objects.select_related("unit"), pk=pk)
    if not rule_pages.in_sight(request.actor, change.unit):
        raise Http404
    return change


def _would_move(request: HttpRequest, change: CalendarChange) -> list:
    found = actions.touched_by(
        request.actor, change.unit_id, change.starts, change.ends, day_kind=change.day_kind, term_id=change.term_id
    )
    return rule_pages.moved_demands(request.actor, [one.id for one in found])


@require_POST
@signed_in
def confirm_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The county agrees to what a school has proposed."""
    change = _change(request, pk)
    if rule_pages.waits(change):
        move = actions.confirm_calendar(request.actor, pk)
        messages.success(request, _("已确认，%(count)d 项作业跟着移动。") % {"count": len(move.demand_ids)})
        pk = move.change_id
    return redirect("ledger:calendar_change", pk)


@signed_in
def change_calendar(request: HttpRequest) -> HttpResponse:
    """Declare days or a term: first what that would move, then, on a second tap, do it."""
    units = Unit.objects.filter(pk__in=[unit.pk for unit in rule_pages.publishes_for(request.actor, "change_calendar")])
    if not units:
        raise Forbidden("change_calendar")
    terms = rule_pages.terms_around(calendar_for(units[0]), timezone.localdate())
    choices = [(term.id, rule_pages.term_title(term.id)) for term in terms]
    form = CalendarForm(request.POST or None, units=units, terms=choices)
    context = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("action") == "publish":
                return _declare(request, form)
            said = form.change()
            proposes = rule_pages.proposes(
                request.actor, form.cleaned_data["unit"], said["day_kind"], said["term_id"]
            )
            context |= {"touched": _touched(request, form), "ready": True, "proposes": proposes}
        except RulebookError as error:
            form.add_error(None, str(error))
    return render(request, "ledger/change_calendar.html", context, status=UNPROCESSABLE if form.errors else 200)


def _touched(request: HttpRequest, form: CalendarForm) -> list:
    found = actions.touched_by(request.actor, **form.change())
    return rule_pages.moved_demands(request.actor, [one.id for one in found])


def _declare(request: HttpRequest, form: CalendarForm) -> HttpResponse:
    said = form.cleaned_data
    move = actions.change_calendar(
        request.actor, **form.change(), source=said["source"], provisional=said["provisional"]
    )
    text = _("校历已改，%(count)d 项作业跟着移动，会显示给相关的人。") % {"count": len(move.demand_ids)}
    if move.proposed:
        text = _("已报县里确认；确认以前，这些日子仍按上学日计算。")
    messages.success(request, text)
    return redirect("ledger:calendar_change", move.change_id)
