"""Raw text made plain for reading, with the way back to the raw offsets.

A message arrives as it was pasted: full-width digits, circled numbers, emoji, invisible characters,
HTML, Traditional characters. Each raw character becomes exactly one plain character or none, so the way
back is one list of indexes. Every pattern of this room is matched on the plain text; every span handed
out is one of the raw.
"""

import re
import unicodedata
from dataclasses import dataclass

from .vocabulary import WORDS, load

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
BULLETS = "•·●○◆◇■□▪▫▶►➤★☆✦※◎"
BULLET = "•"
STRAIGHT_QUOTE = '"'
_SAME_AS = {
    **dict.fromkeys(BULLETS, BULLET),
    **dict.fromkeys("—–－−﹣‐‑", "-"),
    **dict.fromkeys("～〜∼", "~"),
    **dict.fromkeys("‘’′＇", "'"),
    **dict.fromkeys("「『〝", "“"),
    **dict.fromkeys("」』〞", "”"),
    **dict.fromkeys("〖［", "【"),
    **dict.fromkeys("〗］", "】"),
    "\u20e3": ".",  # the frame of a keycap emoji: "1️⃣" is read as "1."
    "．": ".",
    "\t": " ",
    "\r": "\n",
    "\n": "\n",
}
_NOTHING = ("Cc", "Cf", "Mn", "Me")
_BLANK = ("So", "Sk", "Cs", "Co", "Cn", "Zs")
_LINE = ("Zl", "Zp")
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,10})(?:\s[^<>]{0,300})?/?>")
_ENTITY = re.compile(r"&(?:nbsp|ensp|emsp|lt|gt|amp|quot);")
_BLOCK_TAGS = {"p", "br", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4"}


class TextTooLong(ValueError):
    """The message is longer than the room reads; says so in Chinese to the person who pasted it."""


LONGEST = WORDS["longest_message"]


@dataclass(frozen=True)
class Plain:
    """Plain text, and for each of its characters the index in the raw text."""

    raw: str
    text: str
    at: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of a plain span that is not empty."""
        return self.at[start], self.at[end - 1] + 1

    def raw_text(self, start: int, end: int) -> str:
        first, last = self.span(start, end)
        return self.raw[first:last]


def plain(raw: str) -> Plain:
    """The plain form of `raw`. Raises TextTooLong over `longest_message` characters (data/homework.toml)."""
    if len(raw) > LONGEST:
        raise TextTooLong(
            f"这段文字有 {len(raw)} 个字，一次最多读 {LONGEST} 个字。请分几次粘贴，或只粘贴作业部分。"
        )
    folded = [_FOLD[char] for char in _without_markup(raw)]
    if STRAIGHT_QUOTE in folded:
        folded = _opened_and_closed(folded)
    return Plain(raw, "".join(folded), [index for index, char in enumerate(folded) if char])


def _opened_and_closed(folded: list[str]) -> list[str]:
    """Straight quotation marks as “ and ” in turn, anew on each line."""
    is_open, paired = False, []
    for char in folded:
        if char == STRAIGHT_QUOTE:
            char, is_open = "”" if is_open else "“", not is_open
        elif char in ("“", "”"):
            is_open = char == "“"
        elif char == "\n":
            is_open = False
        paired.append(char)
    return paired


def _without_markup(raw: str) -> str:
    """HTML tags and entities as blanks of the same length; a block tag starts a new line."""
    if "<" in raw:
        raw = _TAG.sub(_blank_tag, raw)
    if "&" in raw:
        raw = _ENTITY.sub(lambda found: " " * len(found.group()), raw)
    return raw


def _blank_tag(found: re.Match) -> str:
    first = "\n" if found.group(1).lower() in _BLOCK_TAGS else " "
    return first + " " * (len(found.group()) - 1)


class _Fold(dict):
    """What each raw character becomes; worked out once for each character met."""

    def __missing__(self, char: str) -> str:
        self[char] = folded = _fold(char)
        return folded


def _fold(char: str) -> str:
    if char in _SAME_AS:
        return _SAME_AS[char]
    if char in CIRCLED:
        return char
    category = unicodedata.category(char)
    if category in _NOTHING:
        return ""
    if category in _LINE:
        return "\n"
    circled = _circled(char)
    if circled:
        return circled
    if category in _BLANK:
        return " "
    normal = unicodedata.normalize("NFKC", char)
    return normal.lower() if len(normal) == len(normal.lower()) == 1 else char


def _circled(char: str) -> str:
    """⑴ ⒈ ❶ ➀ and their like, as ①."""
    if not 0x2460 <= ord(char) <= 0x2793:
        return ""
    number = unicodedata.numeric(char, 0)
    return CIRCLED[int(number) - 1] if 1 <= number <= 20 else ""


def _traditional() -> dict[str, str]:
    """Traditional characters of the vocabulary and their Simplified forms (data/traditional.toml)."""
    return dict(load("traditional.toml")["pairs"].split())


_FOLD = _Fold(_traditional())
