"""What a teacher is about to ask, before it is put to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from qingfu.ledger.drafts import Draft
from qingfu.ledger.requests import hash_of
from qingfu.text.homework import WRITTEN
from qingfu.text.vocabulary import WORDS
from qingfu.units.models import Unit

SUBJECTS = tuple(WORDS["subjects"])
PLACES = tuple(WORDS["place"])
ALL_SUBJECTS = ""
"""The subject of a teacher's post who teaches everything in her class (包班)."""


@dataclass(frozen=True)
class Target:
    """Whom homework can be given to: a class, a 教学班, or one grade of a 复式班.

    ``code`` names it in forms; ``subjects`` are those that the teacher teaches there, ALL_SUBJECTS for all.
    ``combined`` says that it is a grade of a 复式班.
    """

    code: str
    name: str
    classes: tuple[Unit, ...]
    subjects: frozenset[str]
    group_id: int | None = None
    combined: bool = False

    def takes(self, subject: str) -> bool:
        """Whether the teacher teaches ``subject`` there."""
        return ALL_SUBJECTS in self.subjects or subject in self.subjects


@dataclass(frozen=True)
class Item:
    """One homework for the classes that it is meant for. ``minutes`` are what an average pupil needs."""

    subject: str
    text: str
    form: str
    required: bool
    minutes: int
    place: str = ""
    due_day: date | None = None
    targets: tuple[Target, ...] = ()

    def classes(self) -> list[tuple[Unit, int | None]]:
        """Each class once, with the group that it is asked through."""
        found: dict[int, tuple[Unit, int | None]] = {}
        for target in self.targets:
            for unit in target.classes:
                found.setdefault(unit.pk, (unit, target.group_id))
        return list(found.values())

    @property
    def counts(self) -> bool:
        """Whether it is written work that everybody does: what the daily caps are about."""
        return self.form == WRITTEN and self.required

    def draft(self, unit: Unit, group_id: int | None, day: date, flags: Iterable[str], **more) -> Draft:
        """The item as asked of one class. ``flags`` are the codes of what its text may not ask there."""
        attributes = {"form": self.form, "required": self.required}
        if self.place:
            attributes["place"] = self.place
        if flags:
            attributes["flag"] = sorted(flags)
        return Draft(
            bearer_id=unit.pk, day=day, subject=self.subject, text=self.text, minutes=self.minutes,
            due_day=self.due_day, attributes=attributes, group_id=group_id, **more,
        )  # fmt: skip


@dataclass(frozen=True)
class Posting:
    """Items for one day, posted together or not at all. ``plan_items`` are those of a week plan among them."""

    day: date
    items: tuple[Item, ...]
    reason: str = ""
    plan_items: tuple[int, ...] = ()

    def classes(self) -> list[Unit]:
        found = {unit.pk: unit for item in self.items for unit, _ in item.classes()}
        return list(found.values())

    def typed(self) -> str:
        """A fingerprint of what she entered: whatever the clock and the lists of the school say of it comes later."""
        items = [
            [
                item.subject, item.text, item.form, item.required, item.minutes, item.place, str(item.due_day or ""),
                [[unit.pk, group_id] for unit, group_id in item.classes()],
            ]
            for item in self.items
        ]  # fmt: skip
        return hash_of("homework", (), day=str(self.day), items=items, reason=self.reason, plan=list(self.plan_items))

    def with_minutes(self, n: int, minutes: int) -> Posting:
        """The same with other minutes for item ``n``. Raises IndexError."""
        return self._with_item(n, replace(self.items[n], minutes=minutes))

    def without(self, n: int) -> Posting:
        """The same without item ``n``. Raises IndexError."""
        left = [item for item in self.items if item is not self.items[n]]
        return replace(self, items=tuple(left))

    def for_class(self, unit_id: int) -> Posting:
        """What of it is for one class."""
        return self._for_classes(lambda unit: unit.pk == unit_id)

    def without_classes(self, unit_ids: Iterable[int]) -> Posting:
        """What is left of it without some classes."""
        gone = set(unit_ids)
        return self._for_classes(lambda unit: unit.pk not in gone)

    def _for_classes(self, wanted) -> Posting:
        items = [replace(item, targets=_narrowed(item.targets, wanted)) for item in self.items]
        return replace(self, items=tuple(item for item in items if item.targets))

    def _with_item(self, n: int, item: Item) -> Posting:
        items = list(self.items)
        items[n] = item
        return replace(self, items=tuple(items))


def _narrowed(targets: Sequence[Target], wanted) -> tuple[Target, ...]:
    narrowed = [replace(one, classes=tuple(unit for unit in one.classes if wanted(unit))) for one in targets]
    return tuple(one for one in narrowed if one.classes)


@dataclass(frozen=True)
class Flagged:
    """Something that may not be asked: the words, why, what to do instead, and the rule that says so."""

    code: str
    text: str
    why: str
    hint: str
    verdict: str
    title: str
    citation: str
    item: int | None = None
