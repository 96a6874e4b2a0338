"""Breaks lines in their bytes: ``broken(line, kind, rng) -> Broken | None``, for every kind of ``KINDS``.

What happens to a page of GBK text on its way: a byte is lost or slips in, several are lost, a page break splits a
character, a page is converted to traditional script before or after. Then somebody decodes it, as an old browser does
("?" for what makes no pair, an ASCII character with it), as Python does with "replace" or with "ignore", or as the
standard of the web says. The same seed breaks the same line in the same way.

Two mixes: ``KINDS`` with ``MISREAD`` is harsh, whatever may happen to bytes; ``COLLECTION`` is what did happen to the
annotated lines of the collection, as often as there (docs/review.md, "What the collection shows").
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from opencc import OpenCC
from pypinyin import Style, pinyin

from qingfu.text.review.damage import SURE, repairs

TO_TRADITIONAL, TO_SIMPLIFIED = OpenCC("s2t").convert, OpenCC("t2s").convert
HALF_WIDTH = str.maketrans("，：；？！（）", ",:;?!()")
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


def half_blank(chars: list[bytes], rng: random.Random) -> bytes:
    """A1, half of a blank that was trimmed, before the line."""
    return b"\xa1" + b"".join(chars)


def marker_lost(chars: list[bytes], rng: random.Random) -> bytes:
    """The same, and the marker of the line without its second byte: “①、” reads “、、”."""
    return b"\xa1" + chars[0][:1] + b"".join(chars[1:])


MARKS = {char.encode("gbk")[1] for char in map(chr, HALF_WIDTH)}


def before_a_mark(chars: list[bytes], rng: random.Random) -> bytes:
    """The first byte of a character, where its second and the next byte read as a mark: 校 before “, A3 A1 for ！."""
    places = [at for at in range(1, len(chars) - 1) if chars[at][1:] == b"\xa3" and chars[at + 1][0] in MARKS]
    lost = rng.choice(places) if places else len(chars)
    return b"".join(char[1:] if at == lost else char for at, char in enumerate(chars))


def _read_aloud(seam: bytes) -> bool:
    """Whether such a page may put a reading behind two bytes: all 22 characters that the collection reads are
    traditional ones, and other pages read others of them.
    """
    char = seam.decode("gbk", "ignore")
    return len(char) == 1 and char != TO_SIMPLIFIED(char)


def reading_inside(chars: list[bytes], rng: random.Random) -> bytes:
    """“(yōu)” after two bytes that read 優 and are halves of two characters: 績為."""
    seams = [one[1:] + other[:1] for one, other in zip(chars, chars[1:], strict=False)]
    places = [at for at, seam in enumerate(seams) if _read_aloud(seam)]
    if not places:
        return b"".join(chars)
    at = rng.choice(places)
    reading = pinyin(seams[at].decode("gbk"), style=Style.TONE)[0][0]
    raw = b"".join(chars[: at + 1])
    return raw + chars[at + 1][:1] + f"({reading})".encode("gbk") + chars[at + 1][1:] + b"".join(chars[at + 2 :])


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
# kind: (what breaks, in how many of the eight annotated lines, whether the line stands in a list ①、②、)
COLLECTION: dict[str, tuple[Breaker, int, bool]] = {
    "half a blank before a marker": (half_blank, 2, True),
    "marker lost": (marker_lost, 1, True),
    "lost before a mark": (before_a_mark, 3, False),
    "reading inside": (reading_inside, 2, False),
}
REPORTS, PAGES = 5, 20  # reports of a collection, which are one page; pages looked at for a line that can be broken


def broken(line: str, kind: str, rng: random.Random) -> Broken | None:
    """``line``, simplified, broken. None where it is too short or long, GBK lacks a character, or nothing changed."""
    if not LEAST <= len(line) <= MOST:
        return None
    if kind in MISREAD:
        return _misread(line, *MISREAD[kind], rng)
    if kind in COLLECTION:
        return _as_collected(line, COLLECTION[kind][0], rng)
    breaker, script, converted = KINDS[kind]
    before = TO_TRADITIONAL(line) if script == "traditional" else line
    try:
        chars = [char.encode("gbk") for char in before]
    except UnicodeEncodeError:
        return None
    decode = rng.choice(DECODERS)
    damaged, true = decode(breaker(chars, rng)), before
    if converted:
        damaged, true = TO_TRADITIONAL(damaged), TO_TRADITIONAL(true)
    return _broken(damaged, true)


def _as_collected(line: str, breaker: Breaker, rng: random.Random) -> Broken | None:
    """Converted, broken, read by an old browser, its marks made half-width."""
    true = TO_TRADITIONAL(line)
    try:
        raw = breaker([char.encode("gbk") for char in true], rng)
    except UnicodeEncodeError:
        return None
    return _broken(as_old_browser(raw).translate(HALF_WIDTH), true.translate(HALF_WIDTH))


def _broken(damaged: str, true: str) -> Broken | None:
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
    if kind in COLLECTION:
        made = _collected(reports, kind, rng)
    else:
        made = _one_page(rng.choice(reports), kind, rng)
    if made is None:
        return None
    page, at, one = made
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


Page = tuple[list[str], int, Broken]  # the lines, which of them is broken, and how


def _one_page(report: str, kind: str, rng: random.Random) -> Page | None:
    """One of the lines of a report broken, the others in the same script."""
    lines = report.rstrip("\n").split("\n")
    script, converted = (MISREAD[kind][0], False) if kind in MISREAD else KINDS[kind][1:]
    for _ in range(TRIES):
        at = rng.randrange(len(lines))
        if one := broken(lines[at], kind, rng):
            page = [TO_TRADITIONAL(line) if converted or script == "traditional" else line for line in lines]
            return [*page[:at], one.damaged, *page[at + 1 :]], at, one
    return None


def _collected(reports: list[str], kind: str, rng: random.Random) -> Page | None:
    """The same of several reports on one page; another page where no line can be broken in this way."""
    in_list = COLLECTION[kind][2]
    for _ in range(PAGES):
        lines = "\n".join(report.rstrip("\n") for report in rng.sample(reports, REPORTS)).split("\n")
        for at in rng.sample(range(len(lines)), len(lines)):
            page = _as_list(lines, at, rng) if in_list else lines
            if one := broken(page[at], kind, rng):
                page = [TO_TRADITIONAL(line).translate(HALF_WIDTH) for line in page]
                return [*page[:at], one.damaged, *page[at + 1 :]], at, one
    return None


_OWN_MARKER = re.compile(r"^(?:\d{1,2}[.．、]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)])")


def _as_list(lines: list[str], at: int, rng: random.Random) -> list[str]:
    """``lines`` with one to four before ``at`` and itself as a list ①、②、."""
    first = max(0, at - rng.randint(1, 4))
    marked = enumerate(lines[first : at + 1], ord("①"))
    items = [f"{chr(marker)}、{_OWN_MARKER.sub('', line)}" for marker, line in marked]
    return [*lines[:first], *items, *lines[at + 1 :]]


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
