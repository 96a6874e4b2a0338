"""Forms that several areas share: what may be typed, and what is said about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.convening import Convening
from qingfu.offices.inspecting import not_to_ask
from qingfu.offices.models import Complaint, Listed
from qingfu.offices.models.meetings import MeetingType
from qingfu.offices.periods import figures
from qingfu.offices.queries import INSPECTED_KINDS
from qingfu.rulebook.words import word
from qingfu.text.files import CannotRead, open_file
from qingfu.text.official import MarkedSecret, must_be_open
from qingfu.units.models import Unit
from qingfu.units.uploads import MEGABYTE, MOST_BYTES

RECEIVED_KINDS = (
    "document", "letter", "meeting", "visit", "form", "notice", "call", "circular", "creation", "evaluation",
    "plaque", "subscription",
)  # fmt: skip


def day_field(label, required: bool = True, **more) -> forms.DateField:
    """A day, chosen in the browser's own calendar."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, **more)


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
    reason = forms.CharField(
        label=_("书面说明"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("超出“一般”“原则上”的规定时要写。"),
    )  # fmt: skip

    def __init__(self, *args, units, **more):
        super().__init__(*args, **more)
        self.fields["bearers"] = BearerBoxes(label=_("转给谁"))
        self.fields["bearers"].offer(units)
        self.order_fields(["bearers", "day"])

    def bearers(self) -> list[Bearer]:
        """To whom, once the form is valid."""
        return [Bearer(unit, self.cleaned_data["people"]) for unit in self.cleaned_data["bearers"]]


class DecideForm(forms.Form):
    """What a reviewer says, either way."""

    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea({"rows": 2}))


class BearerBoxes(forms.MultipleChoiceField):
    """Whom it is asked of: kinds of unit as a whole (全部乡镇 …), and each unit; villages below their township.

    ``clean`` returns the Units, each once, in the order of the tree.
    """

    widget = forms.CheckboxSelectMultiple

    def offer(self, units: Iterable[Unit]) -> None:
        """The units that the office may ask."""
        self.units = list(units)
        kinds = Counter(unit.kind for unit in self.units)
        whole = [
            (kind, gettext("全部%(kind)s（%(count)s 个）") % {"kind": Unit.Kind(kind).label, "count": count})
            for kind, count in kinds.items()
            if count > 1
        ]
        towns = {unit.path: unit.name for unit in self.units if unit.kind == Unit.Kind.TOWNSHIP}
        groups: dict[str, list[tuple[str, str]]] = {}
        for unit in self.units:
            town = towns.get(unit.path[: -Unit.steplen]) if unit.kind == Unit.Kind.VILLAGE else None
            groups.setdefault(town or Unit.Kind(unit.kind).label, []).append((str(unit.pk), unit.name))
        self.choices = [*([(gettext("一起选"), whole)] if whole else []), *groups.items()]

    def clean(self, value) -> list[Unit]:
        chosen = set(super().clean(value))
        return [unit for unit in self.units if {unit.kind, str(unit.pk)} & chosen]


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
    reason = forms.CharField(
        label=_("书面说明"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("超出“一般”“原则上”的规定时要写。"),
    )  # fmt: skip
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
    reason = forms.CharField(
        label=_("书面说明"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("超出“一般”的规定才要写；请两办审核的也写在这里。"),
    )  # fmt: skip
    emergency = forms.CharField(
        label=_("应急、法定事由"), max_length=300, required=False,
        help_text=_("抢险救灾、安全事故、疫情、执法这类才写：照发，单独计数。"),
    )  # fmt: skip


class CirculateForm(forms.Form):
    """传阅: to whom, and by when it is to be handled."""

    people = forms.MultipleChoiceField(label=_("传给"), widget=forms.CheckboxSelectMultiple)
    until = day_field(_("哪天前办结"), required=False)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = [(str(one.pk), one.name) for one in people]


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
    reason = forms.CharField(
        label=_("书面说明"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("超出“一般”“原则上”的规定时要写。"),
    )  # fmt: skip

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


class ComplainForm(forms.Form):
    """反映: one tap; a sentence or a screenshot if somebody likes."""

    what = forms.ChoiceField(choices=Complaint.What.choices, label=_("怎么了"))
    demand = forms.IntegerField(required=False, widget=forms.HiddenInput)
    sentence = forms.CharField(label=_("一句话"), max_length=200, required=False)
    picture = forms.FileField(label=_("转一张截图"), required=False)


class SampleForm(forms.Form):
    """Where the seed of this month's sample will come from: written down before it is known."""

    kind = forms.ChoiceField(
        label=_("种子怎么来"), choices=[("dice", _("当众掷骰子")), ("lottery", _("开奖号码"))]
    )
    event = forms.CharField(
        label=_("哪一次"), max_length=80, help_text=_("如“12月1日上午9点减负专班会上掷的10个骰子”。")
    )


class CallForm(forms.Form):
    """What a village said on the telephone about the month before."""

    reached = forms.BooleanField(label=_("打通了"), required=False, initial=True)
    hours = forms.DecimalField(
        label=_("登记的那些，实际一共用了多少小时"), min_value=0, max_value=2000, max_digits=6, decimal_places=1,
        required=False,
    )  # fmt: skip

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        for code, name in figures()["unregistered"].items():
            label = _("没有登记的：%(name)s（次）") % {"name": name}
            self.fields[f"n_{code}"] = forms.IntegerField(label=label, min_value=0, max_value=999, required=False)

    def said(self) -> dict:
        """As ``actions.record_call`` takes it."""
        data = self.cleaned_data
        minutes = None if data["hours"] is None else round(data["hours"] * 60)
        counts = {code: data[f"n_{code}"] or 0 for code in figures()["unregistered"]}
        return {"reached": data["reached"], "real_minutes": minutes, "unregistered": counts}
