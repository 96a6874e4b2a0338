"""Characters that are wrong, or lost, in words that a text otherwise knows: 付担 in a report on 负担.

A slip stands once, breaks a word into single characters, and its right word is common in the language or in this
very text. Sound is that of pypinyin, shape that of the sets in data/shapes.txt.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from . import lexicon
from .words import DATA, HAN, data

KNOWN = 20  # counts in the dictionary from which a pair of characters is a word and no slip
USED = 2  # times that the text itself must use a word for it to be expected
# By how much, in natural logarithms, a word must be likelier than its two characters standing alone.
GAIN_EXPECTED, GAIN = 5.5, 8.6
SHORTEST_LOST = 3  # characters of a word that may have lost one

_RUNS = re.compile(f"[{HAN}]{{2,}}")


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
def _common_pairs() -> list[str]:
    return [word for word, count in lexicon.words().items() if len(word) == 2 and count >= KNOWN]


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
    for word, count in lexicon.words().items():
        if SHORTEST_LOST <= len(word) <= 4 and count >= KNOWN:
            for place in range(len(word)):
                lost[word[:place] + word[place + 1 :]].append(word)
    return lost


def slips(text: str) -> Iterator[Slip]:
    """The slips of a text, in order. ``text`` is a whole report, since a report's own words say what it means."""
    uses = Counter(map("".join, pairwise(text)))
    found = []
    for run in _RUNS.finditer(text):
        for start in range(run.start(), run.end() - 1):
            pair = text[start : start + 2]
            odd = uses[pair] == 1 and lexicon.words().get(pair, 0) < KNOWN and _stands_broken(text, start + 1)
            if odd and (meant := _meant(text, start, pair, uses)):
                found.append((start, *meant))
    end = 0
    for start, gain, fix, sub in found:
        rivals = [other for other in found if abs(other[0] - start) == 1]
        if start >= end and all(gain >= rival[1] for rival in rivals):
            yield Slip(start, start + 2, fix, sub)
            end = start + 2


def _stands_broken(text: str, middle: int) -> bool:
    """Whether the characters on both sides of ``middle`` belong to no word of their own."""
    return not (ends_a_word(text, middle) or _is_word_behind(text, middle) or _is_inside_a_word(text, middle))


def ends_a_word(text: str, end: int) -> bool:
    """Whether a common word of two to four characters ends at ``end``."""
    return any(lexicon.words().get(text[max(0, end - length) : end], 0) >= KNOWN for length in (2, 3, 4))


def _is_word_behind(text: str, start: int) -> bool:
    return any(lexicon.words().get(text[start : start + length], 0) >= KNOWN for length in (2, 3, 4))


def _is_inside_a_word(text: str, middle: int) -> bool:
    """Whether a longer word reaches over both characters: 息息 in 息息相关."""
    return any(
        text[start : start + length] in lexicon.words()
        for length in (3, 4)
        for start in range(max(0, middle + 1 - length), middle)
    )


def _meant(text: str, start: int, pair: str, uses: Counter[str]) -> tuple[float, str, str] | None:
    """(gain, word, sub) of the likeliest word that a broken pair may have been; None if none is likely."""
    if _is_a_name(text, start, pair):
        return None
    alone = sum(map(lexicon.weight, pair))
    candidates = [
        (lexicon.weight(word) - alone + (GAIN - GAIN_EXPECTED) * (uses[word] >= USED), word, sub)
        for place in (0, 1)
        for other, sub in _others(pair[place])
        if lexicon.words().get(word := pair[:place] + other + pair[place + 1 :], 0) >= KNOWN
    ]
    for word in _longer().get(pair, ()):
        if text.count(word) >= USED:
            candidates.append((lexicon.weight(word) - alone + GAIN - GAIN_EXPECTED, word, "dropped_char"))
    best = max(candidates, default=(0.0, "", ""))
    return best if best[0] > GAIN else None


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


def _others(character: str) -> Iterator[tuple[str, str]]:
    shapes = _shapes().get(character, set())
    for other in shapes:
        yield other, "char"
    for other in _sounds().get(character, set()) - shapes:
        yield other, "homophone"
