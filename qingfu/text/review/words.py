"""The reader's word lists and patterns, read once from data/*.toml."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
HAN = "一-鿿㐀-䶿"
NUMERALS = "一二三四五六七八九十"


@cache
def data(name: str) -> dict:
    """The tables of ``data/<name>.toml``."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


@cache
def pairs(name: str) -> dict[str, str]:
    """The lines "this that" of ``data/<name>.txt``; lines that begin with # are remarks."""
    lines = (DATA / f"{name}.txt").read_text("utf-8").splitlines()
    return dict(line.split(" ") for line in lines if line and not line.startswith("#"))


_QUESTION = re.compile("[？?][”’」』）)]*\\s*$")


def asks(sentence: str) -> bool:
    """Whether a sentence asks and states nothing."""
    return _QUESTION.search(sentence) is not None


def either(words: list[str]) -> str:
    """A pattern for any of ``words``, the longest first.

    Words that begin alike share their beginning, so that a place where none stands is left after a look at one
    character.
    """
    return f"(?:{_branches(dict.fromkeys(words))})"


def _branches(words: Iterable[str]) -> str:
    tails: dict[str, list[str]] = defaultdict(list)
    for word in words:
        tails[word[:1]].append(word[1:])
    shortest = [""] if tails.pop("", None) else []
    return "|".join([re.escape(first) + _tail(rest) for first, rest in tails.items()] + shortest)


def _tail(rest: list[str]) -> str:
    return re.escape(rest[0]) if len(rest) == 1 else f"(?:{_branches(rest)})"


def chinese_number(text: str) -> int | None:
    """一 to 九十九 as a number; digits too; None for anything else."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or set(text) - set(NUMERALS):
        return None
    tens, mark, ones = text.rpartition("十")
    if not mark:
        return NUMERALS.index(text) + 1 if len(text) == 1 else None
    if len(tens) > 1 or len(ones) > 1 or "十" in tens + ones:
        return None
    return (NUMERALS.index(tens) + 1 if tens else 1) * 10 + (NUMERALS.index(ones) + 1 if ones else 0)
