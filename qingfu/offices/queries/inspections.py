"""The yearly list, what is planned of it, proposals of merging, caps on enterprises, and what those below see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from qingfu.ledger.queries import rulebook_for
from qingfu.offices.inspecting import RISKS, months_between, not_to_ask, settings
from qingfu.offices.models import Ask, ChecklistTally, Listed, MergedPlan, QuietDays, SealedVisit, Visit
from qingfu.rulebook import Bearer
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, may, scope

INSPECTED_KINDS = (Unit.Kind.SCHOOL, Unit.Kind.TOWNSHIP, Unit.Kind.VILLAGE, Unit.Kind.ENTERPRISE, Unit.Kind.BUREAU)
"""Whom an inspection goes to."""


@dataclass(frozen=True)
class DayPlan:
    """The visits of one item on one day; ``day`` None while merging has not found one."""

    day: date | None
    visits: list[Visit]

    @property
    def waits(self) -> bool:
        """Whether places are still to be asked for this day."""
        return self.day is not None and any(not visit.is_asked for visit in self.visits)

    @property
    def short_notice(self) -> bool:
        """Whether content and scope were made known too shortly before the day; who must not is the rulebook's."""
        announced = self.visits[0].listed.announced_on
        return self.day is not None and months_between(announced, self.day) < settings()["notice"]["months"]


@dataclass(frozen=True)
class Caps:
    """What an authority may inspect one enterprise in a year, by its risk."""

    unit: Unit
    low: int
    middle: int
    high: int
    since: date


@dataclass(frozen=True)
class Gain:
    """What merging saves: days on which those below are disturbed, and days on which authorities travel."""

    visits: int
    days: int
    fewest: int
    travel: int

    @property
    def saved(self) -> int:
        return self.visits - self.days

    @property
    def is_fewest(self) -> bool:
        """Whether no plan can have fewer visit-days."""
        return self.days == self.fewest


def listed_in(year: int, units: Iterable[Unit] | None = None) -> QuerySet[Listed]:
    """The list of a year, with how often each item was asked; of ``units`` alone where they are given."""
    rows = Listed.objects.filter(year=year).select_related("unit")
    if units is not None:
        rows = rows.filter(unit__in=units)
    asked = Count("visits", filter=Q(visits__ask__state=Ask.State.POSTED))
    return rows.annotate(planned=Count("visits"), asked=asked).order_by("unit__path", "title")


def one_listed(actor: Actor, listed_id: int) -> Listed:
    """An item that the actor may open: her office's, or one that she looks after. Raises Forbidden."""
    found = Listed.objects.filter(pk=listed_id).select_related("unit", "filer").first()
    if found is None or not (may(actor, "see_office", found.unit) or may(actor, "keep_inspection_plan", found.unit)):
        raise Forbidden("see_office")
    return found


def days_of(listed: Listed) -> list[DayPlan]:
    """What is planned of an item, those without a day first."""
    days: dict[date | None, list[Visit]] = defaultdict(list)
    for visit in Visit.objects.filter(listed=listed).select_related("place", "ask", "listed").order_by("place__path"):
        days[visit.day].append(visit)
    return [DayPlan(day, days[day]) for day in sorted(days, key=lambda day: (day is not None, day))]


def sealed_of(listed: Listed) -> QuerySet[SealedVisit]:
    """Its sealed visits, the latest first; those not opened show neither place nor day to anybody."""
    return SealedVisit.objects.filter(listed=listed).select_related("visit__place").order_by("-sealed_at")


def company_of(listed: Listed) -> dict[int, list[str]]:
    """Who else comes to the same place on the same day: visit → names of authorities."""
    mine = list(Visit.objects.filter(listed=listed, day__isnull=False))
    days, places = {one.day for one in mine}, {one.place_id for one in mine}
    others = Visit.objects.filter(day__in=days, place__in=places, sealed=None)
    there: dict[tuple, set[str]] = defaultdict(set)
    for one in others.exclude(listed__unit=listed.unit_id).select_related("listed__unit"):
        there[one.day, one.place_id].add(one.listed.unit.name)
    return {one.pk: sorted(there[one.day, one.place_id]) for one in mine}


