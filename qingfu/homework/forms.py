"""Forms: what may be typed, and what is said about it."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingfu.homework.items import PLACES, SUBJECTS, Item, Posting, Target
from qingfu.homework.queries import days_to_choose, subjects_of
from qingfu.homework.reading import LONGEST_TEXT, clean, minutes_for
from qingfu.rulebook import Calendar
from qingfu.units.models import Unit

MOST_ITEMS = 40
MOST_EXTRA = 10_000  # of whatever a limit counts; more is a slip of the finger
GRADES = range(1, 13)
FARTHEST = timedelta(days=366)  # a day farther away is a slip of the finger
LONGEST_PIECE = 600  # minutes; more was not meant as one homework
FORMS = [
    ("written", gettext_lazy("书面")),
    ("oral", gettext_lazy("口头")),
    ("practical", gettext_lazy("实践")),
]
DUTIES = [("1", gettext_lazy("必做")), ("0", gettext_lazy("选做"))]
SMALL = {"class": "input input-select"}


def day_input(attributes: dict | None = None) -> forms.DateInput:
    """The browser's own calendar; it wants its days as 2026-11-23 in every language."""
    return forms.DateInput({"type": "date", **(attributes or {})}, format="%Y-%m-%d")


class CleanText(forms.CharField):
    """Text for people, without control and direction marks."""

    def to_python(self, value) -> str:
        return clean(super().to_python((value or "").replace("\0", "")))


class HomeworkFields(forms.Form):
    """What every homework says beside its text, posted or planned."""

    form = forms.ChoiceField(label=gettext_lazy("形式"), choices=FORMS, widget=forms.Select(SMALL))
    required = forms.TypedChoiceField(
        label=gettext_lazy("必做或选做"), choices=DUTIES, coerce=lambda value: value == "1", empty_value=True,
        widget=forms.Select(SMALL),
    )  # fmt: skip
    place = forms.ChoiceField(
        label=gettext_lazy("在哪里做"), required=False, widget=forms.Select(SMALL),
        choices=[("", gettext_lazy("地点不限")), *((place, gettext_lazy(place)) for place in PLACES)],
    )  # fmt: skip
    minutes = forms.IntegerField(
        label=gettext_lazy("分钟"), min_value=1, max_value=LONGEST_PIECE, required=False,
        widget=forms.NumberInput({"class": "input input-small", "inputmode": "numeric"}),
    )  # fmt: skip
    due_day = forms.DateField(
        label=gettext_lazy("哪天交"), required=False,
        widget=day_input(SMALL),
    )  # fmt: skip

    def propose_minutes(self, subject: str, grade: int) -> None:
        """Where no minutes were typed, put what an average pupil needs into the field and ask her to look at it."""
        data = self.cleaned_data
        if "minutes" in self.errors or data["minutes"] or not (data.get("text") and data.get("form")):
            return
        minutes, why = minutes_for(subject, data["text"], data["form"], grade)
        self.data = self.data.copy()
        self.data[self.add_prefix("minutes")] = str(minutes)
        said = _("没写用时，替您填了 %(minutes)s 分钟：%(why)s。看一看再点一次")
        self.add_error("minutes", said % {"minutes": minutes, "why": why})


