"""A draft cut into its elements, as GB/T 9704-2012, 7.1 names them: head, title, addressee, text, notes, signature,
date, what is issued with it, attachments, record.

Of a letter of transmittal (印发、转发) the document that it issues stands behind the date under a title of its own and
without the word 附件: it is ``enclosed`` and is part of what the draft says; attachments are apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..files import Source
from ..review.words import NUMERALS
from .words import data, squeezed

BODY_ROLES = ("body",)
_NUMBER = re.compile(
    r"(?P<word>[^\s〔\[（(【]{0,16})\s*[〔\[（(【]\s*(?P<year>(?:19|20)\d\d)\s*[〕\]）)】]\s*(?P<place>第?[\s\d×xX_＿]*)号"
)
_DATE = re.compile(
    rf"(?P<year>\d{{4}}|[〇○零{NUMERALS}]{{4}})\s*年\s*(?P<month>\d{{0,2}}|[〇{NUMERALS}]{{0,2}})[\s×xX_]*月"
    rf"\s*(?P<day>\d{{0,2}}|[〇{NUMERALS}]{{0,3}})[\s×xX_]*日"
)
_ATTACHMENT_MARK = re.compile(r"附\s*(?:件|表|录)\s*[\d一二三四五六七八九十]{0,3}\s*[:：]?")
_ATTACHMENT_NOTE = re.compile(r"附\s*件\s*[:：]\s*\S")
_NOTE_GOES_ON = re.compile(r"\d{1,2}\s*[.．、]\s*\S")
_RECORD = re.compile(r"抄\s*(?:送|报)\s*[:：]|(?:\S+)?\s*\d{4}年\d{1,2}月\d{1,2}日\s*印发")
_BRACKETED = re.compile(r"[（(].{2,60}[）)]")
_STOP = re.compile(r"[。；;！？!?]")
_LONGEST_TITLE, _LONGEST_TITLE_LINES = 90, 4
_LONGEST_ADDRESSEE, _LONGEST_SIGNATURE, _LONGEST_HEAD = 240, 40, 40


@dataclass(frozen=True)
class Line:
    """One paragraph that is not blank. Offsets are characters of ``source.text``; ``number`` is Word's own."""

    index: int
    start: int
    end: int
    raw: str
    number: str = ""

    @cached_property
    def text(self) -> str:
        """As it is read: without blanks at its ends, with the number that Word computes."""
        return self.number + self.raw.strip()


@dataclass
class Draft:
    """The elements of one draft. Missing ones are empty."""

    source: Source
    lines: list[Line]
    roles: dict[int, str] = field(default_factory=dict)  # index of the line → its element

    def of(self, *roles: str) -> list[Line]:
        return [line for line in self.lines if self.roles.get(line.index) in roles]

    def text_of(self, *roles: str) -> str:
        return "\n".join(line.text for line in self.of(*roles))

    @cached_property
    def title(self) -> str:
        return "".join(squeezed(line.text) for line in self.of("title"))

    @cached_property
    def organ_mark(self) -> str:
        """发文机关标志, GB/T 9704 7.2.4: the name with 文件, of minutes the name of the meeting."""
        return "".join(squeezed(line.text) for line in self.of("organ_mark"))

    @cached_property
    def number(self) -> re.Match | None:
        """发文字号, also one whose place is still left blank."""
        return next((found for line in self.of("number") if (found := _NUMBER.search(line.raw))), None)

    @cached_property
    def addressee(self) -> str:
        return self.text_of("addressee")

    @cached_property
    def signature(self) -> str:
        return self.text_of("signature")

    @cached_property
    def date(self) -> re.Match | None:
        return next((found for line in self.of("date") if (found := date_in(line.text))), None)

    @cached_property
    def enclosed_titles(self) -> list[str]:
        return [line.text for line in self.of("enclosed_title")]

    @cached_property
    def attachment_count(self) -> int:
        return len(self.of("attachment_mark"))


def date_in(text: str) -> re.Match | None:
    """The date that the line is, whatever is left blank in it."""
    return _DATE.fullmatch(text.strip())


def number_in(text: str) -> re.Match | None:
    return _NUMBER.search(text)


def draft_of(source: Source) -> Draft:
    """The elements of what was read. A body section is all that is looked at: notes and margins are not the text."""
    draft = Draft(source, list(_lines(source)))
    rest = list(draft.lines)
    _take_head(draft, rest)
    _take_title(draft, rest)
    _take_addressee(draft, rest)
    _take_record(draft, rest)
    _take_attachments(draft, rest)
    _take_ending(draft, rest)
    _give(draft, rest, "body")
    return draft


def _lines(source: Source) -> Iterator[Line]:
    body_end = source.sections[0].end if source.sections else len(source.text)
    if source.runs is not None:
        spans = [(it.start, it.end, it.number) for it in source.runs.paragraphs if it.end <= body_end]
    else:
        spans = [(*match.span(), "") for match in re.finditer(r"[^\n]*", source.text[:body_end])]
    number = 0
    for start, end, automatic in spans:
        raw = source.text[start:end]
        if raw.strip():
            yield Line(number, start, end, raw, automatic)
            number += 1


def _give(draft: Draft, lines: list[Line], role: str) -> None:
    for line in lines:
        draft.roles[line.index] = role


def _take(draft: Draft, rest: list[Line], count: int, role: str) -> None:
    _give(draft, rest[:count], role)
    del rest[:count]


