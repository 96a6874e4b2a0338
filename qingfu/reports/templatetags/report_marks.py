"""Small things of the page of a review."""

from __future__ import annotations

from django import template

from qingfu.lake.indicators.claims import Checked
from qingfu.reports.queries.review import PICTURES, SEVERITIES, VERDICT_PICTURES, VERDICTS, Reading
from qingfu.text.review.marks import Note

register = template.Library()


@register.filter
def in_text(note: Note, place: int) -> str:
    """The findings of a note of the text at ``place``, as the form names them."""
    return ",".join(f"{place}.{key}" for key in note.keys)


@register.filter
def claim_in(note: Note, reading: Reading) -> Checked:
    """The claim that a note is about."""
    return reading.claim_of(note)


@register.filter
def claim_name(verdict: str) -> str:
    return str(VERDICTS[verdict])


@register.filter
def claim_picture(verdict: str) -> str:
    """The icon of a verdict: its shape tells it without colour."""
    return VERDICT_PICTURES[verdict]


@register.filter
def severity_name(code: str) -> str:
    return str(SEVERITIES[code])


@register.filter
def severity_picture(code: str) -> str:
    """The icon of a severity: its shape tells it without colour."""
    return PICTURES[code]
