"""Passing a document round."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from qingfu.offices.forms.shared import day_field


class CirculateForm(forms.Form):
    """传阅: to whom, and by when it is to be handled."""

    people = forms.MultipleChoiceField(label=_("传给"), widget=forms.CheckboxSelectMultiple)
    until = day_field(_("哪天前办结"), required=False)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = [(str(one.pk), one.name) for one in people]
