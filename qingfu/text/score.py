"""How well reader and lint do on labelled messages: counts of hits, false alarms and misses.

A labelled message is an object with grade, text, materials_listed, items (subject, text, form,
required, minutes) and forbidden (code, text, span). A flag hits a label of the same code whose span it
overlaps; an item hits a label if they share at least half of the shorter of the two; each item can hit
one label only.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from .homework import STATED, read
from .lint import CODES, lint
from .vocabulary import WORDS

_SHARE_OF_A_HIT = 0.5
_ANY_DAY = date(2025, 11, 12)
_SUBJECT_OF = {name: subject for subject, names in WORDS["subjects"].items() for name in (subject, *names)}


@dataclass
class Tally:
    """Hits, false alarms and misses, of one code or of the items."""

    hits: int = 0
    alarms: int = 0
    labels: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.hits / self.alarms if self.alarms else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.labels if self.labels else 1.0


@dataclass
class Score:
    codes: dict[str, Tally] = field(default_factory=lambda: {code: Tally() for code in CODES})
    items: Tally = field(default_factory=Tally)
    right: Counter = field(default_factory=Counter)  # items that hit with the right subject, form …

    @property
    def all_codes(self) -> Tally:
        total = Tally()
        for tally in self.codes.values():
            total.hits += tally.hits
            total.alarms += tally.alarms
            total.labels += tally.labels
            total.found += tally.found
        return total

    def share_right(self, what: str) -> float:
        return self.right[what] / self.items.hits if self.items.hits else 1.0


def messages(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


_MARK = re.compile(r"⟦([a-z0-9_]+):([^⟧]*)⟧")


def marked_messages(path: Path) -> list[dict]:
    """Messages of a file with one a line: grade (with @materials, if any are listed), a bar, and the text in which
    ⟦code:words⟧ marks what is forbidden; ↵ is a line end, # begins a remark. Words that carry a second code
    are marked by it once more, right behind: ⟦punitive:错一个抄十遍⟧⟦mechanical:抄十遍⟧.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_marked(line) for line in lines if line.strip() and not line.startswith("#")]


def _marked(line: str) -> dict:
    head, marked = line.split("|", 1)
    grade, _, listed = head.partition("@")
    text, forbidden, read_to, last = "", [], 0, 0
    for mark in _MARK.finditer(marked):
        text += marked[read_to:mark.start()]
        code, words = mark.groups()
        again = text.find(words, last) if mark.start() == read_to and forbidden else -1
        start = again if again >= 0 else len(text)
        if again < 0:
            last = len(text)
            text += words
        forbidden.append({"code": code, "span": [start, start + len(words)], "text": words})
        read_to = mark.end()
    text = (text + marked[read_to:]).replace("↵", "\n")
    materials = [name for name in listed.split(",") if name]
    return {"grade": int(grade), "text": text, "materials_listed": materials, "items": [], "forbidden": forbidden}


def score(labelled: Iterable[Mapping]) -> Score:
    """The counts over all messages. A message in which nothing is labelled counts too: each flag there
    is false.
    """
    result = Score()
    for message in labelled:
        reading = read(message["text"], message["grade"], subject=None, today=_ANY_DAY)
        listed = message.get("materials_listed") or ()
        flags = lint(message["text"], message["grade"], items=reading.items, materials=listed)
        _count_flags(result, [(flag.code, (flag.start, flag.end)) for flag in flags], message)
        _count_items(result, reading.items, message)
    return result


def _count_flags(result: Score, flags: list[tuple[str, tuple[int, int]]], message: Mapping) -> None:
    labels = [(label["code"], tuple(label["span"])) for label in message["forbidden"]]
    for code, span in flags:
        result.codes[code].alarms += 1
        result.codes[code].hits += any(code == other and overlap(span, theirs) for other, theirs in labels)
    for code, span in labels:
        result.codes[code].labels += 1
        result.codes[code].found += any(code == other and overlap(span, theirs) for other, theirs in flags)


def _count_items(result: Score, items: Iterable, message: Mapping) -> None:
    free = list(items)
    result.items.alarms += len(free)
    searched_from = 0
    for label in message["items"]:
        result.items.labels += 1
        start = message["text"].find(label["text"], searched_from)
        start = start if start >= 0 else message["text"].find(label["text"])
        if start < 0:
            continue
        span = (start, start + len(label["text"]))
        searched_from = span[1]
        best = max(free, key=lambda item: _alike(span, (item.start, item.end)), default=None)
        if best is None or not _is_hit(span, (best.start, best.end)):
            continue
        free.remove(best)
        result.items.hits += 1
        result.items.found += 1
        result.right["subject"] += _canonical(best.subject) == _canonical(label["subject"])
        result.right["form"] += best.form == label["form"]
        result.right["required"] += best.required == label["required"]
        stated = best.minutes if best.minutes_from == STATED else None
        result.right["minutes"] += stated == label["minutes"]


def overlap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _is_hit(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return overlap(one, other) >= _SHARE_OF_A_HIT * min(one[1] - one[0], other[1] - other[0])


def _alike(one: tuple[int, int], other: tuple[int, int]) -> float:
    """The share of two spans that they have in common, 0 to 1."""
    common = overlap(one, other)
    return common / (one[1] - one[0] + other[1] - other[0] - common)


def _canonical(subject: str | None) -> str | None:
    return _SUBJECT_OF.get(subject, subject)


def table(result: Score) -> str:
    """The figures as a text table: by code, in all, and of the reader."""
    lines = [f"{'code':<20}{'labels':>8}{'flags':>8}{'precision':>11}{'recall':>9}"]
    for name, tally in [*result.codes.items(), ("all", result.all_codes)]:
        lines.append(f"{name:<20}{tally.labels:>8}{tally.alarms:>8}{tally.precision:>11.3f}{tally.recall:>9.3f}")
    lines.append(f"{'items':<20}{result.items.labels:>8}{result.items.alarms:>8}"
                 f"{result.items.precision:>11.3f}{result.items.recall:>9.3f}")
    lines.append("of items found: " + "  ".join(
        f"{what} {result.share_right(what):.3f}" for what in ("subject", "form", "required", "minutes")))
    return "\n".join(lines)