class ItemForm(HomeworkFields):
    """One homework of a posting. ``only`` narrows it to some of the chosen classes."""

    subject = forms.ChoiceField(label=gettext_lazy("学科"), widget=forms.Select(SMALL))
    text = CleanText(
        label=gettext_lazy("内容"), max_length=LONGEST_TEXT,
        widget=forms.Textarea({"class": "input check-text", "rows": 1}),
    )  # fmt: skip
    only = forms.MultipleChoiceField(
        label=gettext_lazy("只给这些班"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, targets: list[Target], **kwargs):
        super().__init__(*args, **kwargs)
        self.targets = targets
        self.fields["subject"].choices = [(one, one) for one in subjects_of(targets)]
        self.fields["only"].choices = [(target.code, target.name) for target in targets]

    def item(self, chosen: list[Target]) -> Item:
        """The item for those of the chosen classes where she teaches its subject."""
        data = self.cleaned_data
        only = set(data["only"])
        wanted = [one for one in chosen if one.takes(data["subject"]) and (not only or one.code in only)]
        return Item(
            data["subject"], data["text"], data["form"], data["required"], data["minutes"], data["place"],
            data["due_day"], tuple(wanted),
        )  # fmt: skip


ItemForms = forms.formset_factory(ItemForm, extra=0, min_num=0, max_num=MOST_ITEMS, absolute_max=MOST_ITEMS)


class PostingForm(forms.Form):
    """What all items of a posting share."""

    day = forms.DateField(label=gettext_lazy("哪天的作业"), widget=forms.Select(SMALL))
    to = forms.MultipleChoiceField(
        label=gettext_lazy("公示给"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("选一选公示给哪些班")},
    )  # fmt: skip
    reason = CleanText(label=gettext_lazy("理由"), max_length=300, required=False)
    plan_items = forms.CharField(required=False, widget=forms.HiddenInput, max_length=400)

    def __init__(self, *args, targets: list[Target], calendar: Calendar, **kwargs):
        super().__init__(*args, **kwargs)
        self.targets, self.calendar = targets, calendar
        days = days_to_choose(calendar, timezone.localdate())
        self.fields["to"].choices = [(target.code, target.name) for target in targets]
        self.fields["day"].widget.choices = [(day.date.isoformat(), day_label(day)) for day in days]

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if abs(day - timezone.localdate()) > FARTHEST:
            raise forms.ValidationError(_("这一天离今天太远了，请核对日期。"))
        if not self.calendar.in_term(day):
            raise forms.ValidationError(_("这一天在假期里，请选学期里的日子。"))
        return day

    def clean_plan_items(self) -> tuple[int, ...]:
        numbers = self.cleaned_data["plan_items"].split(",")
        return tuple(int(number) for number in numbers if number.isascii() and number.isdigit())[:MOST_ITEMS]

    def chosen(self) -> list[Target]:
        codes = set(self.cleaned_data.get("to", ()))
        return [target for target in self.targets if target.code in codes]


def day_label(day) -> str:
    """今天, 明天; a day gone by says that it is entered late; a day without school says so."""
    label = day.label if any(it.isdigit() for it in day.label) else f"{day.label} {day.date.month}/{day.date.day}"
    if day.past:
        return f"{label}（{_('补登')}）"
    return label if day.is_school_day else f"{label}（{_('休息日')}）"


class Check:
    """The whole form of 核对: what all items share, and the items."""

    def __init__(self, targets: list[Target], calendar: Calendar, data=None, initial: dict | None = None):
        """``data`` is a POST; ``initial`` has "shared" and "items" for a form that is shown first."""
        initial = initial or {"shared": {}, "items": []}
        self.targets = targets
        self.shared = PostingForm(data, targets=targets, calendar=calendar, initial=initial["shared"])
        self.items = ItemForms(data, prefix="i", initial=initial["items"], form_kwargs={"targets": targets})

    def is_valid(self) -> bool:
        """Whether everything can be read; errors stand beside their fields."""
        if not all([self.shared.is_valid(), self.items.is_valid()]):
            return False
        for form in self.items:
            self._look_at(form, form.cleaned_data)
        return not any(form.errors for form in self.items)

    def _look_at(self, form: ItemForm, data: dict) -> None:
        """What one item can only be asked beside what all share."""
        targets = form.item(self.shared.chosen()).targets
        if not targets:
            form.add_error("subject", _("您在选中的班里不教%(subject)s") % {"subject": data["subject"]})
        elif data["due_day"] and data["due_day"] < self.shared.cleaned_data["day"]:
            form.add_error("due_day", _("交的日子早于做的日子"))
        else:
            form.propose_minutes(data["subject"], targets[0].classes[0].grade)

    def posting(self) -> Posting:
        """What was typed. Call it after ``is_valid``."""
        shared = self.shared.cleaned_data
        chosen = self.shared.chosen()
        items = tuple(form.item(chosen) for form in self.items)
        return Posting(shared["day"], items, shared["reason"], shared["plan_items"])


def fields_of(posting: Posting) -> list[tuple[str, str]]:
    """A posting as the hidden fields that ``Check`` reads back."""
    codes = {target.code for item in posting.items for target in item.targets}
    fields = [("day", posting.day.isoformat()), ("reason", posting.reason)]
    fields += [("to", code) for code in sorted(codes)]
    fields += [("plan_items", ",".join(map(str, posting.plan_items)))]
    fields += [("i-TOTAL_FORMS", str(len(posting.items))), ("i-INITIAL_FORMS", "0")]
    for n, item in enumerate(posting.items):
        values = {
            "subject": item.subject, "text": item.text, "form": item.form, "required": str(int(item.required)),
            "place": item.place, "minutes": str(item.minutes),
            "due_day": item.due_day.isoformat() if item.due_day else "",
        }  # fmt: skip
        fields += [(f"i-{n}-{name}", value) for name, value in values.items()]
        if {target.code for target in item.targets} != codes:
            fields += [(f"i-{n}-only", target.code) for target in item.targets]
    return fields


# ---- the week plan ----


class PlanLineForm(HomeworkFields):
    """One line of a plan; a line without text is no line."""

    item_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    day = forms.DateField(widget=forms.HiddenInput)
    text = CleanText(
        label=gettext_lazy("内容"), max_length=LONGEST_TEXT, required=False,
        widget=forms.Textarea({"class": "input check-text", "rows": 1}),
    )  # fmt: skip
    classes = forms.TypedMultipleChoiceField(
        label=gettext_lazy("班级"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, classes: list[Unit], subject: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.subject = subject
        self.units = classes
        self.fields["classes"].choices = [(unit.pk, unit.name) for unit in classes]

    def clean(self) -> dict:
        data = super().clean()
        if data.get("text"):
            if self.units:
                self.propose_minutes(self.subject, self._grade(data))
            if not data.get("classes") and "classes" not in self.errors:
                self.add_error("classes", _("选一选给哪些班"))
            if data.get("due_day") and data.get("day") and data["due_day"] < data["day"]:
                self.add_error("due_day", _("交的日子早于做的日子"))
        return data

    def _grade(self, data: dict) -> int:
        """The grade of the classes that the line is for; of her first class where none is chosen."""
        chosen = data.get("classes") or ()
        return next((unit for unit in self.units if unit.pk in chosen), self.units[0]).grade


PlanLineForms = forms.formset_factory(PlanLineForm, extra=0, max_num=MOST_ITEMS, absolute_max=2 * MOST_ITEMS)


# ---- materials, waivers ----


class MaterialForm(forms.Form):
    name = CleanText(label=gettext_lazy("名称"), max_length=60, help_text=gettext_lazy("封面上的书名，不用写书名号"))
    subject = forms.ChoiceField(label=gettext_lazy("学科"), choices=[(one, one) for one in SUBJECTS])
    grade = forms.TypedChoiceField(
        label=gettext_lazy("年级"), coerce=int, choices=[(n, str(n)) for n in GRADES]
    )
    starts = forms.DateField(label=gettext_lazy("从哪天起"), widget=day_input())
    ends = forms.DateField(
        label=gettext_lazy("到哪天止"), required=False, widget=day_input(),
        help_text=gettext_lazy("可以不填"),
    )  # fmt: skip

    def clean(self) -> dict:
        data = super().clean()
        if data.get("starts") and data.get("ends") and data["ends"] < data["starts"]:
            self.add_error("ends", _("结束日期早于开始日期"))
        return data



class WaiverForm(forms.Form):
    """One limit, one class, a span of days, how much more, why, and until when it may be used."""

    class_id = forms.TypedChoiceField(label=gettext_lazy("班级"), coerce=int)
    limit_id = forms.ChoiceField(label=gettext_lazy("哪一条规定"), help_text=gettext_lazy("只放宽这一条，其余规定照旧"))
    starts = forms.DateField(label=gettext_lazy("从哪天"), widget=day_input())
    ends = forms.DateField(label=gettext_lazy("到哪天"), widget=day_input())
    extra = forms.IntegerField(
        label=gettext_lazy("每个周期增加"), min_value=0, max_value=MOST_EXTRA,
        help_text=gettext_lazy("按这条规定的计量，例如分钟"),
    )  # fmt: skip
    office = CleanText(
        label=gettext_lazy("批准单位或岗位"), max_length=60, help_text=gettext_lazy("对外只显示它和理由")
    )
    reason = CleanText(label=gettext_lazy("理由"), max_length=300, widget=forms.Textarea({"rows": 3}))
    expires = forms.DateField(label=gettext_lazy("报批在哪天失效"), widget=day_input())

    def __init__(self, *args, classes: list[Unit], limits: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["class_id"].choices = [(unit.pk, unit.name) for unit in classes]
        self.fields["limit_id"].choices = limits

    def clean(self) -> dict:
        data = super().clean()
        if data.get("starts") and data.get("ends") and data["ends"] < data["starts"]:
            self.add_error("ends", _("结束日期早于开始日期"))
        if data.get("expires") and data["expires"] < timezone.localdate():
            self.add_error("expires", _("失效日期已经过了"))
        return data
