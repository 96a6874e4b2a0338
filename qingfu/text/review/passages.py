"""Passages that two paragraphs share, word for word or with edits.

A paragraph is given as its letters alone (``letters``), so that punctuation, figures, line breaks and stray
marks hide nothing. Runs of ``SEED`` equal letters are where a comparison begins: whatever is copied with at most
15 edits in 100 letters keeps such a run. From it the copy is followed both ways over insertions, deletions and
substitutions; what is found in pieces, because clauses changed places, is put together.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, chain, compress, groupby, pairwise, repeat
from operator import gt, itemgetter, mod
from typing import NamedTuple

from .words import HAN, data, either

SEED = 5
LEAST = 24  # letters of its own that a reused passage has, outside titles and set phrases
LEAST_WITHIN = 40  # the same inside one report, where lists of names come again
LEAST_PARAGRAPH = 16  # the same where it is a whole paragraph
LEAST_IDENTITY = 0.8
LEAST_PIECE = 8
WHOLE = 0.7  # share of both paragraphs from which the copy is one of the paragraph
EDGE = 12  # own letters that a passage needs before a title at its edge for the title to belong to it
COST = 4  # equal letters that one differing letter takes back: more than one in five and the copy ends there
REACH = 6  # the most differing letters in a row that are stepped over
NEAR = 24  # the gap between pieces that are put together: a clause that one of them has and the other has not
MOST_COUNTED = 1 << 21  # letters whose runs are counted at a time: some 200 MB
MOST_PLACES = 12  # a seed is followed to its first place and to so many of the latest


class Part(NamedTuple):
    """Letters ``start:end`` of paragraph ``paragraph``."""

    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Copy:
    """``b`` repeats ``a``, which stands before it. ``identity``: equal letters over the length of the longer part.

    ``sub`` is "paragraph" if the two paragraphs are alike as wholes, else "passage".
    """

    a: Part
    b: Part
    identity: float
    sub: str


class Piece(NamedTuple):
    """Letters ``a0:a1`` of one paragraph and ``b0:b1`` of another, of which ``equal`` are the same in order."""

    a0: int
    a1: int
    b0: int
    b1: int
    equal: int


def letters(text: str) -> str:
    """The Han letters of ``text``."""
    return "".join(_LETTERS.findall(text))


@lru_cache(maxsize=16)  # several copies may lie in one paragraph
def places(text: str) -> list[int]:
    """Where each letter of ``letters`` stands in ``text``."""
    at: list[int] = []
    for match in _LETTERS.finditer(text):
        at += range(*match.span())
    return at


def muted(text: str, simple: str) -> list[tuple[int, int]]:
    """The spans of ``simple`` (letters) that prove nothing: set phrases; ``text`` is what the letters are of.

    Titles of documents (《…》) are quoted, not copied.
    """
    spans = [match.span() for match in _set_phrases().finditer(simple)]
    if "《" in text:
        spans += _titles(text)
    return _joined(spans)


class Mutes(dict):
    """The muted spans of each paragraph, found when they are asked for; ``simple``: their letters."""

    def __init__(self, texts: Mapping | Sequence, simple: Mapping | Sequence) -> None:
        self._texts, self._simple = texts, simple

    def __missing__(self, key: int) -> list[tuple[int, int]]:
        self[key] = muted(self._texts[key], self._simple[key])
        return self[key]


def copies(
    paragraphs: Sequence[str], owners: Sequence[int], mutes: Mapping | Sequence | None = None
) -> list[Copy]:
    """What later paragraphs share with earlier ones, in the order of the text.

    paragraphs: letters of each, in order; owners: the report that each belongs to (between reports a shorter passage
    counts than within one); mutes: for each paragraph the spans that prove nothing. Where a passage stands in several
    earlier places, the likest is told, and of equals the first.
    """
    mutes = [[]] * len(paragraphs) if mutes is None else mutes
    return copies_from(_meetings(paragraphs), paragraphs, owners, mutes)


def copies_from(
    meetings: Iterable[tuple[int, int, int, int]], paragraphs: Mapping | Sequence, owners: Mapping | Sequence,
    mutes: Mapping | Sequence,
) -> list[Copy]:  # fmt: skip
    """The copies that begin at ``meetings``: (paragraph, letter, later paragraph, letter) where both read alike, in the
    order of the later paragraphs, so that one of them at a time is in memory.
    """
    told = []
    for b, those in groupby(meetings, key=itemgetter(2)):
        told += _likest(_copies_into(b, those, paragraphs, owners, mutes))
    return told


def _copies_into(
    b: int, meetings: Iterable[tuple[int, int, int, int]], paragraphs: Mapping | Sequence, owners: Mapping | Sequence,
    mutes: Mapping | Sequence,
) -> Iterator[Copy]:  # fmt: skip
    """What paragraph ``b`` shares with each of the earlier ones that it meets."""
    found: dict[int, list[Piece]] = defaultdict(list)
    for a, i, _, j in meetings:
        known = found[a]
        if any(piece.b0 <= j < piece.b1 and piece.a0 <= i < piece.a1 for piece in known):
            continue
        piece = followed(paragraphs[a], i, paragraphs[b], j)
        if piece.equal >= LEAST_PIECE:
            known.append(piece)
    for a, pieces in found.items():
        if sum(piece.equal for piece in pieces) >= LEAST_PARAGRAPH:
            yield from _judged(a, b, pieces, paragraphs, mutes, within=owners[a] == owners[b])


def followed(a: str, i: int, b: str, j: int) -> Piece:
    """The copy around ``a[i:]`` and ``b[j:]``, which begin alike, as far as it goes both ways."""
    if a == b and i == j:
        return Piece(0, len(a), 0, len(b), len(a))
    right_a, right_b, right = _right(a, i, b, j)
    left_a, left_b, left = _left(a, i, b, j)
    return Piece(i - left_a, i + right_a, j - left_b, j + right_b, left + right)


def _right(a: str, i: int, b: str, j: int) -> tuple[int, int, int]:
    """``_ahead`` from ``a[i]`` and ``b[j]`` on; most often a few letters and no step that leads on."""
    run = _run(a, i, b, j)
    if _leads_nowhere(a[i + run : i + run + _IN_REACH], b[j + run : j + run + _IN_REACH]):
        return run, run, run
    return _ahead(a[i:], b[j:])


def _left(a: str, i: int, b: str, j: int) -> tuple[int, int, int]:
    """The same backwards from ``a[i - 1]`` and ``b[j - 1]``."""
    near_a, near_b = a[max(0, i - _IN_REACH) : i][::-1], b[max(0, j - _IN_REACH) : j][::-1]
    if near_a[:1] != near_b[:1] and _leads_nowhere(near_a, near_b):
        return 0, 0, 0
    return _ahead(a[:i][::-1], b[:j][::-1])


def _leads_nowhere(a: str, b: str) -> bool:
    """Whether no step over differing letters is possible among those ``_IN_REACH``."""
    return set(a).isdisjoint(b) or set(pairwise(a)).isdisjoint(pairwise(b))


def _judged(
    a: int, b: int, pieces: list[Piece], paragraphs: Mapping | Sequence, mutes: Mapping | Sequence, *, within: bool
) -> Iterator[Copy]:
    """The copies among the pieces that paragraphs ``a`` and ``b``, ``within`` one report or not, share."""
    longest = max(len(paragraphs[a]), len(paragraphs[b]))
    # Inside one report short sentences of one mould follow each other, each about another thing: there only the same
    # is a copy.
    whole = longest if within and longest < LEAST_WITHIN else WHOLE * longest
    joined = _put_together(pieces) if len(pieces) > 1 else pieces
    sub = "paragraph" if sum(piece.equal for piece in joined) >= whole else "passage"
    for piece in joined:
        least = LEAST_PARAGRAPH if piece.equal >= whole else LEAST_WITHIN if within else LEAST
        identity = piece.equal / max(piece.a1 - piece.a0, piece.b1 - piece.b0)
        if piece.equal < least or identity < LEAST_IDENTITY:
            continue
        b0, b1 = _without_edges(piece.b0, piece.b1, mutes[b])
        a0, a1 = piece.a0 + (b0 - piece.b0), piece.a1 - (piece.b1 - b1)
        if a0 < a1 and min(_own(a0, a1, mutes[a]), _own(b0, b1, mutes[b])) * identity >= least:
            yield Copy(Part(a, a0, a1), Part(b, b0, b1), round(identity, 3), sub)


def _meetings(paragraphs: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """(earlier paragraph, letter, later paragraph, letter) where a run of equal letters begins that is worth a look."""
    text = "\n".join(paragraphs)
    starts = [0, *accumulate(len(paragraph) + 1 for paragraph in paragraphs)]
    met: dict[str, int | list[int]] = {}  # the place of each seed so far, or its places
    before: Collection[int] = ()  # those of the seed one letter ago
    last = b = 0
    for here in _again(text):
        seed = text[here : here + SEED]
        if "\n" in seed or (earlier := met.setdefault(seed, here)) == here:
            continue
        if isinstance(earlier, int):
            earlier = met[seed] = [earlier]
        before = set(before) if here == last + 1 else ()
        while starts[b + 1] <= here:
            b += 1
        for there in earlier:
            if there - 1 not in before:  # else the run has begun already
                a = bisect_right(starts, there, 0, b + 1) - 1
                if a != b:
                    yield a, there - starts[a], b, here - starts[b]
        before, last = earlier[:], here
        if len(earlier) > MOST_PLACES:
            del earlier[1]
        earlier.append(here)


def _again(text: str) -> Iterator[int]:
    """The places, in order, where a seed may stand that the text has more than once; for certain no other has one.

    Looked for are runs of one letter less, as numbers, which are made and counted faster than strings; not more of
    them at a time than memory should hold.
    """
    codes = text.encode("utf-16-le", "surrogatepass")
    quarters = [memoryview(codes)[at : at + (len(codes) - at) // 8 * 8].cast("Q") for at in (0, 2, 4, 6)]
    parts = 1 + len(text) // MOST_COUNTED
    again: set[int] = set()
    for part in range(parts):
        runs = Counter(chain(*(_part(quarter, part, parts) for quarter in quarters)))
        again.update(compress(runs, map(gt, runs.values(), repeat(1))))
        del runs
    found = bytearray(len(text))
    for first, quarter in enumerate(quarters):
        found[first : first + 4 * len(quarter) : 4] = bytes(map(again.__contains__, quarter))
    return (match.start() for match in re.finditer(rb"\x01(?=\x01)", found))


def _part(runs: memoryview, part: int, parts: int) -> Iterable[int]:
    return compress(runs, map(part.__eq__, map(mod, runs, repeat(parts)))) if parts > 1 else runs


def _ahead(a: str, b: str) -> tuple[int, int, int]:
    """How far ``b`` follows ``a`` from their beginnings: letters of each, and how many are equal."""
    if a.startswith(b) or b.startswith(a):
        length = min(len(a), len(b))
        return length, length, length
    i = j = equal = score = best = 0
    end = (0, 0, 0)
    while True:
        run = _run(a, i, b, j)
        i, j, equal, score = i + run, j + run, equal + run, score + run
        if score > best:
            best, end = score, (i, j, equal)
        step = _step(a, i, b, j)
        if step is None:
            return end
        score -= COST * max(step)
        if score < best - COST * REACH:
            return end
        i, j = i + step[0], j + step[1]


def _run(a: str, i: int, b: str, j: int) -> int:
    """How many letters are equal from ``a[i]`` and ``b[j]`` on."""
    begun, end = i, len(a)
    for stride in _STRIDES:
        while i + stride <= end and a[i : i + stride] == b[j : j + stride]:
            i, j = i + stride, j + stride
    return i - begun


def _step(a: str, i: int, b: str, j: int) -> tuple[int, int] | None:
    """The smallest step over differing letters after which two letters are equal again; None within REACH."""
    nearest, steps = REACH + 1, None
    for over in range(REACH + 1):
        if over >= nearest:
            break
        pair = b[j + over : j + over + 2]
        if len(pair) < 2:
            break
        place = a.find(pair, i, i + nearest + 1)
        if place >= 0 and max(place - i, over) < nearest:
            nearest, steps = max(place - i, over), (place - i, over)
    return steps


def _put_together(pieces: list[Piece]) -> list[Piece]:
    """Pieces that follow each other closely in ``b`` and lie close together in ``a``, in whichever order, as one."""
    joined: list[Piece] = []
    for piece in sorted(_disjoint(pieces), key=lambda piece: piece.b0):
        last = joined[-1] if joined else None
        if last and piece.b0 - last.b1 <= NEAR and max(piece.a0 - last.a1, last.a0 - piece.a1) <= NEAR:
            union = Piece(
                min(last.a0, piece.a0), max(last.a1, piece.a1), last.b0, piece.b1, last.equal + piece.equal
            )
            if union.equal >= LEAST_IDENTITY * max(union.a1 - union.a0, union.b1 - union.b0):
                joined[-1] = union
                continue
        joined.append(piece)
    return joined


def _disjoint(pieces: list[Piece]) -> Iterator[Piece]:
    """The largest pieces of which none uses letters of another."""
    chosen: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.equal, piece.b0, piece.a0)):
        if all(
            (piece.b1 <= other.b0 or other.b1 <= piece.b0) and (piece.a1 <= other.a0 or other.a1 <= piece.a0)
            for other in chosen
        ):
            chosen.append(piece)
            yield piece


def _likest(found: Iterable[Copy]) -> list[Copy]:
    """For each part of a later paragraph its best source: what lies for the most part in a part told already is left
    out.
    """
    chosen: list[Copy] = []
    for copy in sorted(found, key=lambda copy: (-copy.identity * (copy.b.end - copy.b.start), copy.a, copy.b)):
        _, start, end = copy.b
        covered = sum(max(0, min(end, kept.b.end) - max(start, kept.b.start)) for kept in chosen)
        if 2 * covered < end - start:
            chosen.append(copy)
    return sorted(chosen, key=lambda copy: copy.b)


def _without_edges(start: int, end: int, mute: list[tuple[int, int]]) -> tuple[int, int]:
    """The part without a title or set phrase at its edges, and without the few letters beyond it."""
    for first, last in mute:
        if first < end and last > start and _own(start, first, mute) < EDGE:
            start = min(max(start, last), end)
    for first, last in reversed(mute):
        if first < end and last > start and _own(last, end, mute) < EDGE:
            end = max(min(end, first), start)
    return start, end


def _own(start: int, end: int, mute: list[tuple[int, int]]) -> int:
    """Letters of the part outside the muted spans."""
    taken = sum(max(0, min(end, last) - max(start, first)) for first, last in mute)
    return max(0, end - start - taken)


def _titles(text: str) -> Iterator[tuple[int, int]]:
    """The titles in 《》, in letters."""
    start = here = 0
    for match in _TITLE.finditer(text):
        start += _count(text[here : match.start()])
        here = match.start()
        yield start, start + _count(match[0])


def _count(text: str) -> int:
    """How many letters ``text`` has."""
    return sum(map(len, _LETTERS.findall(text)))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


@cache
def _set_phrases() -> re.Pattern:
    """All set phrases of data/set_phrases.toml, the longer before the shorter."""
    return re.compile(either([_NO_LETTER.sub("", phrase) for phrase in data("set_phrases")["phrases"]]))


_STRIDES = (64, 16, 4, 1)  # letters compared at once
_IN_REACH = REACH + 2  # letters among which a step over differing ones may end
_LETTERS = re.compile(rf"[{HAN}]+")
_NO_LETTER = re.compile(rf"[^{HAN}]")
_TITLE = re.compile(r"《[^《》\n]{2,80}》")
