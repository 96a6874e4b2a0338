"""What families told, shown so that nobody can be found in it.

The floor of five answers would be worth little if figures could be subtracted from one another. So

- an evening is shown when it is over, never while answers still come in;
- the evenings of a week with fewer than five answers are pooled once the week is over, without the evenings
  that are shown by themselves; what is still below five goes, likewise, to the grade's pool of that week;
- what is below five there is not shown at all;
- neighbouring bands are put together until each that is shown has nobody in it or five at least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from qingfu.notices.answers import FLOOR, Band, bands_of
from qingfu.notices.models import FamilyCount
from qingfu.notices.queries.notice import day_text
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, scope, within

DAY, WEEK, GRADE = "day", "week", "grade"


@dataclass(frozen=True)
class Told:
    """The answers to one question, ``total`` of them, FLOOR at least.

    ``pool`` says what they are of: "day" (one evening of the class), "week" (its evenings with few answers)
    or "grade" (what was too little in several classes of the grade). ``bands`` are (Band, how many), neighbours put
    together where they are few, empty for yes-questions and where only the total is left.
    """

    kind: str
    pool: str
    unit: Unit
    first: date
    last: date
    total: int
    bands: tuple[tuple[Band, int], ...] = ()

    @property
    def when(self) -> str:
        """The evening, or the week."""
        if self.pool == DAY:
            return day_text(self.first)
        return _("%(first)s 那一周") % {"first": day_text(self.first)}

    @property
    def pool_text(self) -> str:
        """What was put together to reach the floor; empty for an evening that did alone."""
        texts = {DAY: "", WEEK: _("一周里人少的几天合起来"), GRADE: _("全年级人少的几天合起来")}
        return texts[self.pool]


def minutes_told(actor: Actor, classes: Iterable[Unit], first: date, last: date, today: date) -> list[Told]:
    """How long families say that homework took in these classes, from five answers on.

    Counts of the evenings from ``first`` to ``last`` that were over on ``today``, the present evening.
    Classes in which ``actor`` may not see them (``see_family_counts``: the class teacher) are left out.
    """
    mine = scope(actor, "see_family_counts").filter(pk__in=[unit.pk for unit in classes])
    return [one for unit in mine for one in told(unit, first, last, today) if one.kind == FamilyCount.Kind.TIME]


def told(unit: Unit, first: date, last: date, today: date) -> list[Told]:
    """All that may be shown of the answers of the class ``unit``, the latest first. Weeks are taken whole."""
    first -= timedelta(days=first.weekday())
    last = min(last, today - timedelta(days=1))
    grade = list(_classes_of_grade(unit))
    counts = _counts([one.pk for one in grade], first, last)
    found = []
    for kind in FamilyCount.Kind.values:
        monday = first
        while monday <= last:
            week = [monday + timedelta(days=n) for n in range(7)]
            found += _told_in_week(kind, unit, grade, week, today, counts)
            monday += timedelta(days=7)
    return sorted(found, key=lambda one: (one.last, one.first), reverse=True)


Counts = dict[tuple[int, date, str], Counter]


def _counts(unit_ids: Sequence[int], first: date, last: date) -> Counts:
    found: Counts = {}
    rows = FamilyCount.objects.filter(unit_id__in=unit_ids, day__range=(first, last))
    for unit_id, day, kind, band, count in rows.values_list("unit_id", "day", "kind", "band", "count"):
        found.setdefault((unit_id, day, kind), Counter())[band] += count
    return found


def _told_in_week(
    kind: str, unit: Unit, grade: Sequence[Unit], week: list[date], today: date, counts: Counts
) -> list[Told]:
    days = {day: counts.get((unit.pk, day, kind), Counter()) for day in week if day < today}
    found = [_told(kind, DAY, unit, day, day, one) for day, one in days.items() if one.total() >= FLOOR]
    if week[-1] >= today:
        return found
    rest = _rest(unit, week, kind, counts)
    if rest.total() >= FLOOR:
        return [*found, _told(kind, WEEK, unit, week[0], week[-1], rest)]
    rests = [_rest(one, week, kind, counts) for one in grade]
    pool = sum((one for one in rests if one.total() < FLOOR), Counter())
    if rest and pool.total() >= FLOOR:
        found.append(_told(kind, GRADE, unit, week[0], week[-1], pool))
    return found


def _rest(unit: Unit, week: Iterable[date], kind: str, counts: Counts) -> Counter:
    """The answers of the evenings of a week that are too few to be shown by themselves."""
    days = (counts.get((unit.pk, day, kind), Counter()) for day in week)
    return sum((one for one in days if one.total() < FLOOR), Counter())


def _told(kind: str, pool: str, unit: Unit, first: date, last: date, counter: Counter) -> Told:
    bands = ()
    if kind == FamilyCount.Kind.TIME:
        bands = _without_few([(band, counter[band.code]) for band in bands_of(unit.grade)])
    return Told(kind, pool, unit, first, last, counter.total(), bands)


def _without_few(bands: list[tuple[Band, int]]) -> tuple[tuple[Band, int], ...]:
    """The same with every band of few put together with its fuller neighbour; none if all come together."""
    if len(bands) == 1:
        return ()
    few = next((n for n, (_band, count) in enumerate(bands) if 0 < count < FLOOR), None)
    if few is None:
        return tuple(bands)
    other = max((n for n in (few - 1, few + 1) if 0 <= n < len(bands)), key=lambda n: bands[n][1])
    start = min(few, other)
    (left, fewer), (right, more) = bands[start : start + 2]
    both = Band(f"{left.code}+{right.code}", f"{left.name}、{right.name}")
    return _without_few([*bands[:start], (both, fewer + more), *bands[start + 2 :]])


def _classes_of_grade(unit: Unit) -> Iterable[Unit]:
    """The classes of the same grade of the same school (a village point may have the grade as one class)."""
    above = unit.path[: -Unit.steplen]
    return Unit.objects.filter(within([above]), kind=Unit.Kind.CLASS, grade=unit.grade)
