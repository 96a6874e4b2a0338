"""Do two fields ask for the same? And which of many known ones does a new one ask for again?

The words of relation: `same` (in another unit perhaps), `subset` (whatever is counted in the first is counted in the
second), `superset`, `different`; each with the reason in Chinese.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from .lexicon import MEASURES
from .periods import Period
from .reading import APART, TOTAL, Field, words

SAME, SUBSET, SUPERSET, DIFFERENT = "same", "subset", "superset", "different"
_TOLD = MEASURES["told"]
_TOO_WIDE = frozenset({"person"})  # 人口 without 户籍 or 常住 does not say which: nothing is a part of it


class Answer(NamedTuple):
    """What the first field is to the second, and why, in Chinese."""

    relation: str
    reason: str


class Match(NamedTuple):
    """A known field, by the key that it was added under, and what the asked one is to it."""

    key: Hashable
    relation: str
    reason: str


def compare(one: Field, other: Field) -> Answer:
    """What `one` is to `other`."""
    for rule in (_by_vagueness, _by_measure, _by_base, _by_level):
        reason = rule(one, other)
        if reason:
            return Answer(DIFFERENT, reason)
    fact = _by_fact(one, other)
    if fact.relation == DIFFERENT:
        return fact
    time = _by_period(one, other)
    if time.relation == DIFFERENT:
        return time
    relations = {fact.relation, time.relation} - {SAME}
    if not relations:
        return Answer(SAME, _told(fact, time) or "说的是同一件事")
    if one.form != TOTAL:
        return Answer(DIFFERENT, "比率、平均数和计划数，范围不同就不是同一个数")
    if len(relations) > 1:
        return Answer(DIFFERENT, "内容较宽而周期较短，互不包含")
    return Answer(relations.pop(), _told(fact, time))


def _told(*answers: Answer) -> str:
    return "；".join(answer.reason for answer in answers if answer.reason)


def _by_vagueness(one: Field, other: Field) -> str:
    """女 or 合计 alone are of whatever their form is about."""
    return "" if one.tells and other.tells else "没有写明是什么的数，要看它所在的表"


def _by_measure(one: Field, other: Field) -> str:
    if one.form != other.form:
        return f"计量不同：{_TOLD[one.form]}与{_TOLD[other.form]}"
    if one.kind and other.kind and one.kind != other.kind:
        return f"计量不同：{_TOLD.get(one.kind, one.kind)}与{_TOLD.get(other.kind, other.kind)}"
    return ""


def _by_base(one: Field, other: Field) -> str:
    return "占比的分母不同" if one.base and other.base and one.base != other.base else ""


def _by_level(one: Field, other: Field) -> str:
    return f"层级不同：{one.level}与{other.level}" if one.level and other.level and one.level != other.level else ""


def _by_fact(one: Field, other: Field) -> Answer:
    if one.atoms == other.atoms:
        return Answer(SAME, "" if one.unit == other.unit else _units(one, other))
    if APART not in one.atoms | other.atoms:
        if other.atoms <= one.inside and other.atoms != _TOO_WIDE:
            return Answer(SUBSET, f"“{one.name}”是“{other.name}”的一部分")
        if one.atoms <= other.inside and one.atoms != _TOO_WIDE:
            return Answer(SUPERSET, f"“{other.name}”是“{one.name}”的一部分")
    return Answer(DIFFERENT, f"说的不是一件事：{'、'.join(words(one))}与{'、'.join(words(other))}")


def _units(one: Field, other: Field) -> str:
    factor = one.factor / other.factor if one.factor and other.factor else 1
    return f"单位不同，可以换算：1{one.unit}＝{factor:.6g}{other.unit}" if factor != 1 else ""


def _by_period(one: Field, other: Field) -> Answer:
    mine, its = one.period, other.period
    if one.timeless and other.timeless:
        return Answer(SAME, "")
    if mine is None or its is None or mine == its:
        return Answer(SAME, "" if mine == its else "有一方没写周期，按同一周期看")
    if not (isinstance(mine, Period) and isinstance(its, Period)) or mine.point or its.point:
        return Answer(DIFFERENT, "周期不同")
    if _lies_in(mine, its):
        return Answer(SUBSET, "周期在其中")
    return Answer(SUPERSET, "周期更长") if _lies_in(its, mine) else Answer(DIFFERENT, "周期不同")


def _lies_in(one: Period, other: Period) -> bool:
    return one.last <= other.last and (other.first is None or one.first is not None and one.first >= other.first)


class Dictionary:
    """Known fields, found by meaning. Fields of the same facts and form stand together; these groups are looked up by
    their rarest atom (for what a new field is a part of) and by all that they lie within (for what is a part of it).
    """

    def __init__(self, fields: Iterable[tuple[Hashable, Field]]):
        self._groups: dict[tuple[frozenset, str], list[tuple[int, Hashable, Field]]] = defaultdict(list)
        for place, (key, field) in enumerate(fields):
            self._groups[field.atoms, field.form].append((place, key, field))
        spread = Counter(atom for atoms, _ in self._groups for atom in atoms)
        self._under = defaultdict(list)  # rarest atom → groups that have it
        self._holding = defaultdict(set)  # atom → groups that lie within it
        for group, ((_, _, field), *_) in self._groups.items():
            if field.atoms:
                self._under[min(field.atoms, key=lambda atom: (spread[atom], atom))].append(group)
            for atom in field.inside:
                self._holding[atom].add(group)

    def match(self, field: Field, near: bool = False) -> list[Match]:
        """The known fields that `field` is the same as, a part of or wider than, in the order in which they came; with
        `near` also those of the same or a wider or narrower fact that are different, with the reason.
        """
        known = [
            one for atoms, form in self._candidates(field) if near or form == field.form
            for one in self._groups[atoms, form]
        ]
        answers = ((key, *compare(field, other)) for _, key, other in sorted(known, key=lambda one: one[0]))
        return [Match(*answer) for answer in answers if near or answer[1] != DIFFERENT]

    def _candidates(self, field: Field) -> set[tuple[frozenset, str]]:
        if not field.atoms:
            return set()
        wider = {group for atom in field.inside for group in self._under.get(atom, ()) if group[0] <= field.inside}
        narrower = sorted((self._holding.get(atom, set()) for atom in field.atoms), key=len)
        return wider | set.intersection(*narrower)
