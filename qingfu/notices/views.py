"""Pages for parents, children and the public, and the class teacher's counts. Thin: see queries and actions.

Public pages set no cookie and need no script. Who may open them is said by the link. Their form needs no token
against cross-site requests: nobody can write its address who has not got the family's link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import count

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from qingfu.notices import actions, queries
from qingfu.notices.answers import FLOOR, bands_of, evening_of, now
from qingfu.notices.models import FamilyCount
from qingfu.notices.pages import kept
from qingfu.notices.privacy import privacy_rows
from qingfu.notices.queries import Child, Notice
from qingfu.notices.queries.notice import day_text
from qingfu.units.actions import TooManyTries, hash_of
from qingfu.units.models import Token
from qingfu.units.queries import one_in_scope, resolve
from qingfu.units.tenancy import as_tenant
from qingfu.units.web import refused, signed_in

ANSWERS_SHOWN = timedelta(weeks=4)
STRIPS_A_SHEET = 5
LEFT_TEXT = 40  # characters of an item in the line for the teacher

_made = count(1)


# ---- what a link opens ----


def _link(token: str, *kinds: str) -> Token:
    """The live link of one of ``kinds``. Any other is the same 404: unknown, revoked, of another kind."""
    found = resolve(hash_of(token))
    if found is None or found[1] not in kinds:
        raise Http404
    tenant_id, kind, subject_id, token_id = found
    return Token(id=token_id, tenant_id=tenant_id, kind=kind, subject_id=subject_id)


def _kept_page(link: Token, template: str, key: tuple, context: Callable[[], Mapping]) -> HttpResponse:
    """The page as kept for a moment, else made from ``context()`` inside the link's tenant."""

    def make() -> bytes:
        with as_tenant(link.tenant_id):
            return render_to_string(template, context()).encode()

    return _public(kept.get(link.tenant_id, (template, get_language(), *key), make))


def _public(content: bytes) -> HttpResponse:
    response = HttpResponse(content)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


# ---- the notice of one class ----


def _notice(tenant_id: int, class_id: int, evening: date) -> tuple[int, Notice]:
    """The notice of a class as it is now (give or take some seconds), with a number that only a new one changes."""

    def make() -> tuple[int, Notice]:
        with as_tenant(tenant_id):
            return next(_made), queries.notices([class_id], evening)[class_id]

    def version() -> tuple | None:
        with as_tenant(tenant_id):
            return queries.version_of(class_id, evening)

    return kept.get(tenant_id, ("notice", class_id, evening, get_language()), make, version)


def _class_page(link: Token, template: str, class_id: int, family: Sequence[Child] = (), child: Child | None = None):
    """The page of one class, rendered when its notice is a new one. Families with one child share it."""
    evening = evening_of(now())
    number, notice = _notice(link.tenant_id, class_id, evening)
    several = tuple((one.number, one.label) for one in family) if len(family) > 1 else ()
    key = (template, get_language(), class_id, evening, child is not None, several, several and child.number)
    context = _class_context(notice, family, child)
    content = kept.get(link.tenant_id, key, lambda: render_to_string(template, context).encode(), lambda: number)
    return _public(content)


def _class_context(notice: Notice, family: Sequence[Child] = (), child: Child | None = None) -> dict:
    return {
        "place": notice.unit.name,
        "notice": notice,
        "when": day_text(notice.day),
        "next_day": day_text(notice.next_school_day),
        "child": child,
        "children": family if len(family) > 1 else (),
        "bands": bands_of(notice.bearer.grade),
        "counted_in_county": child and notice.unit.seats < FLOOR,
    }


# ---- parents ----


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def parent(request: HttpRequest, token: str) -> HttpResponse:
    """Today's homework of a class, and (with a family's link) the taps."""
    link = _link(token, Token.Kind.FAMILY, Token.Kind.CLASS)
    if link.kind == Token.Kind.CLASS:
        if request.method == "POST":
            return _only_to_read(request)
        return _class_page(link, "notices/parent.html", link.subject_id)
    family = _children(link)
    child = _chosen(request, family)
    if request.method == "POST":
        return _tapped(request, link, child, family)
    return _class_page(link, "notices/parent.html", child.seat.unit_id, family, child)


def _children(link: Token) -> list[Child]:
    def make() -> list[Child]:
        with as_tenant(link.tenant_id):
            return queries.children_of(link.subject_id)

    found = kept.get(link.tenant_id, ("children", link.subject_id), make)
    if not found:
        raise Http404
    return found


def _chosen(request: HttpRequest, children: list[Child]) -> Child:
    """The child that the address names (``?child=2``), else the first."""
    wanted = request.GET.get("child", "1")
    child = next((one for one in children if str(one.number) == wanted), None)
    if child is None:
        raise Http404
    return child


def _only_to_read(request: HttpRequest) -> HttpResponse:
    """A class's link is on the wall: whoever opens it may be anybody, so its answers would count nothing."""
    return render(request, "notices/only_to_read.html", status=403)


