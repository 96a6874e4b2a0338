"""What comes in, what is passed on, and what is neither document, meeting, visit nor form."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.forms.shared import BearerBoxes, day_field, reason_field
from qingfu.rulebook.words import word
from qingfu.units.models import Unit

RECEIVED_KINDS = (
    "document", "letter", "meeting", "visit", "form", "notice", "call", "circular", "creation", "evaluation",
    "plaque", "subscription",
)  # fmt: skip


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


class PassOnForm(forms.Form):
    """转发: to whom, and when. The rest is as it came."""

    day = day_field(_("哪天"))
    starts = forms.TimeField(
        label=_("几点开始"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("会议才填。"),
    )  # fmt: skip
    people = forms.IntegerField(label=_("每个单位几人"), min_value=1, max_value=50, required=False)
    reason = reason_field(_("超出“一般”“原则上”的规定时要写。"))

    def __init__(self, *args, units, **more):
        super().__init__(*args, **more)
        self.fields["bearers"] = BearerBoxes(label=_("转给谁"))
        self.fields["bearers"].offer(units)
        self.order_fields(["bearers", "day"])

    def bearers(self) -> list[Bearer]:
        """To whom, once the form is valid."""
        return [Bearer(unit, self.cleaned_data["people"]) for unit in self.cleaned_data["bearers"]]


OTHER_KINDS = (
    "letter", "notice", "call", "circular", "report", "creation", "evaluation", "plaque", "pledge", "subscription",
    "remarks",
)  # fmt: skip
NAMES = {"pledge": _("责任状"), "remarks": _("书面表态发言")}
"""Two of these are what the rulebook calls a document and a speech, with an attribute that says so."""


class OtherForm(forms.Form):
    """What is neither document, meeting, visit nor form, and burdens all the same."""

    kind = forms.ChoiceField(
        label=_("要他们做什么"), choices=[(kind, NAMES.get(kind) or word("kinds", kind)) for kind in OTHER_KINDS]
    )
    day = day_field(_("哪天"))
    due_day = day_field(_("最迟哪天完成"), required=False)
    bearers = BearerBoxes(label=_("要哪些单位"))
    people = forms.IntegerField(label=_("每个单位几人"), min_value=1, max_value=50, required=False)
    characters = forms.IntegerField(
        label=_("字数"), min_value=0, max_value=200_000, required=False, help_text=_("函、报告填。")
    )
    yuan = forms.IntegerField(
        label=_("每个单位多少元"), min_value=0, max_value=1_000_000, required=False, help_text=_("订阅、创建收费的填。")
    )
    minutes = forms.IntegerField(label=_("时长（分钟）"), min_value=0, max_value=600, required=False)
    meeting_day = day_field(_("是落实哪天的会"), required=False, help_text=_("要会后落实情况的报告，填会议那天。"))
    required_above = forms.BooleanField(label=_("上级有明确要求"), required=False)
    approved = forms.BooleanField(label=_("已经按规定批准"), required=False)
    reason = reason_field(_("超出“一般”“原则上”的规定时要写。"))

    def __init__(self, *args, units, **more):
        super().__init__(*args, **more)
        self.fields["bearers"].offer(units)

    def asking(self, unit: Unit) -> Asking:
        """What ``unit`` asks, once the form is valid."""
        said = self.cleaned_data
        kind, attributes = said["kind"], {}
        if kind == "pledge":
            kind, attributes = "document", {"document_type": "pledge", "assessed": True}
        elif kind == "remarks":
            kind, attributes = "speech", {"speech_type": "pledge", "in_writing": True}
        elif kind == "creation":
            attributes = {"organiser": ORGANISERS.get(unit.kind, ""), "fee": bool(said["yuan"])}
        if said["meeting_day"]:
            attributes["after_meeting"] = True
        attributes |= {"unrequired": not said["required_above"], "approved": said["approved"]}
        amounts = {name: said[name] for name in ("characters", "yuan", "minutes") if said[name]}
        return Asking(
            kind, said["day"], tuple(Bearer(one, said["people"]) for one in said["bearers"]), amounts, attributes,
            said["due_day"], reason=said["reason"], lead_from=said["meeting_day"],
        )  # fmt: skip


ORGANISERS = {
    Unit.Kind.BUREAU: "county_department", Unit.Kind.TOWNSHIP: "township", Unit.Kind.COUNTY: "city_party_government"
}  # fmt: skip
"""Who runs a campaign, as the rulebook's vocabulary has it, by kind of unit."""
