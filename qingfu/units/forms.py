"""Forms: what may be typed, and what is said about it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Membership, Unit
from qingfu.units.permissions import PLACES
from qingfu.units.years import school_year_of

MONTHS_OF_HALVES = {1: (8, 9, 10, 11, 12, 1, 2), 2: (2, 3, 4, 5, 6, 7)}
"""The months in which a term may end, early or late."""


class SignInForm(forms.Form):
    school = forms.CharField(label=_("学校代码"), max_length=32, help_text=_("在学校发的通知上，或问教务处。"))
    account = forms.CharField(
        label=_("账号"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class NeverShownAgain(forms.TextInput):
    """A field that comes back empty: who corrects a code of six digits types a new one, not behind the old."""

    def format_value(self, value) -> None:
        return None


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("验证码"),
        max_length=12,
        help_text=_("打开手机上的验证器，输入六位数字。"),
        widget=NeverShownAgain({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("新密码"),
        max_length=200,
        strip=False,
        help_text=_("至少八个字符，不要全是数字，不要用账号或姓名。"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一遍"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        if self.cleaned_data["again"] != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("两次输入的不一样。"))
        return self.cleaned_data["again"]


class ChangePasswordForm(NewPasswordForm):
    old = forms.CharField(
        label=_("现在的密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    field_order = ["old", "password", "again"]


class PersonForm(forms.Form):
    name = forms.CharField(label=_("姓名"), max_length=40)
    account = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{1,39}$",
        label=_("账号"),
        max_length=40,
        help_text=_("工号或姓名拼音，用小写字母和数字。"),
    )


def _day_field(label, required: bool = True) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class DayForm(forms.Form):
    last_day = _day_field(_("最后一天"))


class AppointForm(forms.Form):
    role = forms.ChoiceField(label=_("职务"))
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("在哪里"), empty_label=_("请选"))
    subject = forms.CharField(label=_("学科"), max_length=16, required=False, help_text=_("任课教师要写。"))
    starts = _day_field(_("从哪天起"))
    ends = _day_field(_("到哪天止"), required=False)

    def __init__(self, home: Unit, *args, **kwargs):
        super().__init__(*args, **kwargs)
        in_school = (Unit.Kind.SCHOOL, Unit.Kind.GRADE, Unit.Kind.CLASS)
        kinds = in_school if home.kind == Unit.Kind.SCHOOL else (home.kind,)
        self.fields["role"].choices = [
            choice for choice in Membership.Role.choices if set(PLACES[choice[0]]) & set(kinds)
        ]
        units = Unit.objects.filter(path__range=(home.path, home.path_end), kind__in=kinds, ends=None)
        self.fields["unit"].queryset = units.order_by("path")

    def clean(self) -> dict:
        data = super().clean()
        role, unit = data.get("role"), data.get("unit")
        if role and unit and unit.kind not in PLACES[role]:
            place = "、".join(str(Unit.Kind(kind).label) for kind in PLACES[role])
            self.add_error("unit", _("这个职务在%(place)s里。") % {"place": place})
        if role == Membership.Role.TEACHER and not data.get("subject"):
            self.add_error("subject", _("任课教师要写学科。"))
        if data.get("ends") and data.get("starts") and data["ends"] < data["starts"]:
            self.add_error("ends", _("结束的日期在开始以前。"))
        return data


class GoOnForm(forms.Form):
    on = _day_field(_("任课和职务从哪天起算"))
    skip_bad = forms.BooleanField(label=_("有错的行先不要，其余的导入"), required=False)
    end_missing = forms.BooleanField(
        label=_("以“任课”表为准：表里没有的任课到前一天为止（只管表里出现的学校）"), required=False
    )


class CloseTermForm(forms.Form):
    term_id = forms.RegexField(
        r"^20\d\d-20\d\d-[12]$", label=_("学期"), help_text=_("如 2026-2027-1。"),
        error_messages={"invalid": _("学期要写成 2026-2027-1 的样子。")},
    )  # fmt: skip
    last_day = _day_field(_("最后一天"))
    end_teaching = forms.BooleanField(label=_("任课、班主任、年级组长到这天为止（下学期重新导入）"), required=False)

    def clean(self) -> dict:
        """The term is one of a school year, and its last day lies in that year and in its half."""
        data = super().clean()
        if not (data.get("term_id") and data.get("last_day")):
            return data
        first, second, half = map(int, data["term_id"].split("-"))
        day = data["last_day"]
        if second != first + 1:
            self.add_error("term_id", gettext("学年的两个年份要相连，如 2026-2027-1。"))
        elif school_year_of(day) != first or day.month not in MONTHS_OF_HALVES[half]:
            self.add_error("last_day", gettext("%(day)s 不在学期 %(term)s 里，请核对。")
                           % {"day": day.isoformat(), "term": data["term_id"]})  # fmt: skip
        return data
