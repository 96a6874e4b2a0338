"""导出记录: when the county's records were exported, and an export now instead of tonight."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qingfu.lake.actions import ask_refresh
from qingfu.lake.queries import standing_of
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, may
from qingfu.units.web import signed_in

READERS = ("compose_report", "see_county", "see_office", "export_lake")
"""Whoever reads figures may see how old they are."""


def export_of(request: HttpRequest) -> dict:
    """How the records of the reader's county stand, whether today's export is in, and whether she may ask for one."""
    county = Unit.objects.get(pk=request.actor.tenant_id)
    standing = standing_of(county)
    return {
        "standing": standing, "is_today": standing.reaches(timezone.localdate()), "county": county,
        "may": may(request.actor, "export_lake", county), "writes": bool(request.actor.posts_for("compose_report")),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """How far the export is; asked for with a POST."""
    if not any(request.actor.posts_for(verb) for verb in READERS):
        raise Forbidden("export_lake")
    found = export_of(request)
    if request.method == "POST":
        ask_refresh(request.actor, found["county"])
        messages.success(request, _("已排上，一分钟之内开始导出"))
        return redirect("reports:export")
    return render(request, "reports/export.html", {"export": found})
