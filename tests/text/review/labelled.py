"""The labelled statements: half to tune the patterns on, half held out, divided by the hash of the sentence, and some
that were written last, after the patterns."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

from qingfu.text.review.reader import review_text

LABELS = ("conflict", "depends", "fine")


@dataclass(frozen=True)
class Statement:
    """A sentence, the title it stands under, the day of its report if known, and what is to be said of it."""

    title: str
    text: str
    label: str
    on: date | None
    told: str

    @property
    def half(self) -> str:
        if self.told:
            return self.told
        return "held out" if sha256(self.text.encode()).digest()[0] % 2 == 0 else "tuned on"

    def said(self) -> str:
        """The label that the reader gives it."""
        findings = review_text(f"{self.title}\n\n{self.text}\n", on=self.on).findings
        subs = [found.sub for found in findings if found.kind == "policy_conflict"]
        if not subs:
            return "fine"
        return "depends" if set(subs) == {"depends_on_year"} else "conflict"


@cache
def statements() -> tuple[Statement, ...]:
    reports = tomllib.loads((Path(__file__).parent / "labelled_statements.toml").read_text("utf-8"))["report"]
    return tuple(
        Statement(report["title"], text, label, report.get("on"), report.get("half", ""))
        for report in reports
        for label in LABELS
        for text in report.get(label, ())
    )


def counts(half: str) -> Counter:
    """How many statements of a half have which label and got which: {(label, said): number}."""
    return Counter((one.label, one.said()) for one in statements() if one.half == half)


def lines() -> Iterator[str]:
    """Recall and precision of each half; a conflict told as one of the year is missed and vain at once."""
    for half in ("tuned on", "held out", "written last"):
        found = counts(half)
        due = sum(number for (label, _), number in found.items() if label != "fine")
        told = sum(number for (_, said), number in found.items() if said != "fine")
        right = sum(number for (label, said), number in found.items() if label == said != "fine")
        recall, precision = f"R {right}/{due} {right / due:.3f}", f"P {right}/{told} {right / max(told, 1):.3f}"
        yield f"{half}: {sum(found.values())} statements, {recall}, {precision}"
