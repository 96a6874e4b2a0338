"""The forms of this room: a text or files to review; a report to put together, its words, figures for a superior."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.reports.drafts import Draft, Unreadable, fitting, read_pasted, read_upload
from qingfu.units.uploads import MEGABYTE, MOST_BYTES

MOST_FILES = 8
MOST_CHARACTERS = 200_000  # of all texts together: ten long reports, read in a few seconds
ENDINGS = ".txt,.docx,.doc,.pdf"


class Files(forms.FileField):
    """Several files of one field, as a list."""

    class Input(forms.FileInput):
        allow_multiple_selected = True

    widget = Input

    def clean(self, data, initial=None) -> list:
        return data or []


class DraftForm(forms.Form):
    """After ``is_valid``, ``drafts`` are what was put in, ready to travel, and ``warnings`` what was said of them."""

    text = forms.CharField(
        required=False, max_length=MOST_CHARACTERS, strip=False, label=_("粘贴报告的文字"),
        widget=forms.Textarea(attrs={"rows": 12, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    files = Files(required=False)
    on = forms.DateField(
        required=False, label=_("报告写成的日子"), widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("规定按这一天算；不填，按文中写的日期。"),
    )  # fmt: skip

    def clean(self) -> dict:
        cleaned = super().clean()
        self.drafts: list[Draft] = []
        self.warnings: list[str] = []
        files = cleaned.get("files", [])
        if len(files) > MOST_FILES:
            self.add_error("files", gettext("一次最多 %(most)s 个文件，您选了 %(count)s 个。请分几次。") % {
                "most": MOST_FILES, "count": len(files)})  # fmt: skip
            return cleaned
        for file in files:
            self._read_file(file)
        if cleaned.get("text", "").strip():
            self._read_text(cleaned["text"])
        if self.errors:
            return cleaned
        self.drafts = fitting([draft for draft in self.drafts if draft.text.strip()])
        characters = sum(len(draft.text) for draft in self.drafts)
        if not self.drafts:
            self.add_error(None, gettext("还没有可读的文字：请粘贴一份报告，或选一个文件。"))
        elif characters > MOST_CHARACTERS:
            self.add_error(None, gettext("一共 %(count)s 字，一次最多 %(most)s 字。请分几次。") % {
                "count": f"{characters:,}", "most": f"{MOST_CHARACTERS:,}"})  # fmt: skip
        return cleaned

    def _read_file(self, file) -> None:
        if file.size > MOST_BYTES:
            sentence = gettext("%(name)s 有 %(size)s MB，一个文件最多 %(most)s MB。请删去图片，或只粘贴文字。")
            size, most = -(-file.size // MEGABYTE), MOST_BYTES // MEGABYTE
            self.add_error("files", sentence % {"name": file.name, "size": size, "most": most})
            return
        try:
            draft, warnings = read_upload(file.name, file.read())
        except Unreadable as error:
            self.add_error("files", str(error))
            return
        self.drafts.append(draft)
        self.warnings += [f"{file.name}：{warning}" for warning in warnings]

    def _read_text(self, text: str) -> None:
        try:
            self.drafts.append(read_pasted(text))
        except Unreadable as error:
            self.add_error("text", str(error))


class PeriodForm(forms.Form):
    """A unit and a span: a usual one, or two days. After ``is_valid``, ``unit_id`` and ``span``. ``key`` makes one
    thing of two taps."""

    unit = forms.TypedChoiceField(coerce=int, label=_("单位"))
    period = forms.ChoiceField(label=_("期间"))
    first = forms.DateField(required=False, label=_("或者从"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(required=False, label=_("到"), widget=forms.DateInput(attrs={"type": "date"}))
    key = forms.CharField(required=False, max_length=32, initial=lambda: uuid4().hex, widget=forms.HiddenInput)

    def __init__(self, *args, units: Sequence = (), periods: Sequence = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [(one.pk, one.name) for one in units]
        self.fields["period"].choices = [(f"{one.first}_{one.last}", one.name) for one in periods]
        if len(units) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
            self.initial.setdefault("unit", units[0].pk)

    def clean(self) -> dict:
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if bool(first) != bool(last):
            self.add_error("last" if first else "first", gettext("两个日子都要填，或者都不填"))
        elif first and last < first:
            self.add_error("last", gettext("最后一天比第一天早，请改正"))
        elif "period" in cleaned:
            usual = tuple(map(date.fromisoformat, cleaned["period"].split("_")))
            self.span = (first, last) if first else usual
        self.unit_id = cleaned.get("unit")
        return cleaned


class SpareForm(PeriodForm):
    """A superior's request that figures answer."""

    asked_by = forms.CharField(max_length=40, label=_("哪个单位要的"), help_text=_("只写单位，不写人"))
    days = forms.IntegerField(min_value=1, label=_("链接开放几天"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, auto_id="spare_%s", **kwargs)  # it stands beside the other form


class WordsForm(forms.Form):
    """The places of a report that only a person can fill."""

    def __init__(self, *args, slots: Sequence[dict], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for one in slots:
            area = forms.Textarea(attrs={"rows": 4})
            self.fields[one["id"]] = forms.CharField(
                required=False, label=one["name"], help_text=one["hint"], widget=area
            )

