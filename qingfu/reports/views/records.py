"""The records behind a figure as a table for people, and how the figure was worked out."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from qingfu.lake.indicators import Figure, Indicator
from qingfu.lake.indicators.catalogue import columns_of
from qingfu.lake.indicators.words import head_of, query_of, value_of
from qingfu.lake.tables import AMOUNT, ATTRIBUTE

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FOR_PROGRAMS = frozenset({
    "school_seq", "posted_day", "state", "stands", "factor", "is_split", "origin", "verdict", "over", "emergency",
    "records", "path", "level",
})  # fmt: skip
"""Columns that only a program reads, beside the numbers of things (…_id) and attributes that the figure does not ask
for."""


def table_of(one: Indicator, records: Sequence[dict]) -> dict:
    """``heads`` and ``rows`` of what ``indicators.records`` gave for an indicator."""
    table, asked = one.expression.whole.table, columns_of(one.expression.whole) | columns_of(one.expression.part)
    names = [name for name in (records[0] if records else ()) if _is_for_people(name, asked)]
    rows = [[_shown(name, row[name]) for name in names] for row in records]
    return {"heads": [head_of(table, name) for name in names], "rows": rows}


def _is_for_people(name: str, asked: set[str]) -> bool:
    if name.startswith((ATTRIBUTE, AMOUNT)):
        return name in asked
    return name not in FOR_PROGRAMS and not name.endswith("_id")


def _shown(name: str, value) -> object:
    return "–" if value is None else value_of(name, value)


def excel(name: str, content: bytes) -> HttpResponse:
    """A workbook as a file that is called ``name``.xlsx."""
    response = HttpResponse(content, content_type=EXCEL)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}.xlsx"
    return response


def how_of(figure: Figure) -> list[str]:
    """How a figure was worked out: the query in words, its number in the catalogue, of which days, of how many
    records."""
    one = figure.indicator
    return [
        _("查询：%(query)s") % {"query": query_of(one)}, _("指标编号：%(id)s") % {"id": one.id},
        _("期间：%(first)s 至 %(last)s") % {"first": figure.first, "last": figure.last},
        _("记录：%(count)s 条") % {"count": figure.records},
    ]  # fmt: skip
