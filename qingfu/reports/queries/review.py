"""What the page of a review shows, worked out anew from the texts that travel in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cos, pi, sin

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from qingfu.lake.indicators.claims import KIND as CLAIM
from qingfu.lake.indicators.claims import Checked
from qingfu.reports.drafts import Draft, unpacked
from qingfu.reports.queries.claims import Ledger
from qingfu.text.review.finding import Finding
from qingfu.text.review.marks import Line, Note, marked
from qingfu.text.review.reader import Review
from qingfu.text.review.repairs import apart, repaired, safe
from qingfu.text.review.several import Shared, review_together, shared
from qingfu.text.review.summary import Count, counts

SEVERITIES = {"error": _("必须改"), "warning": _("要核对"), "hint": _("可斟酌")}
PICTURES = {"error": "stop", "warning": "warn", "hint": "info"}
VERDICTS = {"agrees": _("与台账相符"), "differs": _("与台账不符"), "unchecked": _("不能核对")}
VERDICT_PICTURES = {"agrees": "check", "differs": "warn", "unchecked": "info"}
NOTES_SHOWN = 6  # beside one line; more are folded away
RADIUS, MARGIN, DOT = 130, 40, 15  # of the graph of copies, in its own units
THICKEST = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """A box to tick: a kind or a severity, how many findings it has, and whether it is shown."""

    code: str
    name: str
    count: int
    shown: bool
    picture: str = ""


class Reading:
    """Drafts, their reviews, and what the reader chose: a file to look at, kinds to see, repairs to make.

    A finding's key is its place among the findings of its text; ``accepted`` are keys by the place of the text.
    """

    def __init__(self, drafts: Sequence[Draft], on, chosen: QueryDict) -> None:
        self.drafts, self.on = drafts, on
        self.reviews = review_together([(draft.name, draft.text) for draft in drafts], on=on)
        self.ledgers: list[Ledger] = []
        self.current = _number(chosen.get("show", chosen.get("current")), len(drafts)) or 0
        self.dropped = 0
        self.accepted = [self._accepted(place, chosen) for place in range(len(drafts))]
        # Boxes that come with another text are those of the text seen before. Without a tick all is seen.
        boxes = QueryDict() if "show" in chosen else chosen
        self.hidden_kinds = _unticked({count.kind for count in self.counts}, boxes.getlist("kind"))
        self.hidden_severities = _unticked(set(SEVERITIES), boxes.getlist("severity"))

    @classmethod
    def of(cls, chosen: QueryDict, person_id: int) -> Reading:
        """The reading that a form sends back. Raises signing.BadSignature."""
        drafts, on = unpacked(chosen.get("state", ""), person_id)
        return cls(drafts, on, chosen)

    def _accepted(self, place: int, chosen: QueryDict) -> list[int]:
        """Keys in the order in which they were accepted, without those that overlap an earlier one."""
        findings = self.reviews[place].findings
        keys = [key for key in _keys(chosen.get("accepted", ""), place) if key < len(findings)]
        back = set(_keys(chosen.get("undo", ""), place))
        new = _keys(chosen.get("accept", ""), place)
        if chosen.get("accept_safe") and place == self.current:
            new = [key for key, finding in enumerate(findings) if finding.safe]
        wanted = dict.fromkeys(key for key in [*keys, *new] if key < len(findings) and key not in back)
        kept = {id(finding) for finding in apart(findings[key] for key in wanted)}
        made = [key for key in wanted if id(findings[key]) in kept]
        self.dropped += len(wanted) - len(made)
        return made

    @property
    def review(self) -> Review:
        return self.reviews[self.current]

    @property
    def draft(self) -> Draft:
        return self.drafts[self.current]

    @property
    def ledger(self) -> Ledger | None:
        """What the ledger says of the current text; None where none was asked."""
        return self.ledgers[self.current] if self.ledgers else None

    @property
    def claims(self) -> list[Checked]:
        return self.ledger.checked if self.ledger else []

    @property
    def set_beside(self) -> list[dict]:
        """For each text a row: its name, and what it was set against."""
        return [
            {"place": place, "number": place + 1, "name": self.drafts[place].name, "ledger": ledger}
            for place, ledger in enumerate(self.ledgers)
        ]

    @property
    def accepted_field(self) -> str:
        """The accepted repairs of all texts, as the form carries them."""
        return ",".join(f"{place}.{key}" for place, keys in enumerate(self.accepted) for key in keys)

    @cached_property
    def counts(self) -> list[Count]:
        return counts(self.review.findings)

    @property
    def kind_choices(self) -> list[Choice]:
        return [Choice(one.kind, one.name, one.all, one.kind not in self.hidden_kinds) for one in self.counts]

    @property
    def severity_choices(self) -> list[Choice]:
        found = Counter(finding.severity for finding in self.review.findings)
        return [
            Choice(code, name, found[code], code not in self.hidden_severities, PICTURES[code])
            for code, name in SEVERITIES.items()
        ]

    @cached_property
    def lines(self) -> list[Line]:
        """The lines of the text that are not blank, with the marks and notes of what is to be seen."""
        findings = {
            key: finding
            for key, finding in enumerate(self.review.findings)
            if finding.kind not in self.hidden_kinds and finding.severity not in self.hidden_severities
        }
        beside = len(self.review.findings)  # claims have keys of their own behind those of the findings
        findings |= {beside + place: one.finding() for place, one in enumerate(self.claims) if one.is_known}
        lines = marked(self.review.document, findings, set(self.accepted[self.current]))
        return [line for line in lines if not line.blank or line.notes]

    @property
    def shown(self) -> int:
        notes = (note for line in self.lines for note in line.notes if note.kind != CLAIM)
        return sum(len(note.keys) for note in notes)

    def claim_of(self, note: Note) -> Checked:
        """The claim that a note of the kind CLAIM is about."""
        return self.claims[note.keys[0] - len(self.review.findings)]

    def place_of(self, claim: Checked) -> dict:
        """Where a claim stands: its line, from 1, and its words."""
        document, one = self.review.document, claim.claim
        return {"line": document.line_of(one.start) + 1, "text": document.raw[one.start : one.end]}

    @property
    def unknown_claims(self) -> list[dict]:
        """The figures that no indicator tells, with their lines."""
        return [self.place_of(one) for one in self.claims if not one.is_known]

    @property
    def safe_left(self) -> int:
        """Safe repairs that are not accepted yet."""
        findings = self.review.findings
        return len(safe(findings)) - sum(findings[key].safe for key in self.accepted[self.current])

    def accepted_findings(self) -> list[Finding]:
        return [self.review.findings[key] for key in self.accepted[self.current]]

    def repaired_text(self) -> str:
        """The text with the accepted repairs."""
        return repaired(self.draft.text, self.accepted_findings())

    @cached_property
    def shared(self) -> list[Shared]:
        return shared([review.document for review in self.reviews])

    def matrix(self) -> list[dict]:
        """For each text a row: name, and for each other text the percentage of this one that stands there too."""
        shares = {(one.a, one.b): one.a_share for one in self.shared}
        shares |= {(one.b, one.a): one.b_share for one in self.shared}
        places = range(len(self.drafts))
        return [
            {
                "number": row + 1,
                "name": self.drafts[row].name,
                "cells": [_cell(row, column, shares.get((row, column))) for column in places],
            }
            for row in places
        ]

    def graph(self) -> dict:
        """Texts on a circle, in whole units of the drawing, and a line for each two that share something."""
        count = len(self.drafts)
        middle = RADIUS + MARGIN
        nodes = [
            {
                "number": place + 1,
                "name": self.drafts[place].name,
                "x": round(middle + RADIUS * sin(2 * pi * place / count)),
                "y": round(middle - RADIUS * cos(2 * pi * place / count)),
            }
            for place in range(count)
        ]
        edges = [
            {
                "a": nodes[one.a],
                "b": nodes[one.b],
                "href": f"#shared-{one.a + 1}-{one.b + 1}",
                "width": max(2, round(THICKEST * max(one.a_share, one.b_share))),
                "passages": len(one.passages),
            }
            for one in self.shared
        ]
        return {"nodes": nodes, "edges": edges, "size": 2 * middle, "dot": DOT}

    def side_by_side(self) -> list[dict]:
        """What each two texts share, passage by passage, with the line that each stands on (from 1)."""
        return [
            {
                "a": one.a + 1,
                "b": one.b + 1,
                "a_name": self.drafts[one.a].name,
                "b_name": self.drafts[one.b].name,
                "passages": [(self._passage(one.a, a), self._passage(one.b, b)) for a, b in one.passages],
            }
            for one in self.shared
        ]

    def _passage(self, place: int, span) -> dict:
        document = self.reviews[place].document
        return {"line": document.line_of(span.start) + 1, "text": document.raw[span.start : span.end]}


def _cell(row: int, column: int, share: float | None) -> dict:
    first, last = sorted((row + 1, column + 1))
    return {
        "same": row == column,
        "percent": None if share is None else max(1, round(100 * share)),
        "href": f"#shared-{first}-{last}",
    }


def _unticked(codes: set[str], ticked: list[str]) -> set[str]:
    return codes - set(ticked) if ticked else set()


def _keys(field: str, place: int) -> list[int]:
    """The keys of one text in a field such as ``0.3,0.17,1.2``; what is not of that form counts for nothing."""
    found = []
    for part in field.split(","):
        text, _dot, key = part.partition(".")
        if text == str(place) and key.isascii() and key.isdigit():
            found.append(int(key))
    return found


def _number(said: str | None, below: int) -> int | None:
    return int(said) if said and said.isascii() and said.isdigit() and int(said) < below else None
