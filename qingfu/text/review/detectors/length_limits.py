"""Documents longer than the rulebook allows on their day, in characters or pages, and numbers below the last level.

The kind of document is read from the title (data/length.toml); pages are those of GB/T 9704—2012.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from math import ceil, inf

from qingfu.rulebook import breaches_of, national_rulebook

from ..document import SIMPLE, Document, Report
from ..finding import Finding
from ..words import data
from .numbering import line_marker
from .policy import BROKEN, days_of

INDENT = 2  # characters that the first line of a paragraph begins with


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        if report.title:
            yield from _too_long(report, document.on)
            yield from _too_deep(report)


def _too_long(report: Report, on: date | None) -> Iterator[Finding]:
    row = _row(report)
    text = report.simple.text
    page = data("length")["page"]
    if row is None or len(text) < page["lines"] * page["characters"]:
        return
    amounts = ("characters", len("".join(text.split()))), ("pages", _pages(text))
    if not any(amount > _least(row, measure) for measure, amount in amounts):
        return
    days = days_of(report, on)
    title = report.document.line(SIMPLE, report.first_line)
    if not any(_broken(row, amounts, day) for day in days):
        return
    for measure, amount in amounts:
        broken = [answer for day in days if (answer := _broken(row, ((measure, amount),), day))]
        if broken:
            note = broken[-1] if len(broken) == len(days) else f"年份不明，按有的年份的规定：{broken[-1]}"
            note += f"；页数按每页{page['lines']}行、每行{page['characters']}字估算" if measure == "pages" else ""
            yield title.find("length_limit", measure, 0, len(title.text.rstrip()), note, conf="m")
            return


def _row(report: Report) -> int | None:
    """Which row of the data speaks of such a document."""
    title = report.title.strip()
    last = report.simple.text.rstrip().split("\n")[-3:]
    for number, row in enumerate(data("length")["document"]):
        signed = "signed" not in row or any(re.search(row["signed"], line) for line in last)
        if re.search(row["title"], title) and signed:
            return number
    return None


def _pages(text: str) -> int:
    page = data("length")["page"]
    lines = sum(ceil((len(line.strip()) + INDENT) / page["characters"]) for line in text.split("\n") if line.strip())
    return ceil(lines / page["lines"])


@cache
def _least(row: int, measure: str) -> float:
    """How long a document may be on any day, by a measure."""
    cap = national_rulebook().least_cap(data("length")["document"][row]["kind"], measure)
    return inf if cap is None else cap


@cache
def _broken(row: int, amounts: tuple[tuple[str, int], ...], day: date) -> str | None:
    """Why the rulebook says that a document of a day is too long, by measures and amounts."""
    asked = data("length")["document"][row]
    question = {"kind": asked["kind"], "on": day.isoformat(), "value": dict(amounts)}
    breaches = breaches_of(question | {"attributes": asked.get("attributes", {})})
    return breaches[0]["reason"] if breaches and breaches[0]["verdict"] in BROKEN else None


def _too_deep(report: Report) -> Iterator[Finding]:
    """A numbered line below （1） where all four levels of the standard are open."""
    levels = data("length")["levels"]
    open_levels: set[str] = set()
    for _, line in report.lines(SIMPLE):
        marked = line_marker(line.text)
        if not marked:
            continue
        style, _, start, end = marked
        if style in levels["styles"]:
            place = levels["styles"].index(style)
            open_levels = {one for one in open_levels if levels["styles"].index(one) < place} | {style}
        elif style == levels["below"] and len(open_levels) == len(levels["styles"]):
            note = "公文的层次序数依次用“一、”“（一）”“1.”“（1）”，没有第五级（GB/T 9704—2012）"
            yield line.find("length_limit", "depth", start, end, note, conf="m")
            return
