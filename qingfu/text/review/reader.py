"""``review_text``: a text in, everything that an editor would say of it out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from .detectors import DETECTORS
from .document import Document
from .finding import Finding, kinds
from .layers import read_document


@dataclass(frozen=True, slots=True)
class Review:
    """A document and its findings, in the order of the text."""

    document: Document
    findings: list[Finding]

    def as_rows(self) -> Iterator[dict]:
        """Each finding with the keys of the annotated collections, and its severity.

        ``line`` counts from 1, ``start`` and ``end`` are characters in that line; a span that reaches
        over the line end has ``end_line`` too, and ``end`` counts in that line. As there, ``fix`` is "" for
        what is to be taken out and for what only a person can say; ``known`` tells the two apart.
        """
        for finding in self.findings:
            yield as_row(self.document, finding)


def review_text(text: str, *, file: str = "", on: date | None = None) -> Review:
    """All findings in ``text``. ``on`` is the day of the report, where the caller knows it better than the text."""
    document = read_document(text, file=file, on=on)
    found = [finding for detector in DETECTORS for finding in detector(document)]
    return Review(document, in_order(found))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings to be shown, in the order of the text."""
    return sorted(uncovered(findings), key=lambda f: (f.start, f.end, f.kind, f.sub))


def uncovered(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that do not lie inside one of a kind that covers theirs (data/kinds.toml)."""
    findings = list(findings)
    covers: dict[str, list[tuple[int, int]]] = {}
    for finding in findings:
        for kind in kinds()[finding.kind].covers:
            covers.setdefault(kind, []).append((finding.start, finding.end))
    merged = {kind: _merged(spans) for kind, spans in covers.items()}
    for finding in findings:
        if not _touches(merged.get(finding.kind, ()), finding):
            yield finding


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _touches(spans: list[tuple[int, int]], finding: Finding) -> bool:
    """Whether one of the ordered ``spans`` shares a character with the finding."""
    place = bisect_left(spans, (finding.end, 0)) - 1
    return place >= 0 and spans[place][1] > finding.start


def as_row(document: Document, finding: Finding) -> dict:
    line, start = _place(document, finding.start)
    end_line, end = _place(document, finding.end)
    row = {
        "file": document.file,
        "report": document.report_at(finding.start).number,
        "line": line,
        "start": start,
        "end": end,
        "text": document.raw[finding.start : finding.end],
        "kind": finding.kind,
        "sub": finding.sub,
        "fix": finding.fix or "",
        "known": finding.fix is not None,
        "note": finding.note,
        "conf": finding.conf,
        "severity": finding.severity,
        "safe": finding.safe,
    }
    if end_line != line:
        row["end_line"] = end_line
    if finding.pair:
        row["pair"] = _pair(document, finding)
    return row


def _place(document: Document, offset: int) -> tuple[int, int]:
    """(line from 1, character in the line) of a raw offset."""
    line = document.line_of(offset)
    return line + 1, offset - document.line_span(0, line)[0]


def _pair(document: Document, finding: Finding) -> dict:
    start, end, file = finding.pair
    if file and file != document.file:
        return {"file": file, "start": start, "end": end}
    return place_row(document, start, end)


def place_row(document: Document, start: int, end: int) -> dict:
    """Characters of one line by the keys of a pair: file, report, line, start, end."""
    line, first = _place(document, start)
    report = document.report_at(start).number
    return {"file": document.file, "report": report, "line": line, "start": first, "end": first + end - start}
