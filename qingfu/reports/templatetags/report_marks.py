"""Small things of the page of a review."""

from __future__ import annotations

from django import template

from qingfu.reports.queries.review import PICTURES, SEVERITIES
from qingfu.text.review.marks import Note

register = template.Library()


@register.filter
def in_text(note: Note, place: int) -> str:
    """The findings of a note of the text at ``place``, as the form names them."""
    return ",".join(f"{place}.{key}" for key in note.keys)


@register.filter
def severity_name(code: str) -> str:
    return str(SEVERITIES[code])


@register.filter
def severity_picture(code: str) -> str:
    """The icon of a severity: its shape tells it without colour."""
    return PICTURES[code]
