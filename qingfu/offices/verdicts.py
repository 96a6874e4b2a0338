"""The ledger's answer in the words of a page: each limit, its document, and what would fit instead."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from qingfu.ledger.answers import Answer, Refusal
from qingfu.rulebook.words import word


@dataclass(frozen=True)
class Said:
    """One limit that an asking met. ``fits`` is what would fit, "" where only leaving it would."""

    verdict: str
    title: str
    sentence: str
    citation: str
    fits: str


def said(answer: Answer) -> list[Said]:
    """What an answer says, the gravest first, each rule once however many bearers it met."""
    found: dict[tuple, Said] = {}
    for one in sorted(answer.over, key=lambda one: -one.verdict):
        if one.verdict:
            made = Said(one.verdict.code, one.title, one.sentence, _citation(one), fits(one))
            found.setdefault((one.limit_id, one.sentence), made)
    return list(found.values())


def fits(one: Refusal) -> str:
    """What would fit in place of what went over."""
    if one.in_force is None:
        return ""
    limit, value = one.in_force.limit, one.in_force.value
    measure = word("measures", limit.measure)
    if one.cap is not None and one.window_key:
        if one.left:
            return _("还可以 %(left)s %(measure)s") % {"left": one.left, "measure": measure}
        return _("并进已有的一件，或放到下一个周期")
    if limit.form == "each_at_most":
        return _("减到 %(cap)s %(measure)s以内") % {"cap": value.cap, "measure": measure}
    if limit.form == "must_exist":
        return _("先办好：%(fact)s") % {"fact": word("facts", value.fact)}
    return ""


def _citation(one: Refusal) -> str:
    return one.in_force.citation if one.in_force else ""
