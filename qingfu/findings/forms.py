"""Forms of this room: a check, what was put right, what looking back showed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.findings.models import Finding, FindingStep

MOST = FindingStep._meta.get_field("note").max_length


class Words(forms.CharField):
    """A sentence or two."""

    def __init__(self, label: str, help_text: str = "", **more):
        widget = forms.Textarea(attrs={"rows": 3})
        super().__init__(label=label, help_text=help_text, max_length=MOST, widget=widget, **more)


class CheckForm(forms.Form):
    """What a check on the spot found."""

    bearer = forms.ModelChoiceField(queryset=None, label=_("哪个班、年级或学校"))
    summary = Words(_("看到了什么"), _("写学科和岗位，不写姓名。"))
    due_day = forms.DateField(label=_("哪天以前整改"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args, units, **more):
        super().__init__(*args, **more)
        self.fields["bearer"].queryset = units
        self.fields["bearer"].label_from_instance = lambda unit: unit.name


class RectifyForm(forms.Form):
    text = Words(_("做了什么"), _("一两句话就够。写学科和岗位，不写姓名。"))


class RecheckForm(forms.Form):
    kept = forms.TypedChoiceField(
        label=_("做到了吗"),
        choices=[("yes", _("做到了，销号")), ("no", _("又出现了，重新整改"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = Words(_("看到了什么"), _("又出现的，请写明。"), required=False)


class CloseForm(forms.Form):
    reason = Words(_("为什么不用整改"))


class AssignForm(forms.Form):
    person = forms.ModelChoiceField(queryset=None, label=_("交给谁"))

    def __init__(self, *args, people, **more):
        super().__init__(*args, **more)
        self.fields["person"].queryset = people


class FilterForm(forms.Form):
    """What the list is narrowed by; a value that is none of the choices narrows nothing."""

    q = forms.CharField(required=False, max_length=80)
    kind = forms.ChoiceField(required=False, choices=[("", _("各种问题")), *Finding.Kind.choices])
    school = forms.ModelChoiceField(required=False, queryset=None, empty_label=_("所有学校"))
    late = forms.BooleanField(required=False, label=_("只看到期的"))

    def __init__(self, *args, schools, **more):
        super().__init__(*args, **more)
        self.fields["school"].queryset = schools
        for name in ("kind", "school"):
            self.fields[name].widget.attrs["class"] = "input input-select"

    def chosen(self) -> dict:
        self.is_valid()
        found = self.cleaned_data
        school = found.get("school")
        return {
            "words": found.get("q", ""), "kind": found.get("kind", ""), "school_id": school and school.pk,
            "late": found.get("late", False),
        }  # fmt: skip
