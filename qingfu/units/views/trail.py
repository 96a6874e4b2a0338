"""The audit trail as a page: who did what, by person, deed and day."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qingfu.units import queries
from qingfu.units.models import AuditSeal, Person, Unit
from qingfu.units.permissions import DEEDS, FACTS
from qingfu.units.views.common import one_page, shell
from qingfu.units.web import signed_in, typed

HEADS_SHOWN = 31  # days


@never_cache
@signed_in
def trail(request: HttpRequest) -> HttpResponse:
    """The deeds in scope, forty to a page."""
    if not request.actor.posts_for("see_audit"):
        raise queries.Forbidden("see_audit")
    name = typed(request.GET, "person")
    action = typed(request.GET, "action", 60)
    day = _day(request.GET.get("day", ""))
    records = queries.trail(request.actor, action=action, day=day)
    if name:
        records = records.filter(actor_id__in=Person.objects.filter(name=name).values("pk"))
    page = one_page(request, records)
    people = Person.objects.in_bulk([record.actor_id for record in page if record.actor_id])
    units = Unit.objects.in_bulk([record.unit_id for record in page if record.unit_id])
    rows = [
        {"record": record, "who": people.get(record.actor_id), "where": units.get(record.unit_id),
         "deed": DEEDS.get(record.action, record.action), "detail": _detail(record.detail)}
        for record in page
    ]  # fmt: skip
    context = shell(
        request, "trail", page=page, rows=rows, name=name, action=action, day=day, deeds=sorted(DEEDS.items()),
        seal=AuditSeal.objects.order_by("-id").first(),
    )  # fmt: skip
    return render(request, "units/trail.html", context)


@require_safe
def heads(request: HttpRequest) -> HttpResponse:
    """The heads of the hash chains as published each day, for anybody to copy."""
    tenants = queries.published_heads(HEADS_SHOWN)
    return render(request, "units/heads.html", {"tenants": [
        (tenant, [(one.day, bytes(one.head).hex()) for one in days]) for tenant, days in tenants
    ]})  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _detail(detail: dict) -> str:
    """Those facts of a deed that have a word for people."""
    return " · ".join(f"{FACTS[key]} {value}" for key, value in detail.items() if key in FACTS and value != "")
