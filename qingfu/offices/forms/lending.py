"""Secondments: nowhere a name of a person."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.offices.forms.shared import ListFilter, day_field, filter_field, reason_field
from qingfu.offices.lending import Terms, Where, settings
from qingfu.offices.queries.lending import ALL
from qingfu.units.models import Unit


class LendingForm(forms.Form):
    """Borrow people of one post from one place."""

    lender = forms.TypedChoiceField(label=_("从哪里借"), coerce=int)
    post = forms.ChoiceField(label=_("什么岗位"), choices=lambda: list(settings()["posts"].items()))
    people = forms.IntegerField(label=_("几个人"), min_value=1, max_value=99, initial=1)
    task = forms.ChoiceField(label=_("借来做什么"), choices=lambda: list(settings()["tasks"].items()))
    starts = day_field(_("从哪天起"))
    months = forms.IntegerField(label=_("借几个月"), min_value=1, max_value=60)
    guise = forms.ChoiceField(
        label=_("以什么名义"), required=False, choices=lambda: [("", gettext("借调")), *settings()["guises"].items()]
    )
    source = forms.CharField(
        label=_("上级来借的，写哪个单位"), max_length=80, required=False,
        help_text=_("上级从本单位或下面借人才写。上级来借只登记，不会被拦。"),
    )  # fmt: skip
    approved = forms.BooleanField(label=_("已按规定批准"), required=False)
    unit_consent = forms.BooleanField(label=_("借出单位同意"), required=False)
    person_consent = forms.BooleanField(label=_("本人同意"), required=False)
    reason = reason_field(_("规定说“一般不”“原则上不”的，要写明为什么。"))
    emergency = forms.CharField(
        label=_("应急、法定事由"), max_length=300, required=False,
        help_text=_("抢险救灾、安全事故、疫情、执法这类才写：照借，单独计数。"),
    )  # fmt: skip

    def __init__(self, *args, units: Sequence[Unit], **kwargs):
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[int, str]]] = {}
        for unit in units:
            groups.setdefault(str(Unit.Kind(unit.kind).label), []).append((unit.pk, unit.name))
        self.fields["lender"].choices = [("", gettext("请选")), *groups.items()]

    def terms(self) -> Terms:
        """What is agreed, once the form is valid."""
        said = self.cleaned_data
        return Terms(
            said["months"], said["people"], said["approved"], said["unit_consent"], said["person_consent"],
            said["guise"],
        )  # fmt: skip


class ExtendForm(forms.Form):
    """延期."""

    months = forms.IntegerField(label=_("再借几个月"), min_value=1, max_value=60)
    approved = forms.BooleanField(label=_("已按规定批准"), required=False)
    unit_consent = forms.BooleanField(label=_("借出单位同意"), required=False)
    person_consent = forms.BooleanField(label=_("本人同意"), required=False)
    reason = reason_field(_("规定说“一般不”“原则上不”的，要写明为什么。"))

    def terms(self, people: int) -> Terms:
        said = self.cleaned_data
        return Terms(said["months"], people, said["approved"], said["unit_consent"], said["person_consent"])


class BackForm(forms.Form):
    """回原单位."""

    day = day_field(_("哪天回来"))


class LendingFilter(ListFilter):
    """Which secondments a page shows."""

    state = filter_field(
        ("away", _("在外的")),
        *[(one, one.label) for one in (Where.SOON, Where.OVER, Where.COMING, Where.WAITING, Where.BACK)],
        (ALL, _("全部")),
    )
