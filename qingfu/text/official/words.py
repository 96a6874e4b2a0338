"""The data of this room, read once, and small patterns that every file here uses."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
CHINESE_DIGITS = "〇一二三四五六七八九"


@cache
def data(name: str) -> dict:
    """The tables of ``data/<name>.toml``."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


@cache
def compiled(pattern: str) -> re.Pattern:
    return re.compile(pattern)


def found_in(patterns: list[str], text: str) -> bool:
    """Whether any of the patterns is in the text."""
    return any(compiled(pattern).search(text) for pattern in patterns)


def squeezed(text: str) -> str:
    """A line without blanks: a title set wide apart, 密　级, is still one."""
    return "".join(text.split())
