"""Words that detectors wait for, and where they stand in a report: most of them stand in none.

With ``Report.lines_with``, which does the same for patterns, it keeps detectors away from lines that do not concern
them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from .document import SIMPLE, Report
from .pairs import number


def sign_of(first: str, pattern: str) -> re.Pattern:
    """A search for where ``pattern`` matches; ``first`` is the set of the characters that it may begin with.

    The search runs at the pace of the set, which an alternation by itself does not. A match is the first character.
    """
    return re.compile(rf"[{first}](?<=(?={pattern}).)", re.M)


class Words:
    """Words to be looked for together."""

    def __init__(self, words: Iterable[str]) -> None:
        self.every = list(dict.fromkeys(words))
        self._short = [word for word in self.every if len(word) == 1]
        self._long: dict[int, list[str]] = defaultdict(list)  # by the number of their first two characters
        for word in self.every:
            if len(word) > 1:
                self._long[number(word[:2])].append(word)

    def likely(self, report: Report) -> Iterator[str]:
        """Those whose first two characters stand in the report; no other does."""
        yield from self._short
        for pair in self._long.keys() & report.pairs.keys():
            yield from self._long[pair]

    def places(self, report: Report) -> dict[int, list[tuple[int, str]]]:
        """{line: (place in the simple layer, word) of each that stands there}"""
        text, (first, last) = report.document.layers[SIMPLE].text, report.span(SIMPLE)
        starts = report.document.starts(SIMPLE)
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for word in self.likely(report):
            at = text.find(word, first, last)
            while at >= 0:
                found[bisect_right(starts, at) - 1].append((at, word))
                at = text.find(word, at + len(word), last)
        return dict(sorted(found.items()))
