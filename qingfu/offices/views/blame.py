"""容错: the years of the county as numbers, few ones hidden."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qingfu.offices import actions
from qingfu.offices.blame import Shown, in_full, settings
from qingfu.offices.forms.blame import BlameForm
from qingfu.offices.queries.blame import YearShown, blame_years
from qingfu.offices.views.desk import chosen_unit, excel, page, to
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, may
from qingfu.units.web import signed_in


@never_cache
@signed_in
def blame(request: HttpRequest) -> HttpResponse:
    """What every office, school and village may read; the two offices enter a year that is over."""
    unit, today = chosen_unit(request, "see_below"), timezone.localdate()
    county = Unit.objects.get(pk=request.actor.tenant_id)
    enters = may(request.actor, "record_blame", county)
    years = [today.year - n for n in range(1, settings()["years"] + 1)]
    form = BlameForm(request.POST or None, years=years) if enters else None
    if request.method == "POST":
        if form is None:
            raise Forbidden("record_blame", county)
        if form.is_valid():
            counts = [form.counts(name) for name in ("held", "spared", "ended")]
            try:
                actions.record_blame(request.actor, county, form.cleaned_data["year"], *counts)
                messages.success(request, _("已记下，少的数不单独给人看。"))
                return to(request, "offices:blame")
            except actions.NotInPlace as problem:
                form.add_error(None, str(problem))
    context = {
        "unit": unit, "form": form, "years": _tables(blame_years(today)), "floor": settings()["floor"],
        "distinctions": in_full(),
    }  # fmt: skip
    return page(request, "blame/list", context)


def _tables(years: list[YearShown]) -> list[tuple[int, list[tuple[str, list[Shown]]]]]:
    return [(one.year, list(_tables_of(one))) for one in years]


def _tables_of(one: YearShown) -> Iterator[tuple[str, list[Shown]]]:
    yield _("问责"), one.held
    yield _("免责或从轻减轻"), one.spared
    yield _("申诉结果"), one.appeals


@never_cache
@require_safe
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """The same numbers as a workbook, no more."""
    chosen_unit(request, "see_below")
    few = _("不到 %(floor)s") % {"floor": settings()["floor"]}
    lines = [
        [one.year, head, "；".join(cell.texts), few if cell.count is None else cell.count]
        for one in blame_years(timezone.localdate())
        for head, cells in _tables_of(one)
        for cell in cells
    ]
    return excel("blame.xlsx", _("容错"), [_("年"), _("统计什么"), _("类别"), _("人次")], lines)
