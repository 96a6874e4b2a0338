"""A form to register."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.offices.asking import Bearer
from qingfu.offices.forms.shared import day_field
from qingfu.offices.queries.standing import ASKED_KINDS
from qingfu.units.models import Unit


class NewForm(forms.Form):
    """A form to register: which fields, of whom, for what time, by when."""

    fields_text = forms.CharField(
        label=_("要哪些字段"), required=False, max_length=20_000,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("一行一个；单位、时间写在后面，用逗号或制表符隔开。也可以把 Excel 的表头整行贴进来。"),
    )  # fmt: skip
    period = forms.CharField(
        label=_("是什么时间的数"), max_length=40,
        help_text=_("如 2025年末、2025年1-6月、2025年秋季学期。字段自己写了时间的，以字段为准。"),
    )  # fmt: skip
    due_day = day_field(_("最迟哪天交"))
    kinds = forms.MultipleChoiceField(label=_("要谁填"), required=False, widget=forms.CheckboxSelectMultiple)
    units = forms.MultipleChoiceField(label=_("只要其中几个"), required=False, widget=forms.CheckboxSelectMultiple)
    title = forms.CharField(label=_("表名"), required=False, max_length=120)
    reason = forms.CharField(label=_("书面说明"), required=False, max_length=300, widget=forms.Textarea({"rows": 2}))
    emergency = forms.CharField(
        label=_("应急、法定的理由"), required=False, max_length=300,
        help_text=_("只有救灾、安全、疫情、执法等才填。填了就一定发出，另外计数。"),
    )  # fmt: skip

    def __init__(self, bearers: list[Unit], keeps_titles: bool, *arguments, **more):
        super().__init__(*arguments, **more)
        self.bearers = bearers
        there = {unit.kind for unit in bearers}
        self.fields["kinds"].choices = [
            (kind, gettext("所有%(kind)s") % {"kind": Unit.Kind(kind).label}) for kind in ASKED_KINDS if kind in there
        ]
        self.fields["units"].choices = [(str(unit.pk), unit.name) for unit in bearers]
        if not keeps_titles:
            del self.fields["title"]

    def clean_due_day(self) -> date:
        day = self.cleaned_data["due_day"]
        if day < timezone.localdate():
            raise forms.ValidationError(gettext("交的日子已经过了"))
        return day

    def chosen(self) -> tuple[Bearer, ...]:
        """Whom it asks, in the order of the tree."""
        kinds, units = self.cleaned_data["kinds"], set(self.cleaned_data["units"])
        return tuple(Bearer(unit) for unit in self.bearers if unit.kind in kinds or str(unit.pk) in units)
