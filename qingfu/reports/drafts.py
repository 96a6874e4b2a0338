"""What is being reviewed travels in the page itself, signed and compressed: the server keeps nothing.

A draft is a name, its text and, for Word, the file. The signature holds for the person who put the draft in.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core import signing
from django.utils.translation import gettext as _

from qingfu.text.files import CannotRead, Source, open_file, pasted
from qingfu.text.review.secrecy import why_secret

MOST_CARRIED = 1_000_000  # bytes of all Word files; a form of Django holds 2.5 MB, and the text travels too


class Unreadable(ValueError):
    """A file that is not read; its text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One text under review. ``word`` is the .docx that comments and changes go into; None: one is made of the text."""

    name: str
    text: str
    word: bytes | None = None

    def source(self) -> Source:
        """The draft as the room of files takes it: offsets count the characters of ``text``."""
        if self.word is not None:
            return open_file(self.word, self.name)
        return pasted(self.text, self.name)


def read_upload(name: str, content: bytes) -> tuple[Draft, tuple[str, ...]]:
    """The draft in a file, and what there is to say about it. Raises Unreadable."""
    try:
        source = open_file(content, name)
    except CannotRead as error:
        raise Unreadable(_("%(name)s：%(why)s") % {"name": name, "why": error}) from error
    return _read(source), source.warnings


def read_pasted(text: str) -> Draft:
    """The draft that was pasted. Raises Unreadable."""
    return _read(pasted(text, _("粘贴的文字")))


def _read(source: Source) -> Draft:
    """Refuses what is marked secret anywhere a mark stands: at the head of the text, of its headers and footers."""
    for section in source.sections:
        if secret := why_secret(source.text[section.start : section.end]):
            raise Unreadable(_("%(name)s：%(why)s") % {"name": source.name, "why": secret})
    return Draft(source.name, source.text, source.word)


def fitting(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with names of their own, and without Word files that are too large to travel, the largest first."""
    named = [Draft(_name(drafts, place), draft.text, draft.word) for place, draft in enumerate(drafts)]
    left = MOST_CARRIED
    keeps = set()
    for place in sorted(range(len(named)), key=lambda place: len(named[place].word or b"")):
        left -= len(named[place].word or b"")
        if left >= 0:
            keeps.add(place)
    return [draft if place in keeps else Draft(draft.name, draft.text) for place, draft in enumerate(named)]


def _name(drafts: Sequence[Draft], place: int) -> str:
    name = drafts[place].name
    before = [draft.name for draft in drafts[:place]].count(name)
    return f"{name} ({before + 1})" if before else name


def packed(drafts: Sequence[Draft], on: date | None, person_id: int) -> str:
    """The drafts and the day of the report as one signed string."""
    rows = [[draft.name, draft.text, b64encode(draft.word).decode() if draft.word else ""] for draft in drafts]
    return signing.dumps([rows, on and on.isoformat()], salt=_salt(person_id), compress=True)


def unpacked(string: str, person_id: int) -> tuple[list[Draft], date | None]:
    """What ``packed`` made. Raises signing.BadSignature for anything else, and for another person's."""
    rows, on = signing.loads(string, salt=_salt(person_id))
    drafts = [Draft(name, text, b64decode(word) if word else None) for name, text, word in rows]
    return drafts, on and date.fromisoformat(on)


def _salt(person_id: int) -> str:
    return f"reports.drafts.{person_id}"
