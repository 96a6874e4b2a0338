"""A second look at each alarm: does what stands around it take it away?

Patterns and opinion find the words of an offence; that somebody only asked about it, that it was so last year, that
the teacher does it, stands around them in more ways than a list holds. One linear model reads the alarm and
its surroundings, each with its place: what all codes share (有家长问…, …不用了) and what belongs to one code.
bin/opinion.py trains it on everything that the patterns find in the labelled messages, guards taken away, and
writes data/doubts.txt. Work is linear in the number of alarms: the surroundings are bounded.
"""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from math import sqrt

from .opinion import symbols
from .patterns import CLAUSE_END, LINT, SENTENCE_END

_SECOND_LOOK = LINT["second_look"]
_BARE = _SECOND_LOOK["bare_up_to"]
_GRAM = 3  # characters of the longest feature
_NEAR = 24  # characters of the clause on either side that are read
_FAR = 30  # characters of the rest of the sentence on either side, and of the next sentence
_INSIDE = 40


def surroundings(text: str, start: int, end: int) -> dict[str, str]:
    """The parts that are read of an alarm at `start`:`end` of the plain text, by the letter that marks their features:
    Inside, Before and After it in its clause, Previous and Next in its sentence, and the sentence that Follows.
    """
    sentence = _last(text[max(0, start - _NEAR - _FAR):start], SENTENCE_END)
    before = _last(sentence, CLAUSE_END)
    rest, following = _parted(text[end:end + _NEAR + _FAR], SENTENCE_END)
    after, _ = _parted(rest, CLAUSE_END)
    return {
        "I": text[start:end][:_INSIDE],
        "B": before[-_NEAR:],
        "A": after[:_NEAR],
        "P": sentence[:len(sentence) - len(before)][-_FAR:],
        "N": rest[len(after):][:_FAR],
        "F": following[:_FAR],
    }


def _last(text: str, ends: str) -> str:
    return text[max(text.rfind(mark) for mark in ends) + 1:]


def _parted(text: str, ends: str) -> tuple[str, str]:
    """`text` up to the first of `ends`, and what follows that mark."""
    at = min((found for found in map(text.find, ends) if found >= 0), default=len(text))
    return text[:at], text[at + 1:]


def features(parts: Mapping[str, str]) -> set[str]:
    """What the model reads of the surroundings: 1 to 3 characters in a row, each with its part; ^ and $ stand at
    the edges, so that what touches the alarm is told from what is only near it.
    """
    found = set()
    for letter, words in parts.items():
        row = "".join(("^", *(symbol for symbol, _ in symbols(words)), "$"))
        found.update(letter + row[at:at + size] for size in range(1, _GRAM + 1) for at in range(len(row) - size + 1))
    return found


def is_bare(parts: Mapping[str, str]) -> bool:
    """Is the sentence so short that it is a plain order (跳绳打卡), which leaves nothing to doubt?"""
    return sum(len(parts[letter].strip(" ,:")) for letter in "IBAPN") <= _BARE


class Doubts:
    """The weights: name of a feature -> {code, or "" for all of them: weight}; and a bias by code."""

    def __init__(self, bias: Mapping[str, float], weights: Mapping[str, Mapping[str, float]]):
        self.bias = bias
        self.weights = weights

    @classmethod
    def parsed(cls, lines: Iterable[str]) -> "Doubts":
        """A model from lines of data/doubts.txt: codes with their bias; then feature and weights by number of code
        (0 is all codes), all numbers in hundredths.
        """
        rows = iter(lines)
        bias = {code: int(part) / 100 for code, part in (each.split(":") for each in next(rows).split("\t"))}
        codes = ["", *bias]
        weights = {}
        for row in rows:
            name, *parts = row.split("\t")
            weights[name] = {codes[int(part[0])]: int(part[1:]) / 100 for part in parts}
        return cls(bias, weights)

    def score(self, parts: Mapping[str, str], code: str) -> float:
        """How sure the alarm is: over 0 if more likely right than wrong."""
        names = features(parts)
        known = [self.weights[name] for name in names if name in self.weights]
        total = sum(weight.get("", 0.0) + weight.get(code, 0.0) for weight in known)
        return self.bias[code] + total / sqrt(len(names))

    def drop(self, text: str, code: str, start: int, end: int, *, leaning: float = 0.0, orders: bool = True) -> bool:
        """Does what stands around the alarm speak against it, more than the code's bound allows? `leaning` is what the
        second opinion holds of its sentence. `orders`: a sentence that is no more than the alarm is a plain order,
        and not doubted.
        """
        parts = surroundings(text, start, end)
        if orders and is_bare(parts):
            return False
        return self.score(parts, code) + _SECOND_LOOK["opinion_weighs"] * leaning < _SECOND_LOOK["drops_under"][code]


def _shipped() -> Doubts:
    text = (files("qingfu.text") / "data" / "doubts.txt").read_text(encoding="utf-8")
    return Doubts.parsed(text.splitlines())


DOUBTS = _shipped()
