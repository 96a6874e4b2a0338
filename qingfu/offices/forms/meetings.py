"""Calling a meeting, its length after, and the plan of the year."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.offices.asking import Bearer
from qingfu.offices.convening import Convening
from qingfu.offices.forms.shared import BearerBoxes, day_field, reason_field
from qingfu.offices.models.meetings import MeetingType


class MeetingForm(forms.Form):
    """A meeting to be called. Title and place are for those invited."""

    title = forms.CharField(
        label=_("会议名称"), max_length=60, help_text=_("只给请来的人看；别的单位只看到这半天有人占了。")
    )
    place = forms.CharField(label=_("地点"), max_length=60, required=False)
    day = day_field(_("哪天"))
    starts = forms.TimeField(label=_("几点开始"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(label=_("开多久（分钟）"), min_value=5, max_value=2400)
    video = forms.BooleanField(label=_("视频会"), required=False)
    bearers = BearerBoxes(label=_("请哪些单位"))
    people = forms.IntegerField(label=_("每个单位几人"), min_value=1, max_value=50, initial=1)
    level = forms.ChoiceField(
        label=_("请谁来"), initial="staff",
        choices=[("staff", _("经办人")), ("deputies", _("分管负责人")), ("heads", _("主要负责人"))],
    )  # fmt: skip
    hosts = forms.IntegerField(label=_("本单位几人"), min_value=0, max_value=500, initial=2)
    meeting_type = forms.ChoiceField(label=_("什么会"), choices=MeetingType.choices)
    speech = forms.IntegerField(
        label=_("主要领导讲话（分钟）"), min_value=0, max_value=600, required=False, help_text=_("没有就不填。")
    )
    both_heads = forms.BooleanField(label=_("党政主要负责人都到会"), required=False)
    speakers = forms.IntegerField(label=_("几位领导讲话"), min_value=0, max_value=20, initial=1)
    vice_head = forms.BooleanField(label=_("由副职召集"), required=False)
    discussion = forms.BooleanField(label=_("有分组讨论"), required=False)
    layered = forms.BooleanField(label=_("上下几级一起陪会"), required=False)
    reason = reason_field(_("超出“一般”“原则上”的规定时要写。"))
    plan_id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    USUAL = ("title", "place", "day", "starts", "minutes", "video", "bearers", "people")

    def usual(self) -> list:
        """The fields of every meeting."""
        return [self[name] for name in self.USUAL]

    def further(self) -> list:
        """Those that few meetings need; ``reason`` stands by itself."""
        return [bound for bound in self.visible_fields() if bound.name not in (*self.USUAL, "reason")]

    def __init__(self, *args, units, **more):
        super().__init__(*args, **more)
        self.fields["bearers"].offer(units)

    def convening(self) -> Convening:
        """The meeting, once the form is valid."""
        said = dict(self.cleaned_data)
        people, units = said.pop("people"), said.pop("bearers")
        said["starts"] = said["starts"].strftime("%H:%M")
        said["speech"] = said["speech"] or 0
        return Convening(bearers=tuple(Bearer(unit, people) for unit in units), **said)


class LengthForm(forms.Form):
    """After a meeting: how long it took."""

    minutes = forms.IntegerField(label=_("实际开了多久（分钟）"), min_value=1, max_value=7200)


class PlannedMeetingForm(forms.Form):
    """A line of the year's plan."""

    title = forms.CharField(label=_("会议名称"), max_length=60)
    month = forms.TypedChoiceField(label=_("哪个月"), choices=[(n, f"{n}") for n in range(1, 13)], coerce=int)
    meeting_type = forms.ChoiceField(label=_("什么会"), choices=MeetingType.choices)
    minutes = forms.IntegerField(label=_("开多久（分钟）"), min_value=5, max_value=2400, initial=90)
    people = forms.IntegerField(label=_("多少人"), min_value=1, max_value=5000, initial=30)
