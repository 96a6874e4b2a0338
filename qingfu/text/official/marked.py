"""Drafts marked secret or internal are refused before anything else is read (涉密不上网).

Levels and marks: 保守国家秘密法 (2024), articles 14 and 17; where a document bears them: GB/T 9704-2012, 7.2.2. The
first lines, every line of headers and footers, and what the file's name has in brackets are looked at; the words are
those of the report reader (``text/review/data/secrecy.toml``). A mark that is only a picture cannot be seen.
"""

from __future__ import annotations

import re

from ..files import Source
from ..review.secrecy import why_secret
from .words import squeezed

_IN_BRACKETS = re.compile(r"[（(【\[〔]([^）)】\]〕]{2,12})[）)】\]〕]")


class MarkedSecret(ValueError):
    """The file bears a mark of secrecy or is internal; its text says in Chinese which, and what to do."""


def must_be_open(source: Source) -> None:
    """Raises MarkedSecret where the file may not be read on a connected machine."""
    for text in (_first_lines(source), *_margins(source), *_IN_BRACKETS.findall(source.name)):
        if why := why_secret(text):
            raise MarkedSecret(f"{why}请拔掉网络介质，到涉密计算机上办理。涉密不上网，上网不涉密。")


def _first_lines(source: Source) -> str:
    return "\n".join(map(squeezed, source.text.split("\n")[:40]))


def _margins(source: Source) -> list[str]:
    lines = []
    for section in source.sections:
        if section.kind in ("headers", "footers"):
            lines += map(squeezed, source.text[section.start : section.end].split("\n"))
    return lines
