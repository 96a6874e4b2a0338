"""Builds the request of ``ledger.post`` (see sql/post.sql) and sends it: one round trip, one transaction."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext

from qingfu.ledger.drafts import IMPORTED, Draft, in_order
from qingfu.ledger.models import Budget, Demand
from qingfu.ledger.reckoning import Reckoning
from qingfu.rulebook import Bearer, Breach, Charge, InForce, Unjudged
from qingfu.rulebook import Demand as Asked
from qingfu.rulebook.judge import cap_of
from qingfu.rulebook.words import word
from qingfu.units.tenancy import as_tenant, current_tenant, sign

ONE_TRIP = "SELECT ledger.post_as(%s, %s)"
WITHIN = "SELECT ledger.post(%s)"


Place = tuple[int, str, str]  # bearer, limit, window key: one budget, in the order of locking


@dataclass(frozen=True, slots=True)
class Cost:
    """What one draft takes and breaks, and the columns of its demand but for bearer and issuer."""

    fields: dict
    reckoning: Reckoning
    profile: tuple
    charges: list[Charge]
    breaches: list[Breach]
    row: dict

    @classmethod
    def of(cls, draft: Draft, reckoning: Reckoning, bearer: Bearer) -> Cost:
        asked = draft.asked(bearer)
        return cls(
            vars(draft), reckoning, bearer.profile,
            reckoning.rulebook.charges(asked, reckoning.calendar),
            [] if draft.emergency else broken(asked, reckoning),
            row_of(draft, reckoning),
        )  # fmt: skip

    def fits(self, draft: Draft, reckoning: Reckoning, bearer: Bearer) -> bool:
        """Whether a draft costs the same: it differs in nothing but its bearer, which is alike."""
        return (
            self.reckoning is reckoning
            and self.profile == bearer.profile
            and self.fields == {**vars(draft), "bearer_id": self.fields["bearer_id"]}
        )


@dataclass
class Request:
    """A request in the making. ``in_force`` keeps the limits it met, for the words of a refusal."""

    tenant_id: int
    verb: str
    issuer_id: int
    key: str
    hash: str
    unit_id: int | None
    heads: dict[int, int] = field(default_factory=dict)
    first_day: date | None = None
    closed: str = ""
    before: str | None = None
    outcome: str | None = None
    drafts: list[dict] = field(default_factory=list)
    charges: list[tuple[dict, Place]] = field(default_factory=list)
    breaches: list[dict] = field(default_factory=list)
    corrections: list[dict] = field(default_factory=list)
    ends: dict | None = None
    holds: list[dict] = field(default_factory=list)
    lines: dict[Place, dict] = field(default_factory=dict)
    in_force: dict[str, InForce] = field(default_factory=dict)
    last: Cost | None = None

    def add_draft(self, draft: Draft, reckoning: Reckoning, issuer_unit_id: int | None) -> None:
        """Add a draft with all that it costs and breaks."""
        n = len(self.drafts)
        self.heads.update(reckoning.heads)
        cost = self._cost(draft, reckoning)
        whose = {"n": n, "h": len(self.holds)} if self.verb == "hold" else {"n": n}
        for charge in cost.charges:
            self._charge(draft.bearer_id, charge, reckoning, draft.day, draft.emergency, **whose)
        for breach in cost.breaches:
            self._breach(n, breach, draft, reckoning)
        self.drafts.append({
            **cost.row, "bearer_id": draft.bearer_id, "issuer_id": draft.issuer_id or self.issuer_id,
            "issuer_unit_id": draft.issuer_unit_id or issuer_unit_id,
        })  # fmt: skip

    def _cost(self, draft: Draft, reckoning: Reckoning) -> Cost:
        """What the draft costs: the same as the one before it, if that differs in nothing but a like bearer."""
        bearer = reckoning.bearer(draft.bearer_id, draft.day)
        if self.last is None or not self.last.fits(draft, reckoning, bearer):
            self.last = Cost.of(draft, reckoning, bearer)
        return self.last

    def recharge(self, demand: Demand, charge: Charge, apart: bool, reckoning: Reckoning) -> None:
        """Add what a standing demand takes from one more budget."""
        self._charge(demand.bearer_id, charge, reckoning, demand.day, apart, demand_id=demand.id)

    def take_back(self, demand: Demand, budget: Budget, amount: int, apart: bool, school_id: int) -> None:
        """Give ``amount`` of what a standing demand took back to a budget, whatever the rulebook says today."""
        place = (budget.bearer_id, budget.limit_id, budget.window_key)
        if place not in self.lines:
            self._open(place, budget.measure, budget.starts, budget.ends, school_id)
        self._take(place, -amount, demand.day, apart, demand_id=demand.id)

    def asked_from(self, day: date | None) -> None:
        """The request concerns this day: once it is over, the database says "closed"."""
        if day is not None and (self.first_day is None or day < self.first_day):
            self.first_day = day

    def _charge(self, bearer_id: int, charge: Charge, reckoning: Reckoning, day: date, apart: bool, **whose) -> None:
        limit, window = charge.in_force.limit, charge.window
        place = (bearer_id, limit.id, window.key)
        line = self.lines.get(place)
        if line is None:
            line = self._open(place, limit.measure, window.start, window.end, reckoning.institution.pk)
        if line["cap"] is None:
            cap = cap_of(charge.in_force, reckoning.baselines.get((bearer_id, limit.id, day.year)))
            line["cap"] = None if cap is None else math.floor(cap)
            line["verdict"] = int(charge.in_force.verdict)
            line["waivable"] = charge.in_force.waiver != "no"
            self.in_force[limit.id] = charge.in_force
        day = window.start if window.start == window.end else day
        self._take(place, charge.amount, day, apart, **whose)

    def _open(self, place: Place, measure: str, starts: date, ends: date, school_id: int) -> dict:
        """A line of ``budgets``; what only gives back has no cap."""
        line = self.lines[place] = {
            "bearer_id": place[0], "limit_id": place[1], "window_key": place[2], "measure": measure,
            "starts": str(starts), "ends": str(ends), "school_id": school_id, "cap": None, "verdict": 0,
            "waivable": False, "delta": 0,
        }  # fmt: skip
        return line

    def _take(self, place: Place, amount: int, day: date, apart: bool, **whose) -> None:
        if not apart:
            self.lines[place]["delta"] += amount
        self.charges.append(({**whose, "amount": amount, "apart": apart, "day": str(day)}, place))

    def _breach(self, n: int, breach: Breach, draft: Draft, reckoning: Reckoning) -> None:
        limit = breach.in_force.limit
        self.in_force[limit.id] = breach.in_force
        self.breaches.append({
            "n": n, "bearer_id": draft.bearer_id, "limit_id": limit.id, "day": draft.day,
            "verdict": int(breach.verdict), "waivable": breach.in_force.waiver != "no",
            "school_id": reckoning.institution.pk, "text": breach.reason_zh,
        })  # fmt: skip

    def as_json(self) -> str:
        places = sorted(self.lines)
        position = {place: b for b, place in enumerate(places)}
        body = {
            "verb": self.verb, "issuer": self.issuer_id, "key": self.key, "hash": self.hash, "unit": self.unit_id,
            "heads": [{"unit_id": unit_id, "version": version} for unit_id, version in sorted(self.heads.items())],
            "budgets": [self.lines[place] for place in places],
            "charges": [{**charge, "b": position[place]} for charge, place in self.charges],
            "drafts": self.drafts,
        }  # fmt: skip
        for name in ("first_day", "closed", "before", "outcome", "breaches", "corrections", "ends", "holds"):
            if getattr(self, name):
                body[name] = getattr(self, name)
        return _compact(body)

    def send(self) -> dict:
        """What the database answers. A caller inside ``as_tenant`` has it in her transaction."""
        connection = connections[DEFAULT_DB_ALIAS]
        if current_tenant() is not None or connection.in_atomic_block:
            with as_tenant(self.tenant_id):
                return _fetch(connection, WITHIN, [self.as_json()])
        connection.ensure_connection()
        token = sign(self.tenant_id, connection.connection.info.backend_pid)
        return _fetch(connection, ONE_TRIP, [token, self.as_json()])


def _fetch(connection, statement: str, arguments: list[str]) -> dict:
    """One prepared statement. Django's own cursor would put the arguments into its text and plan it each time."""
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return json.loads(cursor.execute(statement, arguments, prepare=True).fetchone()[0])


