"""Lines that were opened with the wrong encoding: 鍏ㄥ幙, È«ÏØ or å…¨åŽ¿ for 全县. Found, and read again.

A line is turned back into the bytes that it was made of, and they are read with the encoding that they were written
in. A "?" or U+FFFD stands for a byte that the decoder could not read: what is left of the character and the model
choose it. What cannot be turned back (锟斤拷, rows of U+FFFD) is told and not repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from math import prod
from typing import NamedTuple

from .gbk import form
from .language import UNKNOWN, model

_HOLES = "?\ufffd"
_HOLE = -1  # a byte that the decoder could not read
_ODD = 8.0  # nats that each character of such a line costs
_LEAST_GAINED = 2.0  # nats that each character must save
_LEAST_HAN = 2
_NONSENSE, _UNLIKELY = 44.0, 1.0  # nats of four characters that nobody wrote; the lead of a line with such
_GUESSED = 3.0  # nats that a guess costs
_SELDOM = 13.0  # nats from which on a character is not guessed
_MOST_CHOICES = 700  # of bytes for the holes of one character


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
_KATAKANA = re.compile("[\uff61-\uff9f]{2,}")
_GONE = re.compile("(?:锟斤拷|锟斤|斤拷){1,}[锟斤拷]*|\ufffd{3,}|(?:[?\ufffd][0-9]){2,}(?=[\u3400-\u9fff])")


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
    found = [
        Misread(*match.span(), None, f"“{match[0][:12]}”处的文字在转换编码时已经丢失，要从原稿补", 0.0)
        for match in _GONE.finditer(text)
    ]
    for start, end, kinds in _lines(text, strange):
        line = text[start:end]
        if _nats(line) < _ODD * len(line):
            continue
        readings = [(list(_read_again(line, kind)), kind) for kind in kinds]
        parts, kind = max(readings, key=lambda reading: sum(part.gained for part in reading[0]))
        for part in parts:
            if not any(one.start < start + part.end and start + part.start < one.end for one in found):
                note = f"“{line[part.start : part.end][:12]}”是{kind.name}打开的，原文应是“{part.text[:24]}”"
                found.append(Misread(start + part.start, start + part.end, part.text, note, part.lead))
    return sorted(found)


def _lines(text: str, strange: re.Pattern) -> Iterator[tuple[int, int, list[Misreading]]]:
    """(start, end, what it may be) of the lines that look like it."""
    kinds = _kinds(strange)
    counts: dict[int, dict[re.Pattern, int]] = {}
    for looks in dict.fromkeys(kind.looks for kind in kinds):
        for match in looks.finditer(text):
            of_line = counts.setdefault(text.rfind("\n", 0, match.start()) + 1, {})
            of_line[looks] = of_line.get(looks, 0) + len(match[0])
    for start in sorted(counts):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        likely = [kind for kind in kinds if _dense(counts[start].get(kind.looks, 0), end - start)]
        if likely:
            yield start, end, likely


def _dense(strange: int, length: int) -> bool:
    return strange >= 2 and strange >= min(length / 10, 10)


class _Part(NamedTuple):
    gained: float
    start: int
    end: int
    text: str
    lead: float


def _read_again(line: str, kind: Misreading) -> Iterator[_Part]:
    """The parts of ``line`` that read well in the other encoding."""
    raw, places = _bytes_of(line, kind.read)
    for first, last, fixed, lead, cost in _runs(raw, kind):
        start, end = places[first], places[last]
        if _ascii(fixed) > _ascii(line[start:end]):
            continue
        was = _nats(line[start:end])
        now = _nats(fixed) + cost
        han = sum("\u3400" <= char <= "\u9fff" for char in fixed)
        lead = min(lead, _UNLIKELY) if _worst(fixed) > _NONSENSE else lead
        if han >= _LEAST_HAN and now < _ODD * len(fixed) and was - now > _LEAST_GAINED * len(fixed):
            yield _Part(was - now, start, end, fixed, lead)


def _worst(text: str) -> float:
    """The most nats that four characters in a row cost."""
    shapes = ["\n", *map(form, text)]
    costs = [min(model().nats(a, b), UNKNOWN) for a, b in pairwise(shapes)]
    return max(sum(costs[at : at + 4]) for at in range(len(costs)))


def _ascii(text: str) -> int:
    return sum(char.isascii() for char in text)


def _nats(text: str) -> float:
    nats = model().nats
    shapes = ["\n", *map(form, text)]
    return sum(min(nats(a, b), UNKNOWN) for a, b in pairwise(shapes))


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


def _runs(raw: list[int], kind: Misreading) -> Iterator[tuple[int, int, str, float, float]]:
    """(first byte, last byte, text, lead, cost) of the longest runs of bytes that the encoding can read."""
    at = 0
    while at < len(raw):
        first, text, lead, cost = at, [], float("inf"), 0.0
        while at < len(raw):
            size, options = _character(raw, at, kind)
            if not size:
                break
            text.append(options)
            at += size
        if text:
            chosen, lead, guessed = _choose(text)
            yield first, at, chosen, lead, cost + guessed * _GUESSED
        at += at == first


def _character(raw: list[int], at: int, kind: Misreading) -> tuple[int, tuple[str, ...]]:
    """The bytes that make the next character, and what it may be; 0 where they make none."""
    lead = raw[at]
    if 0 <= lead < 0x80:
        return 1, (chr(lead),)
    size = 2 if kind.written != "utf-8" else _size_in_utf8(lead)
    unit = tuple(raw[at : at + size])
    if _HOLE not in unit and len(unit) == size:
        char = bytes(unit).decode(kind.written, "ignore")
        if len(char) == 1:
            return size, (char,)
    # A mark stands for a byte, or the decoder dropped a byte and left no mark.
    for here in range(len(unit), 1, -1):
        part = unit[:here]
        if part[-1] >= (0x40 if kind.written == "big5" else _HOLE) and max(part) >= 0x40:
            wholes = [part] if here == size else [(*part[:gap], _HOLE, *part[gap:]) for gap in range(here + 1)]
            following = raw[at + here] if at + here < len(raw) else 0x0A
            options = [char for whole in wholes for char in _with_holes(whole, kind, following, here == size)]
            if options:
                return here, tuple(options)
    return 0, ()


def _size_in_utf8(lead: int) -> int:
    if 0xC2 <= lead < 0xE0:
        return 2
    return 4 if 0xF0 <= lead < 0xF5 else 3


def _with_holes(unit: tuple[int, ...], kind: Misreading, following: int, marked: bool) -> Iterator[str]:
    """The characters whose bytes these are but for the holes; behind a mark, with bytes that were not readable."""
    choices = []
    for byte, after in zip(unit, (*unit[1:], following), strict=True):
        unread = [other for other in range(0x80, 0xFF) if not (marked and _readable(kind.read, other, after))]
        choices.append(unread if byte == _HOLE else [byte])
    if prod(map(len, choices)) <= _MOST_CHOICES:
        for whole in product(*choices):
            char = bytes(whole).decode(kind.written, "ignore")
            if len(char) == 1 and not form(char).isascii() and model().one.get(form(char), UNKNOWN) < _SELDOM:
                yield char


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


def _choose(options: list[tuple[str, ...]]) -> tuple[str, float, int]:
    """The likeliest text, the least lead of a guess in it, and how many guesses there are."""
    nats = model().nats
    text, lead, guessed = "", float("inf"), 0
    for place, chars in enumerate(options):
        if len(chars) == 1:
            text += chars[0]
            continue
        before = ("\n\n" + "".join(map(form, text[-2:])))[-2:]
        then = "".join(form(chars[0]) for chars in options[place + 1 : place + 3] if len(chars) == 1)
        weighed = sorted(
            (nats(before, form(char)) + sum(_then(before, form(char), then)), char) for char in chars
        )
        text += weighed[0][1]
        lead = min(lead, weighed[1][0] - weighed[0][0])
        guessed += 1
    return text, lead, guessed


def _then(before: str, shape: str, then: str) -> Iterator[float]:
    nats = model().nats
    before = before[-1] + shape
    for char in then:
        yield nats(before, char)
        before = before[-1] + char
