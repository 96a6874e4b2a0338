"""Which matter a figure is about: words of its clause, or of the clauses before, against the words of each matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .figures import COUNT, LEVEL, Figure


@dataclass(frozen=True)
class Matter:
    """A figure of the ledger and the words that mean it.

    ``ways``: each is a row of parts that must all stand in the text, in any order; a part is one of several words.
    ``without``: words that make it something else. ``family`` and ``measures``: in what it is told (see
    ``figures.Figure``). ``change``: the id of the matter that tells its change against the year before; equal to
    ``id`` where it is one itself. ``is_bound``: a figure of it is a bound by its own definition (九成班日不超过), so
    that words of a bound before it say nothing more. ``idle``: grades that it has nothing of.
    """

    id: str
    ways: tuple[tuple[tuple[str, ...], ...], ...]
    family: str
    measures: frozenset[str] = frozenset()
    without: tuple[str, ...] = ()
    change: str = ""
    is_bound: bool = False
    idle: frozenset[int] = frozenset()

    def tells(self, figure: Figure) -> bool:
        """Whether a figure may be one of this matter by what it is measured in."""
        if figure.way != LEVEL and figure.family == "percent":
            return True
        if figure.way == LEVEL and self.change == self.id:
            return False
        return self.family == figure.family and (figure.family != COUNT or figure.measure in self.measures)

    def score(self, text: str, near: str) -> int:
        """How many letters of ``text`` speak of it; 0 where they do not, or none of them stands in ``near``."""
        if any(word in text for word in self.without):
            return 0
        return max((_score(parts, text, near) for parts in self.ways), default=0)


def _score(parts: Iterable[Sequence[str]], text: str, near: str) -> int:
    found = [max((word for word in part if word in text), key=len, default="") for part in parts]
    if not all(found) or not any(word in near for part in parts for word in part):
        return 0
    return sum(map(len, found))


def matter_of(figure: Figure, wheres: Sequence[tuple[str, str]], matters: Iterable[Matter]) -> Matter | None:
    """The matter that most letters speak of in the first of ``wheres``, (text, where a word of it must stand), that
    speaks of any."""
    fitting = [one for one in matters if one.tells(figure)]
    for text, near in wheres:
        scores = [(one.score(text, near), one) for one in fitting]
        best = max(scores, key=lambda row: row[0], default=(0, None))
        if best[0]:
            return best[1]
    return None
