"""The search of ``passages`` over many reports at once, on arrays: where two places are worth following.

Seeds are runs of ``SEED`` letters, of which a fixed quarter is taken (by their hash, so that both ends of a copy
take the same). Each is tied to the last place before it that has it, so that the work stays linear however often a
phrase comes; chains of such ties lead through all copies of a text. A tie is followed only where the letters around
agree as those of a copy do. Needs numpy (extra [lake]).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .script import to_simplified

SEED = 8
_BLOCK = 1 << 16  # letters hashed at a time, so that they stay in the processor's cache
_SAMPLED = np.uint64(3)
_FACTOR = 0x9E3779B97F4A7C15
_BEFORE, _WIDTH = 24, 64  # the letters around a tie that are compared, also displaced by up to
_SHIFT = 2  # letters either way
_ALIKE = 23  # of them agree in a copy; about 11 do where nothing but the seed is shared, about 20 around a set phrase
_TIES = 1 << 13  # compared at a time
_GAP = 48  # letters between ties on one diagonal that are one run
BREAK = 1  # stands between two paragraphs in an array of letters


def letter_codes(text: str) -> np.ndarray:
    """The simplified Han letters of ``text`` as uint16, with a BREAK for each line end."""
    blocks = [np.empty(0, np.uint16)]
    for start in range(0, len(text), _BLOCK):
        codes = np.frombuffer(text[start : start + _BLOCK].encode("utf-32-le", "surrogatepass"), dtype="<u4")
        simple = _table().take(codes, mode="clip")
        blocks.append(simple[simple != 0])
    return np.concatenate(blocks)


def seeds(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(hash as uint64, place) of the sampled seeds that lie inside one paragraph, in the order of the text."""
    breaks = codes == BREAK
    hashes, places = [], []
    for start in range(0, len(codes) - SEED + 1, _BLOCK):
        block = codes[start : start + _BLOCK + SEED - 1].astype(np.uint64)
        broken = breaks[start : start + _BLOCK + SEED - 1]
        factor, width = _FACTOR, 1
        while width < SEED:
            block = block[:-width] * np.uint64(factor) + block[width:]
            broken = broken[:-width] | broken[width:]
            factor, width = factor * factor % 2**64, 2 * width
        block ^= block >> np.uint64(32)
        block *= np.uint64(0xD6E8FEB86659FD93)
        block ^= block >> np.uint64(29)
        taken = np.flatnonzero(((block & _SAMPLED) == 0) & ~broken)
        hashes.append(block[taken])
        places.append(taken + start)
    if not hashes:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    return np.concatenate(hashes), np.concatenate(places)


def ties(hashes: np.ndarray) -> np.ndarray:
    """For each seed, in the order of the text, the index of the last one before it with its hash, or -1."""
    bits = max(1, len(hashes).bit_length())
    low = np.uint64((1 << bits) - 1)
    keys = hashes & ~low
    keys |= np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    same = (keys[1:] ^ keys[:-1]) <= low
    keys &= low
    order = keys.view(np.int64)
    before = np.full(len(hashes), -1, np.int32)
    before[order[1:][same]] = order[:-1][same]
    return before


def worth_following(codes: np.ndarray, there: np.ndarray, here: np.ndarray) -> Iterator[tuple[int, int]]:
    """Of the ties (earlier place, place), in the order of ``here``, the first of each run that looks like a copy."""
    diagonal, paragraph = here - there, np.searchsorted(np.flatnonzero(codes == BREAK), here)
    first = np.ones(len(here), bool)
    first[1:] = (np.diff(diagonal) != 0) | (np.diff(paragraph) != 0) | (np.diff(here) > _GAP)
    there, here = there[first], here[first]
    padded = np.concatenate([np.zeros(_BEFORE + _SHIFT, codes.dtype), codes, np.full(_WIDTH, 2, codes.dtype)])
    around_here = sliding_window_view(padded, _WIDTH)
    around_there = sliding_window_view(padded, _WIDTH + 2 * _SHIFT)
    for start in range(0, len(here), _TIES):
        a, b = there[start : start + _TIES], here[start : start + _TIES]
        mine, theirs = around_here[b + _SHIFT], around_there[a]
        alike = mine == theirs[:, _SHIFT : _SHIFT + _WIDTH]
        for shift in (*range(_SHIFT), *range(_SHIFT + 1, 2 * _SHIFT + 1)):
            alike |= mine == theirs[:, shift : shift + _WIDTH]
        kept = np.count_nonzero(alike, axis=1) >= _ALIKE
        yield from zip(a[kept].tolist(), b[kept].tolist(), strict=True)


@cache
def _table() -> np.ndarray:
    """For each code of the basic plane the simplified letter, BREAK for a line end, 0 for what is no Han letter."""
    table = np.zeros(0x10000, np.uint16)
    for code in chain(range(0x3400, 0x4DC0), range(0x4E00, 0xA000)):
        simple = to_simplified(chr(code))
        table[code] = ord(simple) if len(simple) == 1 and ord(simple) < 0x10000 else code
    table[ord("\n")] = BREAK
    return table
