"""放不下，可以这样调: what the ledger refused, in the words of the page, with what would fit instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingfu.homework.actions.posting import drafts_of
from qingfu.homework.items import Flagged, Posting
from qingfu.homework.queries import DAYS_OFFERED, Board, bars, day_name, who_may_waive
from qingfu.homework.reading import flagged_items
from qingfu.ledger import queries as ledger
from qingfu.ledger.answers import Answer, Refusal
from qingfu.ledger.drafts import Draft
from qingfu.ledger.queries import Colleague
from qingfu.rulebook import Verdict
from qingfu.rulebook.sentences import rule_text
from qingfu.rulebook.words import MEASURES
from qingfu.units.models import Unit
from qingfu.units.queries import Actor

LEVELS = {
    "nation": gettext_lazy("国家规定，学校和县都不能放宽"),
    "province": gettext_lazy("省里的规定"),
    "city": gettext_lazy("市里的规定"),
    "county": gettext_lazy("县里的规定"),
    "school": gettext_lazy("学校自己的规定"),
}


@dataclass(frozen=True)
class Ask:
    """A colleague who could yield, and the minutes that would do."""

    colleague: Colleague
    minutes: int


@dataclass
class Advice:
    """The page of one refusal. ``card`` is for the component ``refusal``; None where no running total is the matter.

    ``flagged`` are words that may not be asked, ``singles`` the other limits that an item breaks by itself.
    ``waivers`` names those who may lift the limit; where that is nobody, ``nobody`` says why.
    """

    outcome: str
    unit: Unit
    card: dict | None
    singles: list[Refusal] = field(default_factory=list)
    flagged: list[Flagged] = field(default_factory=list)
    others: list[tuple[Refusal, str]] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    waivers: list[str] = field(default_factory=list)
    nobody: str = ""
    drop: list[int] = field(default_factory=list)


def advice(actor: Actor, posting: Posting, answer: Answer) -> Advice:
    """What to say to a teacher whose posting was refused, needs a waiver, or needs a reason."""
    units = {unit.pk: unit for unit in posting.classes()}
    board = Board(units.values())
    drafts = drafts_of(posting)
    totals = sorted((one for one in answer.refusals if one.cap is not None), key=_urgency)
    singles = [one for one in answer.refusals if one.cap is None]
    first = (totals or singles)[0]
    page = Advice(answer.outcome, units[first.bearer_id], None)
    page.singles = _each_rule_once(one for one in singles if not _is_about_words(one))
    page.flagged = [
        one
        for one in flagged_items(posting.items, board, posting.day)
        if Verdict[one.verdict.upper()] >= Verdict.WARN
    ]
    page.drop = sorted({_item_number(posting, n) for one in singles for n in one.drafts})
    page.others = [(one, units[one.bearer_id].name) for one in totals[1:]]
    if first.in_force and first.verdict >= Verdict.NEEDS_WAIVER:
        page.waivers = who_may_waive(board.of(page.unit), page.unit, first.in_force)
        page.nobody = "" if page.waivers else _nobody(first)
    if totals:
        colleagues = _colleagues(actor, drafts, first) if first.measure == "minutes" else []
        page.asks = [Ask(one, min(one.amount, first.requested - first.left)) for one in colleagues]
        options = [] if singles else [*_fewer(posting, totals), *_other_day(board, posting, drafts)]
        page.card = _card(board, posting, first, page, [*options, *_ask_options(page.asks)])
    return page


def _nobody(refusal: Refusal) -> str:
    if refusal.level == "nation" and refusal.in_force.waiver == "no":
        return _("这一条是国家规定，任何人都不能批准超出。")
    return _("现在学校和县里没有人能批准超出这一条。")


def _urgency(refusal: Refusal) -> tuple:
    return -refusal.verdict, refusal.left, refusal.bearer_id


def _is_about_words(refusal: Refusal) -> bool:
    """Whether a limit is about what the text says, which is told with the words themselves."""
    return refusal.in_force is not None and any(it.key == "flag" for it in refusal.in_force.limit.where)


def _each_rule_once(singles: Iterable[Refusal]) -> list[Refusal]:
    found: dict[tuple, Refusal] = {}
    for one in singles:
        found.setdefault((one.limit_id, one.text), one)
    return list(found.values())


def _item_number(posting: Posting, n: int) -> int:
    """Which item the ``n``-th draft came from: drafts stand item by item, class by class."""
    for number, item in enumerate(posting.items):
        n -= len(item.classes())
        if n < 0:
            return number
    raise IndexError(n)


def _card(board: Board, posting: Posting, first: Refusal, page: Advice, options: list[dict]) -> dict:
    parts = [{"label": subject, "amount": amount} for subject, amount in first.taken_by_subject.items()]
    shown = bars(board, [page.unit], [posting.day])[page.unit.pk, posting.day]
    if shown.state and (shown.state.limit_id, shown.state.held) == (first.limit_id, first.held):
        parts += [part for part in shown.parts if part.get("kind") == "held"]
    elif first.held:
        parts.append({"label": _("其他"), "amount": first.held, "kind": "held"})
    return {
        "who": page.unit.name, "when": day_name(board.calendar, posting.day).label, "asked": first.requested,
        "used": first.used + first.held, "cap": first.cap + first.waived, "left": first.left,
        "unit": _unit(first.measure),
        "limit": f"{first.title}，{rule_text(first.in_force)}",
        "document": first.document, "number": first.number, "clause": first.clause,
        "level": LEVELS.get(first.level, ""), "parts": parts, "options": options,
    }  # fmt: skip


def _unit(measure: str) -> str:
    return _("分钟") if measure == "minutes" else MEASURES[measure]


# ---- what would fit ----


def _fewer(posting: Posting, totals: Sequence[Refusal]) -> list[dict]:
    """Cut the longest item that counts by what is missing in the tightest class, or leave it out."""
    counting = [(item.minutes, n) for n, item in enumerate(posting.items) if item.counts]
    missing = max(one.requested - one.left for one in totals)
    if not counting or any(one.measure != "minutes" for one in totals):
        return []
    minutes, n = max(counting, key=lambda pair: pair[0])
    text = posting.items[n].text
    if minutes > missing:
        label = _("改成 %(minutes)s 分钟就放得下") % {"minutes": minutes - missing}
        detail = _("“%(text)s”从 %(old)s 分钟减到 %(new)s 分钟，其余照旧") % {
            "text": text, "old": minutes, "new": minutes - missing,
        }  # fmt: skip
        value = f"{n}:{minutes - missing}"
        return [{"kind": "fewer", "label": label, "detail": detail, "name": "minutes", "value": value}]
    if minutes == missing and len(posting.items) > 1:
        label = _("去掉“%(text)s”就放得下") % {"text": text}
        return [{"kind": "fewer", "label": label, "detail": _("其余照旧"), "name": "drop", "value": str(n)}]
    return []


def _other_day(board: Board, posting: Posting, drafts: Sequence[Draft]) -> list[dict]:
    day = first_day_that_fits(board, posting.day, drafts)
    if day is None:
        return []
    name = day_name(board.calendar, day)
    label = _("放到%(day)s") % {"day": f"{name.label}（{date_format(day, _('n 月 j 日'))}）"}
    detail = _("这一周里最早全部放得下的一天")
    return [{"kind": "day", "label": label, "detail": detail, "name": "move", "value": day.isoformat()}]


def first_day_that_fits(board: Board, day: date, drafts: Sequence[Draft]) -> date | None:
    """The first day of the same sort after ``day``, within a week, on which all drafts fit together."""
    days = [day + timedelta(days=n) for n in range(1, DAYS_OFFERED + 1)]
    is_school_day = board.calendar.day(day).is_school_day
    days = [one for one in days if board.calendar.day(one).is_school_day == is_school_day]
    states = ledger.remaining({draft.bearer_id for draft in drafts}, days)
    return next((one for one in days if _all_fit(board, one, drafts, states)), None)


def _all_fit(board: Board, day: date, drafts: Sequence[Draft], states: dict) -> bool:
    left = {
        (state.bearer_id, state.limit_id, state.window.key): state.left
        for (_bearer, one), several in states.items()
        if one == day
        for state in several
        if state.left is not None
    }
    asked: Counter = Counter()
    for draft in drafts:
        found = board.found[draft.bearer_id]
        demand = replace(draft, day=day).asked(found.bearer(draft.bearer_id, day))
        if any(it.verdict >= Verdict.NEEDS_WAIVER for it in found.rulebook.judge_single(demand, found.calendar)):
            return False
        for charge in found.rulebook.charges(demand, found.calendar):
            if charge.in_force.verdict >= Verdict.NEEDS_WAIVER:
                asked[charge.bearer_id, charge.limit_id, charge.window.key] += charge.amount
    return all(amount <= left.get(place, amount) for place, amount in asked.items())


def _colleagues(actor: Actor, drafts: Sequence[Draft], first: Refusal) -> list[Colleague]:
    """Whom to ask: those whose items are in the full budget, and could give what is missing."""
    found = ledger.what_fits(drafts[first.drafts[0]], first).colleagues
    missing = first.requested - first.left
    return [one for one in found if one.person_id != actor.person_id and one.amount >= missing]


def _ask_options(asks: Sequence[Ask]) -> list[dict]:
    return [
        {
            "kind": "ask",
            "label": _("请%(subject)s让 %(minutes)s 分钟")
            % {"subject": ask.colleague.subject, "minutes": ask.minutes},
            "detail": _("%(name)s老师有一项 %(amount)s 分钟；请求会为您预留一天")
            % {"name": ask.colleague.name, "amount": ask.colleague.amount},
            "href": f"#ask-{ask.colleague.demand_id}",
        }
        for ask in asks
    ]