def broken(asked: Asked, reckoning: Reckoning) -> list[Breach]:
    """The limits that a demand breaks by itself, and those that cannot be judged for want of a figure."""
    breaches, unjudged = reckoning.rulebook.judge_alone(asked, reckoning.calendar)
    if IMPORTED in asked.attributes:  # nobody can be asked any more what an old register left out
        return breaches
    return breaches + [_without_figure(one) for one in unjudged if _is_figure(one)]


def _is_figure(unjudged: Unjudged) -> bool:
    return unjudged.missing == unjudged.in_force.limit.measure


def _without_figure(unjudged: Unjudged) -> Breach:
    in_force = unjudged.in_force
    said = {"measure": word("measures", unjudged.missing), "title": in_force.limit.title}
    return Breach(in_force, in_force.verdict, gettext("没有写明要多少%(measure)s，“%(title)s”无法判断，请补上") % said)


def row_of(draft: Draft, reckoning: Reckoning) -> dict:
    """The columns of the demand that a draft becomes, but for bearer and issuer; what is empty is left out."""
    day = reckoning.calendar.day(draft.day)
    split = draft.charged_split
    row = {
        "kind": draft.kind, "group_id": draft.group_id, "subject": draft.subject, "text": draft.text,
        "attributes": draft.attributes, "day": str(draft.day), "due_day": draft.due_day, "starts": draft.starts,
        "ends": draft.ends, "amounts": draft.amounts, "stated_minutes": draft.minutes, "factor": draft.factor,
        "factor_version": draft.factor_version, "charged_minutes": draft.charged_minutes,
        "split": split and {str(d): m for d, m in split.items()}, "late": draft.late,
        "emergency": draft.emergency, "reason": draft.reason, "school_seq": day.school_seq,
        "week_id": day.week_id, "term_id": day.term_id,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value or value == 0}


def hash_of(verb: str, drafts: Iterable[Draft], **more) -> str:
    """The fingerprint of what a person asked for: the same key with another one is a mistake."""
    content = [in_order([verb, more]), *(draft.typed() for draft in drafts)]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


_compact = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":")).encode
