"""A draft beside the superior's document that it carries out: what it repeats, and what is new (以文件落实文件).

Passages that are alike are found by the report reader's search for copies; titles and set phrases prove nothing. The
share that is new is that of the draft's own Chinese letters that lie in no copy.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..files import Source
from ..review.passages import copies, letters, muted, places
from ..review.script import to_simplified
from .parts import Draft, Line, draft_of
from .words import data, found_in

_TEXT = ("body", "enclosed", "attachment")


@dataclass(frozen=True)
class Pair:
    """A passage of the draft and the one of the superior's text that it repeats: characters of each source's text, and
    the words.
    """

    start: int
    end: int
    text: str
    superior_start: int
    superior_end: int
    superior_text: str
    identity: float


@dataclass(frozen=True)
class Comparison:
    """letters: of the draft's text; repeated: those that lie in copies; requires: the superior's sentence that asks for
    implementing documents, "" where there is none.
    """

    superior: str
    letters: int
    repeated: int
    pairs: tuple[Pair, ...]
    requires: str

    @property
    def new_share(self) -> float:
        return 1 - self.repeated / self.letters if self.letters else 1.0

    @property
    def mostly_repeats(self) -> bool:
        return self.new_share < data("signs")["against"]["new_share_at_least"]


def compare(draft: Draft, superior: Source, *, forwards: bool = False) -> Comparison:
    """``forwards``: what the draft issues is the superior's document itself (转发), which is no repeating: only its own
    words are compared.
    """
    theirs = draft_of(superior)
    their_lines = theirs.of(*_TEXT) or theirs.lines
    our_lines = draft.of("body") if forwards else draft.of(*_TEXT)
    texts = [_letters(line) for line in [*their_lines, *our_lines]]
    owners = [0] * len(their_lines) + [1] * len(our_lines)
    mutes = [muted(simple, han) for simple, han, _ in texts]
    found = [
        copy for copy in copies([han for _, han, _ in texts], owners, mutes)
        if owners[copy.a.paragraph] == 0 and owners[copy.b.paragraph] == 1
    ]  # fmt: skip
    lines = [*their_lines, *our_lines]
    covered: dict[int, set[int]] = {}
    for copy in found:
        covered.setdefault(copy.b.paragraph, set()).update(range(copy.b.start, copy.b.end))
    pairs = tuple(_pair(lines, texts, copy) for copy in found)
    total = sum(len(han) for (_, han, _), owner in zip(texts, owners, strict=True) if owner)
    return Comparison(superior.name, total, sum(map(len, covered.values())), pairs, _requires(theirs))


def _letters(line: Line) -> tuple[str, str, list[int]]:
    """(simplified text, its Han letters, where each stands in it). Simplifying keeps the length of a line of today."""
    simple = to_simplified(line.raw)
    simple = simple if len(simple) == len(line.raw) else line.raw
    return simple, letters(simple), places(simple)


def _pair(lines: list[Line], texts: list, copy) -> Pair:
    def place(part):
        line, at = lines[part.paragraph], texts[part.paragraph][2]
        start, end = at[part.start], at[part.end - 1] + 1
        return line.start + start, line.start + end, line.raw[start:end]

    return Pair(*place(copy.b), *place(copy.a), copy.identity)


def _requires(superior: Draft) -> str:
    patterns = data("signs")["against"]["requires"]
    for line in superior.of(*_TEXT):
        for sentence in line.text.split("。"):
            if found_in(patterns, sentence):
                return sentence.strip()
    return ""
