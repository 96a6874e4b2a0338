"""Characters that are wrong, or lost, in words that a text otherwise knows: 付担 in a report on 负担.

A slip stands once, breaks a word into single characters, and what it should read is good Chinese where it stands: the
character model (``language.py``) is asked of both readings. A word that has lost a character is looked for only where
this very text uses it. Sound is that of pypinyin, shape that of the sets in data/shapes.txt.
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
from .language import TextModel, model_text
from .pairs import halves, number
from .pinyin import readings
from .words import DATA, HAN, data

USED = 2  # times that the text itself must use a word for it to be expected
# By how much, in natural logarithms, a word must be likelier than its two characters standing alone: to be asked about,
# and to be put for what lost a character.
GAIN, GAIN_LOST = 4.5, 5.5
# What the right reading must save in nats beside the one that stands there, and by how much it may cost more than it
# saves. The text's own use of the word counts as much as so many nats.
SAVES, COSTS_MORE, AGAIN = 5.0, 3.0, 0.9
_OF_CHARS, _OF_WORDS = 0.6, 0.4  # how much characters and words count
MOST_BY_WORDS = 4.0  # nats that a reading hardly saves by its words
SHORTEST_LOST = 3  # characters of a word that may have lost one
NEAR = 6  # characters around a pair that tell whether a reading fits
MOST_KEPT = 1 << 17  # pairs of characters of which is kept what they may have been: some 20 MB

# Characters that go with any other, so that a pair with one of them is no broken word, and those that end the name of
# a place.
_FREE = (
    "着到了过得出起去来在太很已于是有还就可仅亦又而为由不受其与及也都被把将让使从向嫌少多再以对"
    "二三四五六七八九十两几"
)
_PLACES = frozenset("省市县区镇乡村庄屯寨街路江河湖山岛")

_UNLIKELY, _UNKNOWN, _COMMON = range(3)
_ALONE = re.compile(rb"\x01(?<!\x02\x01)(?!\x02)")
_BOUND_PAIR = re.compile(f"(?:(?![{_FREE}])[{HAN}]){{2}}")


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
    likenesses: dict[str, list[str | int]] = defaultdict(list)
    for character in {character for word in _common_pairs() for character in word}:
        likenesses[character] += readings(character)
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
def _longer() -> dict[str, tuple[str, ...]]:
    """Words of three and four characters by what is left of them when one character is lost.

    Tuples, as in all large tables: the collector of garbage walks over every list again and again.
    """
    lost: dict[str, list[str]] = defaultdict(list)
    for word, times in lexicon.words().items():
        if SHORTEST_LOST <= len(word) <= 4 and times >= lexicon.COMMON:
            for place in range(len(word)):
                lost[word[:place] + word[place + 1 :]].append(word)
    return {left: tuple(those) for left, those in lost.items()}


def slips(text: str, uses: Counter[int]) -> Iterator[Slip]:
    """The slips of a text, in order. ``text`` is a whole report, since a report's own words say what it means;
    ``uses`` are its pairs of characters (``pairs.py``).
    """
    found = {}
    for start, likely in _lone(text, uses):
        if _stands_broken(text, start + 1) and (meant := _meant(text, start, likely, uses)):
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


def _lone(text: str, uses: Counter[int]) -> Iterator[tuple[int, Likely]]:
    """Where a pair stands that the text has once, that is near a word, and that is neither common nor beside a common
    one; and the words that it may have been.
    """
    known, likely_words, row, sides = _known(), _likely_words(), bytearray(max(0, len(text) - 1)), halves(text)
    for first, half in enumerate(sides):
        row[first::2] = bytes(map(known.get, half, repeat(_UNKNOWN)))
    for match in _ALONE.finditer(row):
        start = match.start()
        pair = sides[start % 2][start // 2]
        if uses[pair] == 1:
            if _BOUND_PAIR.match(text, start) and (likely := likely_words[text[start : start + 2]]):
                yield start, likely
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
    best, weigh = (0.0, "", ""), None
    for gain, word, sub, pairs in likely:
        expected = all(uses[used] >= USED for used in pairs)
        if sub == "dropped_char":
            if gain > GAIN_LOST and expected and text.count(word) >= USED:
                best = max(best, (gain - GAIN_LOST, word, sub))
        elif not _belongs_elsewhere(text, start, word, uses):
            weigh = weigh or _Weighing(text, start)
            best = max(best, (weigh.better(word, expected), word, sub))
    return best if best[0] > 0 else None


def _belongs_elsewhere(text: str, start: int, word: str, uses: Counter[int]) -> bool:
    """Whether the character that would be wrong makes a pair with the one beside it that the text uses again, or a
    place's name: 共育|室, 浒|县."""
    if word[0] == text[start]:
        beside = text[start + 1 : start + 3]
    else:
        beside = text[max(0, start - 1) : start + 1]
        if word[1] in _PLACES:
            return True
    return len(beside) == 2 and uses[number(beside)] >= USED


class _Weighing:
    """A pair where it stands, and the words that may be meant, by what they cost in nats."""

    def __init__(self, text: str, start: int) -> None:
        begin = max(0, start - NEAR)
        around = "\n\n" + model_text(text[begin : start + 2 + NEAR])
        at = start - begin + 2
        self._before, self._was, self._then = around[:at], around[at : at + 2], around[at + 2 :] or "\n"
        self._by_chars = self._chars(self._was)
        self._by_words: float | None = None

    def _chars(self, reading: str) -> float:
        return _OF_CHARS * _language().text_nats(self._before[-2:], reading + self._then[:2])

    def _words(self, reading: str) -> float:
        return _OF_WORDS * _language().word_nats((self._before + reading + self._then).strip("\n"))

    def better(self, word: str, expected: bool) -> float:
        """By how much the word is worth more than is asked for; not above 0 where it is not worth it."""
        cost = self._chars(word)
        if 2 * cost - self._by_chars > COSTS_MORE + 2 * MOST_BY_WORDS:
            return 0.0
        if self._by_words is None:
            self._by_words = self._words(self._was)
        by_words = self._by_words - self._words(word)
        saved = self._by_chars - cost + by_words
        return COSTS_MORE + saved - (cost - by_words - AGAIN * expected) if saved > SAVES else 0.0


@cache
def _language() -> TextModel:
    """The model by itself."""
    return TextModel("")


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
    least = exp(alone + GAIN) * lexicon.total()  # uses of a word that is so much likelier
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
        if gain > GAIN_LOST:
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
    behind_surname = before[-1:] in lists["surnames"] and not lexicon.ends_a_word(text, start)  # 督查 ends with none
    return behind_surname or pair[0] in lists["surnames"] and before.endswith(tuple(lists["titles"]))


def alike(one: str, other: str) -> bool:
    """Whether two characters have a sound or a shape in common."""
    return not readings(one).isdisjoint(readings(other)) or other in _shapes().get(one, ())
