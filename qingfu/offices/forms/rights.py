"""Approvals handed down, and their cases by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.offices.actions.rights import Counted
from qingfu.offices.forms.shared import BearerBoxes, ListFilter, day_field, filter_field
from qingfu.units.models import Unit


class HandDownForm(forms.Form):
    """下放 one approval to several units below."""

    item = forms.CharField(label=_("下放的审批或权限"), max_length=60)
    receivers = BearerBoxes(label=_("下放给谁"))
    since = day_field(_("从哪天起"))
    workdays = forms.IntegerField(label=_("几个工作日办结"), min_value=1, max_value=250)
    people = forms.BooleanField(label=_("给了人"), required=False)
    money = forms.BooleanField(label=_("给了钱"), required=False)
    training = forms.BooleanField(label=_("做了培训"), required=False)

    def __init__(self, *args, units: Sequence[Unit], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["receivers"].offer(units)


class CountForm(forms.Form):
    """The cases of one month, by whoever handles them."""

    month = forms.TypedChoiceField(label=_("哪个月"), coerce=date.fromisoformat)
    begun = forms.IntegerField(label=_("新收几件"), min_value=0, max_value=100_000)
    in_time = forms.IntegerField(label=_("按时办结几件"), min_value=0, max_value=100_000)
    late = forms.IntegerField(label=_("超时办结几件"), min_value=0, max_value=100_000)
    average = forms.DecimalField(
        label=_("办结的平均用了几个工作日"), min_value=0, max_value=999, max_digits=5, decimal_places=1, required=False,
        help_text=_("没有办结的就不填。"),
    )  # fmt: skip

    def __init__(self, *args, months: Sequence[date], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = [(month.isoformat(), f"{month:%Y-%m}") for month in months]

    def counted(self) -> tuple[date, Counted]:
        """As ``actions.count_cases`` takes it."""
        said = dict(self.cleaned_data)
        return said.pop("month"), Counted(**said)


class EndForm(forms.Form):
    """收回."""

    why = forms.CharField(label=_("为什么收回"), max_length=200, widget=forms.Textarea({"rows": 2}))


class RightsFilter(ListFilter):
    """Which approvals a page shows."""

    what = filter_field(("", _("在放的")), ("bare", _("没有给支持的")), ("ended", _("已收回的")))
