"""Lines that were opened with the wrong encoding: 鍏ㄥ幙, È«ÏØ or å…¨åŽ¿ for 全县. Found, and read again.

A line is turned back into the bytes that it was made of, and they are read with the encoding that they were written
in. A "?" or U+FFFD stands for a byte that the decoder could not read: what is left of the character and the model
choose it. What cannot be turned back (锟斤拷, rows of U+FFFD) is told and not repaired.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nsmallest
from itertools import pairwise, product
from math import inf
from operator import itemgetter
from typing import NamedTuple

from .gbk import form, of_script
from .language import FAR, UNKNOWN, TextModel, followers, model, model_text, weigh

_HOLES = "?\ufffd"
_HOLE = -1  # a byte that the decoder could not read
_ODD = 8.0  # nats that each character of such a line costs
_LEAST_GAINED = 2.0  # nats that each character must save
_LEAST_HAN = 2
_NONSENSE, _UNLIKELY = 44.0, 1.0  # nats of four characters that nobody wrote; the lead of a line with such
_GUESSED = 3.0  # nats that a guess costs
_SELDOM = 13.0  # nats from which on a character is not guessed
_PASSED, _PASSED_ON = 24.0, 8.0  # a byte that nobody can read; one more
_DROPPED = 6.0  # a decoder that leaves no mark, or one mark for two bytes
_BEAM, _GAP = 6, 12.0  # readings that go on, and by how many nats they may be behind
_MANY, _WEIGHED = 30, 10  # guesses that are tried whatever comes before; that words are asked about
_WORTH_READING = 2  # encodings that are searched
_SOME_HAN = 10  # one in so many characters that are read without a guess
_TRADITIONAL = 20  # one in so many characters that simplification changes
_REMEMBERED = 20_000  # characters before and after a line whose phrases are remembered


@dataclass(frozen=True)
class Misreading:
    """Bytes written in ``written``, read as ``read``; ``looks`` finds lines that may be so."""

    read: str
    written: str
    name: str
    looks: re.Pattern


class Misread(NamedTuple):
    """``text[start:end]`` should read ``fixed``, or nobody can say (None). ``lead``: nats by which its guesses lead."""

    start: int
    end: int
    fixed: str | None
    note: str
    lead: float


_LATIN = "\x80-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_LATIN_RUN = re.compile(f"[\xa1-\xff][{_LATIN}?\ufffd]{{3,}}")
_KATAKANA = re.compile("[\uff61-\uff9f][\uff61-\uff9f]+")
_GONE = re.compile(  # each alternative begins with a character, which lets the search skip
    "锟斤[锟斤拷]*|斤拷[锟斤拷]*|\ufffd\ufffd\ufffd+"
    "|\ufffd[0-9](?:[?\ufffd][0-9])+(?=[\u3400-\u9fff])|[?][0-9](?:[?\ufffd][0-9])+(?=[\u3400-\u9fff])"
)


def _kinds(strange: re.Pattern) -> tuple[Misreading, ...]:
    return (
        Misreading("gb18030", "utf-8", "UTF-8 被当作 GBK", strange),
        Misreading("cp1252", "utf-8", "UTF-8 被当作西文", _LATIN_RUN),
        Misreading("cp1252", "gb18030", "GBK 被当作西文", _LATIN_RUN),
        Misreading("gb18030", "big5", "Big5 被当作 GBK", strange),
        Misreading("big5", "gb18030", "GBK 被当作 Big5", strange),
        Misreading("cp932", "gb18030", "GBK 被当作日文", _KATAKANA),
    )


def misread(text: str, strange: re.Pattern) -> list[Misread]:
    """The parts of lines of ``text`` that were opened with the wrong encoding, in order and apart.

    ``strange`` matches a character that everyday text does not have.
    """
    found: list[Misread] = []
    lines = [(start, end, kinds) for start, end, kinds in _lines(text, strange) if _is_odd(text[start:end])]
    language = _language(text, lines) if lines else None
    for start, end, kinds in lines:
        line = text[start:end]
        readings = [(list(_read_again(line, kind, language)), kind) for kind in _likely(line, kinds)]
        if not readings:
            continue
        parts, kind = max(readings, key=lambda reading: sum(part.gained for part in reading[0]))
        for part in parts:
            note = f"“{line[part.start : part.end][:12]}”是{kind.name}打开的，原文应是“{part.text[:24]}”"
            found.append(Misread(start + part.start, start + part.end, part.text, note, part.lead))
    gone = [
        Misread(*match.span(), None, f"“{match[0][:12]}”处的文字在转换编码时已经丢失，要从原稿补", 0.0)
        for match in _GONE.finditer(text)
        if not any(one.start < match.end() and match.start() < one.end for one in found)
    ]
    return sorted(found + gone)


def _lines(text: str, strange: re.Pattern) -> Iterator[tuple[int, int, list[Misreading]]]:
    """(start, end, what it may be) of the lines that look like it."""
    kinds = _kinds(strange)
    counts: dict[int, dict[re.Pattern, int]] = {}
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for looks in dict.fromkeys(kind.looks for kind in kinds):
        for match in looks.finditer(text):
            of_line = counts.setdefault(bisect_right(starts, match.start()) - 1, {})
            of_line[looks] = of_line.get(looks, 0) + len(match[0])
    ends = [*starts[1:], len(text) + 1]
    for line in sorted(counts):
        start, end, strange = starts[line], ends[line] - 1, counts[line]
        if _dense(max(strange.values()), end - start):
            yield start, end, [kind for kind in kinds if _dense(strange.get(kind.looks, 0), end - start)]


def _is_odd(line: str) -> bool:
    return _nats(line) > _ODD * len(line)


def _language(text: str, lines: list[tuple[int, int, list[Misreading]]]) -> TextModel:
    """The model with what the other lines around say."""
    kept, at = [], max(0, lines[0][0] - _REMEMBERED)
    for start, end, _ in lines:
        kept.append(text[max(at, start - _REMEMBERED) : start])
        at = end
    kept.append(text[at : at + _REMEMBERED])
    return TextModel(model_text("".join(kept)))


def _likely(line: str, kinds: list[Misreading]) -> list[Misreading]:
    """Those ways to read the line that are worth the search: what they can read without a guess makes most sense."""
    plain = {kind: _plain(_bytes_of(line, kind.read)[0], kind) for kind in kinds}
    readable = [kind for kind in kinds if _han(plain[kind]) * _SOME_HAN >= len(plain[kind])]
    return nsmallest(_WORTH_READING, readable, key=lambda kind: _nats(plain[kind]) / len(plain[kind]))


def _plain(raw: list[int], kind: Misreading) -> str:
    return bytes(0x3F if byte == _HOLE else byte for byte in raw).decode(kind.written, "replace")


def _dense(strange: int, length: int) -> bool:
    return strange >= 2 and strange >= min(length / 10, 10)


class _Part(NamedTuple):
    gained: float
    start: int
    end: int
    text: str
    lead: float


def _read_again(line: str, kind: Misreading, language: TextModel) -> Iterator[_Part]:
    """The parts of ``line`` that read well in the other encoding."""
    raw, places = _bytes_of(line, kind.read)
    for first, last, fixed, lead, cost in _runs(raw, kind, language):
        start, end = places[first], places[last]
        if _ascii(fixed) > _ascii(line[start:end]):
            continue
        was = _nats(line[start:end])
        now = _nats(fixed) + cost
        lead = min(lead, _UNLIKELY) if _worst(fixed) > _NONSENSE else lead
        if _han(fixed) >= _LEAST_HAN and now < _ODD * len(fixed) and was - now > _LEAST_GAINED * len(fixed):
            yield _Part(was - now, start, end, fixed, lead)


def _worst(text: str) -> float:
    """The most nats that four characters in a row cost."""
    shapes = ["\n", *map(form, text)]
    costs = [min(model().nats_of_pair(a, b), UNKNOWN) for a, b in pairwise(shapes)]
    return max(sum(costs[at : at + 4]) for at in range(len(costs)))


def _han(text: str) -> int:
    return sum("\u3400" <= char <= "\u9fff" for char in text)


def _ascii(text: str) -> int:
    return sum(char.isascii() for char in text)


def _nats(text: str) -> float:
    nats, two, shapes = model().nats_of_pair, model().two.get, "\n" + model_text(text)
    return sum(two(a + b) or min(nats(a, b), UNKNOWN) for a, b in pairwise(shapes))


def _bytes_of(line: str, encoding: str) -> tuple[list[int], list[int]]:
    """The bytes of a line, -1 for holes, and for each byte the place of its character (and the end)."""
    raw, places = [], []
    for place, char in enumerate(line):
        if char in _HOLES:
            encoded = [_HOLE]
        elif encoding == "cp1252" and char < "\u0100":
            encoded = [ord(char)]
        else:
            encoded = list(char.encode(encoding, "ignore")) or [_HOLE]
        raw += encoded
        places += [place] * len(encoded)
    return raw, [*places, len(line)]


@dataclass(slots=True)
class _Piece:
    """A character read from the bytes ``first`` to ``last``; "" where bytes were passed over."""

    char: str
    form: str
    first: int
    last: int
    options: _Options


def _runs(raw: list[int], kind: Misreading, language: TextModel) -> Iterator[tuple[int, int, str, float, float]]:
    """(first byte, last byte, text, lead, cost) of the runs of bytes that the encoding can read."""
    plain = _plain(raw, kind)
    script = "big5" if sum(form(char) != char > "\u2fff" for char in plain) > len(plain) / _TRADITIONAL else "gb2312"
    run: list[_Piece] = []
    for piece in [*_likeliest(raw, kind, script), _Piece("", "", 0, 0, _NOTHING)]:
        if piece.char:
            run.append(piece)
        elif run:
            guessed = [place for place, one in enumerate(run) if len(one.options.chars) > 1]
            lead = min((_settle(run, place, language) for place in guessed), default=inf)
            yield run[0].first, run[-1].last, "".join(one.char for one in run), lead, len(guessed) * _GUESSED
            run = []


def _likeliest(raw: list[int], kind: Misreading, script: str) -> list[_Piece]:
    """The likeliest characters that the bytes can be, by a beam over the places where a character may begin."""
    nats = model().nats
    beams: list[dict[str, tuple]] = [{} for _ in range(len(raw) + 1)]
    beams[0]["\n\n"] = (0.0, None, None)  # nats, the path before, its last piece
    for at, beam in enumerate(beams[:-1]):
        paths = nsmallest(_BEAM, beam.items(), key=_nats_of)
        if not paths:
            continue
        steps = list(_characters(raw, at, kind, script))
        worst = paths[0][1][0] + _GAP
        for last, path in paths:
            spent = path[0]
            if spent > worst:
                break
            passed = spent + (_PASSED_ON if path[2] and not path[2].char else _PASSED)
            other = beams[at + 1].get(last)
            if other is None or passed < other[0]:
                beams[at + 1][last] = passed, path, _Piece("", "", at, at + 1, _NOTHING)
            for size, cost, options in steps:
                ahead = beams[at + size]
                for char, shape in options.after(last[1]):
                    now = spent + cost + min(nats(last, shape), UNKNOWN)
                    other = ahead.get(last[1] + shape)
                    if other is None or now < other[0]:
                        ahead[last[1] + shape] = now, path, _Piece(char, shape, at, at + size, options)
    found, path = [], min(beams[-1].values(), key=itemgetter(0))
    while path[2]:
        found.append(path[2])
        path = path[1]
    return found[::-1]


def _nats_of(entry: tuple[str, tuple]) -> float:
    return entry[1][0]


def _settle(run: list[_Piece], place: int, language: TextModel) -> float:
    """Choose a guessed character again, by characters and words; by how many nats the choice leads."""
    piece = run[place]
    around = run[max(0, place - FAR) : place], run[place + 1 : place + 1 + FAR]
    before, after = ("".join(one.form for one in part) for part in around)
    last = ("\n\n" + before)[-2:]
    near = (after + "\n\n")[:2]
    chars = {shape: char for char, shape in reversed(piece.options.after(last[1]))}
    likely = nsmallest(_WEIGHED, chars, key=lambda shape: language.text_nats(last, shape + near))
    weighed = sorted((weigh(before, shape, after, language), shape) for shape in likely)
    piece.form = weighed[0][1]
    piece.char = chars[piece.form]
    return weighed[1][0] - weighed[0][0] if len(weighed) > 1 else inf


def _characters(
    raw: list[int], at: int, kind: Misreading, script: str
) -> Iterator[tuple[int, float, _Options]]:
    """(bytes, cost, what they may be) of the characters that can begin here."""
    lead = raw[at]
    if 0 <= lead < 0x80:
        yield 1, 0.0, _known(chr(lead))
        return
    longest = 3 if kind.written == "utf-8" else 2
    for size in range(2, longest + 1):
        unit = tuple(raw[at : at + size])
        following = raw[at + size] if at + size < len(raw) else 0x0A
        if len(unit) == size:
            yield size, 0.0, _options(unit, following, kind, script)
    if longest == 3 and at + 1 < len(raw):  # a decoder may have dropped a byte without a mark
        yield 2, _DROPPED, _one_short(tuple(raw[at : at + 2]), script)


class _Options:
    """Characters that the same bytes may be, the commonest first, and which of them follow another one."""

    def __init__(self, chars: list[tuple[str, str]]) -> None:
        self.chars = chars
        self.common, self.others = chars[:_MANY], {}
        for char, shape in chars[_MANY:]:
            self.others.setdefault(shape, char)
        self.fitting: dict[str, list[tuple[str, str]]] = {}

    def after(self, last: str) -> list[tuple[str, str]]:
        """Those that are common, or known to follow ``last``."""
        if not self.others:
            return self.common
        found = self.fitting.get(last)
        if found is None:
            known = followers(last) & self.others.keys()
            found = self.fitting[last] = [*self.common, *((self.others[shape], shape) for shape in sorted(known))]
        return found


@cache
def _known(char: str) -> _Options:
    return _Options([(char, form(char))])


_NOTHING = _Options([])


@lru_cache(1 << 14)
def _options(unit: tuple[int, ...], following: int, kind: Misreading, script: str) -> _Options:
    if _HOLE not in unit:
        char = bytes(unit).decode(kind.written, "ignore")
        return _Options([(char, form(char))] if len(char) == 1 else [])
    return _Options(
        [
            (char, shape) for char, shape, encoded in _table(kind.written, script).get(unit, ())
            if _unread(unit, encoded, following, kind.read)
        ]
    )  # fmt: skip


@lru_cache(1 << 12)
def _one_short(unit: tuple[int, ...], script: str) -> _Options:
    """What the bytes may be if one of the three of UTF-8 was dropped."""
    if max(unit) < 0x80 or unit.count(_HOLE):
        return _Options([])
    patterns = [(*unit[:gap], _HOLE, *unit[gap:]) for gap in range(3)]
    return _Options([known[:2] for pattern in patterns for known in _table("utf-8", script).get(pattern, ())])


@cache
def _table(written: str, script: str) -> dict[tuple[int, ...], tuple[tuple[str, str, bytes], ...]]:
    """(character, its form, its bytes) of the likely characters by their bytes with any of these unknown."""
    one = model().one
    known: dict[tuple[int, ...], list[tuple[str, str, bytes]]] = {}
    chars = {char for char in of_script(script) if one.get(form(char), UNKNOWN) < _SELDOM and not form(char).isascii()}
    for char in sorted(chars, key=lambda char: (one[form(char)], form(char) != char)):
        encoded = char.encode(written, "ignore")
        for holes in product((False, True), repeat=len(encoded)):
            if encoded and any(holes):
                pattern = tuple(_HOLE if hole else byte for byte, hole in zip(encoded, holes, strict=True))
                known.setdefault(pattern, []).append((char, form(char), encoded))
    return {pattern: tuple(those) for pattern, those in known.items()}


def _unread(unit: tuple[int, ...], encoded: bytes, following: int, read: str) -> bool:
    """Whether the wrong decoder could not read those of the bytes that are holes."""
    for at, seen in enumerate(unit):
        after = encoded[at + 1] if at + 1 < len(unit) else following
        if seen == _HOLE and _readable(read, encoded[at], after):
            return False
    return True


def _size_in_utf8(lead: int) -> int:
    if 0xC2 <= lead < 0xE0:
        return 2
    return 4 if 0xF0 <= lead < 0xF5 else 3


@cache
def _readable(encoding: str, byte: int, after: int) -> bool:
    """Whether a decoder reads ``byte`` before ``after``."""
    encoding = "gbk" if encoding == "gb18030" else encoding
    for size in (1, 2):
        try:
            if len(bytes((byte, max(after, 0x0A)))[:size].decode(encoding)) == 1:
                return True
        except UnicodeDecodeError:
            pass
    return False
