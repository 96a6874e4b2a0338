"""先看影响: what a limit with another number would have done, before it is signed. Thin: see qingfu.lake.trials."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from qingfu.lake.models import Trial
from qingfu.lake.trials import queries
from qingfu.lake.trials.actions import Unfit, ask_trial
from qingfu.lake.trials.proposing import Choice
from qingfu.reports.views.records import excel as as_file
from qingfu.rulebook.words import GRADES
from qingfu.units.models import Unit
from qingfu.units.views.common import one_page
from qingfu.units.web import signed_in

LOOK_BACK = timedelta(days=90)
POSTS_SHOWN = 100
NUMBERED = range(1, 10)


class TrialForm(forms.Form):
    """Which limit, which number, for whom, over which days."""

    limit = forms.ChoiceField(label=gettext_lazy("哪一条规定"))
    number = forms.IntegerField(
        label=gettext_lazy("改成多少"), min_value=0, max_value=100_000,
        help_text=gettext_lazy("按这条规定的单位写；和去年比的写百分之几，如减少 20% 写 80。"),
    )  # fmt: skip
    grades = forms.TypedMultipleChoiceField(
        label=gettext_lazy("只管哪些年级"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("都不选，就是这条规定原来管的。"),
        choices=[(grade, GRADES[grade]) for grade in NUMBERED],
    )  # fmt: skip
    first = forms.DateField(label=gettext_lazy("从"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last = forms.DateField(label=gettext_lazy("到"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args, choices: list[Choice], **more):
        super().__init__(*args, **more)
        self.fields["limit"].choices = [(one.limit.id, one.text) for one in choices]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Ask for a trial; what was tried before."""
    units = list(queries.units_for(request.actor))
    unit = _chosen(request, units)
    today = timezone.localdate()
    initial = {"limit": request.GET.get("limit"), "first": today - LOOK_BACK, "last": today}
    bound = request.POST if request.method == "POST" else None
    form = TrialForm(bound, initial=initial, choices=queries.choices_at(unit))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = ask_trial(
                request.actor, unit.pk, said["limit"], said["number"], said["grades"], said["first"], said["last"]
            )
            return redirect("reports:trial", made.pk)
        except Unfit as problem:
            form.add_error(None, str(problem))
    context = {
        "form": form, "unit": unit, "units": units, "page": one_page(request, queries.trials(request.actor)),
    }  # fmt: skip
    return render(request, "reports/whatif.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest, units: list[Unit]) -> Unit:
    asked = request.GET.get("unit", "")
    return next((one for one in units if str(one.pk) == asked), units[0])


@require_safe
@never_cache
@signed_in
def trial(request: HttpRequest, trial_id: int) -> HttpResponse:
    """A trial: how far it is, or what it found."""
    found = queries.one_trial(request.actor, trial_id)
    context = {"trial": found, "State": Trial.State}
    if found.state == Trial.State.DONE:
        from qingfu.lake.trials.sheets import loads

        posts = found.result.get("posts", [])[:POSTS_SHOWN]
        context |= {"found": found.result, "loads": loads(found.result), "posts": posts}
    return render(request, "reports/trial.html", context)


@require_safe
@signed_in
def chart(request: HttpRequest, trial_id: int) -> HttpResponse:
    """Its picture, as the worker drew it."""
    found = queries.one_trial(request.actor, trial_id)
    if not found.chart:
        raise Http404
    return HttpResponse(found.chart, content_type="image/svg+xml")


@require_safe
@never_cache
@signed_in
def excel(request: HttpRequest, trial_id: int) -> HttpResponse:
    """Its tables as a workbook."""
    found = queries.one_trial(request.actor, trial_id)
    if found.state != Trial.State.DONE:
        raise Http404
    from qingfu.lake.trials.sheets import workbook

    return as_file(_("先看影响-%(first)s") % {"first": found.first}, workbook(found))
