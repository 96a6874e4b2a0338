"""What a draft is: its form (文种, 条例第八条), its types as the rulebook names them, and how it goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..review.words import NUMERALS
from .parts import Draft
from .signs import deploying
from .words import compiled, data, found_in, squeezed

RED, LETTER, MEMO, WHITE, MINUTES = "red", "letter", "memo", "white", "minutes"


@dataclass(frozen=True)
class Kind:
    """form: code and name of the form; types: values of the rulebook's document_type; carrier: red (红头), letter (函的
    格式), memo (便函), white (白头), minutes; deploys: the sentences that deploy work are enough.
    """

    form: str
    form_name: str
    types: tuple[str, ...]
    carrier: str
    deploys: bool
    transmits: bool
    to_grassroots: bool
    issuer: str

    @property
    def is_upward(self) -> bool:
        return self.form in ("report", "request")


def kind_of(draft: Draft) -> Kind:
    form, name = _form(draft)
    carrier = _carrier(draft, form)
    deploys = len(deploying(draft)) >= data("signs")["deploys"]["sentences_at_least"]
    words = data("kinds")["carrier"]
    return Kind(
        form,
        name,
        tuple(_types(draft, form, deploys)),
        carrier,
        deploys,
        bool(re.search(words["transmits"], draft.title)),
        bool(re.search(words["grassroots"], draft.addressee)),
        _issuer(draft),
    )


def _form(draft: Draft) -> tuple[str, str]:
    title = re.sub(r"[（(][^（）()]{1,12}[）)]$", "", draft.title or draft.organ_mark)
    for form in data("kinds")["form"]:
        if compiled(form["ends"]).search(title):
            return form["code"], form["name"]
    if re.search("纪要", draft.organ_mark):
        return "minutes", "纪要"
    return "", "没有写明文种"


def _carrier(draft: Draft, form: str) -> str:
    """A mark of the issuer or a number, filled in or not, makes a red head; a letter's number has the word 函."""
    words = data("kinds")["carrier"]
    number = draft.number
    if re.search(words["memo"], draft.title + draft.organ_mark + (number["word"] if number else "")):
        return MEMO
    if form == "minutes":
        return MINUTES
    if number and re.search(words["letter_number"], number["word"]):
        return LETTER
    if number or draft.organ_mark:
        return RED
    return MEMO if form == "letter" else WHITE


def _types(draft: Draft, form: str, deploys: bool):
    """document_type, several at once: an implementing opinion is also special."""
    words = data("kinds")["types"]
    titles = "\n".join([draft.title, *map(squeezed, draft.enclosed_titles)])
    if form in ("minutes", "letter", "reply") and not deploys:
        yield form
        return
    if re.search(words["pledge"], titles, re.MULTILINE):
        yield "pledge"
    if re.search(words["weekly_circular"], titles):
        yield "weekly_circular"
    is_policy = bool(re.search(words["policy"], titles, re.MULTILINE))
    yield "policy" if is_policy else "general"
    if is_implementing(draft):
        yield "implementing"
    if form in ("request", "report", "announcement", "motion"):
        return
    if _is_comprehensive(draft, titles):
        yield "comprehensive"
    elif deploys or not is_policy:
        yield "special"
    if deploys:
        yield "arrangement"


def is_implementing(draft: Draft) -> bool:
    """An opinion, plan or rules that carry out a superior's document, by title."""
    titles = [draft.title, *map(squeezed, draft.enclosed_titles)]
    return any(found_in([data("kinds")["types"]["implementing"]], title) for title in titles)


def _is_comprehensive(draft: Draft, titles: str) -> bool:
    words = data("kinds")["types"]
    if re.search(words["comprehensive"], titles):
        return True
    return len(fields_of(draft)) >= words["fields_at_least"] and not re.search(words["single_task"], titles)


def fields_of(draft: Draft) -> list[str]:
    """The fields of work that the headings of the first level name."""
    first_level = re.compile(rf"[{NUMERALS}]{{1,3}}、")
    text = "\n".join(line.text[:40] for line in draft.of("body", "enclosed") if first_level.match(line.text))
    return [field["name"] for field in data("kinds")["field"] if re.search(field["words"], text)]


def _issuer(draft: Draft) -> str:
    words = data("kinds")["carrier"]
    name = squeezed(draft.signature) or squeezed(draft.organ_mark).removesuffix("文件")
    return next((code for code in ("state_council_office", "state_council") if re.search(words[code], name)), "")
