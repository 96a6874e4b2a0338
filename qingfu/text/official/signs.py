"""What a draft demands of those below, where it is disguised, and where its kind is wrong, with the place of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .parts import Draft, Line
from .words import compiled, data

if TYPE_CHECKING:
    from .kinds import Kind
    from .sizes import Size

_SENTENCE = re.compile(r"[^。；！？!?\n]+[。；！？!?]?")
_QUOTED_TITLE = re.compile(r"《[^《》\n]*》")
_SPOKEN = ("body", "enclosed", "attachment")


@dataclass(frozen=True)
class Sign:
    """code and name; why and what to do, in Chinese; rows of the fact sheet; the place, characters of the source's text
    (equal where it is the whole); quote: the words there.
    """

    code: str
    name: str
    why: str
    advice: str
    rows: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    quote: str = ""
    attribute: str = ""


def signs_of(draft: Draft) -> list[Sign]:
    """What the text demands, each once for each sentence."""
    found = []
    for line, start, sentence in sentences(draft):
        for row in data("signs")["sign"]:
            place = _place(row["patterns"], sentence)
            if place:
                at = line.start + start
                found.append(_sign(row, at + place[0], at + place[1], sentence[place[0] : place[1]]))
    return found


def sentences(draft: Draft, *roles: str) -> Iterator[tuple[Line, int, str]]:
    """(line, where in its raw text, the sentence with titles in 《》 blotted out)."""
    for line in draft.of(*(roles or _SPOKEN)):
        raw = _QUOTED_TITLE.sub(lambda found: "《" + "_" * (len(found[0]) - 2) + "》", line.raw)
        for match in _SENTENCE.finditer(raw):
            if match[0].strip():
                yield line, match.start(), match[0]


def deploying(draft: Draft) -> list[str]:
    """The sentences that deploy work."""
    patterns = data("signs")["deploys"]["patterns"]
    return [sentence for _, _, sentence in sentences(draft) if _place(patterns, sentence)]


def _place(patterns: list[str], sentence: str) -> tuple[int, int] | None:
    """Where the first pattern holds that the words before it do not deny."""
    rows = data("signs")
    if compiled(rows["told_of_others"]).search(sentence.strip()):
        return None
    for pattern in patterns:
        for match in compiled(pattern).finditer(sentence):
            if not compiled(rows["denied"]).search(sentence[: match.start()]):
                return match.span()
    return None


def _sign(row: dict, start: int = 0, end: int = 0, quote: str = "") -> Sign:
    return Sign(
        row["code"], row["name"], row["why"], row["advice"], tuple(row.get("rows", ())), start, end, quote.strip(),
        row.get("attribute", ""),
    )  # fmt: skip


def disguises_of(draft: Draft, kind: Kind, size: Size, longest: int | None) -> Iterator[Sign]:
    """How the draft keeps out of the count; ``longest``: the fewest characters that a limit in force allows it."""
    rows = {row["code"]: row for row in data("signs")["disguise"]}
    if kind.deploys and kind.form == "letter":
        yield _sign(rows["letter_deploys"])
    elif kind.deploys and kind.form == "reminder":
        yield _sign(rows["reminder_deploys"])
    elif kind.deploys and kind.carrier == "white" and not kind.is_upward:
        yield _sign(rows["white_head"])
    if several := _several(draft):
        yield _sign(rows["several_in_one"], quote="；".join(several))
    if longest and size.attachments > longest and size.attachments > size.characters:
        yield _sign(rows["long_attachment"], quote=f"附件 {size.attachments} 字")


def disguise(code: str, quote: str = "") -> Sign:
    """The disguise that another file found."""
    return _sign(next(row for row in data("signs")["disguise"] if row["code"] == code), quote=quote)


def _several(draft: Draft) -> list[str]:
    """The titles of the documents, where one file holds more than one."""
    enclosed = draft.enclosed_titles
    if len(enclosed) > 1:
        return enclosed
    named = re.findall(r"《([^《》]+)》", draft.title)
    return named if len(named) > 1 and re.search("印发", draft.title) else []


def wrong_kinds_of(draft: Draft, kind: Kind) -> Iterator[Sign]:
    """Where the form does not fit what the text does."""
    for row in data("signs")["wrong_kind"]:
        if row["form"] != kind.form:
            continue
        places = [
            (line.start + start + place[0], line.start + start + place[1], sentence[place[0] : place[1]])
            for line, start, sentence in sentences(draft, "body", "signature")
            if (place := _place(row["patterns"], sentence))
        ]
        if row.get("always") or bool(places) != row.get("missing", False):
            yield _sign(row, *places[0]) if places else _sign(row)
