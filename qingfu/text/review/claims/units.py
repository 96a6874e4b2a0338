"""Which unit a report is about."""

from __future__ import annotations

from collections.abc import Iterable

from ..document import SIMPLE, Document


def named_first(document: Document, names: Iterable[str]) -> str | None:
    """Of ``names`` the one that stands first in a document, the longer before the shorter; None where none does."""
    text = document.layers[SIMPLE].text
    places = [(text.find(name), -len(name), name) for name in names]
    return min((place for place in places if place[0] >= 0), default=(0, 0, None))[2]
