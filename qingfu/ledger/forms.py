"""Forms for rules and for the calendar."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.ledger.drafting import Said, common_limits
from qingfu.rulebook import Document
from qingfu.rulebook.words import GRADES, KINDS, word

MOST_TOML = 200_000  # characters of a pack
MOST_DAYS = 60  # that one change of the calendar covers
TIMES_OFFERED = ("lessons_end", "off_work")
FORCES_OFFERED = ("must", "ban", "principle", "general", "encourage")
DAY_KINDS = [
    ("rest_day", _("停课（台风、暴雪等，不上课的日子）")),
    ("holiday", _("放假（地方节日、校庆等）")),
    ("make_up", _("补课、调休上课（按上学日算）")),
    ("school_day", _("恢复为上学日")),
    ("term", _("改学期的起止日期")),
]


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LookForm(forms.Form):
    """Which rules to look at: for which grade, about what, on which day."""

    on = forms.DateField(label=_("哪一天"), widget=day_input())
    grade = forms.ChoiceField(required=False, label=_("对谁"))
    kind = forms.ChoiceField(required=False, label=_("管什么"), choices=[(kind, word("kinds", kind)) for kind in KINDS])

    def __init__(self, *args, grades: list[int], **more):
        super().__init__(*args, **more)
        self.fields["grade"].choices = [*((str(grade), GRADES[grade]) for grade in grades), ("", _("学校（单位）本身"))]


class CitedForm(forms.Form):
    """From when, and the document that says so."""

    start = forms.DateField(label=_("从哪天起执行"), widget=day_input())
    document = forms.CharField(
        label=_("依据的文件"), max_length=200, help_text=_("文件全名，例如“青禾县中小学作业管理办法”。")
    )
    number = forms.CharField(label=_("文号"), max_length=60, required=False)
    issued = forms.DateField(label=_("发文日期"), required=False, widget=day_input())
    issuer = forms.CharField(label=_("发文单位"), max_length=80, required=False)
    clause = forms.CharField(label=_("第几条"), max_length=40, required=False, help_text=_("例如“第四条”。"))

    def clean(self) -> dict:
        said = super().clean()
        start, issued = said.get("start"), said.get("issued")
        if start and issued and start < issued:
            self.add_error("start", _("不能早于发文日期"))
        return said

    def cited(self) -> Document:
        said = self.cleaned_data
        return Document("", said["document"], said["issuer"], said["number"], issued=said["issued"] or said["start"])


class LimitForm(CitedForm):
    """One common limit, new."""

    common = forms.ChoiceField(label=_("哪一条规定"))
    grades = forms.TypedMultipleChoiceField(
        label=_("哪些年级"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("都不选就是所有年级。"),
    )
    amount = forms.IntegerField(
        label=_("数"), min_value=0, max_value=10_000, help_text=_("分钟、次或项，按所选的规定。")
    )
    force = forms.ChoiceField(
        label=_("效力"), choices=[(force, word("forces", force)) for force in FORCES_OFFERED], initial="must",
        help_text=_("应当、不得：超出就放不下。原则上：超出要报批。一般：要写明理由。鼓励：只提示。"),
    )  # fmt: skip
    field_order = ["common", "grades", "amount", "force", "start", "document", "number", "issued", "issuer", "clause"]

    def __init__(self, *args, grades: list[int], **more):
        super().__init__(*args, **more)
        self.fields["common"].choices = [(one.code, one.title) for one in common_limits().values()]
        self.fields["grades"].choices = [(grade, GRADES[grade]) for grade in grades]

    def said(self) -> Said:
        found = self.cleaned_data
        grades = tuple(sorted(found["grades"]))
        return Said(found["amount"], found["start"], self.cited(), found["clause"], found["force"], grades)


class ValueForm(CitedForm):
    """Another number for a limit of the pack, from a day on."""

    limit = forms.ChoiceField(label=_("哪一条规定"))
    amount = forms.IntegerField(label=_("改成多少"), min_value=0, max_value=10_000)
    field_order = ["limit", "amount", "start", "document", "number", "issued", "issuer", "clause"]

    def __init__(self, *args, limits: list[tuple[str, str]], **more):
        super().__init__(*args, **more)
        self.fields["limit"].choices = limits

    def said(self) -> Said:
        found = self.cleaned_data
        return Said(found["amount"], found["start"], self.cited(), found["clause"])


class EndForm(forms.Form):
    """The last day of a limit."""

    limit = forms.ChoiceField(label=_("哪一条规定"))
    last_day = forms.DateField(label=_("执行到哪天"), widget=day_input())

    def __init__(self, *args, limits: list[tuple[str, str]], **more):
        super().__init__(*args, **more)
        self.fields["limit"].choices = limits


class TimeForm(forms.Form):
    """A local time of day, from a day on."""

    name = forms.ChoiceField(
        label=_("哪个时间"), choices=[(name, word("times", name)) for name in TIMES_OFFERED],
        help_text=_("放学时间：当天的作业在此以后登记算补登，撤回也以此为界。当地下班时间：课后服务一般不早于此结束。"),
    )  # fmt: skip
    time = forms.TimeField(label=_("几点几分"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    start = forms.DateField(label=_("从哪天起"), widget=day_input())


class TextForm(forms.Form):
    """A whole pack as TOML, for experts; also what travels between the steps of the form."""

    toml = forms.CharField(
        label=_("规则包（TOML）"),
        max_length=MOST_TOML,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "class": "code"}),
    )


class CalendarForm(forms.Form):
    """Days of another kind, or the dates of a term."""

    unit = forms.ModelChoiceField(queryset=None, label=_("哪里"), empty_label=None)
    what = forms.ChoiceField(label=_("什么变动"), choices=DAY_KINDS)
    starts = forms.DateField(label=_("从哪天"), widget=day_input())
    ends = forms.DateField(label=_("到哪天"), required=False, widget=day_input(), help_text=_("只有一天可以不填。"))
    name = forms.CharField(label=_("名称"), max_length=40, required=False, help_text=_("例如“台风停课”。"))
    source = forms.CharField(label=_("依据"), max_length=200, help_text=_("哪个文件、通知，什么时候发的。"))
    provisional = forms.BooleanField(label=_("暂定，还会有正式通知"), required=False)
    term_id = forms.ChoiceField(label=_("哪个学期（改学期日期时）"), required=False)

    def __init__(self, *args, units, terms: list[tuple[str, str]], **more):
        super().__init__(*args, **more)
        self.fields["unit"].queryset = units
        self.fields["unit"].label_from_instance = lambda unit: unit.name
        self.fields["term_id"].choices = [("", "—"), *terms]

    def clean(self) -> dict:
        said = super().clean()
        starts, ends, what = said.get("starts"), said.get("ends") or said.get("starts"), said.get("what")
        if starts and ends and ends < starts:
            self.add_error("ends", _("不能早于开始的那天"))
        if what == "term" and not said.get("term_id"):
            self.add_error("term_id", _("请选是哪个学期"))
        if starts and ends and what != "term" and (ends - starts).days > MOST_DAYS:
            self.add_error("ends", _("一次最多改 %(days)d 天；更长的请改学期日期") % {"days": MOST_DAYS})
        said["ends"] = ends
        return said

    def change(self) -> dict:
        """As ``change_calendar`` takes it."""
        said = self.cleaned_data
        term = said["what"] == "term"
        return {
            "unit_id": said["unit"].pk, "starts": said["starts"], "ends": said["ends"], "name": said["name"],
            "day_kind": "" if term else said["what"], "term_id": said["term_id"] if term else "",
        }  # fmt: skip
