"""From a message as a teacher writes it to items, and from items to what the rules say of their words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from qingfu.homework.items import Flagged, Item, Target
from qingfu.homework.queries import Board, subjects_of
from qingfu.rulebook import Demand, Verdict
from qingfu.text.amounts import amounts, stated_minutes
from qingfu.text.homework import Item as ReadItem
from qingfu.text.homework import Reading, read
from qingfu.text.lint import LINT, Flag, lint
from qingfu.text.minutes import propose
from qingfu.text.plain import plain
from qingfu.units.models import Unit

LONGEST_TEXT = 500  # characters of one item, as the week plan stores it
BIDI_CONTROLS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Line:
    """One item as it was understood, with the reason for its minutes where they are our proposal."""

    subject: str | None
    text: str
    form: str
    required: bool
    place: str
    minutes: int
    why: str
    stated: bool
    due_day: date | None


def clean(text: str) -> str:
    """Text for people: without control and direction marks, blanks and line ends as one blank each."""
    kept = "".join(c for c in text if c.isspace() or not _is_control(c))
    return " ".join(kept.split())


def _is_control(char: str) -> bool:
    return char in BIDI_CONTROLS or unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn")


def understand(
    text: str, grade: int, subject: str | None, day: date, board: Board
) -> tuple[Reading, list[Line]]:
    """The items of a message for a class of ``grade``; ``subject`` is that of a message that names none.

    Raises TextTooLong, whose text is a sentence for people.
    """
    reading = read(text, grade, subject=subject, today=day, next_school_day=board.calendar.next_school_day)
    return reading, [_line(item, grade) for item in reading.items]


def _line(item: ReadItem, grade: int) -> Line:
    minutes, why = propose(item, grade)
    return Line(
        item.subject, clean(item.text), item.form, item.required, item.place or "", minutes, why,
        item.minutes is not None, item.due,
    )  # fmt: skip


def minutes_for(subject: str, text: str, form: str, grade: int) -> tuple[int, str]:
    """Minutes that an average pupil of ``grade`` needs for an item that was typed without any, and why."""
    words = plain(text).text
    item = ReadItem(
        0, len(text), text, subject, form, True, None, stated_minutes(words), "stated", None, None, amounts(words)
    )
    return propose(item, grade)


# ---- what may not be asked ----


def flags_of(item: Item, grade: int, materials: Iterable[str]) -> list[Flag]:
    """What the words of one item may not ask of a grade. ``materials``: what the school has listed."""
    return lint(item.text, grade, items=[_as_read(item)], materials=materials)


def _as_read(item: Item) -> ReadItem:
    return ReadItem(
        0, len(item.text), item.text, item.subject, item.form, item.required, item.place or None, item.minutes,
        "stated", item.due_day, None, (),
    )  # fmt: skip


def flagged_items(items: Sequence[Item], board: Board, day: date) -> list[Flagged]:
    """Everything that the items may not ask, each once, the gravest first."""
    found: dict[tuple, Flagged] = {}
    for n, item in enumerate(items):
        for unit, _ in item.classes():
            for flag in flags_of(item, unit.grade, board.materials(unit, item.subject, day)):
                found.setdefault((n, flag.code, flag.text), judged(flag, board, unit, day, n))
    return gravest_first(found.values())


def flagged_message(text: str, target: Target, board: Board, day: date) -> list[Flagged]:
    """The same for a message that is still being written, to one class or group."""
    unit = target.classes[0]
    flags = lint(text, unit.grade, materials=_materials(target, board, day))
    return gravest_first(judged(flag, board, unit, day) for flag in flags)


def _materials(target: Target, board: Board, day: date) -> list[str]:
    """What is listed for any of the subjects that she teaches there."""
    subjects = subjects_of([target])
    return [name for subject in subjects for name in board.materials(target.classes[0], subject, day)]


def flagged_remarks(text: str, reading: Reading, target: Target, board: Board, day: date) -> list[Flagged]:
    """The same for the parts of a message that are no homework: they are not posted, but they were said.

    What lies wholly within an item is told beside that item; anything that reaches out of one is told here.
    """
    unit = target.classes[0]
    spans = [(item.start, item.end) for item in reading.items]
    outside = [
        flag
        for flag in lint(text, unit.grade, items=reading.items, materials=_materials(target, board, day))
        if not any(start <= flag.start and flag.end <= end for start, end in spans)
    ]
    return gravest_first(judged(flag, board, unit, day) for flag in outside)


def judged(flag: Flag, board: Board, unit: Unit, day: date, item: int | None = None) -> Flagged:
    """A flag with the rule of the unit's rulebook that forbids it, and how hard."""
    asked = Demand("homework", board.of(unit).bearer(unit.pk), day, attributes={"flag": [flag.code]})
    breaches = [
        breach
        for breach in board.of(unit).rulebook.judge_single(asked, board.of(unit).calendar)
        if any(it.key == "flag" and flag.code in it.any_of for it in breach.in_force.limit.where)
    ]
    worst = max(breaches, key=lambda breach: breach.verdict, default=None)
    return Flagged(
        flag.code, clean(flag.text), flag.why_zh, flag.hint_zh,
        worst.verdict.code if worst else Verdict.INFORM.code,
        worst.in_force.limit.title if worst else LINT["flags"][flag.code]["why"],
        worst.in_force.citation if worst else "",
        item,
    )  # fmt: skip


def gravest_first(flagged: Iterable[Flagged]) -> list[Flagged]:
    return sorted(flagged, key=lambda one: -Verdict[one.verdict.upper()])
