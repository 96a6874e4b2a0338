"""The county's workbook: template, upload, preview, go on."""

from __future__ import annotations

import io

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingfu.units import actions, queries
from qingfu.units.forms import GoOnForm
from qingfu.units.models import Upload
from qingfu.units.views.common import county_of, shell
from qingfu.units.web import signed_in
from qingfu.units.workbook.plan import CHANGED, ENDED, NEW, SAME, make_plan
from qingfu.units.workbook.reading import read_workbook
from qingfu.units.workbook.safety import WorkbookError
from qingfu.units.workbook.template import write_template

SHOWN = 300


@signed_in
def template(request: HttpRequest) -> HttpResponse:
    """The empty workbook."""
    queries.require(request.actor, "import_workbook", county_of(request.actor))
    return FileResponse(io.BytesIO(write_template()), as_attachment=True, filename=_("轻负导入模板.xlsx"))


@never_cache
@signed_in
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    county = county_of(request.actor)
    queries.require(request.actor, "import_workbook", county)
    error = ""
    if request.method == "POST":
        file = request.FILES.get("workbook")
        try:
            if file is None:
                raise WorkbookError(_("请先选一个文件。"))
            kept = actions.upload_workbook(request.actor, county, file.name, file.read(actions.MAX_BYTES + 1))
            return redirect("units:preview", kept.pk)
        except WorkbookError as problem:
            error = str(problem)
    waiting = Upload.objects.filter(person_id=request.actor.person_id).order_by("-pk")
    context = shell(request, "upload", error=error, waiting=waiting, steps=_steps(), step=1)
    return render(request, "units/upload.html", context)


def _steps() -> list[str]:
    return [_("下载模板，填写"), _("上传，看检查结果"), _("确认导入")]


@never_cache
@signed_in
def preview(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Every fault with its place, and what would change; "go on" stores it."""
    county = county_of(request.actor)
    queries.require(request.actor, "import_workbook", county)
    kept = Upload.objects.filter(person_id=request.actor.person_id, pk=upload_id).first()
    if kept is None:
        messages.info(request, _("这个文件已经导入或删除了。"))
        return redirect("units:upload")
    form = GoOnForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            plan = actions.take_upload(request.actor, county, kept, **form.cleaned_data)
            messages.success(request, _summary(plan))
            return redirect("units:schools")
        except actions.NotReady:
            form.add_error("skip_bad", _("还有错误。改好文件重新上传，或勾选这一项。"))
    plan = make_plan(read_workbook(bytes(kept.content)), county, _day_of(form), _asked(form, "end_missing"))
    context = shell(
        request, "upload", kept=kept, plan=plan, form=form, steps=_steps(), step=2, shown=SHOWN,
        counts=_counts(plan), problems=plan.problems[:SHOWN],
        changes=[change for change in plan.changes if change.kind != SAME][:SHOWN],
    )  # fmt: skip
    return render(request, "units/preview.html", context)


def _day_of(form: GoOnForm):
    return (form.is_bound and form.cleaned_data.get("on")) or timezone.localdate()


def _asked(form: GoOnForm, name: str) -> bool:
    return bool(form.is_bound and form.cleaned_data.get(name))


def _counts(plan) -> list[tuple]:
    """(sheet, new, changed, ended, same) for the table."""
    return [
        (sheet, *(kinds.get(kind, 0) for kind in (NEW, CHANGED, ENDED, SAME))) for sheet, kinds in plan.counts().items()
    ]


def _summary(plan) -> str:
    new = sum(kinds.get(NEW, 0) for kinds in plan.counts().values())
    changed = sum(kinds.get(CHANGED, 0) for kinds in plan.counts().values())
    told = _("导入好了：新增 %(new)d 项，修改 %(changed)d 项。") % {"new": new, "changed": changed}
    return f"{told}{_('新来的人还没有密码：点开学校，打印初始密码。')}" if plan.people else told


@require_POST
@signed_in
def discard(request: HttpRequest, upload_id: int) -> HttpResponse:
    kept = Upload.objects.filter(person_id=request.actor.person_id, pk=upload_id).first()
    if kept is not None:
        actions.discard_upload(request.actor, kept)
        messages.success(request, _("文件已删除，什么也没有保存。"))
    return redirect("units:upload")
