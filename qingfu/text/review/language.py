"""How probable a character is after the two before it: a trigram model that backs off to pairs and single characters.

The table ``data/ngrams.zip`` is built by ``bin/ngrams.py``, which tells from what. It knows simplified characters,
full-width marks, "0" for any digit and "a" for any letter (``model_text``). What the text under review repeats is mixed
in (``TextModel``), and a second model weighs whole words. Everything is in nats: -ln of a chance.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import exp, log
from operator import add

from .lexicon import words
from .script import to_simplified
from .words import DATA, data

NGRAMS = DATA / "ngrams.zip"
STEPS = 12  # a step of the stored numbers is a twelfth of a nat
UNKNOWN = 17.0  # nats of a character of which nothing is known
UNKNOWN_MARK = 10.0  # of a mark
_LETTER, _LETTERS = 9.0, 0.5  # of a letter; of one after another
_LONGEST_WORD = 6
# How much of a chance comes from what the text itself says elsewhere.
_AGAIN_PAIR, _AGAIN_TRIPLE, _AGAIN_WORD = 0.1, 0.2, 0.1
_WORD_LENGTH = 1.6  # characters of a word of running text


@cache
def forms() -> dict[int, str]:
    """For ``str.translate``: characters as the model knows them."""
    chars = [chr(code) for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))]
    simple = to_simplified("\n".join(chars)).split("\n")
    table = {ord(char): form for char, form in zip(chars, simple, strict=True) if char != form}
    table |= {code - 0xFEE0: chr(code) for code in range(0xFF01, 0xFF5F)}
    table |= {ord(char): char for char in '."-'} | {ord("﹑"): "、", ord("．"): ".", ord("－"): "-", ord("\u3000"): " "}
    digits = "0123456789０１２３４５６７８９"
    letters = [chr(start + at) for start in (0x41, 0x61, 0xFF21, 0xFF41) for at in range(26)]
    return table | dict.fromkeys(map(ord, digits), "0") | dict.fromkeys(map(ord, letters), "a")


def model_text(text: str) -> str:
    """``text`` as the model knows it, character for character."""
    return text.translate(forms())


@dataclass(frozen=True, slots=True)
class Model:
    """Nats of characters, pairs and triples, and what a context without its triple or pair costs."""

    one: dict[str, float]
    two: dict[str, float]
    three: dict[str, float]
    after_one: dict[str, float]
    after_two: dict[str, float]

    def nats(self, before: str, char: str) -> float:
        """-ln P(char | before), ``before`` being two characters; all in the forms of ``model_text``."""
        known = self.three.get(before + char)
        if known is not None:
            return known
        last = before[-1:]
        known = self.two.get(last + char)
        if known is None:
            alone = self.one.get(char) or (UNKNOWN if char > "\u2fff" else UNKNOWN_MARK)
            known = self.after_one.get(last, 0.0) + alone
        return known + self.after_two.get(before, 0.0)

    def nats_of_pair(self, before: str, char: str) -> float:
        """-ln P(char | before), ``before`` being one character, or "" where nothing is known of it."""
        known = self.two.get(before + char)
        if known is None:
            alone = self.one.get(char) or (UNKNOWN if char > "\u2fff" else UNKNOWN_MARK)
            known = self.after_one.get(before, 0.0) + alone
        return known

    def nats_of_each(self, before: str, chars: Iterable[str]) -> list[float]:
        """``nats`` of several characters after the same two: what depends on these alone is looked up once."""
        last, three, two, one = before[-1:], self.three.get, self.two.get, self.one.get
        without_three, without_two = self.after_two.get(before, 0.0), self.after_one.get(last, 0.0)
        found = []
        for char in chars:
            known = three(before + char)
            if known is None:
                known = two(last + char)
                if known is None:
                    known = without_two + (one(char) or (UNKNOWN if char > "\u2fff" else UNKNOWN_MARK))
                known += without_three
            found.append(known)
        return found


@cache
def model() -> Model:
    """The table, read in a third of a second."""
    with zipfile.ZipFile(NGRAMS) as archive:
        known = Model(*(_table(archive, name, length) for name, length in _TABLES))
    known.one["a"], known.two["aa"] = _LETTER, _LETTERS
    return known


_TABLES = (("1", 1), ("2", 2), ("3", 3), ("after1", 1), ("after2", 2))


def _table(archive: zipfile.ZipFile, name: str, length: int) -> dict[str, float]:
    keys = archive.read(f"{name}.keys").decode("utf-16-le")
    scale = [(step - (128 if name.startswith("after") else 0)) / STEPS for step in range(256)]
    nats = map(scale.__getitem__, array("B", archive.read(f"{name}.nats")))
    return dict(zip(map("".join, zip(*[iter(keys)] * length, strict=True)), nats, strict=True))


_NOBODY: frozenset[str] = frozenset()


def followers(char: str) -> frozenset[str]:
    """What often comes after a character."""
    return _neighbours()[0].get(char, _NOBODY)


def forerunners(char: str) -> frozenset[str]:
    """What often comes before it."""
    return _neighbours()[1].get(char, _NOBODY)


@cache
def _neighbours() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    after, before = defaultdict(set), defaultdict(set)
    for first, second in model().two:
        after[first].add(second)
        before[second].add(first)
    return tuple({char: frozenset(others) for char, others in table.items()} for table in (after, before))


class TextModel:
    """The model with what one text says again and again mixed in."""

    def __init__(self, simple: str) -> None:
        """``simple``: what is undamaged of the text, in the forms of ``model_text``."""
        self._model = model()
        pairs = list(map(add, simple, simple[1:]))
        self._one = Counter(simple)
        self.met = Counter(pairs)
        self._three = Counter(map(add, pairs, simple[2:]))
        self._known: dict[str, float] = {}
        self._simple, self._words = simple, {}
        if not simple:
            self.nats, self._word = self._model.nats, _word_nats().get

    def nats(self, before: str, char: str) -> float:
        """-ln P(char | before), ``before`` being two characters."""
        key = before + char
        known = self._known.get(key)
        if known is None:
            known = self._model.nats(before, char)
            if again := self.met.get(key[-2:]):
                chance = (1 - _AGAIN_PAIR - _AGAIN_TRIPLE) * exp(-known)
                chance += _AGAIN_PAIR * again / (self._one[before[-1]] + 5)
                if again := self._three.get(key):
                    chance += _AGAIN_TRIPLE * again / (self.met[before] + 1)
                known = -log(chance)
            self._known[key] = known
        return known

    def nats_of_each(self, before: str, chars: Iterable[str]) -> list[float]:
        """``nats`` of several characters after the same two."""
        if before[-1] in self._one:
            return [self.nats(before, char) for char in chars]
        return self._model.nats_of_each(before, chars)

    def text_nats(self, before: str, text: str) -> float:
        """-ln P of ``text`` after two characters."""
        total = 0.0
        for char in text:
            total += self.nats(before, char)
            before = before[-1] + char
        return total

    def _word(self, word: str) -> float | None:
        """-ln P of a word of the dictionary, likelier where the text has it elsewhere."""
        known = _word_nats().get(word)
        if not self._simple:
            return known  # as quick as to remember it
        if known is not None and (again := self._simple.count(word)):
            chance = (1 - _AGAIN_WORD) * exp(-known) + _AGAIN_WORD * again * _WORD_LENGTH / len(self._simple)
            known = -log(chance)
        self._words[word] = known
        return known

    def word_nats(self, text: str) -> float:
        """-ln P of the best division into words."""
        known, one, shapes = self._words, self._model.one, data("language")
        best = [0.0] * (len(text) + 1)
        open_ended = False  # the last word wants another one: 在, 把
        for end in range(1, len(text) + 1):
            char = text[end - 1]
            least = best[end - 1] + one.get(char, UNKNOWN) + _ALONE
            if open_ended and char in shapes["stops"]:
                least += _UNFINISHED
            open_ended = char in shapes["unfinished"]
            for length in range(2, min(_LONGEST_WORD, end) + 1):
                piece = text[end - length : end]
                word = known[piece] if piece in known else self._word(piece)
                if word is not None and best[end - length] + word < least:
                    least = best[end - length] + word
                    open_ended = False
            best[end] = least
        return best[-1]


_BY_WORDS = 0.4  # how much words count beside characters
AROUND = 6  # characters around a piece that tell whether it fits
_OPEN = 4.0  # nats of a quotation mark or bracket without its other half
FAR = 200  # characters before and after a piece among which the other half is looked for
_PAIRED = ("“”", "（）", "《》", "【】", "［］")
_BRACKETS = re.compile(f"[{''.join(_PAIRED)}]")


def weigh(before: str, text: str, after: str, language: TextModel) -> float:
    """-ln P of a text by characters and by words, each of which sees what the other does not, and by its brackets."""
    near, then = ("\n\n" + before)[-AROUND - 2 :], (after or "\n")[:AROUND]
    by_chars = language.text_nats(near[-2:], text + then)
    by_words = language.word_nats(near.strip("\n") + text + then)
    return (1 - _BY_WORDS) * by_chars + _BY_WORDS * by_words + _OPEN * _unpaired(before[-FAR:] + text + after[:FAR])


def _unpaired(line: str) -> int:
    """Quotation marks and brackets that are opened or closed alone."""
    brackets = _BRACKETS.findall(line)
    alone = 0
    for opening, closing in _PAIRED if brackets else ():
        inside = 0
        for char in brackets:
            if char == opening:
                inside += 1
            elif char == closing:
                alone += inside == 0
                inside -= inside > 0
        alone += inside
    return alone


_ALONE = 1.0  # nats by which a character that is no part of a word costs more
_UNFINISHED = 8.0  # of a stop behind a word that wants another one


@cache
def _word_nats() -> dict[str, float]:
    counts = words()
    total = log(sum(counts.values()))
    return {word: total - log(count) for word, count in counts.items() if 1 < len(word) <= _LONGEST_WORD and count > 1}
