"""往年台账: a register of past years from its file to the ledger. Thin: see qingfu.lake.importing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qingfu.lake.importing import actions, queries
from qingfu.lake.importing.kinds import kinds
from qingfu.lake.importing.mapping import Column, Mapping, MappingError
from qingfu.lake.indicators.sheets import table_book
from qingfu.lake.models import Import
from qingfu.reports.views.records import excel
from qingfu.units.models import Unit
from qingfu.units.views.common import one_page
from qingfu.units.web import signed_in, typed
from qingfu.units.workbook.safety import MAX_BYTES, WorkbookError

SHOWN = 100  # bad cells on a page
State = Import.State


@never_cache
@signed_in
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported, and the way in for another register."""
    units = list(queries.units_for(request.actor))
    problem = ""
    if request.method == "POST":
        try:
            return redirect("reports:import", _uploaded(request, units).pk)
        except (WorkbookError, MappingError) as error:
            problem = str(error)
    context = {
        "units": units, "kinds": kinds().values(), "problem": problem, "most": MAX_BYTES >> 20,
        "page": one_page(request, queries.imports(request.actor)), "steps": _steps(), "step": 1,
    }  # fmt: skip
    return render(request, "reports/imports.html", context, status=422 if problem else 200)


def _uploaded(request: HttpRequest, units: list[Unit]) -> Import:
    file = request.FILES.get("register")
    if file is None:
        raise WorkbookError(_("请先选一个文件。"))
    unit = next((one for one in units if str(one.pk) == request.POST.get("unit")), units[0])
    kind = request.POST.get("kind", "")
    data = file.read(MAX_BYTES + 1)
    return actions.upload_register(request.actor, unit, file.name, data, kind=kind if kind in kinds() else "")


def _steps() -> list[str]:
    return [_("上传"), _("核对每列是什么，看检查结果"), _("确认导入")]


@require_safe
@never_cache
@signed_in
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    """A register: what each column is taken for and what is wrong with it; or how far it is; or what came of it."""
    found = queries.one_import(request.actor, import_id)
    context = {"one": found, "State": State, "steps": _steps()}
    if found.state == State.WAITING:
        seen = queries.look_at(found)
        context |= {
            "look": seen, "step": 2, "choices": _choices(seen), "shown": SHOWN,
            "problems": seen.check.problems[:SHOWN] if seen.check else [],
            "unknown": seen.check.unknown.most_common(5) if seen.check else [],
            "year": seen.mapping.defaults.get("year", ""), "units_of_time": (_("分钟"), _("小时")),
        }  # fmt: skip
    return render(request, "reports/import.html", context)


@require_safe
@never_cache
@signed_in
def problems(request: HttpRequest, import_id: int) -> HttpResponse:
    """Every bad cell of a register that waits, as a workbook: where it stands and what to do."""
    found = queries.one_import(request.actor, import_id)
    if found.state != State.WAITING:
        raise Http404
    check = queries.look_at(found).check
    heads = (_("工作表"), _("行"), _("格子"), _("怎么改"))
    rows = [(one.sheet, one.row, one.place, one.text) for one in check.problems] if check else []
    return excel(_("%(name)s-要改的") % {"name": found.name}, table_book(_("要改的"), heads, rows))


def _choices(seen: queries.Look) -> list[dict]:
    """For each field of the kind: its title, which column says it, what bare numbers count."""
    return [
        {
            "field": field, "letter": seen.mapping.columns[field.name].letter if field.name in seen.mapping.columns
            else "", "unit": seen.mapping.units.get(field.name, field.unit), "timed": field.reads == "minutes",
        }
        for field in seen.mapping.kind.fields
    ]  # fmt: skip


@require_POST
@signed_in
def step(request: HttpRequest, import_id: int) -> HttpResponse:
    """Correct the columns, go on, throw the file away, or take the whole import back."""
    found = queries.one_import(request.actor, import_id)
    deed = DEEDS.get(request.POST.get("deed", ""))
    try:
        return deed(request, found) if deed else redirect("reports:import", import_id)
    except (actions.NotReady, MappingError, WorkbookError) as problem:
        messages.error(request, str(problem))
        return redirect("reports:import", import_id)


def _map(request: HttpRequest, found: Import) -> HttpResponse:
    actions.correct_mapping(request.actor, found.pk, _mapping(request.POST, queries.look_at(found)).to_toml())
    return redirect("reports:import", found.pk)


def _mapping(said: QueryDict, seen: queries.Look) -> Mapping:
    """The mapping that the page's form says."""
    columns = {
        field.name: Column(letter, unit=typed(said, f"unit-{field.name}"))
        for field in seen.mapping.kind.fields if (letter := typed(said, f"column-{field.name}"))
    }  # fmt: skip
    defaults = {name: value for name, value in seen.mapping.defaults.items() if name != "year"}
    year = typed(said, "year")
    return Mapping(seen.mapping.kind, seen.table.header, columns, {**defaults, "year": year} if year else defaults)


def _go(request: HttpRequest, found: Import) -> HttpResponse:
    actions.go_on(request.actor, found.pk, skip_bad=bool(request.POST.get("skip_bad")))
    return redirect("reports:import", found.pk)


def _drop(request: HttpRequest, found: Import) -> HttpResponse:
    actions.drop_register(request.actor, found.pk)
    messages.success(request, _("文件已删除，什么也没有保存。"))
    return redirect("reports:imports")


def _back(request: HttpRequest, found: Import) -> HttpResponse:
    actions.ask_back(request.actor, found.pk, typed(request.POST, "reason", 200))
    return redirect("reports:import", found.pk)


DEEDS = {"map": _map, "go": _go, "drop": _drop, "back": _back}
