"""What the pages for administrators share."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Unit
from qingfu.units.queries import Actor

PER_PAGE = 40
ENTRIES = (
    ("units:schools", _("学校"), "school", "see_school"),
    ("units:upload", _("导入"), "upload", "import_workbook"),
    ("units:year", _("学年"), "week", "promote_grades"),
    ("units:trail", _("操作记录"), "file", "see_audit"),
)


def shell(request: HttpRequest, current: str, **context) -> dict:
    """The context of a page below the administrators' navigation."""
    return {"nav": navigation(request.actor, current), "place": place_of(request.actor), **context}


def navigation(actor: Actor, current: str) -> list[dict]:
    """The entries that this actor may open."""
    return [
        {"href": reverse(name), "label": label, "icon": icon, "current": name == f"units:{current}"}
        for name, label, icon, verb in ENTRIES
        if actor.posts_for(verb)
    ]


def place_of(actor: Actor) -> str:
    """The name of the school or office whose account this is."""
    return Unit.objects.filter(pk=actor.unit_id).values_list("name", flat=True).first() or ""


def one_page(request: HttpRequest, rows, per_page: int = PER_PAGE) -> Page:
    """The page of ``rows`` that ``?page=`` asks for; a wrong number is the nearest page."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def county_of(actor: Actor) -> Unit:
    """The unit of the actor's tenant."""
    return Unit.objects.get(pk=actor.tenant_id)
