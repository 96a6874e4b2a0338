"""Words of modern Chinese with their frequencies: the dictionary that the package jieba ships (349,045 words, MIT).

Only its data file is read; jieba itself is not imported. ``data/words.txt`` adds words of schools and offices.
Read on first use, in about 0.4 s.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from math import log
from pathlib import Path

from .words import DATA

OUR_COUNT = 500  # for words that the dictionary lacks: about as common as 课外作业

@cache
def words() -> dict[str, int]:
    """Each word with how often it was counted. Raises FileNotFoundError if the package jieba is not installed."""
    package = importlib.util.find_spec("jieba")
    if package is None:
        raise FileNotFoundError("缺少词典：请安装 jieba 软件包（pip install jieba）")
    lines = (Path(package.submodule_search_locations[0]) / "dict.txt").read_text("utf-8").split("\n")
    rows = (line.split(" ") for line in lines if line)
    ours = (DATA / "words.txt").read_text("utf-8").splitlines()
    return {row[0]: int(row[1]) for row in rows} | {word: OUR_COUNT for word in ours if not word.startswith("#")}


def is_word(text: str) -> bool:
    return text in words()


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
        choices = []
        for length in range(1, min(LONGEST, end) + 1):
            count = known.get(text[end - length : end], 0)
            if count or length == 1:
                choices.append((best[end - length][0] + log(count or 0.5) - scale, length))
        best.append(max(choices))
    cut, end = [], len(text)
    while end:
        cut.append(text[end - best[end][1] : end])
        end -= best[end][1]
    return cut[::-1]
