"""Paragraphs and passages that stand in the file twice: reports made from one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..document import SIMPLE, Document, View
from ..finding import Finding, Span
from ..passages import Copy, Mutes, Part, copies, letters, places


def find(document: Document) -> Iterator[Finding]:
    for _, finding in across([document]):
        yield finding


def across(documents: Iterable[Document]) -> Iterator[tuple[Document, Finding]]:
    """The copies within and between several files: a finding for each later place, in the document it stands in."""
    lines = [line for document in documents for line in _lines(document)]
    views = [view for _, view in lines]
    paragraphs = [letters(view.text) for view in views]
    mutes = Mutes([view.text for view in views], paragraphs)
    for copy in copies(paragraphs, [owner for owner, _ in lines], mutes):
        view, start, end = _place(views, copy.b)
        earlier, first, last = _place(views, copy.a)
        pair = Span(*earlier.raw_span(first, last), earlier.document.file)
        yield view.document, view.find(
            "near_duplicate_passage", copy.sub, start, end, _note(view, earlier, first, copy), pair=pair
        )


def _lines(document: Document) -> Iterator[tuple[tuple[int, int], View]]:
    """Each line of a report, with a key for its report; what precedes the first report belongs to none."""
    for report in document.reports:
        if report.number:
            for number, view in report.lines(SIMPLE):
                if number != report.first_line or not report.title:
                    yield (id(document), report.number), view


def _place(views: list[View], part: Part) -> tuple[View, int, int]:
    view = views[part.paragraph]
    at = places(view.text)
    return view, at[part.start], at[part.end - 1] + 1


def _note(view: View, earlier: View, first: int, copy: Copy) -> str:
    there, here = (
        v.document.report_at(v.raw_span(at, at)[0]).number for v, at in ((earlier, first), (view, 0))
    )
    file = f"{earlier.document.file} " if earlier.document is not view.document else ""
    where = "本篇" if not file and there == here else f"{file}第{there}篇"
    line = earlier.document.line_of(earlier.raw_span(first, first)[0]) + 1
    return f"与{where}第{line}行相同 {copy.identity:.0%}"
