"""A file under review: its layers, its lines, and the reports it consists of.

Layers, each made from the one below with an exact way back to the raw characters:

    raw → plain (pinyin annotations out) → repaired (damaged bytes mended) → simple (simplified characters)

No layer adds or takes out a line end, so line ``n`` is the same line in all of them. Detectors work on a
``View``: a part of one layer that knows where its characters stand in the raw text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise

from .damage import Repair
from .finding import Finding, Span, kinds
from .offsets import Edit, OffsetMap, rewrite
from .pairs import counted

RAW, PLAIN, REPAIRED, SIMPLE = range(4)

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;]+[”’」』）)]*|[^。！？!?；;\n]+")
_IDENTITY = OffsetMap([0, 0], [0, 0], [True])


@dataclass(frozen=True, slots=True)
class Layer:
    """One reading of the whole text; ``below`` leads to the layer that it was made from."""

    text: str
    below: OffsetMap = field(default=_IDENTITY, repr=False)


class View:
    """``text`` is ``layer.text[start:end]`` of a document. Its own offsets begin at 0.

    A plain class, since there are some for each line and sentence.
    """

    __slots__ = ("document", "layer", "start", "end", "text", "_ends")

    def __init__(self, document: Document, layer: int, start: int, end: int) -> None:
        self.document, self.layer, self.start, self.end = document, layer, start, end
        self.text = document.layers[layer].text[start:end]
        self._ends: list[int] | None = None  # of its sentences, found when they are asked for

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw characters that ``[start, end)`` of this view came from."""
        return self.document.raw_span(self.layer, self.start + start, self.start + end)

    def part(self, start: int, end: int) -> View:
        """The view of ``[start, end)`` of this one."""
        return View(self.document, self.layer, self.start + start, self.start + end)

    def sentence_texts(self) -> list[str]:
        """The texts of its sentences, and what is blank between them."""
        return _SENTENCE.findall(self.text)

    def sentences(self) -> Iterator[View]:
        """Its sentences, with their stops; a semicolon and a line end also end one."""
        for match in _SENTENCE.finditer(self.text):
            if match[0].strip():
                yield self.part(*match.span())

    def sentences_at(self, places: Iterable[int]) -> Iterator[View]:
        """Its sentences in which one of these places of the layer lies."""
        if self._ends is None:
            self._ends = [0, *(match.end() for match in _SENTENCE.finditer(self.text))]
        for number in sorted({bisect_right(self._ends, place - self.start) for place in places}):
            yield self.part(self._ends[number - 1], self._ends[number])

    def find(
        self, kind: str, sub: str, start: int, end: int, note: str, *,
        conf: str = "h", fix: str | None = None, safe: bool = False, pair: Span | None = None, severity: str = "",
    ) -> Finding:  # fmt: skip
        """A finding at ``[start, end)`` of this view; severity is that of data/kinds.toml unless given."""
        raw_start, raw_end = self.raw_span(start, end)
        severity = severity or kinds()[kind].severity_of(sub)
        return Finding(kind, sub, raw_start, raw_end, severity, conf, note, fix, safe, pair)


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a file: lines ``first_line`` to ``last_line`` (from 0, both included).

    ``number`` counts from 1; 0 is what stands before the first report of a collection. ``title`` is its first
    line if that is a title, else "". ``glued_lines`` are the first lines of documents pasted in below it.
    """

    document: Document
    number: int
    first_line: int
    last_line: int
    title: str = ""
    glued_lines: tuple[int, ...] = ()

    def span(self, layer: int) -> tuple[int, int]:
        """Where it begins and ends in a layer."""
        return self.document.span(layer, self.first_line, self.last_line)

    def view(self, layer: int) -> View:
        return self.document.view(layer, self.first_line, self.last_line)

    def lines(self, layer: int) -> list[tuple[int, View]]:
        """(line number, view) of each line that is not blank."""
        return self.document.filled_lines(layer, self.first_line, self.last_line)

    def lines_with(self, sign: re.Pattern) -> list[tuple[int, View]]:
        """(line number, view) of the lines of the simple layer, blank ones left out, in which ``sign`` stands.

        One search through the report, so that a detector tries its patterns where they may match and nowhere else.
        """
        document, (at, end) = self.document, self.span(SIMPLE)
        text, lines, starts = document.layers[SIMPLE].text, document.lines(SIMPLE), document.starts(SIMPLE)
        found = []
        while match := sign.search(text, at, end):
            number = bisect_right(starts, match.start()) - 1
            if not lines[number].text.isspace():
                found.append((number, lines[number]))
            if number == self.last_line:
                break
            at = starts[number + 1]
        return found

    @property
    def pairs(self) -> Counter[int]:
        """How often each pair of characters stands in the simple layer; see ``pairs.py``."""
        return self.document.pairs(self.first_line, self.last_line)

    @property
    def raw(self) -> View:
        return self.view(RAW)

    @property
    def simple(self) -> View:
        return self.view(SIMPLE)


class Document:
    """A text with its layers and reports. ``on`` is the day on which it was written, if the caller knows it."""

    def __init__(self, text: str, *, file: str = "", on: date | None = None) -> None:
        self.file, self.on = file, on
        self.whole = self
        self.layers: list[Layer] = [Layer(text)]
        self._line_starts: dict[int, list[int]] = {}
        self._lines: dict[int, list[View]] = {}
        self._filled: dict[tuple[int, int, int], list[tuple[int, View]]] = {}
        self._views: dict[tuple[int, int, int], View] = {}
        self._pairs: dict[tuple[int, int], Counter[int]] = {}
        self.reports: list[Report] = []
        self.damage: list[Repair] = []  # of the plain layer

    def __getstate__(self) -> dict:
        """What another process needs; what was made once for all detectors is made again there."""
        return vars(self) | {name: {} for name in ("_line_starts", "_lines", "_filled", "_views", "_pairs")}

    def only(self, reports: list[Report]) -> Document:
        """This document as if it had these of its reports alone. Its lines and views stay those of the ``whole``."""
        part = object.__new__(Document)
        vars(part).update(vars(self), reports=reports)
        return part

    def add_layer(self, edits: list[Edit]) -> None:
        """The next layer: the top one with ``edits`` carried out. An edit that touches a line end raises ValueError."""
        text = self.layers[-1].text
        if any("\n" in text[edit.start : edit.end] or "\n" in edit.replacement for edit in edits):
            raise ValueError("a layer keeps the lines of the text")
        self.layers.append(Layer(*rewrite(text, edits)))

    @property
    def raw(self) -> str:
        return self.layers[RAW].text

    def raw_span(self, layer: int, start: int, end: int) -> tuple[int, int]:
        """The raw characters that ``[start, end)`` of a layer came from."""
        for number in range(layer, RAW, -1):
            start, end = self.layers[number].below.back(start, end)
        return start, end

    def starts(self, layer: int) -> list[int]:
        """Where each line of a layer begins."""
        if layer not in self._line_starts:
            text = self.layers[layer].text
            self._line_starts[layer] = [0, *(match.end() for match in re.finditer("\n", text))]
        return self._line_starts[layer]

    def span(self, layer: int, first: int, last: int) -> tuple[int, int]:
        """Start and end of the lines ``first`` to ``last`` (from 0) without the last one's line end."""
        starts = self.starts(layer)
        end = starts[last + 1] - 1 if last + 1 < len(starts) else len(self.layers[layer].text)
        return starts[first], end

    def line_span(self, layer: int, number: int) -> tuple[int, int]:
        """Start and end of line ``number`` (from 0) without its line end."""
        return self.span(layer, number, number)

    def view(self, layer: int, first: int, last: int) -> View:
        """The lines ``first`` to ``last`` as one; made once, as are its pairs of characters."""
        if (layer, first, last) not in self._views:
            self._views[layer, first, last] = View(self.whole, layer, *self.span(layer, first, last))
        return self._views[layer, first, last]

    def pairs(self, first: int, last: int) -> Counter[int]:
        if (first, last) not in self._pairs:
            self._pairs[first, last] = counted(self.view(SIMPLE, first, last).text)
        return self._pairs[first, last]

    def line(self, layer: int, number: int) -> View:
        return self.lines(layer)[number]

    def lines(self, layer: int) -> list[View]:
        """The lines of a layer; made once, since every detector walks over them."""
        if layer not in self._lines:
            spans = pairwise([*self.starts(layer), len(self.layers[layer].text) + 1])
            self._lines[layer] = [View(self.whole, layer, start, after - 1) for start, after in spans]
        return self._lines[layer]

    def filled_lines(self, layer: int, first: int, last: int) -> list[tuple[int, View]]:
        """(number, view) of the lines ``first`` to ``last`` that are not blank; made once, as above."""
        if (layer, first, last) not in self._filled:
            lines = enumerate(self.lines(layer)[first : last + 1], first)
            self._filled[layer, first, last] = [(n, line) for n, line in lines if line.text and not line.text.isspace()]
        return self._filled[layer, first, last]

    def written(self) -> Iterator[Report]:
        """Its reports, without what stands before the first of a collection."""
        return (report for report in self.reports if report.number)

    def written_lines(self, layer: int) -> Iterator[View]:
        """The lines of its reports that are not blank."""
        return (line for report in self.written() for _, line in report.lines(layer))

    def line_of(self, raw_offset: int) -> int:
        """The line (from 0) on which a raw character stands."""
        return bisect_right(self.starts(RAW), raw_offset) - 1

    @cached_property
    def damaged_lines(self) -> set[int]:
        """The lines (from 0) that have a damaged place."""
        return {bisect_right(self.starts(PLAIN), repair.start) - 1 for repair in self.damage}

    def report_at(self, raw_offset: int) -> Report:
        line = self.line_of(raw_offset)
        return self.reports[bisect_right(self.reports, line, key=lambda report: report.first_line) - 1]
