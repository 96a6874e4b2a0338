"""Links and family codes: on the screen, and on sheets of A4."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingfu.units import actions, queries
from qingfu.units.models import Seat, Token, Unit
from qingfu.units.queries import PUBLIC_PATHS, one_in_scope
from qingfu.units.views.common import shell
from qingfu.units.web import signed_in, typed

SLIPS_A_SHEET = 10
TITLES = {
    Token.Kind.CLASS: _("家长看作业"),
    Token.Kind.BOARD: _("教室大屏"),
    Token.Kind.SCHOOL: _("学校公示"),
}


@never_cache
@signed_in
def unit_links(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The links of a class (page for parents, board) or of a school, as codes to scan; the families of a class for
    whoever prints their slips."""
    unit = one_in_scope(request.actor, "print_links", unit_id)
    prints = unit.kind == Unit.Kind.CLASS and queries.may(request.actor, "print_family_slips", unit)
    links = [_link(request, unit, kind) for kind in _kinds_of(unit)]
    seats = queries.families_of(unit) if prints else []
    for seat in seats:
        seat.code = _grouped(actions.code_of(seat.family))
    context = shell(
        request, "schools", unit=unit, links=links, seats=seats, joined=[seat for seat in seats if seat.siblings],
        school=queries.school_of(unit), prints=prints, missing=unit.seats - len(seats),
        joins=queries.may(request.actor, "join_families", unit),
    )  # fmt: skip
    return render(request, "units/links.html", context)


def _kinds_of(unit: Unit) -> list[str]:
    if unit.kind == Unit.Kind.CLASS:
        return [Token.Kind.CLASS, Token.Kind.BOARD]
    if unit.kind == Unit.Kind.SCHOOL:
        return [Token.Kind.SCHOOL]
    raise Http404


def _link(request: HttpRequest, unit: Unit, kind: str) -> dict:
    code = actions.issue_link(kind, unit.tenant_id, unit.pk)
    address = request.build_absolute_uri(PUBLIC_PATHS[kind].format(code))
    return {"kind": kind, "title": TITLES[kind], "address": address}


def _grouped(code: str) -> str:
    """The part of a code that is printed large: k7f2-9xqm."""
    short = code[: actions.SHORT]
    return f"{short[:4]}-{short[4:]}"


@require_POST
@signed_in
def replace(request: HttpRequest, unit_id: int, kind: str) -> HttpResponse:
    """A new link for a class, board or school; the old code opens nothing."""
    unit = one_in_scope(request.actor, "print_links", unit_id)
    if kind not in _kinds_of(unit):
        raise Http404
    actions.replace_link(request.actor, kind, unit)
    messages.success(request, _("已换新码，旧码打不开了。请重新打印张贴。"))
    return redirect("units:links", unit.pk)


@require_POST
@never_cache
@signed_in
def slips(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The family codes of a class, ten to a sheet; of one seat if ``seat`` is given."""
    unit = one_in_scope(request.actor, "print_family_slips", unit_id)
    seats = actions.print_slips(request.actor, unit)
    only = request.POST.get("seat", "")
    if only.isdigit():
        seats = [seat for seat in seats if seat.pk == int(only)]
    shown = [_slip(request, seat) for seat in seats]
    sheets = [shown[start : start + SLIPS_A_SHEET] for start in range(0, len(shown), SLIPS_A_SHEET)]
    return render(request, "units/slips.html", {"unit": unit, "school": queries.school_of(unit), "sheets": sheets})


def _slip(request: HttpRequest, seat: Seat) -> dict:
    code = actions.code_of(seat.family)
    address = request.build_absolute_uri(PUBLIC_PATHS[Token.Kind.FAMILY].format(code))
    return {"number": seat.number, "code": _grouped(code), "address": address}


def _seat(request: HttpRequest, verb: str, seat_id: int) -> Seat:
    """The seat if the actor may do ``verb`` in its class. Raises Forbidden, found or not."""
    units = queries.scope(request.actor, verb)
    seat = Seat.objects.filter(unit__in=units, pk=seat_id).select_related("unit", "family").first()
    if seat is None:
        raise queries.Forbidden(verb)
    return seat


@require_POST
@signed_in
def replace_family(request: HttpRequest, seat_id: int) -> HttpResponse:
    seat = _seat(request, "print_family_slips", seat_id)
    actions.replace_family_code(request.actor, seat)
    messages.success(request, _("%(number)d 号座位换了新码，旧纸条作废。请打印新的。") % {"number": seat.number})
    return redirect("units:links", seat.unit_id)


@require_POST
@signed_in
def join(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Siblings: the seat of a class takes over the code on the other child's slip."""
    unit = one_in_scope(request.actor, "join_families", unit_id)
    number = request.POST.get("number", "")
    seat = Seat.objects.filter(unit=unit, number=int(number) if number.isdigit() else 0).first()
    if seat is None:
        messages.error(request, _("这个班没有这个座位号。"))
        return redirect("units:links", unit.pk)
    try:
        actions.join_family(request.actor, seat, typed(request.POST, "code", 300))
        messages.success(request, _("%(number)d 号座位已和兄弟姐妹共用一张纸条。") % {"number": seat.number})
    except actions.UnknownCode as problem:
        messages.error(request, str(problem))
    return redirect("units:links", unit.pk)


@require_POST
@signed_in
def split(request: HttpRequest, seat_id: int) -> HttpResponse:
    seat = _seat(request, "join_families", seat_id)
    actions.split_family(request.actor, seat)
    messages.success(request, _("%(number)d 号座位有了自己的码，请打印新纸条。") % {"number": seat.number})
    return redirect("units:links", seat.unit_id)
