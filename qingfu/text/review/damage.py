"""Bytes of GBK text that were lost or slipped in before the text was decoded, found and put back.

A byte lost in GBK text pairs the rest of the line wrongly: “学校“减负” without its third byte reads “学！凹醺…”. The
true text is found by encoding the debris again and reading its bytes as a noisy channel: a beam search over the
places where a byte may be missing or too many, each reading weighed by the character model of ``language.py`` and each
edit by what it costs. A reading is taken only if it is far more probable than the text as it stands.
See docs/review.md, "Byte repair".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from math import log
from operator import add, itemgetter
from string import ascii_letters, digits
from typing import NamedTuple

from .language import TextModel, model
from .pinyin import is_reading
from .script import to_simplified, to_traditional
from .words import DATA, HAN

SURE = 15.0  # nats of confidence from which on a repair is made without asking


class Repair(NamedTuple):
    """``text[start:end]`` should read ``fixed``. ``confidence``, in nats: how much better it is."""

    start: int
    end: int
    fixed: str
    note: str
    confidence: float


# Costs in nats. A byte that is lost or too many; the choice of its value; what a decoder's own mark tells; a script
# that the debris was converted to.
_LOST, _EXTRA, _HALF_SPACE, _VALUE = 3.0, 12.0, 5.0, 1.5
_MARKED = {"?": 8.0, "？": 9.0, "\ufffd": 2.0}
_LETTER = 1.0
_SECOND = 3.0  # in what was seen, first bytes were lost
_ANNOTATED = 2.0
_CUT, _HALF_LEFT = 1.0, 14.0
_BRACKET_STANDS = 25.0
_STRANGE = 4.0
_TOO_RARE = 1e-6  # a chance below which a character is not guessed
_ENOUGH = 4.0
_CONVERTED = 2.0
_MARGIN = 5.0  # a reading is sure only if it leads the second best by a fifth of what it gains
_BEAM, _VALUES, _PRESELECTED = 16, 6, 20
_BEFORE, _AFTER, _LONGEST = 4, 8, 240
_MOST_EDITS = 4
_NONE, _UNREAD = -1, -2  # no byte waits; a byte waits that the decoder could not read

_FULL = {chr(code - 0xFEE0): chr(code) for code in range(0xFF01, 0xFF5F) if not chr(code - 0xFEE0).isalnum()} | {
    "-": "-",
    ".": ".",
}
_HALF = {chr(ord(char) + 0xFEE0): char for char in ascii_letters + digits}
_TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_PINYIN_IN_DEBRIS = re.compile(rf"(?:[?？\ufffd][(（]?|[(（])(?P<syllable>[a-zü]{{0,5}}[{_TONES}][a-z]{{0,3}})[)）]")
_MARKS = "?？\ufffd"


@cache
def _pairs() -> dict[tuple[int, int], str]:
    """The GBK characters by their two bytes."""
    chars = {}
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            char = bytes((lead, trail)).decode("gbk", "ignore")
            if char:
                chars[lead, trail] = char
    return chars


@cache
def _by_trail() -> dict[int, list[tuple[str, str]]]:
    return _grouped(1)


@cache
def _by_lead() -> dict[int, list[tuple[str, str]]]:
    return _grouped(0)


def _grouped(side: int) -> dict[int, list[tuple[str, str]]]:
    """(character, its form for the model) by the one byte that is known."""
    known: dict[int, list[tuple[str, str]]] = {}
    chances = model().starts
    for pair, char in _pairs().items():
        if char not in _HALF and chances.get(form := model_form(char), 0.0) > _TOO_RARE:
            known.setdefault(pair[side], []).append((char, form))
    return known


@cache
def _simple_forms() -> dict[str, str]:
    chars = "\n".join(_pairs().values())
    return dict(zip(chars.split("\n"), to_simplified(chars).split("\n"), strict=True))


def model_form(char: str) -> str:
    """``char`` as the model knows it: simplified, punctuation full-width."""
    return _HALF.get(char) or _FULL.get(char) or _simple_forms().get(char, char)


@cache
def _model_forms() -> dict[int, str]:
    return str.maketrans(_HALF | _FULL | {char: form for char, form in _simple_forms().items() if char != form})


class _Language(TextModel):
    """The model of one text, with what was asked of it before and the script that its characters should have."""

    def __init__(self, simple: str) -> None:
        super().__init__(simple)
        self.tables: tuple[dict, dict] = ({}, {})
        self.likely: dict[tuple, list[str]] = self.tables[0]
        self.traditional = False
        self.converted = False

    def foreign(self, char: str) -> float:
        """What it costs to read a character that the other script alone has."""
        if self.traditional and not self.converted:
            return 0.0 if char.isascii() or char in _of("big5") else _STRANGE
        return 0.0 if char in _of("gb2312") else _STRANGE


@cache
def _of(encoding: str) -> frozenset[str]:
    return frozenset(char for char in _pairs().values() if char.encode(encoding, "ignore"))


class _Path(NamedTuple):
    """A reading of the bytes so far. ``carry`` is a byte that waits for its second one (-1: none)."""

    score: float
    carry: int
    last: str  # for the model
    trail: int  # the last byte that was read, -1 if none
    edits: int
    cost: float
    choice: str  # the characters that were guessed
    out: tuple  # linked list: (previous, character, read up to this character of the window, touched)


@dataclass(slots=True)
class _Token:
    """A piece of the window: its bytes in the ways that it may have been, or what the decoder left."""

    end: int
    char: str
    ways: list[tuple[int, ...]]
    mark: bool = False
    syllable: str = ""
    suspicious: bool = True
    isolated: bool = False  # a letter between two Han
    next_char: str = "\n"
    next_bytes: tuple[int, ...] = ()


def repairs(text: str) -> list[Repair]:
    """The damaged places of ``text``, in order and apart; none of them touches a line end."""
    found: list[Repair] = []
    if suspects := _suspects(text):
        simple = text.translate(_model_forms())
        language = _Language(simple)
        changed = sum(a != b and "一" <= a <= "鿿" for a, b in zip(text, simple, strict=True))
        language.traditional = changed > len(text) / 50
        for at, line, spots in suspects:
            for start, end, places in _windows(line, spots, language):
                for repair in _mend(line, start, end, places, language):
                    found.append(repair._replace(start=repair.start + at, end=repair.end + at))
    return sorted(found + list(_markers(text, found)))


_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_FOLLOWS_LIST = 10  # lines after the last marker


def _markers(text: str, found: list[Repair]) -> Iterator[Repair]:
    """The markers lost from lines "、、…" after a list ①、 ②、 ③、: what the list would have come to."""
    if not _LOST_MARKER.search(text):
        return
    mended = {text.rfind("\n", 0, repair.start) + 1: repair for repair in found}
    at, last, since = 0, 0, _FOLLOWS_LIST
    for line in text.split("\n"):
        first = next((char for char in mended[at].fixed if char in _CIRCLED), line[:1]) if at in mended else line[:1]
        since += 1
        if first and first in _CIRCLED:
            last, since = _CIRCLED.index(first) + 1, 0
        elif _LOST_MARKER.match(line) and at not in mended and since < _FOLLOWS_LIST and 0 < last < len(_CIRCLED):
            marker = _CIRCLED[last]
            yield Repair(at, at + 2, f"{marker}、", f"“、、”前面的编号丢了，按上下文应是“{marker}、”", _LIKELY)
            last, since = last + 1, 0
        at += len(line) + 1


_LOST_MARKER = re.compile("^、、", re.MULTILINE)
_LIKELY = 10.0  # nats: to be looked at

# A letter where Han stand on both sides, or the reading of a character behind a mark; "?" where others are full-width.
_HINT = re.compile(
    rf"[A-WYZa-wyz{{}}|](?<=[{HAN}].)(?=[{HAN}])|[?？](?=[(（]?[a-z]{{0,5}}[{_TONES}])|[①-⑳](?=[A-Za-z])"
)
_HALF_MARK = re.compile(rf"\?(?<=[{HAN}].)(?=[{HAN}])")
_SURPRISING = 20.0  # nats for two characters in a row
_SIGN, _MAKES_SENSE = 18.0, 11.0  # what two characters cost; what three save if the bytes between them are two
_NEAR = 16  # characters around a sign in which its damage is looked for


def _suspects(text: str) -> list[tuple[int, str, list[int]]]:
    """(offset, line, places of signs) of the lines that may be damaged. Clean text passes at the pace of a pattern."""
    signs = {match.start() for match in _HINT.finditer(text)}
    if text.count(",") < text.count("，"):
        signs |= {match.start() for match in _HALF_MARK.finditer(text)}
    signs |= {place for match in _strange().finditer(text) if _out_of_step(text, place := match.start())}
    lines: dict[int, list[int]] = {}
    for place in sorted(signs):
        lines.setdefault(text.rfind("\n", 0, place) + 1, []).append(place)
    ends = {at: end if (end := text.find("\n", at)) >= 0 else len(text) for at in lines}
    return [(at, text[at : ends[at]], [place - at for place in places]) for at, places in lines.items()]


@cache
def _strange() -> re.Pattern:
    """What is no everyday character in either script, no letter, digit or common mark."""
    lines = (DATA / "everyday.txt").read_text("utf-8").splitlines()
    everyday = set("".join(line for line in lines if not line.startswith("#")))
    both = "".join(char for char, simple in _simple_forms().items() if simple in everyday)
    return re.compile(f"[^\0-\x7f{both}{re.escape(_COMMON_MARKS)}０-９Ａ-Ｚａ-ｚ①-⑳]")


_COMMON_MARKS = "，。、；：？！“”‘’（）《》—…·％～〔〕【】－／＋×℃㎡\u3000\u00a0\ufeff"


def _out_of_step(text: str, place: int) -> bool:
    """Whether the characters around ``place`` surprise, and two of their bytes paired otherwise make sense."""
    if "\ue000" <= text[place] <= "\uf8ff" or text[place] == "\ufffd":
        return True
    around = text[max(0, place - 5) : place + 6]
    around = around[around.rfind("\n", 0, place - max(0, place - 5)) + 1 :].partition("\n")[0]
    nats = _nats(["\n", *map(model_form, around)])
    if max(map(add, nats, nats[1:]), default=0.0) < _SIGN:
        return False
    pieces = [_bytes(_FULL.get(char, char)) or (0,) for char in around]
    paired = [_pairs().get((a[-1], b[0])) for a, b in zip(pieces, pieces[1:], strict=False)]
    return any(
        a and b and sum(nats[at : at + 3]) - sum(_nats(["", model_form(a), model_form(b)])) > _MAKES_SENSE
        for at, (a, b) in enumerate(zip(paired, paired[1:], strict=False), 1)
    )


def _nats(forms: list[str]) -> list[float]:
    """How surprising each character is after the one before."""
    chance = model().chance
    return [-log(max(chance(a, b), 1e-12)) for a, b in zip(forms, forms[1:], strict=False)]


def _windows(line: str, signs: list[int], language: _Language) -> Iterator[tuple[int, int, set[int]]]:
    """The parts of a line that are worth a search, and the places in them where bytes may have been lost."""
    if len(line) < 3:
        return
    forms = [model_form(char) for char in line]
    nats = [-language.log(a, b) for a, b in zip(["\n", *forms], forms, strict=False)]
    near = {place for sign in signs for place in range(max(1, sign - _NEAR), min(len(line), sign + _NEAR + 1))}
    spots = set(signs) | {place for place in near if nats[place - 1] + nats[place] > _SURPRISING}
    places = {place for spot in spots for place in range(spot - 3, spot + 2)}
    start = end = -1
    for spot in sorted(spots):
        if end >= 0 and (spot - _BEFORE > end or spot + _AFTER - start > _LONGEST):
            yield max(0, start), min(len(line), end), places
            start, end = max(spot - _BEFORE, end), spot + _AFTER
        else:
            start, end = (spot - _BEFORE if end < 0 else start), spot + _AFTER
    if end >= 0:
        yield max(0, start), min(len(line), end), places


def _mend(line: str, start: int, end: int, places: set[int], language: _Language) -> list[Repair]:
    plain = _search(line, start, end, places, language, False)
    if not language.traditional:
        return plain[1]
    converted = _search(line, start, end, places, language, True)
    return max(plain, (converted[0] - _CONVERTED, converted[1]), key=itemgetter(0))[1]


def _tokens(window: str, converted: bool) -> list[_Token]:
    tokens, at = [], 0
    while at < len(window):
        if match := _PINYIN_IN_DEBRIS.match(window, at):
            at = match.end()
            tokens.append(_Token(at, match[0], [], syllable=match["syllable"]))
            continue
        char = window[at]
        at += 1
        shown = to_simplified(char) if converted else char
        ways = [_bytes(shown)]
        if char in _FULL and _FULL[char] != char:
            ways = [(ord(char),), _bytes(_FULL[char])]
        if not ways[0]:
            ways = [_bytes(to_simplified(char))]
        isolated = (
            char.isascii()
            and char.isalpha()
            and not window[max(0, at - 2) : at - 1].isascii()
            and not window[at : at + 1].isascii()
        )
        tokens.append(_Token(at, char, [way for way in ways if way], mark=char in _MARKS, isolated=isolated))
    return tokens


def _search(
    line: str, start: int, end: int, places: set[int], language: _Language, converted: bool
) -> tuple[float, list[Repair]]:
    """The best reading of a window: what it gains in nats, and its repairs."""
    language.converted = converted
    language.likely = language.tables[converted]
    window = line[start:end]
    before = line[start - 1] if start else "\n"
    first = _Path(0.0, _NONE, model_form(before), _last_byte(before), 0, 0.0, "", ())
    beam = [first]
    tokens = _tokens(window, converted)
    for token, following in zip(tokens, tokens[1:], strict=False):
        token.next_char, token.next_bytes = following.char, following.ways[-1] if following.ways else ()
    for token in tokens:
        token.suspicious = start + token.end - 1 in places or token.mark or bool(token.syllable)
        grown: dict[tuple, _Path] = {}
        for path in beam:
            for after in _steps(path, token, language):
                key = after.carry, after.last, after.choice
                if key not in grown or grown[key].score < after.score:
                    grown[key] = after
        beam = sorted(grown.values(), key=lambda path: -path.score)[:_BEAM]
        # The text as it stands is kept to the end, to be compared.
    finished = [
        done
        for path in beam
        for done in _endings(path, len(window), end == len(line), line[end : end + 1], language)
        if done.edits
    ]
    if not finished:
        return 0.0, []
    stands = _weight(line, start, end, window, language)
    gains = {path: stands - _weight(line, start, end, _text_of(path), language) - path.cost for path in finished}
    best = max(finished, key=gains.get)
    if gains[best] < _ENOUGH:
        return 0.0, []
    text = _text_of(best)
    second = max((gain for path, gain in gains.items() if _text_of(path) != text), default=0.0)
    confidence = min(gains[best], _MARGIN * (gains[best] - second))
    if "?" in window and not _PINYIN_IN_DEBRIS.search(window):  # it swallowed a byte that nothing tells
        confidence = min(confidence, _LIKELY)
    return gains[best], list(_differences(line, start, best, confidence, converted))


def _weight(line: str, start: int, end: int, text: str, language: _Language) -> float:
    """Nats of ``text`` in the place of ``line[start:end]``."""
    return language.nats(
        [model_form(char) for char in f"{line[start - 1] if start else chr(10)}{text}{line[end : end + 2]}\n"]
    )


def _text_of(path: _Path) -> str:
    parts, node = [], path.out
    while node:
        parts.append(node[1])
        node = node[0]
    return "".join(reversed(parts))


def _bytes(char: str) -> tuple[int, ...]:
    """The one or two bytes of ``char``, private characters as browsers read them; () if it has none."""
    encoded = tuple(char.encode("gb18030", "ignore"))
    return encoded if len(encoded) <= 2 else ()


def _last_byte(char: str) -> int:
    encoded = _bytes(char)
    return encoded[-1] if encoded else _NONE


def _steps(path: _Path, token: _Token, language: _Language) -> Iterator[_Path]:
    if token.syllable:
        yield from _over_pinyin(path, token, language)
        return
    if path.carry == _NONE:
        yield _as_it_stands(path, token, language)
    if token.mark:
        yield from _over_mark(path, token, language)
    for way in token.ways:
        yield from _over_bytes(path, token, way, language)


def _read(
    path: _Path, char: str, token: _Token, language: _Language, *, carry: int, trail: int, cost: float = 0.0
) -> _Path:
    """``path`` with ``char`` read from its bytes; a cost says that one of them was guessed."""
    form = model_form(char)
    edits = path.edits + (cost > 0)
    cost += language.foreign(char)
    return _Path(
        path.score + language.log(path.last, form) - cost, carry, form, trail, edits,
        path.cost + cost, path.choice + char if cost else path.choice, (path.out, char, token.end, True),
    )  # fmt: skip


def _dropped(path: _Path, carry: int, cost: float) -> _Path:
    """``path`` with a byte left out as one too many, or as not readable."""
    return path._replace(
        score=path.score - cost, carry=carry, edits=path.edits + 1, cost=path.cost + cost, choice=path.choice + "-"
    )


def _over_bytes(path: _Path, token: _Token, way: tuple[int, ...], language: _Language) -> Iterator[_Path]:
    x, y = way[0], way[1] if len(way) == 2 else _NONE
    if path.carry == _UNREAD:
        for char in _likely(path.last, "trail", x, _then(token, y), language):
            yield _read(path, char, token, language, carry=y, trail=x, cost=_VALUE)
        return
    if path.carry >= 0:
        if char := _pairs().get((path.carry, x)):
            yield _read(path, char, token, language, carry=y, trail=x)
        if path.edits < _MOST_EDITS and token.suspicious:
            # One more byte is missing after the carried one, and the pairs fall into step again …
            for char in _likely(path.last, "lead", path.carry, model_form(token.char), language):
                mended = _read(path, char, token, language, carry=_NONE, trail=x, cost=_LOST + _VALUE)
                yield _as_it_stands(mended, token, language)
            # … or the carried one is too many.
            yield _as_it_stands(_dropped(path, _NONE, _EXTRA), token, language)
        return
    if path.edits >= _MOST_EDITS or not token.suspicious:
        return
    lost = _LETTER if len(way) == 1 and token.isolated and language.traditional else _LOST
    for char in _likely(path.last, "trail", x, _then(token, y), language):
        yield _read(path, char, token, language, carry=y, trail=x, cost=lost + _VALUE)
    if y >= 0:
        for char in _likely(path.last, "lead", x, _then(token, y), language):
            yield _read(path, char, token, language, carry=y, trail=x, cost=_LOST + _SECOND + _VALUE)
        yield _dropped(path, y, _HALF_SPACE if x == 0xA1 else _EXTRA)


def _as_it_stands(path: _Path, token: _Token, language: _Language) -> _Path:
    form = model_form(token.char)
    return path._replace(
        score=path.score + language.log(path.last, form), last=form,
        trail=token.ways[-1][-1] if token.ways else _NONE,
        out=(path.out, token.char, token.end, False),
    )  # fmt: skip


def _over_mark(path: _Path, token: _Token, language: _Language) -> Iterator[_Path]:
    """A mark that a decoder put for a byte that it could not read."""
    if path.edits >= _MOST_EDITS:
        return
    if path.carry >= 0:
        for char in _likely(path.last, "lead", path.carry, model_form(token.next_char), language):
            yield _read(path, char, token, language, carry=_NONE, trail=_NONE, cost=_MARKED[token.char] + _VALUE)
    elif path.carry == _NONE:
        yield _dropped(path, _UNREAD, _MARKED[token.char])
        for char in () if path.edits else _any(path.last, model_form(token.next_char), language):
            yield _read(path, char, token, language, carry=_NONE, trail=_NONE, cost=_MARKED[token.char] + 2 * _VALUE)


def _over_pinyin(path: _Path, token: _Token, language: _Language) -> Iterator[_Path]:
    """A reading that was put between the bytes: the byte before it, its mark left, ends a character so read."""
    if path.carry == _NONE:
        yield path._replace(
            score=path.score - _BRACKET_STANDS, last="）", trail=_NONE, out=(path.out, token.char, token.end, False)
        )
    if path.edits >= _MOST_EDITS:
        return
    for char, trail in _read_as(path.carry if path.carry >= 0 else path.trail, token.syllable):
        if path.carry >= 0:
            yield _read(path, char, token, language, carry=_NONE, trail=trail, cost=_ANNOTATED + _VALUE)
        elif trail > 0x80:
            yield _dropped(path, trail, _ANNOTATED)


@cache
def _read_as(lead: int, syllable: str) -> list[tuple[str, int]]:
    """(character, its second byte) of those that begin with ``lead`` and are read ``syllable``."""
    return [(char, pair[1]) for pair, char in _pairs().items() if pair[0] == lead and is_reading(char, syllable)]


def _endings(path: _Path, length: int, at_line_end: bool, after: str, language: _Language) -> Iterator[_Path]:
    """The reading with its end: a byte still carried lost its second one where the line ends."""
    if path.carry == _NONE:
        yield path._replace(score=path.score + language.log(path.last, model_form(after or "\n")))
    elif at_line_end and path.carry >= 0:
        token = _Token(length, "", [])
        for char in _likely(path.last, "lead", path.carry, "\n", language):
            yield _read(path, char, token, language, carry=_NONE, trail=_NONE, cost=_CUT)
        yield _dropped(path, _NONE, _HALF_LEFT)


def _likely(last: str, side: str, byte: int, then: str, language: _Language) -> list[str]:
    """The likeliest characters between ``last`` and ``then`` of which one byte is known."""
    key = last, side, byte, then
    if (known := language.likely.get(key)) is None:
        scored = (
            (score + language.log(form, then), char) for score, char, form in _followers(last, side, byte, language)
        )
        known = language.likely[key] = [char for _, char in nlargest(_VALUES, scored)]
    return known


def _followers(last: str, side: str, byte: int, language: _Language) -> list[tuple[float, str, str]]:
    """(nats, character, its form) of the likeliest after ``last``, whatever comes then."""
    key = last, side, byte
    if (known := language.likely.get(key)) is None:
        options = (_by_trail() if side == "trail" else _by_lead()).get(byte, [])
        scored = ((language.log(last, form) - language.foreign(char), char, form) for char, form in options)
        known = language.likely[key] = nlargest(_PRESELECTED, scored)
    return known


def _then(token: _Token, carry: int) -> str:
    """What follows if ``carry`` is the first byte of the next character; the next one itself without a carry."""
    if carry < 0 or not token.next_bytes:
        return model_form(token.next_char)
    return model_form(_pairs().get((carry, token.next_bytes[0]), "\n"))


def _any(last: str, then: str, language: _Language) -> list[str]:
    """The likeliest characters between ``last`` and ``then`` of which nothing is known."""
    if (known := language.likely.get((last, then))) is None:
        known = language.likely[last, then] = language.between(last, then)
    return known


def _differences(line: str, start: int, best: _Path, confidence: float, converted: bool) -> Iterator[Repair]:
    """The runs of characters in which the best reading is not what stands there."""
    steps, node = [], best.out
    while node:
        steps.append(node[1:])
        node = node[0]
    steps.reverse()
    place, at = 0, start
    while place < len(steps):
        if not steps[place][2] and start + steps[place][1] == at + 1:
            at += 1
            place += 1
            continue
        fixed = ""
        while place < len(steps) and steps[place][2]:
            fixed += steps[place][0]
            place += 1
        # What was left out before the next untouched character belongs to the damage.
        end = start + (steps[place][1] - 1 if place < len(steps) else steps[-1][1])
        yield from _trimmed(line, at, end, to_traditional(fixed) if converted else fixed, confidence)
        at = end


def _trimmed(line: str, start: int, end: int, fixed: str, confidence: float) -> Iterator[Repair]:
    was = line[start:end]
    while was and fixed and was[0] == fixed[0]:
        was, fixed, start = was[1:], fixed[1:], start + 1
    while was and fixed and was[-1] == fixed[-1]:
        was, fixed, end = was[:-1], fixed[:-1], end - 1
    if was != fixed and was:
        yield Repair(start, end, fixed, f"“{was}”是字节丢失或错位留下的，原文应是“{fixed}”", confidence)
