"""Words of modern Chinese with their frequencies: the dictionary that the package jieba ships (349,045 words, MIT).

Only its data file is read, once; jieba itself is not imported. ``data/words.txt`` adds words of schools and offices.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from math import log
from pathlib import Path

from .words import DATA

OUR_COUNT = 500  # for words that the dictionary lacks: about as common as 课外作业
COMMON = 20  # counts from which a word is one that readers know
LONGEST_COMMON = 4  # characters of the words that are looked for around a place


@cache
def dictionary() -> dict[str, int]:
    """The words of the package with how often each was counted. Raises FileNotFoundError if it is not installed."""
    package = importlib.util.find_spec("jieba")
    if package is None:
        raise FileNotFoundError("缺少词典：请安装 jieba 软件包（pip install jieba）")
    lines = (Path(package.submodule_search_locations[0]) / "dict.txt").read_text("utf-8").split("\n")
    return {word: int(times) for word, times, _ in (line.split(" ") for line in lines if line)}


@cache
def words() -> dict[str, int]:
    """The dictionary with our own words."""
    ours = (DATA / "words.txt").read_text("utf-8").splitlines()
    return dictionary() | {word: OUR_COUNT for word in ours if not word.startswith("#")}


def ends_a_word(text: str, end: int, least: int = COMMON) -> bool:
    """Whether a word of two to four characters, counted ``least`` times, ends at ``end``."""
    known = words()
    for length in range(2, min(LONGEST_COMMON, end) + 1):  # noqa: SIM110 (any() takes twice the time)
        if known.get(text[end - length : end], 0) >= least:
            return True
    return False


def begins_a_word(text: str, start: int, least: int = COMMON) -> bool:
    """Whether a word of two to four characters, counted ``least`` times, begins at ``start``."""
    known = words()
    for length in range(2, min(LONGEST_COMMON, len(text) - start) + 1):
        if known.get(text[start : start + length], 0) >= least:
            return True
    return False


def inside_a_word(text: str, start: int, end: int) -> bool:
    """Whether a longer word reaches over all of ``text[start:end]``: 息息 in 息息相关."""
    known = words()
    for length in range(end - start + 1, LONGEST_COMMON + 1):
        for first in range(max(0, end - length), start + 1):
            if text[first : first + length] in known:
                return True
    return False


@cache
def total() -> int:
    return sum(words().values())


def weight(word: str) -> float:
    """The logarithm of the word's share of all counted words; a word never counted weighs less than any other."""
    return log(words().get(word, 0.5) / total())


LONGEST = 7  # characters of the longest word that is looked for


def segment(text: str) -> list[str]:
    """``text`` cut into the words whose weights sum highest; what is no word stands as single characters."""
    best: list[tuple[float, int]] = [(0.0, 0)]  # by end: weight so far, length of the last word
    known, scale = words(), log(total())
    for end in range(1, len(text) + 1):
        likeliest, its_length = best[end - 1][0] + log(known.get(text[end - 1], 0.5) or 0.5) - scale, 1
        for length in range(2, min(LONGEST, end) + 1):
            if count := known.get(text[end - length : end]):
                here = best[end - length][0] + log(count) - scale
                if here >= likeliest:
                    likeliest, its_length = here, length
        best.append((likeliest, its_length))
    cut, end = [], len(text)
    while end:
        cut.append(text[end - best[end][1] : end])
        end -= best[end][1]
    return cut[::-1]
