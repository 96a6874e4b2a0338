"""A document of the plan, its draft, and how it is issued."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.offices.forms.shared import BearerBoxes, day_field, reason_field
from qingfu.text.files import CannotRead, open_file
from qingfu.text.official import MarkedSecret, must_be_open
from qingfu.units.models import Unit
from qingfu.units.uploads import MEGABYTE, MOST_BYTES


class ProjectForm(forms.Form):
    """发文立项. The subject is asked only where the unit keeps titles."""

    month = forms.DateField(
        label=_("打算哪个月发"), input_formats=["%Y-%m"], widget=forms.DateInput({"type": "month"}, format="%Y-%m")
    )
    topic = forms.ChoiceField(label=_("哪方面的工作"))
    subject = forms.CharField(label=_("事由"), max_length=120, required=False)
    required = forms.BooleanField(label=_("上级明确要求发"), required=False)
    bearers = BearerBoxes(label=_("发给谁"), error_messages={"required": _("请选发给谁。")})

    def __init__(self, *args, unit: Unit, bearers, topics: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = list(topics.items())
        self.fields["bearers"].offer(bearers)
        if not unit.attributes.get("keep_titles"):
            del self.fields["subject"]


class DraftForm(forms.Form):
    """A draft to be checked, and if wanted the superior's document that it carries out. Both stay in memory.

    After ``is_valid``, ``source`` and ``superior`` are what was read.
    """

    draft = forms.FileField(label=_("草稿"), error_messages={"required": _("请选一个文件。")})
    superior = forms.FileField(label=_("上级文件"), required=False)
    on = day_field(_("哪天发"), required=False, help_text=_("规定按这一天算；不填，按今天。"))
    required = forms.BooleanField(label=_("上级明确要求制定"), required=False)

    def clean_draft(self):
        return self._opened("draft")

    def clean_superior(self):
        return self._opened("superior")

    def _opened(self, name: str):
        file = self.cleaned_data[name]
        if file is None:
            return None
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                gettext("%(name)s 太大，一个文件最多 %(most)s MB。请删去图片后再选。")
                % {"name": file.name, "most": MOST_BYTES // MEGABYTE}
            )
        try:
            source = open_file(file.read(), file.name)
            must_be_open(source)
        except (CannotRead, MarkedSecret) as problem:
            raise forms.ValidationError(f"{file.name}：{problem}") from None
        return source


class IssueForm(forms.Form):
    """How the checked draft is issued."""

    day = day_field(_("哪天发"))
    due_day = day_field(_("要在哪天前办完"), required=False, help_text=_("没有期限就不填。"))
    assessed = forms.BooleanField(label=_("已作过一致性评估"), required=False)
    reason = reason_field(_("超出“一般”的规定才要写；请两办审核的也写在这里。"))
    emergency = forms.CharField(
        label=_("应急、法定事由"), max_length=300, required=False,
        help_text=_("抢险救灾、安全事故、疫情、执法这类才写：照发，单独计数。"),
    )  # fmt: skip
