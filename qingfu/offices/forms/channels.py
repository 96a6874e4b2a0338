"""Forms of the register of apps and groups, and the list that an office brings along in a workbook."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.offices.channels import bans, bans_of, purposes, settings
from qingfu.offices.forms.shared import BearerBoxes, ListFilter, day_field, filter_field
from qingfu.offices.models import Channel
from qingfu.offices.queries.channels import ALL, BANNED, GONE, OVERDUE, UNFILED
from qingfu.offices.tables import first_sheet, text_of
from qingfu.units.models import Unit
from qingfu.units.workbook.safety import WorkbookError, column_letters

YES, NO = "是", "否"
SEPARATORS = re.compile(r"[、，,；;\s]+")


class UserBoxes(BearerBoxes):
    """Who uses it. ``clean`` returns (kinds of unit as a whole, ids of single units beside them)."""

    def clean(self, value) -> tuple[list[str], list[int]]:
        chosen = set(forms.MultipleChoiceField.clean(self, value))
        kinds = sorted(chosen & {unit.kind for unit in self.units})
        return kinds, [unit.pk for unit in self.units if str(unit.pk) in chosen and unit.kind not in kinds]


class ChannelForm(forms.Form):
    """One app, mini-program, public account or work group."""

    carrier = forms.ChoiceField(label=_("哪一种"), choices=Channel.Carrier.choices)
    name = forms.CharField(label=_("名称"), max_length=60)
    purpose = forms.ChoiceField(label=_("用来做什么"), choices=lambda: list(purposes().items()))
    about = forms.CharField(label=_("一句话说明"), max_length=120, required=False)
    users = UserBoxes(label=_("哪些单位在用"), required=False, help_text=_("面向群众的可以不选。"))
    headcount = forms.IntegerField(label=_("多少人用"), min_value=0, max_value=2_000_000)
    source = forms.ChoiceField(label=_("从哪里来"), choices=Channel.Source.choices)
    since = day_field(_("哪天开始用"), help_text=_("还没有开始用的，先按规定查，合规才登记。"))
    forced = forms.BooleanField(label=_("要求必须装、必须加入"), required=False)
    safety = forms.BooleanField(label=_("安全、应急需要"), required=False)
    filing_number = forms.CharField(
        label=_("备案号"), max_length=60, required=False, help_text=_("应用和小程序要备案。")
    )
    filed_on = day_field(_("备案日期"), required=False)

    def __init__(self, *args, units: Sequence[Unit], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["users"].offer(units)

    def channel(self, unit: Unit) -> Channel:
        """What was typed, once the form is valid; not saved."""
        said = dict(self.cleaned_data)
        said["kinds"], said["unit_ids"] = said.pop("users")
        return Channel(unit=unit, **said)


class AnswersForm(forms.Form):
    """The questions about channels, ticked is yes: one field for kinds that are asked the same. Those of all kinds
    stand in the form that registers, since the kind is chosen there."""

    def __init__(self, *args, carriers: Sequence[str], said: Sequence[str] = (), **kwargs):
        super().__init__(*args, **kwargs)
        together: dict[tuple, list[str]] = {}
        for carrier in carriers:
            together.setdefault(tuple(bans_of(carrier)), []).append(carrier)
        self.fields_by_carrier = {one: f"answers_{several[0]}" for several in together.values() for one in several}
        for asked, several in together.items():
            names = "、".join(str(Channel.Carrier(one).label) for one in several)
            self.fields[f"answers_{several[0]}"] = forms.MultipleChoiceField(
                label=gettext("%(names)s不得有的，有就勾") % {"names": names}, required=False, initial=list(said),
                widget=forms.CheckboxSelectMultiple, choices=[(ban.code, ban.text) for ban in asked],
            )  # fmt: skip

    def answers(self, carrier: str) -> list[str]:
        """What was ticked for a kind of channel."""
        return self.cleaned_data[self.fields_by_carrier[carrier]]


class ReviewForm(forms.Form):
    """自查和清理: keep, merge or close, with a reason."""

    state = forms.ChoiceField(
        label=_("怎么处理"),
        choices=[
            (Channel.State.KEPT, _("保留")), (Channel.State.MERGED, _("合并到别的")), (Channel.State.CLOSED, _("停用")),
        ],
    )  # fmt: skip
    into = forms.TypedChoiceField(label=_("合并到"), required=False, coerce=int, empty_value=None)
    reason = forms.CharField(label=_("理由"), max_length=200, widget=forms.Textarea({"rows": 2}))
    forced = forms.BooleanField(label=_("要求必须装、必须加入"), required=False)
    filing_number = forms.CharField(label=_("新办的备案号"), max_length=60, required=False)
    filed_on = day_field(_("备案日期"), required=False)

    def __init__(self, *args, targets: Sequence[Channel], **kwargs):
        super().__init__(*args, **kwargs)
        several = [(one.pk, f"{one.name}（{one.unit.name}）") for one in targets]
        self.fields["into"].choices = [("", gettext("不合并")), *several]


class FilterForm(ListFilter):
    """What of the register a page shows."""

    carrier = filter_field(("", _("各种")), *Channel.Carrier.choices)
    what = filter_field(
        (ALL, _("在用的")), (OVERDUE, _("该自查的")), (BANNED, _("有不得的功能")), (UNFILED, _("没有备案的")),
        (GONE, _("已停用、合并的")),
    )  # fmt: skip


COLUMNS = {
    "名称": "name", "哪一种": "carrier", "用来做什么": "purpose", "一句话说明": "about", "使用单位": "users",
    "使用人数": "headcount", "从哪里来": "source", "开始用的日期": "since", "必须装或加入": "forced",
    "安全应急需要": "safety", "备案号": "filing_number", "备案日期": "filed_on",
}  # fmt: skip
"""Heads of the workbook, in its order, and the field of ChannelForm that each fills."""
NEEDED = ("name", "carrier", "purpose", "headcount", "source", "since")


def read_list(
    data: bytes, unit: Unit, units: Sequence[Unit], today: date, known: set[tuple[str, str]]
) -> tuple[list[Channel], list[str]]:
    """The channels of a workbook, and what is wrong with it by row and column. ``known`` are (carrier, name) of what
    ``unit`` has registered already. Raises WorkbookError."""
    rows, formulas = first_sheet(data)
    heads = [text_of(cell) for cell in rows[0]] if rows else []
    places = {COLUMNS[head]: column for column, head in enumerate(heads) if head in COLUMNS}
    missing = [head for head, field in COLUMNS.items() if field in NEEDED and field not in places]
    if missing:
        raise WorkbookError(gettext("第 1 行缺少这几列：%(heads)s。请用下载的模板。") % {"heads": "、".join(missing)})
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(text_of(cell) for cell in row)]
    most = settings()["import"]["most_rows"]
    if len(filled) > most:
        counts = {"most": most, "count": len(filled)}
        raise WorkbookError(gettext("一次至多导入 %(most)s 行，这里有 %(count)s 行") % counts)
    found, problems, seen = [], [], {}
    for number, row in filled:
        channel, faults = _read_row(row, places, unit, units, today)
        problems += [f"{column_letters(places.get(field, 0) + 1)}{number}：{text}" for field, text in faults]
        problems += [
            gettext("%(place)s：是公式，请粘贴成数值") % {"place": f"{column_letters(column + 1)}{number}"}
            for column in places.values() if f"{column_letters(column + 1)}{number}" in formulas
        ]  # fmt: skip
        if channel is not None:
            same, place = (channel.carrier, channel.name), f"{column_letters(places['name'] + 1)}{number}"
            if same in known:
                problems.append(gettext("%(place)s：“%(name)s”已经登记过") % {"place": place, "name": channel.name})
            elif same in seen:
                problems.append(gettext("%(place)s：和第 %(row)s 行是同一个") % {"place": place, "row": seen[same]})
            seen.setdefault(same, number)
            found.append(channel)
    return found, problems


def _read_row(row: list, places: dict[str, int], unit: Unit, units: Sequence[Unit], today: date):
    said = {field: text_of(row[column]) if column < len(row) else "" for field, column in places.items()}
    faults: list[tuple[str, str]] = []
    codes = {
        "carrier": {str(label): code for code, label in Channel.Carrier.choices},
        "source": {str(label): code for code, label in Channel.Source.choices},
        "purpose": {text: code for code, text in purposes().items()},
        "forced": {YES: "on", NO: "", "": ""}, "safety": {YES: "on", NO: "", "": ""},
    }  # fmt: skip
    for field, choices in codes.items():
        text = said.get(field, "")
        if text in choices:
            said[field] = choices[text]
        elif text:
            faults.append((field, gettext("只能填：%(choices)s") % {"choices": "、".join(filter(None, choices))}))
            said[field] = ""
    users, unknown, several = _users(said.pop("users", ""), units)
    faults += [("users", gettext("没有“%(name)s”这个单位") % {"name": name[:20]}) for name in unknown]
    faults += [("users", gettext("有几个单位叫“%(name)s”，请一个一个登记") % {"name": name[:20]}) for name in several]
    form = ChannelForm({**said, "users": users}, units=units)
    if form.is_valid() and form.cleaned_data["since"] > today:
        form.add_error("since", gettext("还没有开始用的，请一个一个登记"))
    if form.is_valid() and bool(form.cleaned_data["filing_number"]) != bool(form.cleaned_data["filed_on"]):
        form.add_error("filing_number", gettext("备案号和备案日期要一起写"))
    told = {field for field, _text in faults}
    faults += [(field, texts[0]) for field, texts in form.errors.items() if field not in told]
    return (None, faults) if faults else (form.channel(unit), [])


def _users(text: str, units: Sequence[Unit]) -> tuple[list[str], list[str], list[str]]:
    """Kinds and units that a cell names (全部乡镇、柳湾村), as the form takes them, what nobody is called, and what
    several are called."""
    plain = unicodedata.normalize("NFKC", text).replace("全部", "").replace("所有", "")
    by_name: dict[str, list[str]] = {}
    for unit in units:
        by_name.setdefault(unicodedata.normalize("NFKC", unit.name), []).append(str(unit.pk))
    for kind, count in Counter(unit.kind for unit in units).items():
        label = unicodedata.normalize("NFKC", str(Unit.Kind(kind).label))
        one = [kind] if count > 1 else [str(unit.pk) for unit in units if unit.kind == kind]
        by_name |= {label: one, re.sub(r"\(.*", "", label): one}
    names = list(dict.fromkeys(name for name in SEPARATORS.split(plain) if name))
    found = {name: by_name.get(name, []) for name in names}
    return (
        [one[0] for one in found.values() if len(one) == 1], [name for name, one in found.items() if not one],
        [name for name, one in found.items() if len(one) > 1],
    )  # fmt: skip


def example_rows() -> list[list]:
    """A filled line for the empty workbook."""
    return [[
        "防汛值守群", Channel.Carrier.GROUP.label, purposes()["alarm"], "汛期传令、报平安", "全部乡镇", 46,
        Channel.Source.OWN.label, date(2024, 5, 1), YES, YES, "", "",
    ]]  # fmt: skip


def banned_texts(channel: Channel) -> list[str]:
    """What the last answers said yes to, as people read it."""
    return [bans()[code].text for code in channel.answers]
