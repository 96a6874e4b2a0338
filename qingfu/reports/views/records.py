"""The records behind a figure as a table for people: columns by their names in the lake's schema."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from qingfu.lake.indicators import Indicator
from qingfu.lake.tables import tables
from qingfu.rulebook.words import word

FOR_PROGRAMS = frozenset({
    "school_seq", "posted_day", "state", "stands", "factor", "is_split", "origin", "verdict", "over", "emergency",
    "records", "path", "level",
})  # fmt: skip
"""Columns that only a program reads, beside the numbers of things (…_id) and single attributes."""


def table_of(one: Indicator, records: Sequence[dict]) -> dict:
    """``heads`` and ``rows`` of what ``indicators.records`` gave for an indicator."""
    texts = {"unit_name": _("单位"), "counted": _("计入"), one.expression.part.sum: one.unit}
    texts |= {column.name: column.text for column in tables()[one.expression.whole.table].columns}
    texts |= {"first": _("从"), "last": _("到"), "answers": _("回答的户数"), "part": _("其中")}
    names = [name for name in (records[0] if records else ()) if name in texts and name not in FOR_PROGRAMS]
    names = [name for name in names if not name.endswith("_id")]
    rows = [[_shown(name, row[name]) for name in names] for row in records]
    return {"heads": [texts[name] for name in names], "rows": rows}


def _shown(name: str, value) -> object:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return word("kinds", value) if name == "kind" else value
