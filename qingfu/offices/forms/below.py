"""Complaints, and the monthly sample by telephone."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.offices.models import Complaint, PhoneCall
from qingfu.offices.periods import figures


class ComplainForm(forms.Form):
    """反映: one tap; a sentence or a screenshot if somebody likes."""

    what = forms.ChoiceField(
        choices=Complaint.What.choices, label=_("怎么了"),
        error_messages={"required": _("请点“重复”“不合理”或“做不完”。")},
    )  # fmt: skip
    demand = forms.IntegerField(required=False, widget=forms.HiddenInput)
    sentence = forms.CharField(label=_("一句话"), max_length=200, required=False)
    picture = forms.FileField(label=_("转一张截图"), required=False)


class SampleForm(forms.Form):
    """Where the seed of this month's sample will come from: written down before it is known."""

    kind = forms.ChoiceField(label=_("种子怎么来"), choices=[("dice", _("当众掷骰子")), ("lottery", _("开奖号码"))])
    event = forms.CharField(
        label=_("哪一次"), max_length=80, help_text=_("如“12月1日上午9点减负专班会上掷的10个骰子”。")
    )


class CallForm(forms.Form):
    """What a village said on the telephone about the month before."""

    reached = forms.BooleanField(label=_("打通了"), required=False, initial=True)
    hours = forms.DecimalField(
        label=_("登记的那些，实际一共用了多少小时"), min_value=0, max_value=2000, max_digits=6, decimal_places=1,
        required=False, help_text=_("应急、法定的不算在内。"),
    )  # fmt: skip

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        for code, name in figures()["unregistered"].items():
            label = _("没有登记的：%(name)s（次）") % {"name": name}
            self.fields[f"n_{code}"] = forms.IntegerField(label=label, min_value=0, max_value=999, required=False)

    @staticmethod
    def typed_before(call: PhoneCall | None) -> dict:
        """What a call that was recorded said, to be corrected."""
        if call is None:
            return {}
        hours = None if call.real_minutes is None else round(call.real_minutes / 60, 1)
        counts = {f"n_{code}": count for code, count in call.unregistered.items()}
        return {"reached": call.reached, "hours": hours, **counts}

    def said(self) -> dict:
        """As ``actions.record_call`` takes it."""
        data = self.cleaned_data
        minutes = None if data["hours"] is None else round(data["hours"] * 60)
        counts = {code: data[f"n_{code}"] or 0 for code in figures()["unregistered"]}
        return {"reached": data["reached"], "real_minutes": minutes, "unregistered": counts}
