"""What an office is about to ask of others, before it is put to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from qingfu.ledger.drafts import Draft
from qingfu.ledger.requests import hash_of
from qingfu.offices.hours import Estimate, estimate
from qingfu.units.models import Unit

OWN = {"account": "department"}
"""What marks the demand that stands in the issuing office's own account (ledger ``drafts.in_account``)."""


@dataclass(frozen=True)
class Bearer:
    """One unit that is asked, and how many of its people it takes (None: the tariff's usual number).

    ``amounts`` are its own in place of the common ones: the fields that it has left to fill in."""

    unit: Unit
    people: int | None = None
    amounts: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Own:
    """A demand beside the main one, in the issuer's own account: its kind, minutes and attributes."""

    kind: str
    minutes: int
    attributes: Mapping = field(default_factory=dict)


@dataclass(frozen=True)
class Asking:
    """One thing that an office asks: of whom, for which day, how much, under which attributes of the rulebook.

    ``amounts`` by measure (characters, pages, minutes, half_days, people, yuan, fields …). ``venue`` is the kind of
    place that people must come to ("" for none, see ``hours.estimate``). ``title`` is kept only if the unit keeps
    titles. ``reason`` is the written explanation (书面说明) where a limit asks for one. ``origin_id`` is the Ask that
    is passed on here. ``lead_from`` is the day from which the time until ``due_day`` is counted (a meeting's), where
    that is not ``day``. ``invites`` says that the bearers must know its title: it is kept whatever the unit keeps.
    ``own`` are further demands that stand in the issuer's account alone (the main speech of a meeting).
    """

    kind: str
    day: date
    bearers: tuple[Bearer, ...]
    amounts: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping = field(default_factory=dict)
    due_day: date | None = None
    starts: str = ""
    ends: str = ""
    title: str = ""
    venue: str = ""
    reason: str = ""
    origin_id: int | None = None
    lead_from: date | None = None
    invites: bool = False
    own: tuple[Own, ...] = ()

    def estimates(self) -> dict[int, Estimate]:
        """What it takes of each bearer, by the unit's id."""
        return {
            one.unit.pk: estimate(
                self.kind, {**self.amounts, **one.amounts}, self.attributes, one.unit.kind, people=one.people,
                venue=self.venue, travel=one.unit.attributes.get("travel"),
            )
            for one in self.bearers
        }  # fmt: skip

    @property
    def minutes(self) -> int:
        """Estimated minutes of all bearers together."""
        return sum(one.minutes for one in self.estimates().values())

    def drafts(self, issuer: Unit) -> list[Draft]:
        """What the ledger is asked: one draft in the issuer's own account, one for each bearer."""
        own = self._draft(issuer, {**self.attributes, **OWN}, issuer)
        more = [
            replace(own, kind=one.kind, minutes=one.minutes, amounts={}, attributes={**one.attributes, **OWN}, text="")
            for one in self.own
        ]
        return [own, *more, *self.bearer_drafts(issuer)]

    def bearer_drafts(self, issuer: Unit) -> list[Draft]:
        """The bearers' part alone: for what comes from outside, whose issuer keeps no account here."""
        several = self.estimates()
        return [
            self._draft(
                one.unit,
                {**self.attributes, "estimated_minutes": several[one.unit.pk].minutes,
                 "people": several[one.unit.pk].people},
                issuer, one.amounts,
            )
            for one in self.bearers
        ]  # fmt: skip

    def _draft(self, bearer: Unit, attributes: dict, issuer: Unit, own: Mapping[str, int] | None = None) -> Draft:
        amounts = {**self.amounts, **(own or {})}
        return Draft(
            bearer.pk, self.day, kind=self.kind, text=self.title, minutes=amounts.pop("minutes", None),
            due_day=self.due_day, attributes=attributes, amounts=amounts, starts=self.starts, ends=self.ends,
            reason=self.reason.strip(), issuer_unit_id=issuer.pk,
        )  # fmt: skip

    def for_unit(self, unit: Unit) -> Asking:
        """As the unit keeps it: without the title, unless it has switched titles on."""
        return self if self.invites or unit.attributes.get("keep_titles") else replace(self, title="")

    def typed(self, issuer: Unit) -> str:
        """The fingerprint of what was entered: the same key with another one is a mistake."""
        return hash_of("office_ask", self.drafts(issuer), origin=self.origin_id)
