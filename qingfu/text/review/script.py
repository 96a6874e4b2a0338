"""Traditional and simplified characters: what OpenCC makes of a text, character for character."""

from __future__ import annotations

import re
from functools import cache

from .offsets import Edit
from .words import HAN

_SURROGATES = re.compile("([\ud800-\udfff]+)")  # halves of a character, from a broken decoder


def to_simplified(text: str) -> str:
    """``text`` as OpenCC simplifies it; phrases that keep a traditional character (乾隆) keep it."""
    return _converted("t2s", text)


def to_traditional(text: str) -> str:
    """``text`` in traditional characters, phrase by phrase."""
    return _converted("s2t", text)


def as_in_taiwan(text: str) -> str:
    """Simplified ``text`` in the characters of Taiwan."""
    return _converted("s2tw", text)


def as_in_hong_kong(text: str) -> str:
    """Simplified ``text`` in the characters of Hong Kong."""
    return _converted("s2hk", text)


def simplifications(text: str) -> list[Edit]:
    """The edits from ``text`` to its simplified form, one character each, so that offsets stay exact."""
    edits: list[Edit] = []
    at = 0
    whole = to_simplified(text)
    if whole == text:
        return edits
    lines = text.split("\n")
    simple_lines = whole.split("\n") if len(whole) == len(text) else map(to_simplified, lines)
    for line, simple in zip(lines, simple_lines, strict=True):
        if len(simple) != len(line):  # no phrase of OpenCC does it today
            simple = [to_simplified(char) for char in line]
        if simple != line:
            edits += [
                Edit(at + place, at + place + 1, now)
                for place, (was, now) in enumerate(zip(line, simple, strict=True))
                if was != now
            ]
        at += len(line) + 1
    return edits


def _converted(config: str, text: str) -> str:
    """OpenCC takes UTF-8, which has no lone surrogates: they stay as they are."""
    convert = _converter(config).convert
    if not _SURROGATES.search(text):
        return convert(text)
    return "".join(part if place % 2 else convert(part) for place, part in enumerate(_SURROGATES.split(text)))


@cache
def _converter(config: str):
    import opencc  # loads its dictionaries: only for those who read a report

    return opencc.OpenCC(config)


# Stops set as ASCII among Han: 163人,其中.
_ASCII_STOP = re.compile(rf"[,;:](?:(?=[{HAN}“《（(])|(?<=[{HAN}”》）)%％].))")
_FULL_WIDTH = {",": "，", ";": "；", ":": "："}


def as_in_print(text: str) -> str:
    """``text`` with full-width stops among Han, character for character."""
    return _ASCII_STOP.sub(lambda stop: _FULL_WIDTH[stop[0]], text)
