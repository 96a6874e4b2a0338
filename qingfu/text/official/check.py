"""One look at a draft: its elements, size and kind, what the rules say, what it demands, how it is disguised."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from qingfu.rulebook import Rulebook, Verdict

from ..files import Source
from .against import Comparison, compare
from .judging import Judged, judge, national, shortest_allowed, worst
from .kinds import Kind, is_implementing, kind_of
from .layout import Flaw, flaws_of
from .marked import must_be_open
from .parts import Draft, draft_of
from .signs import Sign, disguise, disguises_of, signs_of, wrong_kinds_of
from .sizes import Size, size_of
from .words import data, found_in


@dataclass(frozen=True)
class Check:
    """What was found. ``required``: whether a superior asked for an implementing document (None: not known, or the
    draft is none); ``sha256`` of the file or text.
    """

    draft: Draft
    day: date
    kind: Kind
    size: Size
    required: bool | None
    judged: tuple[Judged, ...]
    signs: tuple[Sign, ...]
    disguises: tuple[Sign, ...]
    wrong_kinds: tuple[Sign, ...]
    layout: tuple[Flaw, ...]
    comparison: Comparison | None
    sha256: str

    @property
    def verdict(self) -> Verdict:
        """The worst of the limits; where none is broken but something is to be looked at, inform."""
        noted = self.signs or self.disguises or self.wrong_kinds
        return max(worst(self.judged), Verdict.INFORM if noted else Verdict.PASS)

    @property
    def demand_kind(self) -> str:
        return demand_kind(self.kind)

    @property
    def attributes(self) -> dict:
        """What the ledger is told of the draft: no words of it."""
        return attributes_of(self.kind, self.signs, self.required)


def check_draft(
    source: Source, *, on: date, rulebook: Rulebook | None = None, superior: Source | None = None,
    assessed: bool | None = None, required: bool | None = None, issued: int | None = None,
    last_year: int | None = None, lay_out: bool = False,
) -> Check:  # fmt: skip
    """Reads a draft as it would be issued on a day.

    rulebook: the rules that the office goes by (default: the nation's); superior: the document that it carries out;
    assessed: the consistency check (一致性评估) was made; required: a superior asked for such a document, where the
    caller knows; issued, last_year: documents sent so far and in all of last year; lay_out: LibreOffice may count
    the pages.
    Raises MarkedSecret where the draft or the superior's document is secret or internal: then nothing was read.
    """
    must_be_open(source)
    if superior is not None:
        must_be_open(superior)
    draft = draft_of(source)
    kind, size, signs = kind_of(draft), size_of(draft, lay_out=lay_out), tuple(signs_of(draft))
    comparison = compare(draft, superior, forwards=_forwards(draft)) if superior is not None else None
    required = _required(draft, comparison) if required is None else required
    attributes = attributes_of(kind, signs, required)
    if assessed is not None:
        attributes["assessed"] = assessed
    amounts = {"characters": size.characters, "pages": size.pages}
    judged = judge(
        demand_kind(kind), amounts, attributes, on, rulebook or national(), issued=issued, last_year=last_year
    )  # fmt: skip
    return Check(
        draft,
        on,
        kind,
        size,
        required,
        tuple(judged),
        signs,
        tuple(_disguises(draft, kind, size, shortest_allowed(judged), comparison, required)),
        tuple(wrong_kinds_of(draft, kind)),
        tuple(flaws_of(draft, kind)),
        comparison,
        hashlib.sha256(source.word or source.text.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def demand_kind(kind: Kind) -> str:
    """What the rulebook calls it: a report goes upwards and has limits of its own."""
    return "report" if kind.form == "report" else "document"


def attributes_of(kind: Kind, signs: Iterable[Sign], required: bool | None) -> dict:
    """The attributes of docs/rulebook-vocabulary.md; what is not so is left out. An implementing document is one for
    the rules only where nobody asked for it: one attribute, unrequired, speaks for it and for pledges.
    """
    told = {sign.attribute for sign in signs}
    types = [it for it in kind.types if it != "implementing" or required is False]
    if "pledge" in told and "pledge" not in types:
        types.append("pledge")
    attributes: dict = {"document_type": types}
    if "demands_report" in told:
        attributes["demands_report"] = True
    if required is False or "pledge" in types:
        attributes["unrequired"] = True
    if kind.to_grassroots:
        attributes["to_grassroots"] = True
    if kind.issuer:
        attributes["issuer"] = kind.issuer
    return attributes


def _forwards(draft: Draft) -> bool:
    return found_in([data("kinds")["carrier"]["forwards"]], draft.title)


def _required(draft: Draft, comparison: Comparison | None) -> bool | None:
    """Whether a superior asked for the implementing document that this is; None where it is none or nothing tells."""
    if not is_implementing(draft):
        return None
    if found_in(data("signs")["against"]["claims_required"], draft.text_of("body", "enclosed")):
        return True
    return bool(comparison.requires) if comparison else None


def _disguises(draft, kind, size, longest, comparison, required):
    yield from disguises_of(draft, kind, size, longest)
    if comparison and comparison.mostly_repeats:
        yield disguise("repeats_superior", f"新写的占 {comparison.new_share:.0%}")
    if required is False:
        yield disguise("implements_unasked", draft.title)
