"""One class on one day: the records behind a figure. Subjects and offices are named, persons and factors are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from qingfu.findings.models import Finding
from qingfu.ledger import queries as ledger
from qingfu.ledger.models import Demand, Waiver
from qingfu.ledger.queries import BudgetState, Taken
from qingfu.rulebook import Calendar
from qingfu.rulebook.sentences import quantity
from qingfu.rulebook.words import word
from qingfu.units.models import Unit

# A corrected demand is gone from the notice, but was taken back too late: its charge stands.
GONE = (Demand.State.WITHDRAWN,)


@dataclass(frozen=True)
class Item:
    """One demand, as the ledger counted it: minutes are those charged, never a teacher's own figure."""

    subject: str
    text: str
    minutes: int | None
    form: str
    required: bool
    place: str
    notes: tuple[str, ...]
    taken: tuple[dict, ...]


@dataclass(frozen=True)
class ClassDay:
    """What a class is asked on a day, every budget that it draws on, and what was taken back."""

    unit: Unit
    day: date
    calendar: Calendar
    budgets: list[BudgetState]
    items: list[Item]
    gone: list[Demand]
    waivers: list[Waiver]
    findings: list[Finding]

    @property
    def binding(self) -> BudgetState | None:
        return next((one for one in self.budgets if one.binding), None)


def class_day(unit: Unit, day: date) -> ClassDay:
    """Everything recorded about a class on a day. A fixed number of queries."""
    rows = list(Demand.objects.filter(bearer_id=unit.pk, day=day).exclude(kind="system_use").order_by("subject", "id"))
    standing = [row for row in rows if row.state not in GONE]
    taken = ledger.explain_all(rows)
    return ClassDay(
        unit=unit,
        day=day,
        calendar=ledger.calendar_for(unit),
        budgets=ledger.remaining([unit.pk], [day])[unit.pk, day],
        items=[_item(row, taken.get(row.id, ())) for row in standing],
        gone=[row for row in rows if row.state in GONE],
        waivers=list(ledger.waivers_in_force([unit.pk], day)),
        findings=_findings(unit, rows),
    )


def _item(row: Demand, taken: Sequence[Taken]) -> Item:
    asked = row.attributes
    return Item(
        subject=row.subject or word("kinds", row.kind),
        text=row.text,
        minutes=row.charged_minutes,
        form=asked.get("form", ""),
        required=asked.get("required", True),
        place=asked.get("place", ""),
        notes=tuple(_notes(row)),
        taken=tuple(_taken(one) for one in taken),
    )


def _notes(row: Demand):
    """What is special about it, in words."""
    if row.late:
        yield _("补登")
    if row.emergency:
        yield _("应急，另计")
    if row.state == Demand.State.WITHDRAWAL_ASKED:
        yield _("等待第二个人同意撤回")
    if row.state == Demand.State.CORRECTED:
        yield _("公示已撤，开始以后才撤，分钟数照计")
    if row.revision and row.state == Demand.State.POSTED:
        yield _("已调整")
    yield from {
        "waived": [_("按报批多布置")], "recorded": [_("登记时已超出规定")], "warned": [_("说明了理由")]
    }.get(row.verdict, [])  # fmt: skip
    if row.reason:
        yield _("理由：%(reason)s") % {"reason": row.reason}


def _taken(one: Taken) -> dict:
    """What it takes from one limit, and the document that sets the limit."""
    place = (one.limit_id, one.window_key)
    if one.in_force is None:
        return {"title": _("已不再执行的规定"), "amount": one.amount, "text": one.amount, "place": place}
    return {
        "title": one.in_force.limit.title,
        "amount": one.amount,
        "text": quantity(one.amount, one.in_force.limit.measure),
        "place": place,
        "citation": one.in_force.citation,
        "level": word("levels", one.in_force.level),
    }


def _findings(unit: Unit, rows: Sequence[Demand]) -> list[Finding]:
    """The findings about this class that name one of these demands."""
    ids = {row.id for row in rows}
    about = Finding.objects.filter(bearer=unit, object_kind="demand").order_by("pk")
    return [one for one in about if ids & set(one.object_ids)]


def bars_of(found: ClassDay) -> list[dict]:
    """The budgets as bars, each with its document and the subjects that took from it that day."""
    return [_bar(state, found) for state in found.budgets if state.cap is not None]


def _bar(state: BudgetState, found: ClassDay) -> dict:
    shown = [{"label": subject, "amount": amount} for subject, amount in _parts(state, found).items()]
    if state.held:
        shown.append({"label": _("预留"), "amount": state.held, "kind": "held"})
    return {
        "limit_id": state.limit_id, "title": state.title, "used": state.taken, "cap": state.cap + state.waived,
        "parts": shown, "unit": word("measures", state.measure), "window": word("windows", state.window.kind),
        "citation": state.in_force.citation, "level": word("levels", state.level),
        "force": word("forces", state.in_force.limit.force), "binding": state.binding, "waived": state.waived,
    }  # fmt: skip


def _parts(state: BudgetState, found: ClassDay) -> dict[str, int]:
    """What the subjects of this day took; nothing for windows that hold other days too."""
    parts: dict[str, int] = {}
    if state.window.start < state.window.end:
        return parts
    for item in found.items:
        for one in item.taken:
            if one["place"] == (state.limit_id, state.window.key):
                parts[item.subject] = parts.get(item.subject, 0) + one["amount"]
    return parts
