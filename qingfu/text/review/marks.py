"""A text with its findings as marks in its lines and notes beside them: what the page, the file and the print show."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .document import RAW, Document
from .finding import SEVERITIES, SEVERITY_NAMES, Finding, kinds

LONGEST_QUOTE = 24


@dataclass(slots=True)
class Note:
    """What is said beside a line: one finding, or several of a kind that are mended alike.

    ``keys`` are the places of its findings in the whole list; ``line`` counts from 1, ``pair_line`` is the line
    of the other place where that stands in the same text.
    """

    number: int
    kind: str
    severity: str
    name: str
    reason: str
    quote: str
    fix: str | None
    safe: bool
    line: int
    pair_line: int = 0
    keys: list[int] = field(default_factory=list)
    accepted: int = 0

    @property
    def severity_name(self) -> str:
        return SEVERITY_NAMES[self.severity]


@dataclass(slots=True)
class Piece:
    """Characters of a line that bear the same marks.

    ``repair`` is the key of the accepted repair that takes them out, and ``new`` is put in their place; ``ends`` are
    the numbers of the notes whose mark ends here.
    """

    text: str
    severity: str = ""
    repair: int | None = None
    new: str = ""
    ends: tuple[int, ...] = ()

    @property
    def gone(self) -> bool:
        return self.repair is not None


@dataclass(slots=True)
class Line:
    """Line ``number`` (from 1). ``whole`` is the worst severity of findings that take in all of it."""

    number: int
    pieces: list[Piece]
    notes: list[Note]
    whole: str = ""

    @property
    def blank(self) -> bool:
        return not any(piece.text.strip() or piece.new for piece in self.pieces)


def marked(document: Document, findings: Mapping[int, Finding], accepted: Collection[int] = ()) -> list[Line]:
    """All lines of the document with ``findings`` (by their keys) marked; of these the ``accepted`` are carried out."""
    notes = _notes(document, findings, accepted)
    number_of = {key: note.number for note in notes for key in note.keys}
    touching: dict[int, list[int]] = {}
    for key, finding in findings.items():
        first, last = document.line_of(finding.start), document.line_of(max(finding.start, finding.end - 1))
        for line in range(first, last + 1):
            touching.setdefault(line, []).append(key)
    beside: dict[int, list[Note]] = {}
    for note in notes:
        beside.setdefault(note.line, []).append(note)
    lines = []
    for index in range(len(document.starts(RAW))):
        keys = touching.get(index, [])
        wide = {key for key in keys if key not in accepted and _takes_all(document, index, findings[key])}
        inline = {key: findings[key] for key in keys if key not in wide}
        pieces = _pieces(document, index, inline, number_of, accepted)
        lines.append(Line(index + 1, pieces, beside.get(index + 1, []), _worst(findings[key] for key in wide)))
    return lines


def _notes(document: Document, findings: Mapping[int, Finding], accepted: Collection[int]) -> list[Note]:
    found: dict[tuple, Note] = {}
    for key, finding in findings.items():
        line = document.line_of(finding.start) + 1
        same = (line, finding.kind, finding.sub, finding.fix, "" if finding.safe else finding.note, finding.pair)
        if same not in found:
            found[same] = _note(document, finding, len(found) + 1, line)
        found[same].keys.append(key)
        found[same].accepted += key in accepted
    return list(found.values())


def _note(document: Document, finding: Finding, number: int, line: int) -> Note:
    pair = finding.pair
    here = pair is not None and pair.file in ("", document.file)
    return Note(
        number, finding.kind, finding.severity, kinds()[finding.kind].name_of(finding.sub), finding.note,
        short(document.raw[finding.start : finding.end]), finding.fix, finding.safe, line,
        document.line_of(pair.start) + 1 if here else 0,
    )  # fmt: skip


def short(text: str) -> str:
    """``text`` on one line, its middle left out where it is long."""
    text = " ".join(text.split())
    half = LONGEST_QUOTE // 2
    return text if len(text) <= LONGEST_QUOTE else f"{text[:half]}…{text[-half:]}"


def _takes_all(document: Document, index: int, finding: Finding) -> bool:
    start, end = document.line_span(RAW, index)
    text = document.raw[start:end]
    first = start + len(text) - len(text.lstrip())
    return bool(text.strip()) and finding.start <= first and finding.end >= start + len(text.rstrip())


def _worst(findings: Iterable[Finding]) -> str:
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="")


def _pieces(
    document: Document, index: int, findings: Mapping[int, Finding], number_of: Mapping[int, int],
    accepted: Collection[int],
) -> list[Piece]:  # fmt: skip
    start, end = document.line_span(RAW, index)
    points = {key: (max(f.start, start), min(f.end, end)) for key, f in findings.items()}
    cuts = sorted({start, end, *(at for span in points.values() for at in span)})
    spans = list(_between(cuts, {first for first, last in points.values() if first == last}))
    inside: list[list[int]] = [[] for _ in spans]
    for key, span in points.items():
        for place in _made_of(spans, *span):
            inside[place].append(key)
    pieces = []
    for (a, b), keys in zip(spans, inside, strict=True):
        repair = next((key for key in keys if key in accepted), None)  # they lie apart
        ends = {number_of[key] for key in keys if points[key][1] == b and findings[key].end <= end}
        new = findings[repair].fix if repair is not None and findings[repair].start == a else ""
        worst = _worst(findings[key] for key in keys)
        pieces.append(Piece(document.raw[a:b], worst, repair, new, tuple(sorted(ends))))
    return pieces


def _made_of(spans: list[tuple[int, int]], first: int, last: int) -> Iterator[int]:
    """The places of the ``spans`` that ``first:last`` consists of; the empty one where it is empty itself."""
    if first == last:
        yield bisect_left(spans, (first, last))
    for place in range(bisect_left(spans, (first, first + 1)), bisect_left(spans, (last, last))):
        if spans[place][0] < spans[place][1]:
            yield place


def _between(cuts: list[int], points: set[int]) -> Iterator[tuple[int, int]]:
    """The spans between neighbouring cuts, and an empty one at each of ``points``."""
    for place, at in enumerate(cuts):
        if at in points:
            yield at, at
        if place + 1 < len(cuts):
            yield at, cuts[place + 1]