def _tapped(request: HttpRequest, link: Token, child: Child, family: list[Child]) -> HttpResponse:
    evening = evening_of(now())
    _, notice = _notice(link.tenant_id, child.seat.unit_id, evening)
    try:
        actions.count_tap(link)
        with as_tenant(link.tenant_id):
            said = _answer(request, link, child, notice)
    except TooManyTries as refusal:
        return refused(request, refusal)
    except actions.NotAsked as refusal:
        return render(request, "notices/not_asked.html", {"sentence": str(refusal)}, status=400)
    response = HttpResponse(render_to_string("notices/parent.html", _class_context(notice, family, child) | said))
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, link: Token, child: Child, notice: Notice) -> dict:
    """Do what the pressed button says; what the page then shows beside the notice."""
    kind = request.POST.get("take_back")
    if kind is not None:
        actions.take_back(link, child.seat, kind)
        return {"said": "taken_back"}
    kind = next((one for one in FamilyCount.Kind.values if one in request.POST), "")
    band = request.POST.get(kind, "") if kind == FamilyCount.Kind.TIME else ""
    actions.answer(link, child.seat, kind, band)
    left = set(request.POST.getlist("left"))
    return {
        "said": kind,
        "band": band,
        "left": left,
        "line": _line(notice, left) if kind == FamilyCount.Kind.BEDTIME else "",
    }


def _line(notice: Notice, left: set[str]) -> str:
    """The sentence to copy for the teacher. It is on this page and nowhere else."""
    tonight = timezone.localtime(now()).date() == notice.day
    left_over = [_left_over(item) for item in notice.open_items if item.key in left]
    return _("%(when)s%(time)s停笔，%(left)s。") % {
        "when": _("今晚") if tonight else _("昨晚"),
        "time": notice.bedtime,
        "left": _("余") + "；".join(left_over) if left_over else _("没有全部写完"),
    }


def _left_over(item: queries.Item) -> str:
    text = item.text if len(item.text) <= LEFT_TEXT else item.text[:LEFT_TEXT] + "…"
    return f"{item.subject}：{text}" if item.subject else text


# ---- the school ----


@require_safe
def school(request: HttpRequest, token: str) -> HttpResponse:
    """Today's and this week's homework of all classes."""
    link, evening = _link(token, Token.Kind.SCHOOL), evening_of(now())
    return _kept_page(
        link,
        "notices/school.html",
        (link.subject_id, evening, token),
        lambda: _school_context(link, evening, token),
    )


@require_safe
def poster(request: HttpRequest, token: str) -> HttpResponse:
    """The same on sheets of A4: today's, or the week's (``?of=week``) where asked for or today has none."""
    link, evening = _link(token, Token.Kind.SCHOOL), evening_of(now())
    address, of_week = request.build_absolute_uri(f"/s/{token}"), request.GET.get("of") == "week"
    return _kept_page(
        link,
        "notices/poster.html",
        (link.subject_id, evening, address, of_week),
        lambda: _poster_context(link, evening, token, of_week) | {"address": address},
    )


def _poster_context(link: Token, evening: date, token: str, of_week: bool) -> dict:
    """``week`` where the poster shows it. A day without homework has no poster: paper would be wasted on it."""
    context = _school_context(link, evening, token)
    today = context["today"]
    week = queries.school_week(today) if of_week or not today.with_homework else None
    if week is None or not week.sheets:
        return context | {"sheets": today.sheets}
    days = {"first": day_text(week.days[0]), "last": day_text(week.days[-1])}
    return context | {"sheets": week.sheets, "week": week, **days}


def _school_context(link: Token, evening: date, token: str) -> dict:
    today = queries.school_today(link.subject_id, evening)
    return {
        "place": today.school.name,
        "today": today,
        "token": token,
        "when": day_text(evening),
        "next_day": day_text(today.next_school_day),
    }


@require_safe
def cost(request: HttpRequest, token: str) -> HttpResponse:
    """本系统占用了多少时间."""
    link, evening = _link(token, Token.Kind.SCHOOL), evening_of(now())
    return _kept_page(link, "notices/cost.html", (link.subject_id, evening), lambda: _cost_context(link, evening))


def _cost_context(link: Token, evening: date) -> dict:
    costs = queries.cost_of(link.subject_id, evening)
    by_week = zip(*(cost.weeks for cost in costs), strict=True)
    weeks = [(row[0][0], [(spent, cost.cap) for cost, (_, spent) in zip(costs, row, strict=True)]) for row in by_week]
    return {"costs": costs, "weeks": weeks[::-1]}


@require_safe
def board(request: HttpRequest, token: str) -> HttpResponse:
    """The classroom display of one class."""
    link = _link(token, Token.Kind.BOARD)
    return _class_page(link, "notices/board.html", link.subject_id)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is collected, why, and for how long."""
    return render(request, "notices/privacy.html", {"rows": privacy_rows(get_language())})


# ---- the class teacher ----


@require_safe
@never_cache
@signed_in
def answers(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What families of a class told, as counts from five on."""
    unit = one_in_scope(request.actor, "see_family_counts", unit_id)
    today = evening_of(now())
    told = queries.told(unit, today - ANSWERS_SHOWN, today, today)
    kinds = [
        {"kind": kind, "label": label, "told": [one for one in told if one.kind == kind]}
        for kind, label in FamilyCount.Kind.choices
    ]
    context = {"place": unit.name, "unit": unit, "kinds": kinds, "floor": FLOOR}
    return render(request, "notices/answers.html", context)


@require_safe
@never_cache
@signed_in
def slips(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The same taps on paper: a sheet of strips to copy, without number or name."""
    unit = one_in_scope(request.actor, "print_links", unit_id)
    notice = queries.notices([unit.pk], evening_of(now()), week=False)[unit.pk]
    context = {"notice": notice, "bands": bands_of(unit.grade), "strips": range(STRIPS_A_SHEET)}
    return render(request, "notices/slips.html", context)
