"""Errors and blame: numbers without names."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.offices.blame import appeals, distinctions


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
