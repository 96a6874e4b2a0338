"""Characters that are wrong, or lost, in words that a text otherwise knows: 付担 in a report on 负担.

A slip stands once, breaks a word into single characters, and its right word is common in the language or in this
very text. Sound is that of pypinyin, shape that of the sets in data/shapes.txt.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import repeat
from math import exp
from sys import intern
from typing import NamedTuple

from . import lexicon
from .pairs import halves, number
from .words import DATA, HAN, data

USED = 2  # times that the text itself must use a word for it to be expected
# By how much, in natural logarithms, a word must be likelier than its two characters standing alone.
GAIN_EXPECTED, GAIN = 5.5, 8.6
SHORTEST_LOST = 3  # characters of a word that may have lost one
MOST_KEPT = 1 << 17  # pairs of characters of which is kept what they may have been: some 20 MB

_UNLIKELY, _UNKNOWN, _COMMON = range(3)
_ALONE = re.compile(rb"\x01(?<!\x02\x01)(?!\x02)")
_HAN_PAIR = re.compile(f"[{HAN}]{{2}}")


class Slip(NamedTuple):
    """``text[start:end]`` should read ``fix``; ``sub`` is homophone, char or dropped_char."""

    start: int
    end: int
    fix: str
    sub: str


@cache
def _likenesses() -> dict[str, tuple[str | int, ...]]:
    """What a character has in common with those that it may be taken for: its sounds, whatever the tone, if common
    words have it, and the lines of data/shapes.txt that it stands in.
    """
    from pypinyin import Style, pinyin

    likenesses: dict[str, list[str | int]] = defaultdict(list)
    for character in {character for word in _common_pairs() for character in word}:
        likenesses[character] += set(pinyin(character, style=Style.NORMAL, heteronym=True)[0])
    for place, line in enumerate(_shape_lines()):
        for character in set(line):
            likenesses[character].append(place)
    return {character: tuple(those) for character, those in likenesses.items()}


@cache
def _common_pairs() -> set[str]:
    return {word for word, times in lexicon.words().items() if len(word) == 2 and times >= lexicon.COMMON}


@cache
def _shapes() -> dict[str, set[str]]:
    shapes: dict[str, set[str]] = defaultdict(set)
    for line in _shape_lines():
        for character in line:
            shapes[character] |= set(line) - {character}
    return shapes


def _shape_lines() -> list[str]:
    """The sets of characters of one shape."""
    lines = (DATA / "shapes.txt").read_text("utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


@cache
def _longer() -> dict[str, list[str]]:
    """Words of three and four characters by what is left of them when one character is lost."""
    lost: dict[str, list[str]] = defaultdict(list)
    for word, times in lexicon.words().items():
        if SHORTEST_LOST <= len(word) <= 4 and times >= lexicon.COMMON:
            for place in range(len(word)):
                lost[word[:place] + word[place + 1 :]].append(word)
    return lost


def slips(text: str, uses: Counter[int]) -> Iterator[Slip]:
    """The slips of a text, in order. ``text`` is a whole report, since a report's own words say what it means;
    ``uses`` are its pairs of characters (``pairs.py``).
    """
    found = {}
    for start in _lone(text, uses):
        likely = _likely_words()[text[start : start + 2]]
        if likely and _stands_broken(text, start + 1) and (meant := _meant(text, start, likely, uses)):
            found[start] = meant
    end = 0
    for start, (gain, fix, sub) in found.items():
        rivals = [found[beside] for beside in (start - 1, start + 1) if beside in found]
        if start >= end and all(gain >= rival[0] for rival in rivals):
            yield Slip(start, start + 2, fix, sub)
            end = start + 2


@cache
def _known() -> dict[int, int]:
    """What is known of a pair: that it is common, or that no word is near it (0), which is noted when it is met."""
    return dict.fromkeys(map(number, _common_pairs()), _COMMON)


def _lone(text: str, uses: Counter[int]) -> Iterator[int]:
    """Where a pair stands that the text has once, that is near a word, and that is neither common nor beside a common
    one.
    """
    known, row, sides = _known(), bytearray(max(0, len(text) - 1)), halves(text)
    for first, half in enumerate(sides):
        row[first::2] = bytes(map(known.get, half, repeat(_UNKNOWN)))
    for match in _ALONE.finditer(row):
        start = match.start()
        pair = sides[start % 2][start // 2]
        if uses[pair] == 1:
            if _HAN_PAIR.match(text, start) and _likely_words()[text[start : start + 2]]:
                yield start
            elif len(known) < MOST_KEPT:
                known[pair] = _UNLIKELY


def _stands_broken(text: str, middle: int) -> bool:
    """Whether the characters on both sides of ``middle`` belong to no word of their own."""
    return not (
        lexicon.ends_a_word(text, middle)
        or lexicon.begins_a_word(text, middle)
        or lexicon.inside_a_word(text, middle - 1, middle + 1)
    )


def _meant(text: str, start: int, likely: Likely, uses: Counter[int]) -> tuple[float, str, str] | None:
    """(gain, word, sub) of the likeliest of the words that a broken pair may have been; None if none is likely."""
    if _is_a_name(text, start, text[start : start + 2]):
        return None
    candidates = []
    for gain, word, sub, pairs in likely:
        expected = all(uses[pair] >= USED for pair in pairs)
        if sub != "dropped_char":
            candidates.append((gain + (GAIN - GAIN_EXPECTED) * expected, word, sub))
        elif expected and text.count(word) >= USED:
            candidates.append((gain + GAIN - GAIN_EXPECTED, word, sub))
    best = max(candidates, default=(0.0, "", ""))
    return best if best[0] > GAIN else None


Likely = tuple[tuple[float, str, str, tuple[int, ...]], ...]


class _LikelyWords(dict[str, Likely]):
    """For a pair of characters (gain, word, sub, the word's first and last pair) of the words that it may have been, if
    the text expected them.

    Found when asked for; of the first ``MOST_KEPT`` pairs those are kept that may have been a word.
    """

    def __missing__(self, pair: str) -> Likely:
        found = [*_near(pair), *_lost(pair)]
        if not found:
            return ()
        likely = tuple((gain, word, sub, tuple({number(word[:2]), number(word[-2:])})) for gain, word, sub in found)
        if len(self) < MOST_KEPT:
            self[pair] = likely
        return likely


@cache
def _likely_words() -> _LikelyWords:
    return _LikelyWords()


@cache
def _alone(character: str) -> float:
    return lexicon.weight(character)


def _near(pair: str) -> Iterator[tuple[float, str, str]]:
    """The words that share a character with ``pair``, and a sound or shape at the other place."""
    alone, uses = _alone(pair[0]) + _alone(pair[1]), lexicon.words()
    least = exp(alone + GAIN_EXPECTED) * lexicon.total()  # uses of a word that is so much likelier
    for place, partners in enumerate(_partners()):
        of_likeness, wrong = partners.get(pair[place]), pair[1 - place]
        for likeness in _likenesses().get(wrong, ()) if of_likeness else ():
            for other in of_likeness.get(likeness, ""):
                word = pair[0] + other if place == 0 else other + pair[1]
                if uses[word] <= least:
                    break  # the others have less
                gain = lexicon.weight(word) - alone
                yield gain, word, "char" if other in _shapes().get(wrong, ()) else "homophone"


def _lost(pair: str) -> Iterator[tuple[float, str, str]]:
    """The words of three and four characters that ``pair`` is what is left of."""
    for word in _longer().get(pair, ()):
        gain = lexicon.weight(word) - (_alone(pair[0]) + _alone(pair[1]))
        if gain > GAIN_EXPECTED:
            yield gain, word, "dropped_char"


Partners = dict[str, dict[str | int, str]]


@cache
def _partners() -> tuple[Partners, Partners]:
    """What makes a common pair with a character that stands at its first place, or at its second, by what they have in
    common, the heaviest first.
    """
    behind, before = defaultdict(dict), defaultdict(dict)
    for pair in sorted(_common_pairs(), key=lexicon.words().get, reverse=True):
        first, second = map(intern, pair)  # one string for each character
        for likenesses, partners, other in (
            (_likenesses()[second], behind[first], second),
            (_likenesses()[first], before[second], first),
        ):
            for likeness in likenesses:
                partners[likeness] = partners[likeness] + other if likeness in partners else other
    return behind, before


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
