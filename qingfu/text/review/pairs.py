"""Every two characters that stand side by side in a text, as numbers, which are made and counted three times as fast
as strings. What pairs a text has says at once which words cannot stand in it.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import chain

_CODES = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"


def halves(text: str) -> tuple[memoryview, memoryview]:
    """The pairs of a text: those that begin at even places, and those at odd ones."""
    codes = text.encode(_CODES, "surrogatepass")
    return tuple(memoryview(codes)[at : at + (len(codes) - at) // 8 * 8].cast("Q") for at in (0, 4))


def counted(text: str) -> Counter[int]:
    """How often each pair stands in a text."""
    return Counter(chain(*halves(text)))


def number(pair: str) -> int:
    """The number of two characters."""
    return int.from_bytes(pair.encode(_CODES, "surrogatepass"), sys.byteorder)
