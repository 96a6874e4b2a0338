"""借调 before anything is stored, and where one stands: pure but for the units that are handed in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.offices.asking import Asking, Bearer
from qingfu.offices.channels import months_later
from qingfu.offices.hours import Estimate, estimate
from qingfu.offices.inspecting import months_between
from qingfu.offices.models import Ask, Secondment
from qingfu.units.models import Unit

DATA = Path(__file__).parent / "data" / "lending.toml"
KIND = "secondment"
STANDS = (Ask.State.POSTED, Ask.State.RECEIVED)
"""States of an Ask under which somebody is, or was, away."""


class Where(models.TextChoices):
    """Where a secondment stands on a day."""

    WAITING = "waiting", _("待两办审核")
    OFF = "off", _("没有借成")
    COMING = "coming", _("还没有开始")
    AWAY = "away", _("在外")
    SOON = "soon", _("快到期")
    OVER = "over", _("到期没有回")
    BACK = "back", _("已回")


AWAY = (Where.AWAY, Where.SOON, Where.OVER)
AGREED = (Where.COMING, *AWAY)
"""What can still be extended."""


@cache
def settings() -> dict:
    """``soon_days``, ``posts``, ``tasks`` and ``guises`` of data/lending.toml."""
    return tomllib.loads(DATA.read_text("utf-8"))


@dataclass(frozen=True)
class Extending(Asking):
    """An extension: its amount is all months added so far, so that several short ones are measured as one; its hours
    are those of the ``further`` months alone, the earlier ones are charged already."""

    further: int = 0

    def estimates(self) -> dict[int, Estimate]:
        return {
            one.unit.pk: estimate(KIND, {"months": self.further}, {}, one.unit.kind, people=one.people)
            for one in self.bearers
        }


@dataclass(frozen=True)
class Terms:
    """What is agreed: ``guise`` is the name it is given where that is not 借调."""

    months: int
    people: int
    approved: bool = False
    unit_consent: bool = False
    person_consent: bool = False
    guise: str = ""


def level_of(lender: Unit, top: Unit) -> str:
    """From which level the rulebook sees people borrowed: school, village and township by themselves, a bureau by the
    level of what it belongs to (``top``, the tenant's unit)."""
    own = (Unit.Kind.SCHOOL, Unit.Kind.VILLAGE, Unit.Kind.TOWNSHIP)
    return lender.kind if lender.kind in own else top.kind


def asking_of(lender: Unit, top: Unit, starts: date, terms: Terms, reason: str = "") -> Asking:
    """What the ledger is asked: people of one unit for so many months."""
    bearers = (Bearer(lender, terms.people),)
    attributes = _attributes(lender, top, terms) | {"extension": False}
    return Asking(KIND, starts, bearers, {"months": terms.months}, attributes, reason=reason)


def extending_of(found: Secondment, top: Unit, terms: Terms, today: date, reason: str = "") -> Extending:
    """What the ledger is asked for an extension today, by so many months more."""
    attributes = _attributes(found.lender, top, terms) | {"extension": True}
    amounts = {
        "months": extended(found) + terms.months,
        "months_ahead": months_between(today, until(found) + timedelta(days=1)),
    }
    bearers = (Bearer(found.lender, found.people),)
    return Extending(KIND, today, bearers, amounts, attributes, reason=reason, further=terms.months)


def _attributes(lender: Unit, top: Unit, terms: Terms) -> dict:
    found = {
        "from_level": level_of(lender, top), "approved": terms.approved, "unit_consent": terms.unit_consent,
        "person_consent": terms.person_consent,
    }  # fmt: skip
    return {**found, "disguise": terms.guise} if terms.guise else found


def extended(found: Secondment) -> int:
    """Months added by extensions that stand."""
    return sum(one.months for one in found.extensions.all() if one.ask.state in STANDS)


def until(found: Secondment) -> date:
    """The last day, extensions counted."""
    return months_later(found.starts, found.months + extended(found)) - timedelta(days=1)


def where(found: Secondment, today: date) -> Where:
    """Where it stands on a day."""
    if found.ask.state == Ask.State.WAITING:
        return Where.WAITING
    if found.ask.state not in STANDS:
        return Where.OFF
    if found.returned_on:
        return Where.BACK
    if found.starts > today:
        return Where.COMING
    last = until(found)
    if last < today:
        return Where.OVER
    return Where.SOON if last <= today + timedelta(days=settings()["soon_days"]) else Where.AWAY


@dataclass(frozen=True)
class Place:
    """A place of origin: how many of its people are away, and how many of them are late to return."""

    unit: Unit
    away: int
    over: int
    next_end: date


def by_place(rows: Iterable[Secondment], today: date) -> list[Place]:
    """Who is away, by place of origin, in the order of the tree."""
    found: dict[int, list[Secondment]] = {}
    for one in rows:
        if where(one, today) in AWAY:
            found.setdefault(one.lender_id, []).append(one)
    places = [
        Place(
            several[0].lender, sum(one.people for one in several),
            sum(one.people for one in several if where(one, today) == Where.OVER), min(until(one) for one in several),
        )
        for several in found.values()
    ]  # fmt: skip
    return sorted(places, key=lambda place: place.unit.path)
