"""Breaks lines in their bytes: ``broken(line, kind, rng) -> Broken | None``, for every kind of ``KINDS``.

What happens to a page of GBK text on its way: a byte is lost or slips in, several are lost, a page break splits a
character, a page is converted to traditional script before or after. Then somebody decodes it, as an old browser does
("?" for what makes no pair, an ASCII character with it), as Python does with "replace" or with "ignore", or as the
standard of the web says. The same seed breaks the same line in the same way.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from opencc import OpenCC

from qingfu.text.review.damage import SURE, repairs

TO_TRADITIONAL = OpenCC("s2t").convert
LEAST, MOST = 12, 160  # characters of a line
TRIES = 20  # lines looked at for one that can be broken


@dataclass(frozen=True)
class Broken:
    """``start`` and ``end`` in ``damaged``; ``true``: the line before the damage, in the script of the damaged page.

    ``told``: whether no decoder swallowed a digit or letter, which nothing tells.
    """

    damaged: str
    true: str
    start: int
    end: int
    told: bool


def as_old_browser(raw: bytes) -> str:
    out, at = [], 0
    while at < len(raw):
        if raw[at] < 0x80:
            out.append(chr(raw[at]))
            at += 1
        elif at + 1 == len(raw):
            break
        else:
            out.append("?" if raw[at + 1] < 0x40 else raw[at : at + 2].decode("gb18030", "ignore") or "?")
            at += 2
    return "".join(out)


def as_on_the_web(raw: bytes) -> str:
    """The decoder of the Encoding Standard, without its four-byte sequences."""
    out, at = [], 0
    while at < len(raw):
        if raw[at] < 0x80:
            out.append(chr(raw[at]))
            at += 1
            continue
        two = raw[at : at + 2]
        char = two.decode("gb18030", "ignore") if len(two) == 2 and two[1] >= 0x40 else ""
        out.append(char or "\ufffd")
        at += 2 if char or (len(two) == 2 and two[1] >= 0x80) else 1
    return "".join(out)


def replacing(raw: bytes) -> str:
    return raw.decode("gbk", "replace")


def ignoring(raw: bytes) -> str:
    return raw.decode("gbk", "ignore")


DECODERS = (as_old_browser, as_on_the_web, replacing, ignoring)


def one_lost(chars: list[bytes], rng: random.Random) -> bytes:
    return _without(chars, [rng.randrange(1, len(chars) - 1)], rng)


def several_lost(chars: list[bytes], rng: random.Random) -> bytes:
    return _without(chars, rng.sample(range(1, len(chars) - 1), rng.choice((2, 2, 3))), rng)


def two_near(chars: list[bytes], rng: random.Random) -> bytes:
    """Two bytes lost that mispair only what is between."""
    at = rng.randrange(1, len(chars) - 9)
    return _without(chars, [at, at + rng.randint(2, 7)], rng)


def one_too_many(chars: list[bytes], rng: random.Random) -> bytes:
    """A lone byte before a character: A1, what is left of a trimmed blank, or any."""
    at = rng.randrange(1, len(chars) - 1)
    return b"".join(chars[:at]) + bytes([rng.choice((0xA1, 0xA1, rng.randrange(0x81, 0xFF)))]) + b"".join(chars[at:])


def doubled(chars: list[bytes], rng: random.Random) -> bytes:
    raw = b"".join(chars)
    at = rng.choice([place for place in range(2, len(raw) - 2) if raw[place] >= 0x80])
    return raw[: at + 1] + raw[at:]


def page_break(chars: list[bytes], rng: random.Random) -> bytes:
    """The second part of a line whose page broke within a character: it begins with a second byte."""
    return b"".join(chars)[1:]


def _without(chars: list[bytes], places: list[int], rng: random.Random) -> bytes:
    """One byte of each of these characters lost, the first or the second."""
    return b"".join(
        (char[1:] if rng.random() < 0.7 else char[:1]) if at in places and len(char) == 2 else char
        for at, char in enumerate(chars)
    )


# Whole lines opened with the wrong encoding: (the script, the encoding that they were written in, and read with).
MISREAD: dict[str, tuple[str, str, str]] = {
    "UTF-8 as GBK": ("simplified", "utf-8", "gbk"),
    "UTF-8 as Latin-1": ("simplified", "utf-8", "cp1252"),
    "GBK as Latin-1": ("simplified", "gbk", "cp1252"),
    "Big5 as GBK": ("traditional", "big5", "gbk"),
    "GBK as Big5": ("simplified", "gbk", "big5"),
}

Breaker = Callable[[list[bytes], random.Random], bytes]
# kind: (what breaks, the script before the damage, whether it is converted to traditional after)
KINDS: dict[str, tuple[Breaker, str, bool]] = {
    "lost": (one_lost, "simplified", False),
    "lost, traditional": (one_lost, "traditional", False),
    "lost, then converted": (one_lost, "simplified", True),
    "two near": (two_near, "simplified", False),
    "two near, then converted": (two_near, "simplified", True),
    "several lost": (several_lost, "simplified", False),
    "one too many": (one_too_many, "simplified", False),
    "too many, then converted": (one_too_many, "simplified", True),
    "doubled": (doubled, "simplified", False),
    "page break": (page_break, "simplified", False),
}


def broken(line: str, kind: str, rng: random.Random) -> Broken | None:
    """``line``, simplified, broken. None where it is too short or long, GBK lacks a character, or nothing changed."""
    if not LEAST <= len(line) <= MOST:
        return None
    if kind in MISREAD:
        return _misread(line, *MISREAD[kind], rng)
    breaker, script, converted = KINDS[kind]
    before = TO_TRADITIONAL(line) if script == "traditional" else line
    try:
        chars = [char.encode("gbk") for char in before]
    except UnicodeEncodeError:
        return None
    decode = rng.choice(DECODERS)
    raw = breaker(chars, rng)
    damaged = decode(raw)
    true = before
    if converted:
        damaged, true = TO_TRADITIONAL(damaged), TO_TRADITIONAL(true)
    start, end = differing(true, damaged)
    if damaged == true or end - start < 1 or damaged in true:
        return None
    return Broken(damaged, true, start, end, sum(map(_plain, damaged)) == sum(map(_plain, true)))


def _misread(line: str, script: str, written: str, read: str, rng: random.Random) -> Broken | None:
    true = TO_TRADITIONAL(line) if script == "traditional" else line
    try:
        raw = true.encode(written)
    except UnicodeEncodeError:
        return None
    damaged = raw.decode(read, "replace")
    holes = damaged.count("\ufffd")
    if rng.random() < 0.5:
        damaged = damaged.replace("\ufffd", "?")
    return Broken(damaged, true, 0, len(damaged), not holes)


@dataclass(frozen=True)
class Outcome:
    """What became of a broken line: found, read as it was, repaired without asking, and that wrongly; vain repairs."""

    kind: str
    found: bool
    exact: bool
    safe: bool
    wrong: bool
    vain: int
    told: bool


def outcome(reports: list[str], kind: str, rng: random.Random) -> Outcome | None:
    """Break one line of one of ``reports``, mend the whole report, and compare."""
    lines = rng.choice(reports).rstrip("\n").split("\n")
    for _ in range(TRIES):
        at = rng.randrange(len(lines))
        if one := broken(lines[at], kind, rng):
            break
    else:
        return None
    traditional = (MISREAD.get(kind) or KINDS[kind][1:])[0] == "traditional" or (kind in KINDS and KINDS[kind][2])
    page = [TO_TRADITIONAL(line) if traditional else line for line in lines]
    page[at] = one.damaged
    start = sum(len(line) + 1 for line in page[:at])
    every = repairs("\n".join(page))
    here = [repair for repair in every if start <= repair.start <= start + len(one.damaged)]
    mended = one.damaged
    for repair in reversed([repair for repair in here if repair.fixed is not None]):
        mended = mended[: repair.start - start] + repair.fixed + mended[repair.end - start :]
    sure = [repair for repair in here if repair.confidence > SURE]
    return Outcome(
        kind,
        any(repair.start - start < one.end and repair.end - start > one.start for repair in here),
        mended == one.true,
        bool(sure),
        any(repair.fixed not in one.true for repair in sure),
        len(every) - len(here),
        one.told,
    )




def _plain(char: str) -> bool:
    return char.isascii() and char.isalnum()


def differing(before: str, after: str) -> tuple[int, int]:
    """The stretch of ``after`` in which it departs from ``before``."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head, len(after) - tail
