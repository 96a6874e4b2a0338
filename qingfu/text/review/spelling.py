"""Characters that are wrong, or lost, in words that a text otherwise knows: 付担 in a report on 负担.

A slip stands once, breaks a word into single characters, and its right word is common in the language or in this
very text. Sound is that of pypinyin, shape that of the sets in data/shapes.txt.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import compress, count
from operator import add
from typing import NamedTuple

from . import lexicon
from .words import DATA, HAN, data

USED = 2  # times that the text itself must use a word for it to be expected
# By how much, in natural logarithms, a word must be likelier than its two characters standing alone.
GAIN_EXPECTED, GAIN = 5.5, 8.6
SHORTEST_LOST = 3  # characters of a word that may have lost one

_HAN_PAIR = re.compile(f"^[{HAN}]{{2}}$", re.MULTILINE)


class Slip(NamedTuple):
    """``text[start:end]`` should read ``fix``; ``sub`` is homophone, char or dropped_char."""

    start: int
    end: int
    fix: str
    sub: str


@cache
def _sounds() -> dict[str, set[str]]:
    """The other characters of each character's sound, whatever the tone, among those of common words."""
    from pypinyin import Style, pinyin

    by_sound: dict[str, set[str]] = defaultdict(set)
    characters = {character for word in _common_pairs() for character in word}
    for character in characters:
        for sound in pinyin(character, style=Style.NORMAL, heteronym=True)[0]:
            by_sound[sound].add(character)
    return {c: set().union(*(group for group in by_sound.values() if c in group)) - {c} for c in characters}


@cache
def _common_pairs() -> set[str]:
    return {word for word, times in lexicon.words().items() if len(word) == 2 and times >= lexicon.COMMON}


@cache
def _shapes() -> dict[str, set[str]]:
    shapes: dict[str, set[str]] = defaultdict(set)
    for line in (DATA / "shapes.txt").read_text("utf-8").split("\n"):
        if line and not line.startswith("#"):
            for character in line:
                shapes[character] |= set(line) - {character}
    return shapes


@cache
def _longer() -> dict[str, list[str]]:
    """Words of three and four characters by what is left of them when one character is lost."""
    lost: dict[str, list[str]] = defaultdict(list)
    for word, times in lexicon.words().items():
        if SHORTEST_LOST <= len(word) <= 4 and times >= lexicon.COMMON:
            for place in range(len(word)):
                lost[word[:place] + word[place + 1 :]].append(word)
    return lost


def slips(text: str) -> Iterator[Slip]:
    """The slips of a text, in order. ``text`` is a whole report, since a report's own words say what it means."""
    uses = Counter(map(add, text, text[1:]))
    once = {pair for pair, times in uses.items() if times == 1} - _common_pairs()
    odd = set(_HAN_PAIR.findall("\n".join(once)))
    found = {}
    for start in compress(count(), map(odd.__contains__, map(add, text, text[1:]))):
        if _stands_broken(text, start + 1) and (meant := _meant(text, start, text[start : start + 2], uses)):
            found[start] = meant
    end = 0
    for start, (gain, fix, sub) in found.items():
        rivals = [found[beside] for beside in (start - 1, start + 1) if beside in found]
        if start >= end and all(gain >= rival[0] for rival in rivals):
            yield Slip(start, start + 2, fix, sub)
            end = start + 2


def _stands_broken(text: str, middle: int) -> bool:
    """Whether the characters on both sides of ``middle`` belong to no word of their own."""
    pairs = _common_pairs()
    if text[max(0, middle - 2) : middle] in pairs or text[middle : middle + 2] in pairs:
        return False  # most often it is a word of two
    return not (
        lexicon.ends_a_word(text, middle)
        or lexicon.begins_a_word(text, middle)
        or lexicon.inside_a_word(text, middle - 1, middle + 1)
    )


def _meant(text: str, start: int, pair: str, uses: Counter[str]) -> tuple[float, str, str] | None:
    """(gain, word, sub) of the likeliest word that a broken pair may have been; None if none is likely."""
    if _is_a_name(text, start, pair):
        return None
    alone = sum(map(lexicon.weight, pair))
    candidates = [
        (gain + (GAIN - GAIN_EXPECTED) * (uses[word] >= USED), word, sub) for gain, word, sub in _near(pair, alone)
    ]
    for word in _longer().get(pair, ()):
        gain = lexicon.weight(word) - alone + GAIN - GAIN_EXPECTED
        if gain > GAIN and uses[word[:2]] >= USED and uses[word[-2:]] >= USED and text.count(word) >= USED:
            candidates.append((gain, word, "dropped_char"))
    best = max(candidates, default=(0.0, "", ""))
    return best if best[0] > GAIN else None


def _near(pair: str, alone: float) -> Iterator[tuple[float, str, str]]:
    """(gain, word, sub) of the words that share a character with ``pair``, and a sound or shape at the other place.

    Only those that would be likely enough if the text expected them.
    """
    for place in (0, 1):
        character = pair[1 - place]
        for other in _partners().get((place, pair[place]), set()) & _alike(character):
            word = pair[0] + other if place == 0 else other + pair[1]
            gain = lexicon.weight(word) - alone
            if gain > GAIN_EXPECTED:
                yield gain, word, "char" if other in _shapes().get(character, ()) else "homophone"


@cache
def _partners() -> dict[tuple[int, str], set[str]]:
    """What makes a common pair with a character that stands at its first or second place."""
    partners: dict[tuple[int, str], set[str]] = defaultdict(set)
    for first, second in _common_pairs():
        partners[0, first].add(second)
        partners[1, second].add(first)
    return partners


@cache
def _alike(character: str) -> set[str]:
    return _shapes().get(character, set()) | _sounds().get(character, set())


def _is_a_name(text: str, start: int, pair: str) -> bool:
    """Whether the pair is a given name behind a surname, or a whole name behind a title."""
    lists = data("claims")
    before = text[max(0, start - 3) : start]
    return before[-1:] in lists["surnames"] or pair[0] in lists["surnames"] and before.endswith(tuple(lists["titles"]))


def alike(one: str, other: str) -> bool:
    """Whether two characters have a sound or a shape in common."""
    from pypinyin import Style, pinyin

    sounds = [set(pinyin(character, style=Style.NORMAL, heteronym=True)[0]) for character in (one, other)]
    return bool(sounds[0] & sounds[1]) or other in _shapes().get(one, ())
