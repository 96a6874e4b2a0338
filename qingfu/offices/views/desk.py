"""What the pages of this room share: whose office it is, its tabs, and what a form sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingfu.ledger.actions import KeyReused
from qingfu.offices.actions import NotInPlace
from qingfu.offices.queries import units_of
from qingfu.offices.tables import write_table
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden
from qingfu.units.web import typed

KEY_LENGTH = 60
NOT_TAKEN = (NotInPlace, KeyReused)
"""What an action says of a form that it does not take: told above the form, with all that was typed. A key is used
twice by whoever goes back in the browser, changes something and sends it again."""
PAGE = 30
"""Rows of a list on one page."""
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """A page of this room in the shell, with its tabs and a fresh key for its forms."""
    shared = {"room_tabs": _tabs(request), "key": uuid4().hex}
    return render(request, f"offices/{template}.html", {**shared, **context})


def _entries() -> list[tuple[str, str, str]]:
    """(verb, address, label) of every page that is always there: an area adds its own here."""
    return [
        ("post_document", "offices:home", _("本单位")),
        ("post_meeting", "offices:meetings", _("会议")),
        ("post_document", "offices:documents", _("发文")),
        ("post_document", "offices:receipts", _("收文办理")),
        ("post_document", "offices:receive", _("收文登记")),
        ("see_office", "offices:inspections", _("督查检查")),
        ("keep_inspection_plan", "offices:merging", _("合并检查")),
        ("complain", "offices:inspection_notices", _("来检查的")),
        ("review_office_waiver", "offices:waiting", _("两办审核")),
        ("review_office_waiver", "offices:document_merging", _("合并发文")),
        ("post_document", "offices:other", _("其他事项")),
        ("see_below", "offices:below", _("基层视角")),
        ("post_form", "offices:forms", _("报表")),
        ("answer_forms", "offices:one_sheet", _("一表通")),
        ("see_office", "offices:baselines", _("基数")),
        ("see_below", "offices:channels", _("应用和群")),
        ("see_below", "offices:secondments", _("借调")),
        ("see_below", "offices:rights", _("放权")),
        ("see_below", "offices:blame", _("容错")),
        ("review_office_waiver", "offices:county", _("全县")),
        ("handle_complaints", "offices:complaints", _("反映")),
        ("handle_complaints", "offices:samples", _("电话核实")),
    ]


def _tabs(request: HttpRequest) -> list[dict]:
    found = [(reverse(name), label) for verb, name, label in _entries() if request.actor.posts_for(verb)]
    here = max((href for href, _label in found if request.path.startswith(href)), key=len, default="")
    return [
        {"label": label, "href": in_office(request, href), "current": href == here, "count": None}
        for href, label in found
    ]


def in_office(request: HttpRequest, address: str) -> str:
    """``address`` for the office that the page is about: who belongs to several goes on acting for the one chosen."""
    unit = request.GET.get("unit", "")
    return f"{address}?unit={unit}" if unit.isdecimal() else address


def to(request: HttpRequest, name: str, *arguments) -> HttpResponseRedirect:
    """On to another page of this room, for the same office."""
    return redirect(in_office(request, reverse(name, args=arguments)))


def key_of(request: HttpRequest) -> str:
    """The idempotency key of a form: the same for a double tap and for a retry."""
    return typed(request.POST, "key", KEY_LENGTH) or uuid4().hex


def chosen_unit(request: HttpRequest, verb: str) -> Unit:
    """The office that the page is about: the one asked for by ``?unit=``, else the actor's own. Raises Forbidden."""
    asked = request.GET.get("unit", "")
    units = [unit for unit in units_of(request.actor, verb) if not asked or str(unit.pk) == asked]
    if not units:
        raise Forbidden(verb)
    return units[0]


def excel(name: str, title: str, heads: Sequence[str], rows: Iterable[Sequence]) -> HttpResponse:
    """A list as a workbook to be saved as ``name``."""
    response = HttpResponse(write_table(title, heads, rows), content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