def open_visits(first: date, last: date) -> QuerySet[Visit]:
    """Announced visits without a day whose window meets these days."""
    rows = Visit.objects.filter(day=None, first__lte=last, last__gte=first)
    return rows.select_related("listed__unit", "place").order_by("first", "place__path")


def quiet_days(today: date) -> QuerySet[QuietDays]:
    """Days without inspections that are not over."""
    return QuietDays.objects.filter(last__gte=today).order_by("first")


def merged_plans() -> QuerySet[MergedPlan]:
    """Proposals, the latest first."""
    return MergedPlan.objects.order_by("-made_at")


def gain_of(plan: MergedPlan) -> Gain:
    """What a proposal saves, from its certificate."""
    certificate = plan.published["certificate"]
    return Gain(
        certificate["visits"], certificate["visit_days"], certificate["visit_days_bound"], certificate["travel_days"]
    )


def notices_for(unit: Unit, today: date) -> QuerySet[Listed]:
    """Content and scope of what may come to a unit this year and the next; never day and place."""
    above = [unit.path[:end] for end in range(Unit.steplen, len(unit.path) + 1, Unit.steplen)]
    filed = Listed.objects.filter(state=Listed.State.FILED, year__gte=today.year, kinds__contains=[unit.kind])
    filed = filed.exclude(~Q(unit__path__in=above), unit__kind=Unit.Kind.TOWNSHIP)
    return filed.select_related("unit").order_by("-announced_on", "title")


def visits_at(actor: Actor, today: date) -> QuerySet[Visit]:
    """Visits that were made where the actor answers for it, the latest first."""
    places = scope(actor, "complain").values("pk")
    rows = Visit.objects.filter(place__in=places, ask__state=Ask.State.POSTED, day__lte=today)
    return rows.select_related("listed__unit", "place").order_by("-day", "pk")


def one_visit_at(actor: Actor, visit_id: int, today: date) -> Visit:
    """One of ``visits_at``. Raises Forbidden, never saying whether it exists."""
    found = visits_at(actor, today).filter(pk=visit_id).first()
    if found is None:
        raise Forbidden("complain")
    return found


def tallies(year: int) -> list[tuple[ChecklistTally, list[tuple[str, int]]]]:
    """What was asked for wrongly, as far as it may be shown: each tally with (text, count); the county's pool last."""
    rows = ChecklistTally.objects.filter(year=year, shown_answers__gt=0).select_related("listed__unit")
    texts = {code: row["text"] for code, row in not_to_ask().items()}
    ordered = sorted(rows, key=lambda row: (row.listed is None, row.listed_id))
    return [(row, [(texts[code], row.shown[code]) for code in texts if code in row.shown]) for row in ordered]


def can_be_anonymous(listed: Listed, today: date) -> bool:
    """Whether so many places were visited that nobody can tell whose answer it is."""
    places = Visit.objects.filter(listed=listed, ask__state=Ask.State.POSTED, day__lte=today)
    return places.values("place").distinct().count() >= settings()["anonymity"]["bearers"]


def caps_in_force(county: Unit, today: date) -> list[Caps]:
    """涉企检查年度频次上限 by authority, as the rulebook of the county has them today."""
    authorities = {unit.name: unit for unit in Unit.objects.filter(kind__in=("bureau", "township", "county"))}
    book, found = rulebook_for(county), defaultdict(dict)
    for risk in RISKS:
        bearer = Bearer(id=0, kind=Unit.Kind.ENTERPRISE, attributes={"risk": risk})
        for one in book.limits("visit", bearer, today):
            for condition in one.limit.where:
                if condition.key == "issuer" and one.cap is not None:
                    found[condition.any_of[0]][risk] = one
    return [
        Caps(authorities[name], *(by_risk[risk].cap for risk in RISKS), since=by_risk[RISKS[0]].value.start)
        for name, by_risk in found.items()
        if name in authorities and set(by_risk) == set(RISKS)
    ]
