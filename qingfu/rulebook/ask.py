"""Answers questions of other programs: may this be asked of these people on this day, and which rule says so?

A question is a JSON object: `kind`, `bearer`, `on`, `value`; anything else is an attribute of the demand. The
value is all that is asked in the window of the rule. What had to be assumed is told in the answer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache

from .calendar import Calendar, load_calendar
from .charges import charges
from .judge import cap_of, judge_close
from .loader import load_national
from .model import Bearer, Breach, Charge, Demand, InForce, Unjudged, Verdict, all_hold
from .question import Question, QuestionError, read_question
from .rulebook import Rulebook
from .sentences import TEMPLATES, citation, missing, rule_text
from .words import ATTRIBUTES, KINDS, MEASURES

__all__ = ["QuestionError", "ask", "breaches_of"]

LISTED = {"name", "listed"}  # what a list looks at


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
    answers = [_answer(asked, bearer, rulebook, calendar) for bearer in _carriers(asked, rulebook)]
    worst = max(answers, key=lambda answer: (answer["order"], answer["limit"] is not None))
    del worst["order"]
    return {"id": question["id"], **worst} if "id" in question else worst


def breaches_of(question: Mapping) -> list[dict]:
    """What the question breaks by the national rules and calendar, the worst first: the `breaches` of its answer, and
    nothing of what is cited where it passes. Raises QuestionError.
    """
    rulebook, calendar = national_rulebook(), load_calendar()
    asked = read_question(question, rulebook, date.today())
    found = [_judged(asked, asked.demand(bearer), rulebook, calendar)[0] for bearer in _carriers(asked, rulebook)]
    worst = max(found, key=lambda breaches: breaches[0].verdict if breaches else Verdict.PASS)
    return list(map(_breach_record, worst))


def _carriers(asked: Question, rulebook: Rulebook) -> list[Bearer]:
    """Who carries it; where no rule for them looks at such a demand, whoever else rules keep accounts for.

    A borrowed teacher is on the account of her school, whoever borrows her.
    """
    if any(_looks_at(asked, bearer, rulebook) for bearer in asked.bearers):
        return asked.bearers
    others = [replace(bearer, kind=kind) for kind in rulebook.bearer_kinds(asked.kind) for bearer in asked.bearers]
    return [bearer for bearer in others if _looks_at(asked, bearer, rulebook)] or asked.bearers


def _looks_at(asked: Question, bearer: Bearer, rulebook: Rulebook) -> bool:
    try:
        attributes = asked.demand(bearer).attributes
    except ValueError as error:
        raise QuestionError(str(error)) from error
    return any(all_hold(it.limit.where, attributes) for it in rulebook.limits(asked.kind, bearer, asked.day))


def _answer(asked: Question, bearer: Bearer, rulebook: Rulebook, calendar: Calendar) -> dict:
    demand = asked.demand(bearer)
    breaches, unknown, taken = _judged(asked, demand, rulebook, calendar)
    if breaches:
        cited, verdict, reason = breaches[0].in_force, breaches[0].verdict, breaches[0].reason_zh
    else:
        cited, verdict = _nearest(demand, rulebook, taken), Verdict.PASS
        reason = _passes(cited, unknown, demand, rulebook)
    unread = _unread(asked, rulebook)
    if unread and not breaches:
        reason += TEMPLATES["ask"]["unread"].format(what="、".join(unread))
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
        "unread": unread,
    }


def _judged(
    asked: Question, demand: Demand, rulebook: Rulebook, calendar: Calendar
) -> tuple[list[Breach], list[Unjudged], list[Charge]]:
    """What the demand breaks, the worst first; what cannot be judged; what it takes from every budget."""
    taken = charges(rulebook, demand, calendar)
    breaches, unknown = rulebook.judge_alone(demand, calendar, asked.baseline)
    breaches += filter(None, (rulebook.judge_total(charge, 0, asked.baseline) for charge in taken))
    unknown += [Unjudged(it.in_force, _untold(it)) for it in breaches if not _was_told(it.in_force, demand, rulebook)]
    breaches = [breach for breach in breaches if _was_told(breach.in_force, demand, rulebook)]
    breaches += _closes(demand, rulebook, calendar)
    breaches.sort(key=lambda breach: -breach.verdict)
    return breaches, unknown, taken


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
        told = LISTED & set(demand.attributes)
        return bool(told) or not rulebook.list_items(value.list, demand.day)
    return True


def _untold(breach: Breach) -> str:
    return breach.in_force.value.fact or "listed"


def _closes(demand: Demand, rulebook: Rulebook, calendar: Calendar) -> list[Breach]:
    """The close limits that the amounts, if they are all there will be, do not reach."""
    breaches = []
    for in_force in rulebook.limits(demand.kind, demand.bearer, demand.day):
        limit = in_force.limit
        if limit.is_gate or not all_hold(limit.where, demand.attributes):
            continue
        done = _done(in_force, demand)
        follows = limit.form == "must_follow"
        if done is None or (limit.window in ("standing", "period", "each") and not follows):
            continue
        window = calendar.window("day" if follows else limit.window, demand.day)
        due = rulebook.close_due(in_force, demand.bearer, window, calendar)
        breach = judge_close(due, done, 1) if due else None
        if breach:
            breaches.append(breach)
    return breaches


def _done(in_force: InForce, demand: Demand) -> int | float | None:
    """The amount that a close limit looks at; None where the question does not tell it."""
    limit, value = in_force.limit, in_force.value
    if limit.form == "must_follow":
        return demand.attributes.get(value.fact)
    if limit.form.endswith("_of_whole"):
        return demand.amounts.get("share", _share_of_one(in_force, demand))
    parts = KINDS[demand.kind].get("parts", ())
    if any(part in demand.attributes and part not in {it.key for it in limit.where} for part in parts):
        return None
    if limit.form == "count_at_least":
        return 0 if demand.is_nothing else demand.amounts.get("times")
    return demand.amounts.get(limit.measure)


def _share_of_one(in_force: InForce, demand: Demand) -> float | None:
    """Where all must be done, one that is said to be left out breaks the rule; None where it is not said."""
    part = in_force.limit.part
    told = part and all(condition.key in demand.attributes for condition in part)
    if in_force.value.share != 1 or not told:
        return None
    return float(all_hold(part, demand.attributes))


def _unread(asked: Question, rulebook: Rulebook) -> list[str]:
    """What the question says and no rule on such demands looks at, on whatever day."""
    words = rulebook.words(asked.kind).keys() | ATTRIBUTES.get(asked.kind, {}).keys() | LISTED
    measures = rulebook.measures(asked.kind) | {"times"}
    return [key for key in asked.attributes if key not in words] + [
        MEASURES[measure] or measure for measure in asked.amounts if measure not in measures
    ]


def _unstated(demand: Demand, rulebook: Rulebook) -> list[str]:
    """The attributes that rules for this bearer look at and the question leaves open."""
    keys = {
        condition.key: None
        for in_force in rulebook.limits(demand.kind, demand.bearer, demand.day)
        for condition in in_force.limit.where
        if all(it.key not in demand.attributes for it in in_force.limit.where if not it.holds(demand.attributes))
    }
    listed = ATTRIBUTES.get(demand.kind, {})
    return [f"{key}（{listed[key]['name']}）" if key in listed else key for key in keys if key not in demand.attributes]


def _nearest(demand: Demand, rulebook: Rulebook, taken: list[Charge]) -> InForce | None:
    """For a demand that passes and takes so much: the rule that leaves least room, to be cited."""
    caps = [(cap_of(it.in_force), it) for it in taken]
    room = [(cap - it.amount, it.in_force) for cap, it in caps if cap is not None]
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


def _passes(in_force: InForce | None, unknown: list[Unjudged], demand: Demand, rulebook: Rulebook) -> str:
    if in_force is not None:
        return TEMPLATES["ask"]["within"].format(
            title=in_force.limit.title, rule=rule_text(in_force), citation=citation(in_force)
        )
    if unknown:
        return TEMPLATES["ask"]["open"].format(number=len(unknown))
    unstated = _unstated(demand, rulebook)
    return TEMPLATES["ask"]["unstated"].format(what="、".join(unstated)) if unstated else TEMPLATES["ask"]["free"]
