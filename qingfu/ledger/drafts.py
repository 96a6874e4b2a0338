"""What is put to the ledger: a Draft is a demand that has not been posted yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from qingfu.rulebook import Bearer
from qingfu.rulebook import Demand as Asked

ONE = Decimal(1)


@dataclass(frozen=True)
class Draft:
    """One thing asked of one bearer.

    ``day`` is the day (for homework the evening) that it is to be done, ``minutes`` what the issuer states it takes,
    ``amounts`` other measures (times, characters, pages …), ``split`` stated minutes by day. ``attributes`` are those
    of the rulebook's vocabulary (form, required, place …). ``factor`` turns stated minutes into charged ones.
    ``issuer_id`` is a Person, for a draft out of a hold: the actor where it is None.
    """

    bearer_id: int
    day: date
    kind: str = "homework"
    subject: str = ""
    text: str = ""
    minutes: int | None = None
    due_day: date | None = None
    attributes: Mapping = field(default_factory=dict)
    amounts: Mapping[str, int] = field(default_factory=dict)
    factor: Decimal = ONE
    factor_version: str = ""
    split: Mapping[date, int] | None = None
    starts: str = ""
    ends: str = ""
    reason: str = ""
    late: bool = False
    emergency: bool = False
    group_id: int | None = None
    issuer_unit_id: int | None = None
    issuer_id: int | None = None

    @property
    def charged_minutes(self) -> int | None:
        """Stated minutes times the factor, to the nearest minute."""
        return charged(self.minutes, self.factor)

    @property
    def charged_split(self) -> dict[date, int] | None:
        """Charged minutes by day, in the proportions of ``split``."""
        return None if self.split is None else apportion(self.charged_minutes or 0, self.split)

    def asked(self, bearer: Bearer) -> Asked:
        """The draft as the rulebook judges it."""
        amounts = dict(self.amounts)
        if self.minutes is not None:
            amounts["minutes"] = self.charged_minutes
        return Asked(
            kind=self.kind,
            bearer=bearer,
            day=self.day,
            amounts=amounts,
            attributes={"subject": self.subject, **self.attributes} if self.subject else self.attributes,
            start=self.starts or None,
            end=self.ends or None,
            split=self.charged_split,
            due=self.due_day,
        )

    def for_bearers(self, bearer_ids: Iterable[int], group_id: int | None = None) -> list[Draft]:
        """The same for each bearer; for a Group each class with a seat in it is charged in full."""
        return [replace(self, bearer_id=bearer_id, group_id=group_id) for bearer_id in bearer_ids]

    def to_json(self) -> dict:
        """As stored with a hold; ``from_json`` reads it back."""
        stored = dict(vars(self))
        stored["day"] = self.day.isoformat()
        stored["due_day"] = self.due_day and self.due_day.isoformat()
        stored["factor"] = str(self.factor)
        stored["split"] = self.split and {day.isoformat(): minutes for day, minutes in self.split.items()}
        return stored

    @classmethod
    def from_json(cls, stored: Mapping) -> Draft:
        days = {
            "day": _day(stored["day"]),
            "due_day": _day(stored["due_day"]),
            "split": days_of(stored["split"]),
        }
        return cls(**{**stored, **days, "factor": Decimal(stored["factor"])})


@dataclass(frozen=True)
class Trim:
    """Fewer minutes for a demand that stands: what its issuer yields to a colleague."""

    demand_id: int
    minutes: int


def charged(minutes: int | None, factor: Decimal) -> int | None:
    """Minutes times factor, halves up."""
    if minutes is None or factor == ONE:
        return minutes
    return int((minutes * factor).to_integral_value(ROUND_HALF_UP))


def apportion(total: int, weights: Mapping) -> dict:
    """``total`` in the proportions of ``weights``, in whole numbers; the largest remainders get what is left."""
    whole = sum(weights.values())
    if whole == 0:
        return dict.fromkeys(weights, 0)
    shares = {key: divmod(total * weight, whole) for key, weight in weights.items()}
    left = total - sum(floor for floor, _ in shares.values())
    lucky = sorted(shares, key=lambda key: -shares[key][1])[:left]
    return {key: floor + (key in lucky) for key, (floor, _) in shares.items()}


def days_of(stored: Mapping[str, int] | None) -> dict[date, int] | None:
    """A split as JSON keeps it, with its days as dates."""
    return stored and {_day(day): minutes for day, minutes in stored.items()}


def _day(text: str | None) -> date | None:
    return text and date.fromisoformat(text)
