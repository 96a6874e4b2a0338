"""The list of inspections, their windows, sealed visits, the checklist and the caps."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.forms.shared import BearerBoxes, day_field
from qingfu.offices.inspecting import not_to_ask
from qingfu.offices.models import Listed
from qingfu.offices.queries import INSPECTED_KINDS
from qingfu.units.models import Unit


class ListedForm(forms.Form):
    """报备案: one line of the yearly list of inspections. Its content and scope are what those below will read."""

    year = forms.TypedChoiceField(label=_("哪一年"), coerce=int)
    title = forms.CharField(label=_("名称"), max_length=60)
    visit_type = forms.ChoiceField(label=_("哪一种"), choices=Listed.Type.choices, initial=Listed.Type.SPECIAL)
    content = forms.CharField(
        label=_("看什么、怎么看"), max_length=300, widget=forms.Textarea({"rows": 3}),
        help_text=_("备案后基层就看得到这一段；不写日子和地点。"),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(label=_("查哪几类单位"), widget=forms.CheckboxSelectMultiple)
    basis = forms.CharField(
        label=_("依据的法律法规"), max_length=120, required=False, help_text=_("查企业必须有，如“安全生产法”。")
    )
    own_item = forms.BooleanField(label=_("本单位自己设的，上级没有要求"), required=False)
    minutes = forms.IntegerField(label=_("一处约多少分钟"), min_value=10, max_value=960, initial=120)
    teams = forms.IntegerField(label=_("一天能同时去几处"), min_value=1, max_value=50, initial=1)

    def __init__(self, *args, years: list[int], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, year) for year in years]
        self.fields["kinds"].choices = [(kind, Unit.Kind(kind).label) for kind in INSPECTED_KINDS]


class WindowForm(forms.Form):
    """Places of a filed item and the window in which they are to be visited."""

    places = BearerBoxes(label=_("去哪几处"))
    first = day_field(_("最早哪天"))
    last = day_field(_("最晚哪天"))

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["places"].offer(places)


class EmergencyForm(forms.Form):
    """应急、法定检查: disaster, safety, epidemic, enforcement, petitions. No list and no window."""

    places = BearerBoxes(label=_("去哪几处"))
    day = day_field(_("哪天"))
    minutes = forms.IntegerField(label=_("一处约多少分钟"), min_value=10, max_value=960, initial=60)
    reason = forms.CharField(
        label=_("是什么事"), max_length=300, widget=forms.Textarea({"rows": 2}),
        help_text=_("防汛、消防、疫情、执法、信访等；会原样公布。"),
    )  # fmt: skip

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["places"].offer(places)

    def asking(self, unit: Unit) -> Asking:
        """What is asked in the name of ``unit``."""
        said = self.cleaned_data
        attributes = {"visit_type": Listed.Type.SPECIAL.value, "issuer": unit.name}
        bearers = tuple(Bearer(place) for place in said["places"])
        return Asking("visit", said["day"], bearers, {"minutes": said["minutes"]}, attributes)


class SealForm(forms.Form):
    """One unannounced visit: where and when, which are kept nowhere."""

    place = forms.TypedChoiceField(label=_("去哪里"), coerce=int)
    day = day_field(_("哪天"))

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(place.pk, place.name) for place in places]


class OpenForm(SealForm):
    """The same again with the code, after the visit."""

    code = forms.CharField(label=_("封条码"), max_length=64)


class PeriodForm(forms.Form):
    """From which day to which visits are to be merged."""

    first = day_field(_("从哪天"))
    last = day_field(_("到哪天"))


class QuietForm(PeriodForm):
    """不安排检查的日子."""

    why = forms.CharField(label=_("为什么"), max_length=40, help_text=_("如“期末考试”“春耕”。"))
    kinds = forms.MultipleChoiceField(label=_("哪几类单位"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(kind, Unit.Kind(kind).label) for kind in INSPECTED_KINDS]


class ChecklistForm(forms.Form):
    """What visitors asked for that they may not."""

    asked = forms.MultipleChoiceField(
        label=_("这次检查要了哪些"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(code, row["text"]) for code, row in not_to_ask().items()],
    )  # fmt: skip


class CapsForm(forms.Form):
    """涉企检查年度频次上限 of one authority, by risk."""

    unit = forms.TypedChoiceField(label=_("哪个单位"), coerce=int)
    low = forms.IntegerField(label=_("低风险企业，一年至多几次"), min_value=0, max_value=99)
    middle = forms.IntegerField(label=_("中风险企业"), min_value=0, max_value=99)
    high = forms.IntegerField(label=_("高风险企业"), min_value=0, max_value=99)

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [(unit.pk, unit.name) for unit in units]
