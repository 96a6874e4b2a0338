"""The word lists of this room (data/*.toml) as patterns. A list entry is a short regular expression of
bounded width.
"""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files


def load(name: str) -> dict:
    """One data file of this room."""
    return tomllib.loads((files("qingfu.text") / "data" / name).read_text(encoding="utf-8"))


def any_of(words: Sequence[str]) -> str:
    """One pattern for any of `words`, the longest first."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


WORDS = load("homework.toml")


def words_pattern(*path: str) -> re.Pattern:
    """The compiled pattern of one list of data/homework.toml."""
    words = WORDS
    for key in path:
        words = words[key]
    return re.compile(any_of(words))
