"""A limit in force with another number, as a pack that ``lake.whatif`` takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from qingfu.rulebook import Limit, Pack, Rulebook
from qingfu.rulebook.words import grade_names, word

FORMS = ("at_most", "count_at_most", "each_at_most", "share_at_most_last_year")
"""Limits with an upper number: what goes over it would not have passed."""

PERCENT = 100


@dataclass(frozen=True)
class Choice:
    """A limit that may be tried with another number. ``number`` is the one in force, a share in percent."""

    pack: Pack
    limit: Limit
    number: int

    @property
    def is_share(self) -> bool:
        return self.limit.form == "share_at_most_last_year"

    @property
    def unit(self) -> str:
        """What the number counts, in words."""
        return "%" if self.is_share else word("measures", self.limit.measure)

    @property
    def text(self) -> str:
        """The limit as a person chooses it."""
        whom = self.limit.applies.text
        return f"{self.limit.title}{f'（{whom}）' if whom else ''}：{self.number}{self.unit}"


def choices(rulebook: Rulebook, day: date) -> list[Choice]:
    """The limits with an upper number in force on a day, those of homework first."""
    found = []
    for pack in rulebook.packs:
        for limit in pack.limits:
            value = limit.value_on(day)
            if limit.form in FORMS and value and isinstance(value.bound, int | float):
                found.append(Choice(pack, limit, round(value.bound * (1 if value.share is None else PERCENT))))
    return sorted(found, key=lambda one: (one.limit.kind != "homework", one.limit.kind))


def proposal(choice: Choice, number: int, grades: Iterable[int] = ()) -> Pack:
    """The pack of a limit with ``number`` in the place of its own, for ``grades`` alone where they are named."""
    key, value = ("share", number / PERCENT) if choice.is_share else ("cap", number)
    values = tuple(replace(one, **{key: value}) for one in choice.limit.values)
    changed = replace(choice.limit, values=values)
    if grades := tuple(sorted(grades)):
        changed = replace(changed, applies=replace(changed.applies, grades=grades, stages=()))
    return replace(choice.pack, limits=(changed,))


def told(choice: Choice, number: int, grades: Iterable[int] = ()) -> str:
    """The trial in words: 一天书面作业总量，三、四年级，60分钟 → 45分钟."""
    grades = tuple(sorted(grades))
    whom = f"，{grade_names(grades)}" if grades else ""
    return f"{choice.limit.title}{whom}，{choice.number}{choice.unit} → {number}{choice.unit}"
