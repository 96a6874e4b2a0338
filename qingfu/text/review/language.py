"""How probable one character is after another: a bigram model from the word list that the package jieba ships.

jieba's ``dict.txt`` has some 350,000 simplified words with their counts. Inside a word the counts say what follows
what; between words the second character is as probable as words beginning with it are frequent:

    P(b|a) = (pairs(ab) + ends(a) · starts(b) / words) / seen(a)

What a dictionary of words does not hold (punctuation, figures, letters) is in data/language.toml. The package itself
is not imported; the model is built at the first question and kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from math import log

from .lexicon import dictionary
from .words import data

_UNSEEN = 3e-8  # the chance of a character of which nothing is known: one in all of Unicode's Han, rarely
_MIXED_IN = 0.03  # how much of the chance forgets the character before
_SELDOM = 1e-5
_UNFINISHED = 8.0
_LONGEST_WORD = 5
_TOPIC = 0.1
_FREQUENT = 2500
_RARE = 3  # words that jieba met less often tell nothing
_REMEMBERED = 0.25  # how much of the chance comes from the text itself


@dataclass(frozen=True, slots=True)
class Model:
    seen: dict[str, int]
    starts: dict[str, float]
    ends: dict[str, int]
    pairs: dict[str, int]
    words: float
    nats: dict[str, float]  # -ln of the share of each word of two characters and more
    longest: int
    frequent: list[str]
    unfinished: str  # words of one character that no stop follows
    seldom: frozenset[str]  # pairs that good printing does not have

    def chance(self, before: str, char: str) -> float:
        """P(char | before). Both simplified, ASCII punctuation already full-width."""
        if before + char in self.seldom:
            return _SELDOM
        start = self.starts.get(char, _UNSEEN)
        seen = self.seen.get(before)
        if not seen:
            return start
        follows = (self.pairs.get(before + char, 0) + self.ends.get(before, 0) * start) / seen
        return (1 - _MIXED_IN) * follows + _MIXED_IN * start


@cache
def model() -> Model:
    """The model, built in about a second."""
    seen, starts, ends, pairs = (defaultdict(int) for _ in range(4))
    counts: dict[str, int] = {}
    for word, count in dictionary().items():
        if count < _RARE:
            continue
        starts[word[0]] += count
        ends[word[-1]] += count
        for char in word:
            seen[char] += count
        if len(word) > 1:
            counts[word] = count
        for place in range(len(word) - 1):
            pairs[word[place : place + 2]] += count
    words = float(sum(starts.values()))
    shares = data("language")
    chances = {char: count / words * (1 - shares["marks_in_all"]) for char, count in starts.items()}
    for char in seen.keys() - chances.keys():
        chances[char] = seen[char] / words / 10
    for marks, share in shares["marks"].items():
        for mark in marks:
            chances[mark] = share
    for first, second, share in shares["follows"]:
        for a in first:
            seen[a], ends[a] = 10**6, int(10**6 * (1 - share))
            for b in second:
                pairs[a + b] = int(10**6 * share / len(second))
    nats = {word: log(words / count) for word, count in counts.items() if len(word) <= _LONGEST_WORD}
    return Model(
        dict(seen),
        chances,
        dict(ends),
        dict(pairs),
        words,
        nats,
        _LONGEST_WORD,
        nlargest(_FREQUENT, starts, key=starts.get),
        shares["unfinished"],
        frozenset(a + b for first, second in shares["seldom"] for a in first for b in second),
    )


class TextModel:
    """The model with what the text under review says again and again mixed in."""

    def __init__(self, simple: str) -> None:
        """``simple``: the text, simplified, ASCII punctuation full-width."""
        self._model = model()
        self._pairs = {
            pair: n for pair, n in Counter(map("".join, zip(simple, simple[1:], strict=False))).items() if n > 1
        }
        self._seen = Counter(simple)
        self._length = len(simple) + 2000  # a short text says little of its topic
        self._followers: dict[str, list[str]] = {}
        self._logs: dict[str, float] = {}

    def log(self, before: str, char: str) -> float:
        """ln P(char | before)."""
        pair = before + char
        if (known := self._logs.get(pair)) is None:
            chance = self._model.chance(before, char)
            chance += _TOPIC * self._topic(char)
            if again := self._pairs.get(pair):
                chance = (1 - _REMEMBERED) * chance + _REMEMBERED * (again - 1) / self._seen[before]
            known = self._logs[pair] = log(max(chance, 1e-12))
        return known

    def _topic(self, char: str) -> float:
        """The share of ``char`` in this text, one occurrence left out: debris is not to speak for itself."""
        return max(self._seen[char] - 1, 0) / self._length if char > "\u2fff" else 0.0

    def nats(self, forms: list[str] | str) -> float:
        """-ln P of a text by pairs and by words, half and half: each sees what the other does not."""
        pairs = -sum(self.log(a, b) for a, b in zip(forms, forms[1:], strict=False))
        return (pairs + self._by_words("".join(forms))) / 2

    def _by_words(self, text: str) -> float:
        """-ln P of the best division into words."""
        words, starts, longest = self._model.nats, self._model.starts, self._model.longest
        best = [0.0] * (len(text) + 1)
        open_ended = [False] * (len(text) + 1)  # the last word wants another one: 在, 把
        for end in range(1, len(text) + 1):
            char = text[end - 1]
            if char.isascii() and char.isalnum() and end > 1 and text[end - 2].isascii() and text[end - 2].isalnum():
                best[end] = best[end - 1] + 2.5
                continue
            least = best[end - 1] - log(starts.get(char, _UNSEEN) + _TOPIC * self._topic(char))
            least += _UNFINISHED * (open_ended[end - 1] and char in "，。、；！？")
            open_ended[end] = char in self._model.unfinished
            for length in range(2, min(longest, end) + 1):
                known = words.get(text[end - length : end])
                if known is not None and best[end - length] + known < least:
                    least = best[end - length] + known
                    open_ended[end] = False
            best[end] = least
        return best[-1]

    def between(self, before: str, then: str) -> list[str]:
        """The characters most likely between the two."""
        if before not in self._followers:
            self._followers[before] = nlargest(200, self._model.frequent, key=lambda char: self.log(before, char))
        return nlargest(12, self._followers[before], key=lambda char: self.log(before, char) + self.log(char, then))
