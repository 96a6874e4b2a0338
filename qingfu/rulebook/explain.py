"""Shows the chain of limits from the nation to the school, and which one binds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .check import BOUNDS, DAILY, tightest
from .model import Bearer, InForce, Limit, all_hold
from .rulebook import Rulebook
from .sentences import rule_text
from .words import GRADES, KINDS, grade_names, grades_of, word


@dataclass(frozen=True, slots=True)
class Chain:
    """The limits of all levels that bound the same thing, the nation's first, and the tightest of them."""

    steps: tuple[InForce, ...]
    binding: InForce


@dataclass(frozen=True, slots=True)
class Explanation:
    """All chains for demands of a kind on a bearer on a day; those that bound an amount come first."""

    kind: str
    bearer: Bearer
    day: date
    chains: tuple[Chain, ...]

    @property
    def binding(self) -> InForce | None:
        """The limit that binds in the first chain; None where nothing is in force."""
        return self.chains[0].binding if self.chains else None


def explain(rulebook: Rulebook, kind: str, bearer: Bearer, day: date) -> Explanation:
    """The chains from the nation to the school for one kind of demand, each with the limit that binds."""
    groups: dict[tuple, list[InForce]] = {}
    for in_force in rulebook.limits(kind, bearer, day):
        groups.setdefault(_key(in_force), []).append(in_force)
    chains = [Chain(tuple(steps), tightest(steps)) for steps in groups.values()]
    chains.sort(key=lambda chain: not _is_about_amounts(chain.binding.limit))
    return Explanation(kind, bearer, day, tuple(chains))


def explain_each(
    rulebook: Rulebook,
    kind: str,
    day: date,
    bearer: str | None = None,
    grade: int | None = None,
    stage: str | None = None,
) -> list[tuple[tuple[int, ...], Explanation]]:
    """What holds for each kind of bearer and each grade that is not told; grades for which the same holds together.

    A kind of bearer that rules keep no account for is answered with those that they do.
    """
    kept = rulebook.bearer_kinds(kind)
    found = []
    for bearer_kind in [bearer] if bearer in kept else kept:
        together: dict[tuple, tuple[list[int], Explanation]] = {}
        for one in [grade] if grade else [None, *(grades_of(stage) if stage else GRADES)]:
            explanation = explain(rulebook, kind, Bearer("", bearer_kind, one, stage), day)
            limits = tuple(step.limit.id for chain in explanation.chains for step in chain.steps)
            if limits:
                together.setdefault(limits, ([], explanation))[0].extend([one] if one else [])
        by_grade = sorted((group for group in together.values() if group[0]), key=lambda group: group[0])
        found += [(tuple(grades), it) for grades, it in by_grade or together.values()]
    return found


def heading(grades: tuple[int, ...], explanation: Explanation) -> str:
    """Whom an explanation is for."""
    who = word("bearers", explanation.bearer.kind)
    return f"{who}（{grade_names(grades)}）" if 0 < len(grades) < len(GRADES) else who


def _is_about_amounts(limit: Limit) -> bool:
    """Whether it says how much of the usual demand of its kind may be asked."""
    usual = KINDS[limit.kind].get("assume", {})
    return (limit.accumulates or limit.form == "never") and all_hold(limit.where, usual)


def _key(in_force: InForce) -> tuple:
    """Limits with the same key form a chain. What the usual demand is anyway makes no difference."""
    limit = in_force.limit
    alone = (limit.id,) if limit.form not in BOUNDS or limit.form == "never" else ()
    usual = KINDS[limit.kind].get("assume", {})
    where = frozenset(condition for condition in limit.where if not condition.holds(usual))
    window = DAILY[0] if limit.window in DAILY else limit.window
    return (limit.form, limit.measure, window, limit.per, where, in_force.value.on, *alone)


def step_record(in_force: InForce, binds: bool) -> Mapping:
    """One step of a chain as a JSON object."""
    limit, value, document = in_force.limit, in_force.value, in_force.document
    return {
        "level": in_force.level,
        "limit": limit.id,
        "title": limit.title,
        "rule": rule_text(in_force),
        "form": limit.form,
        "cap": in_force.cap,
        "measure": limit.measure,
        "window": limit.window,
        "where": {
            condition.key: ({"not": list(condition.any_of)} if condition.negated else list(condition.any_of))
            for condition in limit.where
        },
        "force": limit.force,
        "verdict": in_force.verdict.code,
        "document": document.title,
        "number": document.number,
        "clause": value.clause,
        "from": value.start.isoformat(),
        "to": value.end.isoformat() if value.end else None,
        "confidence": value.confidence,
        "binds": binds,
    }


def records(explanation: Explanation) -> list[Mapping]:
    """Every step of every chain as JSON objects, chains numbered from 1."""
    return [
        {"chain": number, **step_record(step, step is chain.binding)}
        for number, chain in enumerate(explanation.chains, 1)
        for step in chain.steps
    ]


def lines(explanation: Explanation) -> list[str]:
    """The same for people: one line a step, the binding one marked."""
    return [
        "{mark} {level}｜{title}：{rule}｜{citation}｜{force}，{since}起".format(
            mark="→" if step is chain.binding else "　",
            level=word("levels", step.level),
            title=step.limit.title,
            rule=rule_text(step),
            citation=step.citation,
            force=word("forces", step.limit.force),
            since=step.value.start,
        )
        for chain in explanation.chains
        for step in chain.steps
    ]
