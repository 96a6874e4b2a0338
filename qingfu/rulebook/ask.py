"""Answers questions of other programs: may this be asked of these people on this day, and which rule says so?

A question is a JSON object: `kind`, `bearer`, `on`, `value`; anything else is an attribute of the demand. The
value is all that is asked in the window of the rule. What had to be assumed is told in the answer.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache

from .calendar import Calendar, load_calendar
from .charges import charges
from .judge import cap_of, judge_close
from .loader import load_national
from .model import Bearer, Breach, Demand, InForce, Unjudged, Verdict, all_hold
from .question import Question, QuestionError, read_question
from .rulebook import Rulebook
from .sentences import TEMPLATES, citation, missing, rule_text

__all__ = ["QuestionError", "ask"]


@cache
def national_rulebook() -> Rulebook:
    """The rules of the nation, read once."""
    return Rulebook(load_national())


def ask(
    question: Mapping,
    rulebook: Rulebook | None = None,
    calendar: Calendar | None = None,
    today: date | None = None,
) -> dict:
    """Answers one question; by the national rules and calendar unless others are given.

    The answer has verdict, limit, document, clause, level, cap, reason and more. Raises QuestionError.
    """
    rulebook, calendar = rulebook or national_rulebook(), calendar or load_calendar()
    asked = read_question(question, rulebook, today or date.today())
    answers = [_answer(asked, bearer, rulebook, calendar) for bearer in asked.bearers]
    worst = max(answers, key=lambda answer: (answer["order"], answer["limit"] is not None))
    del worst["order"]
    return {"id": question["id"], **worst} if "id" in question else worst


def _answer(asked: Question, bearer: Bearer, rulebook: Rulebook, calendar: Calendar) -> dict:
    try:
        demand = asked.demand(bearer)
    except ValueError as error:
        raise QuestionError(str(error)) from error
    breaches = rulebook.judge(demand, calendar, baseline=asked.baseline)
    unknown = rulebook.unjudged(demand, calendar, asked.baseline)
    unknown += [
        Unjudged(it.in_force, _untold(it)) for it in breaches if not _was_told(it.in_force, demand, rulebook)
    ]
    breaches = [breach for breach in breaches if _was_told(breach.in_force, demand, rulebook)]
    breaches += _closes(demand, rulebook, calendar)
    breaches.sort(key=lambda breach: -breach.verdict)
    if breaches:
        cited, verdict, reason = breaches[0].in_force, breaches[0].verdict, breaches[0].reason_zh
    else:
        cited, verdict = _nearest(demand, rulebook, calendar), Verdict.PASS
        reason = _passes(cited, unknown)
    return {
        "order": verdict,
        "verdict": verdict.code,
        **_cited(cited, breaches[0] if breaches else None),
        "reason": reason,
        "kind": asked.kind,
        "bearer": {"kind": bearer.kind, "grade": bearer.grade, "stage": bearer.stage},
        "on": asked.day.isoformat(),
        "day": calendar.day(asked.day).kind,
        "day_source": calendar.day(asked.day).source,
        "assumed": {key: value for key, value in demand.attributes.items() if key not in asked.attributes},
        "breaches": [_breach_record(breach) for breach in breaches],
        "unjudged": [{"limit": it.in_force.limit.id, "missing": missing(it.missing)} for it in unknown],
    }


def _cited(in_force: InForce | None, breach: Breach | None) -> dict:
    if in_force is None:
        return dict.fromkeys(("limit", "title", "document", "number", "clause", "level", "cap"))
    return {
        "limit": in_force.limit.id,
        "title": in_force.limit.title,
        "document": in_force.document.title,
        "number": in_force.document.number,
        "clause": in_force.value.clause,
        "level": in_force.level,
        "cap": breach.cap if breach else in_force.cap,
        "measure": in_force.limit.measure,
        "window": in_force.limit.window,
        "force": in_force.limit.force,
        "rows": list(in_force.limit.rows),
    }


def _breach_record(breach: Breach) -> dict:
    return {
        "verdict": breach.verdict.code,
        "limit": breach.in_force.limit.id,
        "document": breach.in_force.document.title,
        "clause": breach.in_force.value.clause,
        "level": breach.in_force.level,
        "cap": breach.cap,
        "reason": breach.reason_zh,
    }


def _was_told(in_force: InForce, demand: Demand, rulebook: Rulebook) -> bool:
    """Whether the question says enough for this limit: facts and lists that it leaves open break nothing."""
    value = in_force.value
    if value.fact is not None:
        return value.fact in demand.attributes
    if value.list is not None:
        told = {"name", "listed"} & set(demand.attributes)
        return bool(told) or not rulebook.list_items(value.list, demand.day)
    return True


def _untold(breach: Breach) -> str:
    return breach.in_force.value.fact or "listed"


def _closes(demand: Demand, rulebook: Rulebook, calendar: Calendar) -> list[Breach]:
    """The close limits that the amounts, if they are all there will be, do not reach."""
    breaches = []
    for in_force in rulebook.limits(demand.kind, demand.bearer, demand.day):
        limit = in_force.limit
        if limit.is_gate or limit.form == "must_follow" or not all_hold(limit.where, demand.attributes):
            continue
        done = _done(in_force, demand)
        if done is None or limit.window in ("standing", "period", "each"):
            continue
        window = calendar.window(limit.window, demand.day)
        due = rulebook.close_due(in_force, demand.bearer, window, calendar)
        breach = judge_close(due, done, 1) if due else None
        if breach:
            breaches.append(breach)
    return breaches


def _done(in_force: InForce, demand: Demand) -> int | float | None:
    """The amount that a close limit looks at; None where the question does not tell it."""
    form = in_force.limit.form
    if form.endswith("_of_whole"):
        return demand.amounts.get("share")
    return demand.amounts.get("times" if form == "count_at_least" else in_force.limit.measure)


def _nearest(demand: Demand, rulebook: Rulebook, calendar: Calendar) -> InForce | None:
    """For a demand that passes: the rule that leaves least room, to be cited."""
    taken = [(cap_of(it.in_force), it) for it in charges(rulebook, demand, calendar)]
    room = [(cap - it.amount, it.in_force) for cap, it in taken if cap is not None]
    if room:
        return min(room, key=lambda pair: pair[0])[1]
    for in_force in rulebook.limits(demand.kind, demand.bearer, demand.day):
        limit = in_force.limit
        bounds = limit.form != "never" and not limit.accumulates and limit.form != "must_follow"
        told = _is_stated(in_force, demand) and _was_told(in_force, demand, rulebook)
        if bounds and told and all_hold(limit.where, demand.attributes):
            return in_force
    return None


def _is_stated(in_force: InForce, demand: Demand) -> bool:
    """Whether the demand states what this limit looks at."""
    form, value = in_force.limit.form, in_force.value
    if form in ("not_before", "not_after"):
        return (demand.start if value.on == "start" else demand.end) is not None
    if form in ("must_exist", "listed", "never_in"):
        return True
    return _done(in_force, demand) is not None


def _passes(in_force: InForce | None, unknown: list[Unjudged]) -> str:
    if in_force is not None:
        return TEMPLATES["ask"]["within"].format(
            title=in_force.limit.title, rule=rule_text(in_force), citation=citation(in_force)
        )
    return TEMPLATES["ask"]["open"].format(number=len(unknown)) if unknown else TEMPLATES["ask"]["free"]
