"""How long a draft is.

**Characters.** The limits (若干规定 2024) say 字 and name no way to count. Ours: what Word shows as 字数, of the text
proper (正文, GB/T 9704-2012, 7.3.3) with its headings, and of the document that a letter of transmittal issues, for
that is what the letter says. Not counted: head, title, addressee, attachment note, signature, date, note in brackets,
record (7.2, 7.3.1, 7.3.2, 7.3.4-7.3.6, 7.4). Attachments (7.3.7) are counted apart.

**Pages.** From the first page to the last before the attachments: as Word stored them when it last saved, if what it
stored still fits the text; else as LibreOffice lays the file out, where it is asked for and installed; else estimated
by the layout of the standard (5.2.3: 22 lines of 28 characters).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from math import ceil

from lxml import etree

from ..files import CannotRead, Source, open_file
from ..files.office import converted, office
from ..files.package import Package
from .parts import Draft, Line
from .words import data

STORED, LAID_OUT, ESTIMATED = "stored", "laid_out", "estimated"
_WIDE = "WFA"
_STALE = 0.05  # what Word stored fits if the characters it counted then are as many as now, to this share
_PAGES, _STORED_CHARACTERS = "Pages", "CharactersWithSpaces"
_COUNTED = ("body", "enclosed_title", "enclosed_note", "enclosed", "enclosed_date")
_APART = ("attachment_title", "attachment")
_AROUND_TITLE = 3  # blank lines: two below the head, one above the addressee (7.3.1, 7.3.2)


@dataclass(frozen=True)
class Size:
    """Characters (字) of the text, of what it issues within that, and of the attachments; pages and how counted."""

    characters: int
    enclosed: int
    attachments: int
    pages: int
    pages_from: str


def characters(text: str) -> int:
    """As Word counts 字数: every wide character is one, and so is every run of others without a blank."""
    count, in_word = 0, False
    for char in text:
        if char.isspace():
            in_word = False
        elif unicodedata.east_asian_width(char) in _WIDE:
            count, in_word = count + 1, False
        elif not in_word:
            count, in_word = count + 1, True
    return count


def size_of(draft: Draft, *, lay_out: bool = False) -> Size:
    """``lay_out``: LibreOffice may be run for the pages (some seconds)."""
    counted = _count(draft.of(*_COUNTED))
    enclosed = _count(draft.of(*(role for role in _COUNTED if role != "body")))
    pages, how = pages_of(draft, lay_out=lay_out)
    return Size(counted, enclosed, _count(draft.of(*_APART)), pages, how)


def _count(lines: list[Line]) -> int:
    return sum(characters(line.text) for line in lines)


def pages_of(draft: Draft, *, lay_out: bool = False) -> tuple[int, str]:
    """(pages before the attachments, how they were counted)."""
    source = draft.source
    if source.pages:
        return _before_attachments(source), LAID_OUT
    stored = None if draft.attachment_count else _stored(source)
    if stored:
        return stored, STORED
    if lay_out and source.word is not None and office():
        try:
            return _before_attachments(open_file(converted(source.word, "docx", "pdf"))), LAID_OUT
        except CannotRead:
            pass  # what cannot be laid out is estimated
    return _estimated(draft), ESTIMATED


def _before_attachments(pdf: Source) -> int:
    pages = [pdf.text[start:end] for start, end in zip(pdf.pages, [*pdf.pages[1:], len(pdf.text)], strict=True)]
    opens = re.compile(r"\s*附\s*件\s*\d{0,2}\s*\n")
    return next((number for number, page in enumerate(pages) if number and opens.match(page)), len(pages))


def _stored(source: Source) -> int | None:
    """What docProps/app.xml says (ECMA-376, part 1, 22.2), if it speaks of this text."""
    if source.runs is None:
        return None
    package: Package = source.runs.package
    part = package.find("docProps/app.xml")
    if part is None:
        return None
    said = {etree.QName(it).localname: it.text or "" for it in package.xml(part) if isinstance(it.tag, str)}
    pages, counted = said.get(_PAGES, ""), said.get(_STORED_CHARACTERS, "")
    if not (pages.isdigit() and counted.isdigit() and int(pages)):
        return None
    now = sum(not char.isspace() for char in source.text)
    return int(pages) if abs(int(counted) - now) <= _STALE * max(now, 1) else None


def _estimated(draft: Draft) -> int:
    """Lines of the text at the characters of a full line, two for each line of the title, over the lines of a page."""
    grid = data("layout")["grid"]
    lines, before = 0, ""
    for line in draft.lines:
        role = draft.roles[line.index]
        if role.startswith("attachment") and role != "attachment_note":
            break
        if role in ("title", "enclosed_title"):
            lines += ceil(_width(line.text) * _title_width() / grid["characters"])
            lines += _AROUND_TITLE * (role != before)
        else:
            lines += ceil((_width(line.text) + 2) / grid["characters"])
        before = role
    return max(1, ceil(lines / grid["lines"]))


def _width(text: str) -> float:
    """In widths of a Chinese character."""
    return sum(1 if unicodedata.east_asian_width(char) in _WIDE else 0.5 for char in text)


def _title_width() -> float:
    elements = {it["role"]: it for it in data("layout")["element"]}
    return elements["title"]["points"] / elements["body"]["points"]
