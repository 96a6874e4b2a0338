"""Reads debris as bytes from a noisy channel: the likeliest text, given that bytes were lost or slipped in.

``read`` goes over the characters of a damaged stretch with a beam of readings. A reading is in step with what is seen,
or it carries the second byte of a character that it has split. Where reading on in step, or out of step, surprises the
model, the reading may change: a byte is missing (and guessed by the byte that is left), a byte is too many, a hole
stands for bytes that a decoder could not read. Where two readings meet, the better one goes on and remembers by how
much it led.
See docs/review.md, "Byte repair".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from math import inf
from typing import NamedTuple

from .gbk import (
    bytes_of,
    form,
    guesses,
    guesses_by_form,
    mark_cut_off,
    of_mark_and_letter,
    of_script,
    pairs,
    shapes_of_pairs,
    ways,
)
from .language import TextModel, followers, forerunners, model, model_text
from .pinyin import is_reading

# Costs in nats.
_LOST, _EXTRA = 4.0, 11.0  # a byte is missing; one is too many
_LOST_BEFORE_MARK = 2.5  # the first byte, where the second one reads as a mark with the next
_SECOND_LOST = 1.0  # more, if it is the second byte
_LOST_BY_LETTER = 1.0  # what is left looks like a letter, which seldom stands alone
_OF_MARK_AND_LETTER = 3.0  # less for a character of both, as few letters would do: the model knows only "a"
_DOUBLED, _HALF_BLANK = 7.5, 6.0  # it is the same as its neighbour; it is A1, left of a trimmed blank
_BLANK_AT_START = 2.0  # the same before a line
_HOLE_OUT_OF_STEP = 2.0  # a mark where a byte waits for its other half
_HOLE = {"?": 8.0, "？": 8.0, "\ufffd": 1.0}  # a decoder's own mark is no part of the text
_SWALLOWED = 3.0  # the mark took a digit or letter with it
_DIGIT_SWALLOWED, _DIGIT_LEFT = 1.0, 4.0  # a "?" before a digit out of step took another one with it; took none
_WHOLE = 2.0  # the mark stands for both bytes of a character
_HOLE_OF_TWO = 2.0  # a "?" stands for a character and the digit behind it
STOPS, _TWO_STOPS = frozenset("，。、；：！？"), 6.0  # nats of a stop read behind another one
_FOREIGN = 4.0  # a character that the script of the text lacks
_NEW = 1.5  # a guessed character that a traditional text does not have elsewhere
_ANNOTATED, _BRACKET_STANDS = 2.0, 25.0
_CUT, _HALF_LEFT = 1.0, 9.0  # where the line ends: the last byte is missing; half a character is too many
_IMPOSSIBLE = 18.0  # two bytes that are no character
_BETTER = 1.0  # what two or three characters must save for a change of step to be tried
_GAP = 20.0  # a reading so much worse than the best is given up
_GLANCE_BEAM, _GLANCE_GAP = 4, 11.0  # the same at a glance
_NO_DEARER = 3.0  # nats by which a reading may be dearer than the text if a glance is to weigh it
_BEAM, _VALUES, _PRESELECTED, _COMMONEST = 14, 5, 12, 5
_MOST_EDITS = 8
_WEIGHED = 8  # readings that both models look at
_RIVAL, _FINISHED = 6.0, 8  # nats up to which a reading beaten on the way is looked at again; of how many readings
_NOBODY: frozenset[str] = frozenset()
UNREADABLE = -1, -1  # the guess of a character of which no byte is known
_NONE, _UNREAD = -1, -2  # no byte waits; a byte waits that the decoder could not read

_MADE_HALF = "，：；？！（）"  # marks that a page may have made half-width

_YEAR, _MONTH = re.compile(r"\?(?=0\d\d年)"), re.compile(r"\?(?=[012]月)")  # the digit that the "?" took is known

TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_TOLD = rf"[(（](?=[a-zü]*[{TONES}])"  # behind a "?" a reading may be without a tone
PINYIN_IN_DEBRIS = re.compile(rf"(?:[?？\ufffd][(（]?|{_TOLD})(?P<syllable>[a-zü{TONES}]{{1,6}})[)）]")
HOLES = "?？\ufffd"


class Page(NamedTuple):
    """How a text is written."""

    traditional: bool
    half_width: bool  # its marks
    seldom_exclaims: bool  # few "!": one at a line's end is rather half of a stop: 学! of 学校。
    closes: bool  # its lines end with stops, but for headings


class Language(TextModel):
    """The model of one text and the script that its characters should have."""

    def __init__(self, simple: str, raw: str, page: Page, glance: bool = False) -> None:
        """``simple``: the undamaged parts in the forms of the model; ``raw``: the text itself; ``glance``: it is only
        asked whether there is a reading that costs less than the text.
        """
        super().__init__(simple)
        self.page = page
        self.glance = glance
        self.beam, self.gap = (_GLANCE_BEAM, _GLANCE_GAP) if glance else (_BEAM, _GAP)
        self.chars = frozenset(raw)
        self.guessed: dict[tuple, list] = {}
        after: dict[str, set[str]] = defaultdict(set)
        for first, second in self.met:
            after[first].add(second)
        self.after = dict(after)  # what comes after a character in this text

    def script(self, converted: bool) -> str:
        return "big5" if self.page.traditional and not converted else "gb2312"

    def novelty(self, char: str, script: str) -> float:
        """Nats of a guessed character that the text has nowhere else."""
        return _NEW if script == "big5" and char not in self.chars else 0.0


@dataclass(slots=True)
class Token:
    """A character as it is seen, or a reading in brackets; ``ways``: (nats, bytes) that it may have been."""

    char: str
    form: str
    end: int
    ways: tuple[tuple[float, tuple[int, ...]], ...]
    syllable: str = ""
    digit: str = ""  # which one the mark has swallowed, if anything tells
    may_open: bool = False  # a reading in step may fall out of step here
    may_close: bool = False  # a reading out of step may fall into step before this one


@dataclass(slots=True)
class Piece:
    """A character of a reading, read up to ``end`` of the stretch."""

    char: str
    end: int
    touched: bool
    guess: tuple[int, int] | None = None  # side 0 or 1 and the byte; UNREADABLE


@dataclass(slots=True)
class Reading:
    """``nats``: what the whole costs; ``cost``: its edits alone; ``lead``: by how much it beat what it met."""

    nats: float
    cost: float
    lead: float
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(piece.char for piece in self.pieces)

    @property
    def form(self) -> str:
        """The text as the model knows it: a mark that was left for a swallowed digit is one."""
        return model_text("".join("0" if piece.touched and piece.char == "?" else piece.char for piece in self.pieces))


# A path is (nats, carry, the last two forms, edits, cost of the edits, lead, linked pieces, linked rivals); a linked
# piece is (the one before, character, form, end, touched, guess), a linked rival (the one before, the pieces up to
# where it was beaten, its own, by how many nats, how much more its edits cost, and whom it had beaten before).


def tokens(stretch: str, converted: bool) -> list[Token]:
    """``stretch`` in pieces with their bytes; ``converted``: it was made traditional after the damage."""
    found, at = [], 0
    while at < len(stretch):
        if match := PINYIN_IN_DEBRIS.match(stretch, at):
            at = match.end()
            found.append(Token(match[0], "）", at, (), syllable=match["syllable"]))
            continue
        char = stretch[at]
        at += 1
        behind_mark = char.isascii() and found and found[-1].form in _MADE_HALF
        one_of_few = behind_mark and of_mark_and_letter(found[-1].char, char)
        known = ((-_OF_MARK_AND_LETTER, (ord(char),)),) if one_of_few else ways(char, converted)
        digit = "2" if _YEAR.match(stretch, at - 1) else "1" if _MONTH.match(stretch, at - 1) else ""
        found.append(Token(char, form(char), at, known, digit=digit))
    return found


def read(stretch: str, before: str, after: str, language: Language, converted: bool) -> list[Reading]:
    """The readings of ``stretch`` other than as it stands, the best first.

    ``before`` and ``after`` are what stands around it on its line; "" at its ends.
    """
    seen = tokens(stretch, converted)
    if not seen:
        return []
    context = ("\n\n" + "".join(map(form, before[-2:])))[-2:]
    _mark_changes(seen, context, after)
    return _Search(language, converted).run(seen, context, after)


def _mark_changes(seen: list[Token], context: str, after: str) -> None:
    """Where the characters ahead make more sense out of step than in step, or the other way round."""
    nats, shapes = model().nats_of_pair, shapes_of_pairs()
    halves = [token.ways[0][1] if token.ways else () for token in seen]
    seams = [
        shapes.get((one[1], other[0]), "") if len(one) == 2 and other else ""
        for one, other in zip(halves, [*halves[1:], ()], strict=True)
    ]
    straight = [token.form for token in seen]

    def costs(chars: list[str]) -> list[tuple[float, float]]:
        """(after the one before, with nothing before) of each."""
        found = []
        for at, char in enumerate(chars):
            last = chars[at - 1] if at else ""
            alone = nats("", char) if char else _IMPOSSIBLE
            found.append((min(nats(last, char), _IMPOSSIBLE) if char and last else alone, alone))
        return found

    in_step, out = costs(straight), costs(seams)
    for at, token in enumerate(seen):
        hole = any(near.char in HOLES or near.syllable for near in seen[max(0, at - 1) : at + 2])
        second = "@" <= token.char <= "~" and at > 0 and seen[at - 1].char > "\u2fff"  # it may be a second byte
        second |= bool(seams[at]) and len(halves[at + 1]) == 1  # the next one may be
        second |= at == 0 and context[-1] + token.char == "\n、"  # no line begins so, but for half a blank
        if not after and at + 1 == len(seen):  # the line's last byte may be gone, too
            second |= token.form == "！" or bool(mark_cut_off(token.char))
        token.may_open = hole or second or _saves(in_step, at, out, at) > _BETTER
        token.may_close = hole or not token.ways or at == 0 or _saves(out, at - 1, in_step, at) > _BETTER


def _saves(going: list[tuple[float, float]], at: int, other: list[tuple[float, float]], start: int) -> float:
    """The most nats that the next one to three characters save if they are read from ``start`` of the other."""
    best, spent, new = -inf, 0.0, 0.0
    for step in range(3):
        if at + step >= len(going) or start + step >= len(other):
            break
        spent += going[at + step][0]
        new += other[start + step][0 if step else 1]
        best = max(best, spent - new)
    return best


class _Search:
    def __init__(self, language: Language, converted: bool) -> None:
        self.language, self.nats, self.converted = language, language.nats, converted
        self.script = language.script(converted)
        self.ours = of_script(self.script)
        self.limit = inf  # nats from which on a reading out of step is not brought into step at a glance

    def run(self, seen: list[Token], context: str, after: str) -> list[Reading]:
        beam = [(0.0, _NONE, context, 0, 0.0, inf, None, None)]
        ahead: list[Token | None] = [*seen[1:], None]
        for token, following in zip(seen, ahead, strict=True):
            grown: dict[tuple[int, str], tuple] = {}
            if self.language.glance:
                self.limit = min(path[0] for path in beam if path[1] == _NONE) + _GLANCE_GAP
            for path in beam:
                for new in self.steps(path, token, following, after):
                    key = new[1], new[2]
                    other = grown.get(key)
                    grown[key] = new if other is None else _better(new, other)
            worst = min(path[0] for path in grown.values()) + self.language.gap
            beam = sorted((path for path in grown.values() if path[0] <= worst), key=_nats_of)[: self.language.beam]
            if all(path[1] != _NONE for path in beam):  # one in step can always go on
                beam.append(min((path for path in grown.values() if path[1] == _NONE), key=_nats_of))
        finished = [done for path in beam for done in self.endings(path, seen[-1].end, after)]
        found = _readings(sorted(finished, key=_nats_of)[:_FINISHED], "".join(token.char for token in seen))
        legible = not any(token.char in HOLES or token.form in "？！" or token.syllable for token in seen)
        if found and self.language.glance and legible:
            as_it_stands = "".join(token.form for token in seen) + form(after[:1] or "\n")
            if found[0].nats > self.language.text_nats(context, as_it_stands) + _NO_DEARER:
                return []
        return found

    def steps(self, path: tuple, token: Token, following: Token | None, after: str) -> Iterator[tuple]:
        carry = path[1]
        if token.syllable:
            yield from self.over_pinyin(path, token)
            return
        if carry == _NONE:
            yield self.straight(path, token)
        if path[3] < _MOST_EDITS and token.char in HOLES:
            yield from self.over_hole(path, token, following)
        if carry == _UNREAD:
            for nats, way in token.ways:
                then = self.then(way, following, after)
                for char, shape in self.guess(path[2], 1, way[0], then):
                    yield self.guessed(path, char, shape, token.end, (1, way[0]), max(nats, 0.0), _second(way))
            return
        if carry >= 0:
            for nats, way in token.ways:
                char = pairs().get((carry, way[0]))
                if char:
                    yield self.emit(path, char, form(char), token.end, nats, _second(way))
            if token.may_close and path[3] < _MOST_EDITS and path[0] + _LOST < self.limit or not token.ways:
                yield from self.close(path, token)
        elif token.may_open and path[3] < _MOST_EDITS:
            for nats, way in token.ways:
                yield from self.open(path, token, following, after, nats, way)

    def straight(self, path: tuple, token: Token) -> tuple:
        """``path`` with the character as it is seen."""
        nats, _, last, edits, cost, lead, pieces, rivals = path
        nats += self.nats(last, token.form)
        pieces = pieces, token.char, token.form, token.end, False, None
        return nats, _NONE, last[1] + token.form, edits, cost, lead, pieces, rivals

    def emit(self, path, char, shape, end, extra=0.0, carry=_NONE, edits=0, guess=None) -> tuple:
        """``path`` with a character read out of step, or guessed."""
        nats, _, last, before, cost, lead, pieces, rivals = path
        if char not in self.ours and char > "\u2fff":
            extra += _FOREIGN
        if shape in STOPS and last[1] in STOPS:
            extra += _TWO_STOPS
        nats += self.nats(last, shape) + extra
        pieces = pieces, char, shape, end, True, guess
        return nats, carry, last[1] + shape, before + edits, cost + extra, lead, pieces, rivals

    def guessed(self, path, char, shape, end, guess, extra=0.0, carry=_NONE) -> tuple:
        return self.emit(path, char, shape, end, extra + self.language.novelty(char, self.script), carry, 1, guess)

    def dropped(self, path: tuple, carry: int, extra: float) -> tuple:
        """``path`` with a byte left out as one too many, or as not readable."""
        nats, _, last, edits, cost, *rest = path
        return nats + extra, carry, last, edits + 1, cost + extra, *rest

    def open(self, path, token, following, after, nats, way) -> Iterator[tuple]:
        """In step so far: a byte is missing before or behind the first byte of this character, or it is too many."""
        first, second = way[0], _second(way)
        then = self.then(way, following, after)
        lost = _LOST_BY_LETTER if token.form == "a" else _LOST_BEFORE_MARK if token.form in _MADE_HALF else _LOST
        for side in (1, 0) if second >= 0 else (1,):
            cost = max(nats, 0.0) + (lost if side else _LOST + _SECOND_LOST)
            for char, shape in self.guess(path[2], side, first, then):
                yield self.guessed(path, char, shape, token.end, (side, first), cost, second)
        if second >= 0:
            yield self.dropped(path, second, nats + self.spare(path, first, second))

    def close(self, path: tuple, token: Token) -> Iterator[tuple]:
        """Out of step so far: the byte that waits has lost its other half, or is too many, and this one is in step."""
        for side in (0, 1):
            for char, shape in self.guess(path[2], side, path[1], token.form):
                done = self.guessed(path, char, shape, token.end - 1, (side, path[1]), _LOST)
                yield self.straight(done, token)
        if path[6] and path[6][3] == token.end - 1:  # no character is too many with both its bytes
            following = token.ways[0][1][0] if token.ways else _NONE
            yield self.straight(self.dropped(path, _NONE, self.spare(path, path[1], following)), token)

    def spare(self, path: tuple, byte: int, following: int) -> float:
        """What it costs that ``byte`` is one too many: less where it came twice, or is half a blank."""
        if byte == 0xA1:
            return _HALF_BLANK if path[2][1] != "\n" else _BLANK_AT_START
        before = bytes_of(path[6][1])[-1:] if path[6] else ()
        return _DOUBLED if byte == following or byte in before else _EXTRA

    def over_hole(self, path: tuple, token: Token, following: Token | None) -> Iterator[tuple]:
        """A mark that a decoder put for what it could not read."""
        carry = path[1]
        cost = min(_HOLE[token.char], _HOLE_OUT_OF_STEP) if carry >= 0 else _HOLE[token.char]
        then = following.form if following else "\n"
        if carry >= 0:
            digit = bool(following) and following.form == "0" and token.char == "?"
            if token.char == "?":
                for char, shape in self.guess(path[2], 0, carry, "0"):
                    yield self.with_digit(self.guessed(path, char, shape, token.end, (0, carry), cost), token)
            if token.digit and following.char == "0":
                return
            for char, shape in self.guess(path[2], 0, carry, then):
                done = self.guessed(path, char, shape, token.end, (0, carry), cost)
                yield self.dropped(done, _NONE, _DIGIT_LEFT) if digit else done
                yield self.dropped(done, _UNREAD, _SWALLOWED)
        elif carry == _NONE:
            yield self.dropped(path, _UNREAD, cost)
            yield self.dropped(path, _NONE, cost + _EXTRA)
            for char, shape in self.between(path[2], then):
                yield self.guessed(path, char, shape, token.end, UNREADABLE, cost + _WHOLE)
            if token.char == "?":
                for char, shape in self.between(path[2], "0"):
                    yield self.with_digit(self.guessed(path, char, shape, token.end, UNREADABLE, _HOLE_OF_TWO), token)

    def with_digit(self, path: tuple, token: Token) -> tuple:
        """``path`` with the digit that the mark took with it, the mark itself where nobody knows which."""
        cost = 0.0 if token.digit else _DIGIT_SWALLOWED
        return self.emit(path, token.digit or token.char, "0", token.end, cost)

    def over_pinyin(self, path: tuple, token: Token) -> Iterator[tuple]:
        """A reading that was put between the bytes: the byte before it, its mark left, ends a character so read."""
        carry, pieces = path[1], path[6]
        if carry == _NONE:
            nats, *rest = self.straight(path, token)
            yield nats + _BRACKET_STANDS, *rest
        if path[3] >= _MOST_EDITS:
            return
        known = [carry] if carry >= 0 else []
        if not known and pieces:
            known = [way[-1] for _, way in ways(pieces[1], self.converted)]
        for byte in known:
            for char, trail in _read_as(byte, token.syllable):
                if carry >= 0:
                    yield self.guessed(path, char, form(char), token.end, None, _ANNOTATED)
                elif trail > 0x80:
                    yield self.dropped(path, trail, _ANNOTATED)

    def endings(self, path: tuple, end: int, after: str) -> Iterator[tuple]:
        """The reading with its end: a byte still carried lost its second one where the line ends."""
        if path[1] == _NONE:
            shape = form(after[:1] or "\n")
            yield path[0] + self.nats(path[2], shape), *path[1:]
        elif not after and path[1] >= 0:
            for char, shape in self.guess(path[2], 0, path[1], "\n"):
                done = self.guessed(path, char, shape, end, (0, path[1]), _CUT)
                yield done[0] + self.nats(done[2], "\n"), *done[1:]
            done = self.dropped(path, _NONE, _HALF_LEFT)
            yield done[0] + self.nats(done[2], "\n"), *done[1:]

    def guess(self, last: str, side: int, byte: int, then: str) -> list[tuple[str, str]]:
        """The likeliest (character, form) between two characters and ``then`` of which one byte is known."""
        key = self.script, last, side, byte, then
        known = self.language.guessed.get(key)
        if known is None:
            nats, tail = self.nats, last[1]
            forms, by_form = guesses_by_form(self.script, side, byte)
            fit = forms & followers(tail) | forms & forerunners(then) | forms & self.language.after.get(tail, _NOBODY)
            likely = [option for shape in fit for option in by_form[shape]]
            likely += [option for option in guesses(self.script, side, byte)[:_COMMONEST] if option[1] not in fit]
            costs = self.language.nats_of_each(last, [shape for _, shape in likely])
            best = sorted(zip(costs, likely, strict=True))
            if then:
                best = sorted((n + nats(tail + option[1], then), option) for n, option in best[:_PRESELECTED])
            known = self.language.guessed[key] = [option for _, option in best[:_VALUES]]
        return known

    def then(self, way: tuple[int, ...], following: Token | None, after: str) -> str:
        """The form that comes next if the second byte of ``way`` goes with what follows; "" if that is not known."""
        if following is None:
            return "\n" if not after else ""
        if len(way) == 1:
            return following.form
        if not following.ways:
            return ""
        return shapes_of_pairs().get((way[1], following.ways[0][1][0]), "")

    def between(self, last: str, then: str) -> list[tuple[str, str]]:
        """The likeliest characters of which nothing is known."""
        key = last, then
        if (known := self.language.guessed.get(key)) is None:
            options = sorted(
                (self.nats(last, shape) + self.nats(last[1] + shape, then), shape)
                for shape in followers(last[1]) if not shape.isascii()
            )
            known = [(shape, shape) for _, shape in options[:_VALUES]]
            self.language.guessed[key] = known
        return known


def _nats_of(path: tuple) -> float:
    return path[0]


def _second(way: tuple[int, ...]) -> int:
    return way[1] if len(way) == 2 else _NONE


def _better(one: tuple, other: tuple) -> tuple:
    """Of two paths that meet the better one, with its lead over the other where that says something else."""
    if other[0] < one[0]:
        one, other = other, one
    lead = other[0] - one[0]
    if lead < max(one[5], _RIVAL) and _differ(one[6], other[6]):
        rivals = (one[7], one[6], other[6], lead, other[4] - one[4], other[7]) if lead < _RIVAL else one[7]
        return (*one[:5], min(lead, one[5]), one[6], rivals)
    return one


def _differ(one: tuple | None, other: tuple | None) -> bool:
    while one is not other:
        if one is None or other is None or one[2] != other[2]:
            return True
        one, other = one[0], other[0]
    return False


def _readings(paths: list[tuple], stands: str) -> list[Reading]:
    """The best readings among paths and those that they beat on the way by little, other than ``stands``."""
    every = []
    for nats, _, _, _, cost, lead, pieces, rivals in paths:
        every.append((nats, cost, lead, _behind(pieces)))
        every += _beaten(nats, cost, pieces, [], rivals, _RIVAL)
    found: dict[str, Reading] = {}
    for nats, cost, lead, linked in sorted(every, key=_nats_of):
        text = "".join(piece[1] for piece in linked)
        if text != stands and text not in found:
            found[text] = Reading(nats, cost, lead, [Piece(one[1], one[3], one[4], one[5]) for one in linked])
            if len(found) == _WEIGHED:
                break
    return list(found.values())


def _beaten(
    nats: float, cost: float, pieces: tuple, end: list[tuple], rivals: tuple | None, within: float
) -> Iterator[tuple[float, float, float, list[tuple]]]:
    """(nats, cost, no lead, linked pieces) of what ``pieces``, and then ``end``, beat by less than ``within`` nats, and
    of what that had beaten before.
    """
    while rivals:
        rivals, common, others, lead, more, theirs = rivals
        if lead < within:
            rest = _behind(pieces, common) + end
            yield nats + lead, cost + more, 0.0, _behind(others) + rest
            yield from _beaten(nats + lead, cost + more, others, rest, theirs, within - lead)


def _behind(node: tuple | None, until: tuple | None = None) -> list[tuple]:
    """The linked pieces up to ``node``; those behind ``until`` alone."""
    linked = []
    while node is not until:
        linked.append(node)
        node = node[0]
    return linked[::-1]


@cache
def _read_as(lead: int, syllable: str) -> list[tuple[str, int]]:
    """(character, its second byte) of those that begin with ``lead`` and are read ``syllable``."""
    return [(char, pair[1]) for pair, char in pairs().items() if pair[0] == lead and is_reading(char, syllable)]
