"""The code tables behind byte repair: GBK pairs, what a character may have been before a conversion, likely guesses."""

from __future__ import annotations

from functools import cache

from .language import UNKNOWN, model, model_text
from .script import to_simplified, to_traditional

_SELDOM = 13.0  # nats by itself from which on a character is not guessed
_EVERYDAY = 9.5  # the same of an everyday character
_CONVERTED_AS_IT_STANDS = 2.0  # nats: a character that a conversion left alone although it could have changed it
HALF_TO_FULL = {chr(code - 0xFEE0): chr(code) for code in range(0xFF01, 0xFF5F) if not chr(code - 0xFEE0).isalnum()}


_ALONE = {"\x80": 0x80, "€": 0x80}  # the second byte of 個 alone, as decoders show it


@cache
def pairs() -> dict[tuple[int, int], str]:
    """The GBK characters by their two bytes."""
    chars = {}
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            if char := _of_pair(bytes((lead, trail))):
                chars[lead, trail] = char
    return chars


@cache
def shapes_of_pairs() -> dict[tuple[int, int], str]:
    """The forms of the same characters."""
    return {pair: form(char) for pair, char in pairs().items()}


def _of_pair(two: bytes) -> str:
    """The character of two bytes in GBK, a private one where GB 18030 has one there; or ""."""
    decoded = two.decode("gbk", "replace")
    decoded = two.decode("gb18030", "replace") if "\ufffd" in decoded else decoded
    return decoded if len(decoded) == 1 and decoded != "\ufffd" else ""


@cache
def bytes_of(char: str) -> tuple[int, ...]:
    """The one or two bytes of ``char`` in GBK; () where it has none."""
    encoded = char.encode("gbk", "ignore") or char.encode("gb18030", "ignore")
    return tuple(encoded) if len(encoded) <= 2 else ()


@cache
def of_mark_and_letter(mark: str, letter: str) -> str:
    """The form of the everyday character of the second byte of ``mark`` and of ``letter``: 县 (縣) of ？h; or ""."""
    halves = bytes_of(HALF_TO_FULL.get(mark, mark))
    char = form(pairs().get((halves[-1], ord(letter)), "")) if halves else ""
    return char if "一" <= char <= "鿿" and model().one.get(char, UNKNOWN) < _EVERYDAY else ""


_MARK_LEADS = {0xA1: "。", 0xA3: "；"}  # the first bytes of marks, and a mark that ends a line


@cache
def cut_off() -> str:
    """The Han whose second byte may be the first one of a mark that has lost the rest, in either script."""
    ends = "".join(char for (_, trail), char in pairs().items() if trail in _MARK_LEADS and "一" <= char <= "鿿")
    return ends + to_traditional(ends)


@cache
def mark_cut_off(char: str) -> str:
    """The mark of which the second byte of ``char`` may be all that is left; or ""."""
    halves = bytes_of(form(char))
    return _MARK_LEADS.get(halves[1], "") if len(halves) == 2 else ""


@cache
def form(char: str) -> str:
    """``char`` as the model knows it."""
    return model_text(char)


@cache
def _before_conversion() -> dict[str, list[str]]:
    """Traditional characters with the simplified ones that are converted to them."""
    chars = "\n".join(char for char in pairs().values() if char > "\u2fff")
    sources: dict[str, list[str]] = {}
    for char, became in zip(chars.split("\n"), to_traditional(chars).split("\n"), strict=True):
        if char != became:
            sources.setdefault(became, []).append(char)
    return sources


@cache
def ways(char: str, converted: bool) -> tuple[tuple[float, tuple[int, ...]], ...]:
    """(nats, bytes) that ``char`` may have been: full-width marks made half-width, characters made traditional."""
    options = [(0.0, char)]
    if converted and char > "\u2fff":
        before = dict.fromkeys([*_before_conversion().get(char, ()), to_simplified(char)])
        before.pop(char, None)
        if before:
            options = [(0.0, was) for was in before] + [(_CONVERTED_AS_IT_STANDS, char)]
    elif char in HALF_TO_FULL:
        options.insert(char >= "@", (0.0, HALF_TO_FULL[char]))  # from "@" on it may be a second byte
    elif not bytes_of(char):
        options = [(0.0, to_simplified(char))]
    alone = ((0.0, (_ALONE[char],)),) if char in _ALONE else ()
    return alone + tuple((nats, encoded) for nats, was in options if (encoded := bytes_of(was)))


@cache
def guesses(script: str, side: int, byte: int) -> tuple[tuple[str, str], ...]:
    """(character, its form) of which ``byte`` is the first (side 0) or the second byte (1), the commonest first.

    Only likely ones of the script, which the encoding ``script`` has: gb2312 or big5.
    """
    return _guesses(script, side).get(byte, ())


@cache
def guesses_by_form(script: str, side: int, byte: int) -> tuple[frozenset[str], dict[str, list[tuple[str, str]]]]:
    """The forms of the same, and the guesses of each."""
    by_form: dict[str, list[tuple[str, str]]] = {}
    for char, shape in guesses(script, side, byte):
        by_form.setdefault(shape, []).append((char, shape))
    return frozenset(by_form), by_form


@cache
def _guesses(script: str, side: int) -> dict[int, tuple[tuple[str, str], ...]]:
    known: dict[int, list[tuple[str, str]]] = {}
    one = model().one
    for pair, char in pairs().items():
        if char.encode(script, "ignore") and not form(char).isascii() and one.get(form(char), UNKNOWN) < _SELDOM:
            known.setdefault(pair[side], []).append((char, form(char)))
    return {byte: tuple(sorted(chars, key=lambda known: one[known[1]])) for byte, chars in known.items()}


@cache
def of_script(script: str) -> frozenset[str]:
    """The GBK characters that the encoding ``script`` has, too."""
    return frozenset(char for char in pairs().values() if char.encode(script, "ignore"))
