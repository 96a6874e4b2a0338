"""What is put to the ledger: a Draft is a demand that has not been posted yet."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from django.utils.translation import gettext

from qingfu.rulebook import Bearer
from qingfu.rulebook import Demand as Asked

ONE = Decimal(1)
BOUNDS = tomllib.loads((Path(__file__).parent / "data" / "drafts.toml").read_text("utf-8"))
LEAST_FACTOR, MOST_FACTOR = Decimal(BOUNDS["factor"]["least"]), Decimal(BOUNDS["factor"]["most"])
MOST = BOUNDS["amount"]["most"]
IMPORTED = "imported"  # the attribute of what an old register said: the number of the import


in_order = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class BadFigure(ValueError):
    """A figure that no demand can have. ``str()`` is a sentence for the person."""


@dataclass(frozen=True)
class Draft:
    """One thing asked of one bearer.

    ``day`` is the day (for homework the evening) that it is to be done, ``minutes`` what the issuer states it takes,
    ``amounts`` other measures (times, characters, pages …), ``split`` stated minutes by day. ``attributes`` are those
    of the rulebook's vocabulary (form, required, place …). ``factor`` turns stated minutes into charged ones.
    ``issuer_id`` is a Person, for a draft out of a hold: the actor where it is None. Raises BadFigure for a negative
    or broken figure, a factor out of its bounds (``data/drafts.toml``), a split that is not of the minutes.
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

    def __post_init__(self):
        for figure in (self.minutes, *self.amounts.values()):
            if figure is not None:
                check_figure(figure)
        if not LEAST_FACTOR <= self.factor <= MOST_FACTOR:
            bounds = {"least": LEAST_FACTOR, "most": MOST_FACTOR, "factor": self.factor}
            raise BadFigure(gettext("校准系数应在 %(least)s 到 %(most)s 之间，现在是 %(factor)s") % bounds)
        if self.split is not None:
            self._check_split(self.split)

    def _check_split(self, split: Mapping[date, int]) -> None:
        for minutes in split.values():
            check_figure(minutes)
        if sum(split.values()) != self.minutes:
            raise BadFigure(gettext("分到各天的分钟数之和应等于总分钟数"))
        if min(split, default=self.day) < self.day:
            raise BadFigure(gettext("分钟数只能分到布置那天和以后的日子"))

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
        return Asked(
            kind=self.kind,
            bearer=in_account(bearer, self.attributes),
            day=self.day,
            amounts=amounts_of(self.amounts, self.charged_minutes),
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

    def typed(self) -> str:
        """What somebody entered, to compare with: without ``late``, which the clock says."""
        stored = self.to_json()
        del stored["late"]
        return in_order(stored)


@dataclass(frozen=True)
class Reserve:
    """What is to be set aside until ``expires_at``: what its drafts take.

    ``asked_id`` is the Person who may accept it; ``wanted`` what is to be posted then, where more than fits now.
    """

    drafts: Sequence[Draft]
    expires_at: datetime
    asked_id: int | None = None
    purpose: str = ""
    wanted: Sequence[Draft] = ()

    def typed(self) -> list:
        """As entered, to compare with: the moment of expiry comes from the clock."""
        return [[draft.typed() for draft in (*self.drafts, *self.wanted)], self.asked_id, self.purpose]


@dataclass(frozen=True)
class Trim:
    """Fewer minutes for a demand that stands: what its issuer yields to a colleague."""

    demand_id: int
    minutes: int

    def __post_init__(self):
        check_figure(self.minutes)


def check_figure(figure: int) -> None:
    """Raise BadFigure unless it is a whole number from 0 to MOST."""
    if not isinstance(figure, int):
        raise BadFigure(gettext("应填整数，现在是 %(figure)s") % {"figure": figure})
    if not 0 <= figure <= MOST:
        raise BadFigure(gettext("应填 0 到 %(most)s 之间的数，现在是 %(figure)s") % {"most": MOST, "figure": figure})


def amounts_of(stated: Mapping[str, int], minutes: int | None) -> dict[str, int]:
    """Amounts as the rulebook judges them. What is asked is asked once, even for no minutes: so bans meet it."""
    amounts = {"times": 1, **stated}
    if minutes is not None:
        amounts["minutes"] = minutes
    return amounts


def in_account(bearer: Bearer, attributes: Mapping) -> Bearer:
    """The bearer as a demand is charged to it: an office has an account of what it asks (attribute ``account``:
    the bearer kind ``department`` of the rulebook), apart from what others ask of it."""
    account = attributes.get("account")
    return replace(bearer, kind=account) if account else bearer


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
