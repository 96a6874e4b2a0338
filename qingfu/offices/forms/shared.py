"""Fields that several areas share: a day, whom it is asked of, the written explanation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Unit


class ListFilter(forms.Form):
    """What of a list a page shows and its workbook holds: words, and choices of which the first one stands at first."""

    q = forms.CharField(required=False, max_length=40)

    def chosen(self) -> dict:
        """``words`` and every choice by its name, as ``narrowed`` of the area takes them; what nobody offered counts as
        nothing said."""
        said = self.cleaned_data if self.is_valid() else {}
        choices = {name: field.choices[0][0] for name, field in self.fields.items() if name != "q"}
        return {"words": said.get("q", ""), **{name: said.get(name) or first for name, first in choices.items()}}


def filter_field(*choices: tuple) -> forms.ChoiceField:
    """One of the choices of a ListFilter."""
    return forms.ChoiceField(required=False, choices=choices, widget=forms.Select({"class": "input input-select"}))


EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)
"""A day outside is a slip of the pen (0026, 9999), and no calendar has it."""


def day_field(label, required: bool = True, **more) -> forms.DateField:
    """A day, chosen in the browser's own calendar."""
    widget = forms.DateInput({"type": "date", "min": EARLIEST, "max": LATEST}, format="%Y-%m-%d")
    within = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
    return forms.DateField(label=label, required=required, widget=widget, validators=within, **more)


def reason_field(help_text) -> forms.CharField:
    """书面说明: why the office goes on although a rule of weaker wording says otherwise."""
    widget = forms.Textarea({"rows": 2})
    return forms.CharField(label=_("书面说明"), max_length=300, required=False, widget=widget, help_text=help_text)


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
