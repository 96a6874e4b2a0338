"""What the pages for administrators share."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Unit
from qingfu.units.queries import Actor

PER_PAGE = 40
SECTIONS = (
    ("schools", _("人员和班级"), "see_school"),
    ("upload", _("导入"), "import_workbook"),
    ("year", _("学年"), "promote_grades"),
    ("trail", _("操作记录"), "see_audit"),
)


def shell(request: HttpRequest, current: str, **context) -> dict:
    """The context of an administrator's page: its sister pages as tabs, as far as this actor may open them."""
    sections = [
        {"href": reverse(f"units:{name}"), "label": label, "current": name == current}
        for name, label, verb in SECTIONS
        if request.actor.posts_for(verb)
    ]
    return {"sections": sections, **context}


def one_page(request: HttpRequest, rows, per_page: int = PER_PAGE) -> Page:
    """The page of ``rows`` that ``?page=`` asks for; a wrong number is the nearest page."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def county_of(actor: Actor) -> Unit:
    """The unit of the actor's tenant."""
    return Unit.objects.get(pk=actor.tenant_id)
