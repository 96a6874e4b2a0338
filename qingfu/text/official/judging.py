"""What the rulebook says of a draft on a day: each limit, its number and document, and whether the draft keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from qingfu.rulebook import Bearer, Demand, Rulebook, Verdict, load_calendar, load_national
from qingfu.rulebook.model import InForce, all_hold
from qingfu.rulebook.sentences import missing, rule_text
from qingfu.rulebook.words import word

BEARER = Bearer("", "department")  # whoever issues has an account of its own
KEPT, BROKEN, OPEN = "kept", "broken", "open"


@dataclass(frozen=True)
class Judged:
    """One limit: how the draft stands to it (kept, broken, open), the verdict of a breach, cap and amount in the unit
    of the measure, the rule in words, its citation with clause and level, and for a breach or an open one the reason.
    """

    limit: str
    title: str
    state: str
    verdict: Verdict
    cap: int | float | str | None
    amount: int | float | str | None
    measure: str
    rule: str
    citation: str
    clause: str
    level: str
    reason: str = ""


@cache
def national() -> Rulebook:
    """The nation's rules, read once."""
    return Rulebook(load_national())


def judge(
    kind: str, amounts: Mapping[str, int], attributes: Mapping, day: date, rulebook: Rulebook, *,
    issued: int | None = None, last_year: int | None = None,
) -> list[Judged]:  # fmt: skip
    """Every gate limit on such a demand, in the order of the chain.

    kind: document or report; issued: documents sent this year before this one, last_year: those of the whole last
    year; where one is not known, the limit against last year only informs: it stays open. A fact that the attributes do
    not tell (the consistency check before issue) leaves its limit open too.
    """
    demand = Demand(kind, BEARER, day, dict(amounts), dict(attributes))
    calendar = load_calendar()
    known = issued is not None and last_year is not None
    breaches = rulebook.judge(demand, calendar, used=lambda charge: issued or 0, baseline=last_year if known else None)
    unknown = rulebook.unjudged(demand, calendar, last_year if known else None)
    broken = {breach.in_force.limit.id: breach for breach in breaches}
    open_ones = {it.in_force.limit.id: missing(it.missing) for it in unknown}
    answers = []
    for in_force in rulebook.limits(kind, BEARER, day):
        limit = in_force.limit
        if not limit.is_gate or not all_hold(limit.where, demand.attributes):
            continue
        fact = in_force.value.fact
        if fact and fact not in demand.attributes:
            answers.append(_judged(in_force, OPEN, demand, f"发出以前要先有“{word('facts', fact)}”。"))
        elif limit.id in broken:
            breach = broken[limit.id]
            answers.append(_judged(in_force, BROKEN, demand, breach.reason_zh, breach.amount, breach.cap))
        elif limit.id in open_ones:
            answers.append(_judged(in_force, OPEN, demand, open_ones[limit.id]))
        else:
            answers.append(_judged(in_force, KEPT, demand))
    return answers


def worst(answers: Iterable[Judged]) -> Verdict:
    return max((it.verdict for it in answers if it.state == BROKEN), default=Verdict.PASS)


def shortest_allowed(answers: Iterable[Judged]) -> int | None:
    """The fewest characters that a limit on such a draft allows."""
    return min((it.cap for it in answers if it.measure == "characters" and isinstance(it.cap, int)), default=None)


def _judged(in_force: InForce, state: str, demand: Demand, reason: str = "", amount=None, cap=None) -> Judged:
    limit = in_force.limit
    return Judged(
        limit.id,
        limit.title,
        state,
        in_force.verdict if state == BROKEN else Verdict.PASS,
        in_force.cap if cap is None else cap,
        demand.amount(limit.measure) if amount is None and limit.form == "each_at_most" else amount,
        limit.measure,
        rule_text(in_force),
        in_force.citation,
        in_force.value.clause,
        in_force.level,
        reason,
    )
