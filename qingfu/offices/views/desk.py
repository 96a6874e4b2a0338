"""What the pages of this room share: whose office it is, its tabs, and what a form sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
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
ROWS = 30
"""Rows of a list on one page."""
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """A page of this room in the shell, with its tabs and a fresh key for its forms."""
    shared = {"room_tabs": _tabs(request), "key": uuid4().hex}
    return render(request, f"offices/{template}.html", {**shared, **context})


@dataclass(frozen=True)
class Tab:
    """A page that is always there: who sees it, and for whom it is daily work. For others it opens behind 更多."""

    label: str
    address: str
    seen_with: str
    daily_with: str = ""


def _entries() -> list[Tab]:
    """The pages of this room by the verbs that lead there: an area adds its own here."""
    return [
        Tab(_("两办审核"), "offices:waiting", "review_office_waiver", "review_office_waiver"),
        Tab(_("合并发文"), "offices:document_merging", "review_office_waiver", "review_office_waiver"),
        Tab(_("全县"), "offices:county", "review_office_waiver", "review_office_waiver"),
        Tab(_("反映"), "offices:complaints", "handle_complaints", "handle_complaints"),
        Tab(_("电话核实"), "offices:samples", "handle_complaints", "handle_complaints"),
        Tab(_("本单位"), "offices:home", "post_document", "post_document"),
        Tab(_("收文办理"), "offices:receipts", "post_document", "post_document"),
        Tab(_("会议"), "offices:meetings", "post_meeting", "post_meeting"),
        Tab(_("发文"), "offices:documents", "post_document", "post_document"),
        Tab(_("督查检查"), "offices:inspections", "see_office", "keep_inspection_plan"),
        Tab(_("合并检查"), "offices:merging", "keep_inspection_plan", "keep_inspection_plan"),
        Tab(_("基层视角"), "offices:below", "see_below", "complain"),
        Tab(_("来检查的"), "offices:inspection_notices", "complain", "complain"),
        Tab(_("一表通"), "offices:one_sheet", "answer_forms", "complain"),
        Tab(_("收文登记"), "offices:receive", "post_document"),
        Tab(_("报表"), "offices:forms", "post_form"),
        Tab(_("其他事项"), "offices:other", "post_document"),
        Tab(_("应用和群"), "offices:channels", "see_below"),
        Tab(_("借调"), "offices:secondments", "see_below"),
        Tab(_("放权"), "offices:rights", "see_below"),
        Tab(_("容错"), "offices:blame", "see_below"),
        Tab(_("基数"), "offices:baselines", "see_office"),
        Tab(_("基数"), "offices:baselines", "freeze_baselines"),
    ]


def _tabs(request: HttpRequest) -> list[dict]:
    seen = {reverse(one.address): one for one in _entries() if request.actor.posts_for(one.seen_with)}
    here = max((href for href in seen if request.path.startswith(href)), key=len, default="")
    return [
        {
            "label": one.label, "href": in_office(request, href), "current": href == here, "count": None,
            "more": not (one.daily_with and request.actor.posts_for(one.daily_with)),
        }
        for href, one in seen.items()
    ]  # fmt: skip


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


def paged(request: HttpRequest, rows: Sequence | QuerySet) -> Page:
    """The page of a list that the address asks for."""
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


def excel(name: str, title: str, heads: Sequence[str], rows: Iterable[Sequence]) -> HttpResponse:
    """A list as a workbook to be saved as ``name``."""
    response = HttpResponse(write_table(title, heads, rows), content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
