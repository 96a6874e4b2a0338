"""Pinyin that a page put behind characters: 鄉(xiāng)鎮(zhèn). The reading of the one character before the bracket."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from runpy import run_path

from .words import HAN, data, either

_LETTERS = "a-zA-ZüÜāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ\u0300\u0301\u0304\u0308\u030cɡɑ"
_ANNOTATION = re.compile(rf"[(（〔\[［](?<=[{HAN}].)[^\S\n]?(?P<syllable>[{_LETTERS}]{{1,9}}[1-5]?)[^\S\n]?[)）〕\]］]")
_LOOKALIKES = str.maketrans("ɡɑ", "ga")
_NOT_LOUD = str.maketrans("", "", "12345\u0300\u0301\u0304\u030c")
# So many readings behind everyday characters are the work of a machine: then those behind rare ones are too.
_MANY = 5
AROUND = 200  # characters on either side of a reading in which its sentence ends
_STOPS = re.compile(r"[。！？!?；;\n]")


def annotations(text: str) -> Iterator[re.Match]:
    """The bracketed readings in ``text`` that nobody meant: a match spans the brackets.

    An author who explains how a rare character is read, or who writes about reading, is left alone.
    """
    found = [match for match in _ANNOTATION.finditer(text) if is_reading(text[match.start() - 1], match["syllable"])]
    machine_made = sum(is_everyday(text[match.start() - 1]) for match in found) >= _MANY
    for match in found:
        if not _about_reading(text, match) and (machine_made or is_everyday(text[match.start() - 1])):
            yield match


def is_reading(char: str, syllable: str) -> bool:
    """Whether ``syllable`` (with a tone mark, a tone number or no tone) is a reading of ``char``."""
    return _bare(syllable) in readings(char)


@cache
def readings(char: str) -> frozenset[str]:
    """How a character is read, without tones: 行 is "xing", "hang", "heng"."""
    return frozenset(_bare(reading) for reading in _dictionary().get(ord(char), "").split(",") if reading)


@cache
def _dictionary() -> dict[int, str]:
    """The readings of each character by the package pypinyin (MIT), of which only this file is read: the package itself
    comes with the readings of 47,000 phrases, 40 MB that nobody here asks for. Raises FileNotFoundError without it.
    """
    package = importlib.util.find_spec("pypinyin")
    if package is None:
        raise FileNotFoundError("缺少拼音：请安装 pypinyin 软件包（pip install pypinyin）")
    return run_path(str(Path(package.submodule_search_locations[0]) / "pinyin_dict.py"))["pinyin_dict"]


def _bare(syllable: str) -> str:
    """Without tone: "xiāng" and "xiang1" are "xiang"; ü is v, as on a keyboard."""
    letters = unicodedata.normalize("NFD", syllable.lower().translate(_LOOKALIKES)).translate(_NOT_LOUD)
    return letters.replace("u\u0308", "v")


@cache
def is_everyday(char: str) -> bool:
    """Whether a reader of newspapers knows ``char``: its simplified form is of level 1 of GB 2312 (rows 16 to 55)."""
    from .script import to_simplified

    encoded = to_simplified(char).encode("gb2312", "ignore")
    return len(encoded) == 2 and encoded[0] < 0xA0 + 56


def _about_reading(text: str, match: re.Match) -> bool:
    """Whether the sentence around it teaches how to read."""
    before = text[max(0, match.start() - AROUND) : match.start()]
    after = text[match.end() : match.end() + AROUND]
    sentence = _STOPS.split(before)[-1] + match[0] + _STOPS.split(after, maxsplit=1)[0]
    return bool(_teaching().search(sentence))


@cache
def _teaching() -> re.Pattern:
    return re.compile(either(data("pinyin")["about_reading"]))
