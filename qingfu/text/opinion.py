"""A second opinion on the sentences of a message: a linear model for each code over characters and word lists.

It knows no rules; bin/opinion.py trains it on the labelled messages and writes data/opinion.txt. The
score of a sentence is a sum of weights, over 0 if more likely an offence than not; work is linear in
the length of the text.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import files
from math import sqrt

from .numbers import whole
from .patterns import CLAUSE_END, LINT, SENTENCE_END, pattern

Feature = tuple[str, int]  # its name and where in the sentence it stands

_LONGEST = 200  # characters that are judged together, where no stop ends a sentence
_SENTENCE = re.compile(f"[^{SENTENCE_END}]{{1,{_LONGEST}}}")
_CLAUSE = re.compile(f"[^{CLAUSE_END}]{{1,{_LONGEST}}}")
_GRAM = 4  # characters of the longest feature
_NEXT_SLOTS = 4  # words of lists that make a pair with the one before them
_SLOTS = {name: pattern("{" + name + "}") for name in LINT["second_opinion"]["slots"]}
_SLOTS["no"] = re.compile(LINT["second_opinion"]["no"])
_TOKEN = re.compile(r"[0-9]{1,4}|[一二两三四五六七八九十百]{1,6}(?=[遍次张页行个套份篇道倍分面])|.", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,4}|[一二两三四五六七八九十百]{2,6}")  # a lone 一 stays what it is
_AMOUNTS = ((1, "①"), (3, "②"), (4, "④"), (19, "⑤"))  # up to so many; that many mean the same
_MANY = "⑳"


def features(words: str) -> list[Feature]:
    """What the model reads of a sentence: 1 to 4 characters in a row, words of the lists, pairs of these."""
    tokens = [("^", 0), *symbols(words)]
    row = "".join(symbol for symbol, _ in tokens) + "$"
    grams = [
        (row[at:at + size], tokens[at][1])
        for size in range(1, _GRAM + 1) for at in range(min(len(tokens), len(row) - size + 1))
    ]
    slots = sorted((found.start(), name) for name, slot in _SLOTS.items() for found in slot.finditer(words))
    pairs = [
        (f"<{name}>{later}", start)
        for at, (start, name) in enumerate(slots) for _, later in slots[at + 1:at + 1 + _NEXT_SLOTS]
    ]
    return grams + [(f"<{name}", start) for start, name in slots] + pairs


def symbols(words: str) -> list[Feature]:
    """Its characters and where they stand; an amount is one symbol, alike for amounts that mean the same."""
    return [(_symbol(found.group()), found.start()) for found in _TOKEN.finditer(words)]


def _symbol(token: str) -> str:
    if not _NUMBER.fullmatch(token):
        return token
    return next((symbol for most, symbol in _AMOUNTS if whole(token) <= most), _MANY)


class Opinion:
    """The weights of all codes: name of a feature -> {code: weight}; and a bias by code."""

    def __init__(self, bias: Mapping[str, float], weights: Mapping[str, Mapping[str, float]]):
        self.bias = bias
        self.weights = weights

    @classmethod
    def parsed(cls, lines: Iterable[str]) -> "Opinion":
        """A model from lines of data/opinion.txt: codes with their bias; then feature and weights by number of code,
        all numbers in tenths.
        """
        rows = iter(lines)
        bias = {code: int(part) / 10 for code, part in (each.split(":") for each in next(rows).split("\t"))}
        codes = list(bias)
        weights = {}
        for row in rows:
            name, *parts = row.split("\t")
            weights[name] = {codes[int(part[0])]: int(part[1:]) / 10 for part in parts}
        return cls(bias, weights)

    @staticmethod
    def sentences(text: str) -> list[tuple[int, int]]:
        return [found.span() for found in _SENTENCE.finditer(text)]

    def judge(self, words: str) -> dict[str, float]:
        """Each code's score of a sentence."""
        names = {name for name, _ in features(words)}
        sums = defaultdict(float)
        for of_code in (self.weights[name] for name in names if name in self.weights):
            for code, weight in of_code.items():
                sums[code] += weight
        length = sqrt(len(names))
        return {code: bias + sums[code] / length for code, bias in self.bias.items()}

    def clause(self, words: str, code: str) -> tuple[int, int]:
        """The clause of a sentence that speaks most for a code, with those up to others that speak half as much for it:
        who has done wrong and what he must do may stand in two.
        """
        clauses = [found.span() for found in _CLAUSE.finditer(words)] or [(0, len(words))]
        at = [0.0] * (len(words) + 1)
        for name, start in features(words):
            at[start] += self.weights[name].get(code, 0.0) if name in self.weights else 0.0
        speaks = [sum(at[slice(*clause)]) for clause in clauses]
        strong = [clause for clause, much in zip(clauses, speaks, strict=True) if much >= max(speaks) / 2]
        return (strong[0][0], strong[-1][1]) if strong else clauses[0]


def _shipped() -> Opinion:
    text = (files("qingfu.text") / "data" / "opinion.txt").read_text(encoding="utf-8")
    return Opinion.parsed(text.splitlines())


OPINION = _shipped()
