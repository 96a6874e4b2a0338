"""The way back from a rewritten text to the text it was made from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Edit(NamedTuple):
    """``text[start:end]`` is to become ``replacement``; an empty replacement takes it out."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Pieces of a rewritten text beside the pieces they came from; both sides in order and without gaps.

    ``upper[i]:upper[i+1]`` was made from ``lower[i]:lower[i+1]``; ``kept[i]`` says that the piece is unchanged,
    so that it maps character by character. A rewritten piece maps as a whole.
    """

    upper: list[int]
    lower: list[int]
    kept: list[bool]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The span of the lower text that ``[start, end)`` of the upper text came from.

        What was taken out inside the span is within the answer, what was taken out at its edges is not.
        Raises ValueError for a span outside the text.
        """
        if not 0 <= start <= end <= self.upper[-1]:
            raise ValueError(f"span {start}:{end} outside a text of {self.upper[-1]}")
        if start == end:
            point = self._first(start)
            return point, point
        return self._first(start), self._last(end - 1)

    def _piece(self, index: int) -> int:
        # Pieces that were taken out have no length above; bisect_right steps over them.
        return min(bisect_right(self.upper, index), len(self.kept)) - 1

    def _first(self, index: int) -> int:
        """Where the character at ``index`` begins below; for the end of the text, the end below."""
        if index == self.upper[-1]:
            return self.lower[-1]
        piece = self._piece(index)
        return self.lower[piece] + (index - self.upper[piece] if self.kept[piece] else 0)

    def _last(self, index: int) -> int:
        """Where the character at ``index`` ends below."""
        piece = self._piece(index)
        if self.kept[piece]:
            return self.lower[piece] + index - self.upper[piece] + 1
        return self.lower[piece + 1]


def rewrite(text: str, edits: Iterable[Edit]) -> tuple[str, OffsetMap]:
    """``text`` with ``edits`` carried out, and the way back.

    Edits are in order and do not overlap; ValueError otherwise.
    """
    parts: list[str] = []
    upper, lower, kept = [0], [0], []
    here = 0

    def add(part: str, until: int, unchanged: bool) -> None:
        parts.append(part)
        upper.append(upper[-1] + len(part))
        lower.append(until)
        kept.append(unchanged)

    for start, end, replacement in edits:
        if not here <= start <= end <= len(text):
            raise ValueError(f"edit {start}:{end} overlaps another or lies outside the text")
        if start > here:
            add(text[here:start], start, True)
        add(replacement, end, False)
        here = end
    if here < len(text) or not kept:
        add(text[here:], len(text), True)
    return "".join(parts), OffsetMap(upper, lower, kept)
