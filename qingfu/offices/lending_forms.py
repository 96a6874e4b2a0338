"""Forms of secondments, of approvals handed down, and of errors and blame: nowhere a name of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.offices.actions.rights import Counted
from qingfu.offices.blame import appeals, distinctions
from qingfu.offices.forms import BearerBoxes, day_field
from qingfu.offices.lending import Terms, Where, settings
from qingfu.offices.queries.lending import ALL
from qingfu.units.models import Unit


def _reason(**more) -> forms.CharField:
    return forms.CharField(
        label=_("书面说明"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("规定说“一般不”“原则上不”的，要写明为什么。"), **more,
    )  # fmt: skip


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
    reason = _reason()
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
    reason = _reason()

    def terms(self, people: int) -> Terms:
        said = self.cleaned_data
        return Terms(said["months"], people, said["approved"], said["unit_consent"], said["person_consent"])


class BackForm(forms.Form):
    """回原单位."""

    day = day_field(_("哪天回来"))


class LendingFilter(forms.Form):
    """Which secondments a page shows."""

    q = forms.CharField(required=False, max_length=40)
    state = forms.ChoiceField(
        required=False,
        choices=[
            ("away", _("在外的")), *[(one, one.label) for one in (Where.SOON, Where.OVER, Where.WAITING, Where.BACK)],
            (ALL, _("全部")),
        ],
    )  # fmt: skip

    def chosen(self) -> dict:
        """As ``queries.lending.narrowed`` takes it."""
        said = self.cleaned_data if self.is_valid() else {}
        return {"words": said.get("q", ""), "state": said.get("state") or "away"}


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


class RightsFilter(forms.Form):
    """Which approvals a page shows."""

    q = forms.CharField(required=False, max_length=40)
    what = forms.ChoiceField(
        required=False, choices=[("", _("在放的")), ("bare", _("没有给支持的")), ("ended", _("已收回的"))]
    )

    def chosen(self) -> dict:
        said = self.cleaned_data if self.is_valid() else {}
        return {"words": said.get("q", ""), "what": said.get("what", "")}


class BlameForm(forms.Form):
    """A year's numbers by distinction and by how appeals ended. Nought is a figure too."""

    year = forms.TypedChoiceField(label=_("哪一年"), coerce=int)

    def __init__(self, *args, years: Sequence[int], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, year) for year in years]
        several = [
            ("held", _("问责几人次"), distinctions()), ("spared", _("免责或从轻减轻几人次"), distinctions()),
            ("ended", _("申诉结果"), appeals()),
        ]  # fmt: skip
        for name, head, codes in several:
            for code, text in codes.items():
                self.fields[f"{name}_{code}"] = forms.IntegerField(
                    label=f"{head}：{text}", min_value=0, max_value=9999, initial=0
                )

    def counts(self, name: str) -> dict[str, int]:
        """One of the three tables: held, spared or ended."""
        head = f"{name}_"
        return {key.removeprefix(head): n for key, n in self.cleaned_data.items() if key.startswith(head)}