def _take_head(draft: Draft, rest: list[Line]) -> None:
    """版头: copy number, urgency, the issuer's mark, document number, who signs."""
    marks = data("kinds")["head"]
    while rest and len(rest[0].text) <= _LONGEST_HEAD:
        text = squeezed(rest[0].text)
        if _NUMBER.search(rest[0].text) and not text.endswith(("通知", "意见", "函")):
            _take(draft, rest, 1, "number")
        elif re.fullmatch(marks["organ"], text) or _is_mark(rest, marks):
            _take(draft, rest, 1, "organ_mark")
        elif re.fullmatch(marks["other"], text):
            _take(draft, rest, 1, "head")
        else:
            return


def _is_mark(rest: list[Line], marks: dict) -> bool:
    """A name above a document number, above an issue's number, or above the mark of minutes."""
    if len(rest) < 2 or not re.fullmatch(marks["name"], squeezed(rest[0].text)):
        return False
    below = rest[1].text
    numbered = bool(_NUMBER.match(below)) or bool(re.fullmatch(r"[（(]?第?\s*\S{1,4}\s*[期号次][）)]?", below))
    return numbered or bool(re.fullmatch(marks["minutes"], squeezed(below)) and _is_mark(rest[1:], marks))


def _take_title(draft: Draft, rest: list[Line]) -> None:
    """Lines up to the one that ends with the word for a kind of document."""
    ends = re.compile(data("kinds")["title_ends"])
    joined = ""
    for count, line in enumerate(rest[:_LONGEST_TITLE_LINES], 1):
        joined += squeezed(line.text)
        if len(joined) > _LONGEST_TITLE or _STOP.search(joined) or line.text.endswith(("：", ":")):
            break
        if ends.search(joined):
            _take(draft, rest, count, "title")
            break
    else:
        count = 0
    if not draft.of("title") and rest and _may_title(rest[0]):
        _take(draft, rest, 1, "title")
    while rest and _BRACKETED.fullmatch(rest[0].text) or rest and date_in(rest[0].text) and len(rest) > 3:
        _take(draft, rest, 1, "subtitle")


def _take_addressee(draft: Draft, rest: list[Line]) -> None:
    if rest and len(rest[0].text) <= _LONGEST_ADDRESSEE and rest[0].text.endswith(("：", ":")):
        text = rest[0].text
        if not _STOP.search(text) and not re.search(data("kinds")["no_addressee"], text):
            _take(draft, rest, 1, "addressee")


def _take_record(draft: Draft, rest: list[Line]) -> None:
    """版记: from 抄送, or from the line that says who printed it when, to the end."""
    for place, line in enumerate(rest):
        if _RECORD.match(line.text) and len(rest) - place <= 4:
            _give(draft, rest[place:], "record")
            del rest[place:]
            return


def _take_attachments(draft: Draft, rest: list[Line]) -> None:
    """From the first line that says 附件 and no more, to the end: each with its own mark and title."""
    starts = [place for place, line in enumerate(rest) if _ATTACHMENT_MARK.fullmatch(line.text)]
    if not starts or not rest[: starts[0]]:
        return
    begun = False
    for place in range(starts[0], len(rest)):
        is_mark = place in starts
        is_title = begun and _may_title(rest[place])
        draft.roles[rest[place].index] = (
            "attachment_mark" if is_mark else "attachment_title" if is_title else "attachment"
        )
        begun = is_mark
    del rest[starts[0] :]


def _may_title(line: Line) -> bool:
    return len(line.text) <= _LONGEST_TITLE and not re.search(r"[。；]|[：:]$", line.text)


def _take_ending(draft: Draft, rest: list[Line]) -> None:
    """From the first line that is a date: signature above, note below, and behind it the document that is issued."""
    place = next((n for n, line in enumerate(rest) if n and date_in(line.text)), None)
    before = len(rest) if place is None else place
    if place is not None:
        draft.roles[rest[place].index] = "date"
        while before > 1 and _is_signature(rest[before - 1]) and before > place - 3:
            before -= 1
        _give(draft, rest[before:place], "signature")
        behind = rest[place + 1 :]
        if behind and _BRACKETED.fullmatch(behind[0].text):
            draft.roles[behind.pop(0).index] = "annotation"
        _give_enclosed(draft, behind)
        del rest[before:]
    note = next((n for n, line in enumerate(rest) if n and _ATTACHMENT_NOTE.match(line.text)), None)
    if note is not None:
        end = note + 1
        while end < len(rest) and _NOTE_GOES_ON.match(rest[end].text) and not _STOP.search(rest[end].text):
            end += 1
        _give(draft, rest[note:end], "attachment_note")
        if end < len(rest) and place is None and all(map(_is_signature, rest[end:])):
            _give(draft, rest[end:], "signature")
            end = len(rest)
        del rest[note:end]


def _is_signature(line: Line) -> bool:
    text = line.text
    return (
        len(text) <= _LONGEST_SIGNATURE
        and not re.search(r"[。；：:，,！？]", text)
        and not (re.match(rf"[（(]?[{NUMERALS}\d]+[）)]?[、.．]", text) or _ATTACHMENT_NOTE.match(text))
    )


def _give_enclosed(draft: Draft, lines: list[Line]) -> None:
    """A title opens the document; another one further down opens another document."""
    ends = re.compile(data("kinds")["enclosed_ends"])
    for place, line in enumerate(lines):
        follows_title = place and draft.roles[lines[place - 1].index] == "enclosed_title"
        is_title = _is_signature(line) and (
            ends.search(squeezed(line.text)) or (not place and len(line.text) <= _LONGEST_SIGNATURE)
        )
        if is_title and not follows_title:
            role = "enclosed_title"
        elif follows_title and _BRACKETED.fullmatch(line.text):
            role = "enclosed_note"
        elif date_in(line.text):
            role = "enclosed_date"
        else:
            role = "enclosed"
        draft.roles[line.index] = role
