"""Forms that several areas share: what may be typed, and what is said about it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.rulebook.words import word

RECEIVED_KINDS = (
    "document", "letter", "meeting", "visit", "form", "notice", "call", "circular", "creation", "evaluation",
    "plaque", "subscription",
)  # fmt: skip


def day_field(label, required: bool = True, **more) -> forms.DateField:
    """A day, chosen in the browser's own calendar."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, **more)


class ReceiveForm(forms.Form):
    """收文登记: what came from above, as far as its burden goes. No title, no text."""

    kind = forms.ChoiceField(label=_("来的是什么"), choices=[(kind, word("kinds", kind)) for kind in RECEIVED_KINDS])
    source = forms.CharField(label=_("谁发来的"), max_length=80, help_text=_("上级单位的名称，如“临江市水利局”。"))
    day = day_field(_("哪天要做"))
    due_day = day_field(_("最迟哪天完成"), required=False)
    characters = forms.IntegerField(
        label=_("字数"), min_value=0, max_value=200_000, required=False, help_text=_("文件、函填。")
    )
    minutes = forms.IntegerField(
        label=_("时长（分钟）"), min_value=0, max_value=2880, required=False, help_text=_("会议、检查填。")
    )
    people = forms.IntegerField(label=_("要我们几个人"), min_value=0, max_value=500, required=False)
    demands_report = forms.BooleanField(label=_("要求报送落实情况"), required=False)

    def amounts(self) -> dict[str, int]:
        """The stated amounts, by measure."""
        stated = {name: self.cleaned_data[name] for name in ("characters", "minutes")}
        return {name: amount for name, amount in stated.items() if amount}


class DecideForm(forms.Form):
    """What a reviewer says, either way."""

    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea({"rows": 2}))
