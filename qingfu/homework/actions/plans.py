"""The week plan: filed by its author; approved only where the school has switched approval on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.homework.actions.posting import drafts_of, require_hers
from qingfu.homework.items import Item, Posting, Target
from qingfu.homework.models import Plan, PlanItem
from qingfu.homework.queries import (
    Board,
    items_of_plan,
    monday_of,
    needs_approval,
    plan_classes,
    plan_of,
    targets,
)
from qingfu.ledger import actions as ledger
from qingfu.ledger.answers import Answer
from qingfu.ledger.drafts import Reserve
from qingfu.units.actions import audit
from qingfu.units.models import Person, Unit
from qingfu.units.queries import Actor, Forbidden, actor_of, may, require, school_of, who_may
from qingfu.units.tenancy import as_tenant

PURPOSE = "plan"
WEEK = timedelta(days=7)


class BadPlan(ValueError):
    """A plan that cannot be filed as it stands. ``str()`` is a sentence for the person."""


class DoesNotFit(RuntimeError):
    """An item of the plan does not fit any more: nothing was approved. ``item`` and the ledger's ``answer``."""

    def __init__(self, item: PlanItem, answer: Answer):
        super().__init__(answer.outcome)
        self.item, self.answer = item, answer


@dataclass(frozen=True)
class PlanLine:
    """One line of the form: ``item_id`` of a line that stood there before."""

    day: date
    class_ids: tuple[int, ...]
    text: str
    form: str
    required: bool
    minutes: int
    place: str = ""
    due_day: date | None = None
    item_id: int | None = None


def file_plan(actor: Actor, subject: str, week_starts: date, lines: Sequence[PlanLine]) -> Plan:
    """File (备案) the actor's plan of a subject for a week: ``lines`` replace what is not posted yet.

    So filing the same lines twice leaves them once. Where the school approves plans, it waits for approval; if
    nobody but the author could approve it, the step collapses. Raises NotHers, Forbidden, BadPlan, DoesNotFit.
    """
    with as_tenant(actor.tenant_id):
        Person.objects.select_for_update().get(pk=actor.person_id)  # one plan of hers at a time
        mine = targets(actor)
        _check(actor, subject, week_starts, lines, mine)
        plan = plan_of(actor, subject, week_starts) or _new_plan(actor, subject, week_starts, mine, lines)
        _replace_items(actor, plan, lines)
        plan.state, plan.note = Plan.State.FILED, ""
        plan.save(update_fields=["state", "note"])
        audit(actor, "file_plan", kind="plan", object_id=plan.pk, unit_id=plan.school_id, items=len(lines))
        if needs_approval(plan.school) and _may_approve_herself(actor, plan):
            _approve(actor, plan)
        return plan


def copy_last_week(actor: Actor, subject: str, week_starts: date) -> int:
    """Copy the plan of the week before, each item to the same weekday, if this week's is still empty.

    Returns how many items were copied; days without school are left out. Raises Forbidden, BadPlan.
    """
    with as_tenant(actor.tenant_id):
        before = plan_of(actor, subject, week_starts - WEEK)
        here = plan_of(actor, subject, week_starts)
        if before is None or (here and here.items.exists()):
            return 0
        mine = targets(actor)
        known = {unit.pk for target in mine for unit in target.classes}
        calendar = Board([unit for target in mine for unit in target.classes]).calendar
        lines = [
            PlanLine(
                row.day + WEEK, tuple(pk for pk in row.classes if pk in known), row.text, row.form, row.required,
                row.minutes, row.place, row.due_day and row.due_day + WEEK,
            )
            for row in before.items.exclude(state=PlanItem.State.DROPPED)
            if calendar.day(row.day + WEEK).is_school_day
        ]  # fmt: skip
        lines = [line for line in lines if line.class_ids and line.day >= timezone.localdate()]
        if lines:
            file_plan(actor, subject, week_starts, lines)
        return len(lines)


def drop_item(actor: Actor, item_id: int) -> PlanItem:
    """An item of the plan is not going to be set after all; what it held is free. Raises Forbidden."""
    with as_tenant(actor.tenant_id):
        row = _own_item(actor, item_id)
        if row.state == PlanItem.State.PLANNED:
            _release(actor, row)
            row.state = PlanItem.State.DROPPED
            row.save(update_fields=["state"])
            audit(actor, "drop_plan_item", kind="plan_item", object_id=row.pk)
        return row


def approve_plan(actor: Actor, plan_id: int) -> Plan:
    """Approve a filed plan: each item holds its minutes until its day is over. Twice does nothing more.

    Needs ``approve_plan`` at every class of it. Raises Forbidden, DoesNotFit.
    """
    with as_tenant(actor.tenant_id):
        plan = _filed_plan(actor, plan_id)
        if plan.state == Plan.State.FILED:
            _approve(actor, plan)
        return plan


def return_plan(actor: Actor, plan_id: int, note: str) -> Plan:
    """Send a filed plan back with a reason. Raises Forbidden, BadPlan without a reason."""
    if not note.strip():
        raise BadPlan(gettext("退回要写明原因，老师才知道怎么改。"))
    with as_tenant(actor.tenant_id):
        plan = _filed_plan(actor, plan_id)
        if plan.state == Plan.State.FILED:
            plan.state, plan.note = Plan.State.RETURNED, note.strip()[:300]
            plan.save(update_fields=["state", "note"])
            audit(actor, "return_plan", kind="plan", object_id=plan.pk, unit_id=plan.school_id)
        return plan


def switch_approval(actor: Actor, school: Unit, wanted: bool) -> None:
    """Whether a school wants week plans approved before anything of them is posted; without, filing is enough.

    Plans that are filed already wait from then on, or wait no more. Needs ``approve_plan`` at the school. Raises
    Forbidden.
    """
    with as_tenant(actor.tenant_id):
        require(actor, "approve_plan", school)
        found = Unit.objects.select_for_update().get(pk=school.pk)
        found.attributes["plan_approval"] = wanted
        found.save(update_fields=["attributes"])
        audit(actor, "switch_plan_approval", kind="school", object_id=found.pk, unit_id=found.pk, wanted=wanted)


# ---- filing ----


def _check(
    actor: Actor, subject: str, week_starts: date, lines: Sequence[PlanLine], mine: Sequence[Target]
) -> None:
    if week_starts != monday_of(week_starts):
        raise BadPlan(gettext("周计划从周一开始。"))
    by_class = {unit.pk: Target("", "", (unit,), target.subjects) for target in mine for unit in target.classes}
    for line in lines:
        if not line.class_ids:
            raise BadPlan(gettext("“%(text)s”没有选班级。") % {"text": line.text})
        if monday_of(line.day) != week_starts:
            raise BadPlan(gettext("“%(text)s”不在这一周。") % {"text": line.text})
        if not set(line.class_ids) <= set(by_class):
            raise Forbidden("post_homework")
        require_hers(actor, [_item(subject, line, [by_class[pk] for pk in line.class_ids])])


def _item(subject: str, line: PlanLine, several: Iterable[Target]) -> Item:
    return Item(
        subject, line.text, line.form, line.required, line.minutes, line.place, line.due_day, tuple(several)
    )


def _new_plan(
    actor: Actor, subject: str, week_starts: date, mine: Sequence[Target], lines: Sequence[PlanLine]
) -> Plan:
    first = lines[0].class_ids[0] if lines else mine[0].classes[0].pk
    school = school_of(Unit.objects.get(pk=first))
    return Plan.objects.create(
        school=school, author_id=actor.person_id, subject=subject, week_starts=week_starts
    )


def _replace_items(actor: Actor, plan: Plan, lines: Sequence[PlanLine]) -> None:
    """Items that are posted or dropped stay as they are; an approved one that changes loses its hold."""
    open_items = {row.pk: row for row in plan.items.select_for_update().filter(state=PlanItem.State.PLANNED)}
    settled = set(plan.items.exclude(state=PlanItem.State.PLANNED).values_list("pk", flat=True))
    kept = {line.item_id for line in lines}
    for pk, row in open_items.items():
        _release(actor, row)
        if pk not in kept:
            row.delete()
    for line in lines:
        if line.item_id in settled:
            continue
        row = open_items.get(line.item_id) or PlanItem(plan=plan)
        row.day, row.due_day, row.classes = line.day, line.due_day, list(line.class_ids)
        row.text, row.form, row.required = line.text, line.form, line.required
        row.place, row.minutes, row.hold_ids = line.place, line.minutes, []
        row.save()


def _own_item(actor: Actor, item_id: int) -> PlanItem:
    found = PlanItem.objects.select_for_update(of=("self",)).filter(plan__author_id=actor.person_id, pk=item_id).first()
    if found is None:
        raise Forbidden("post_homework")
    return found


def _release(actor: Actor, row: PlanItem) -> None:
    for hold_id in row.hold_ids:
        ledger.release(actor, hold_id, f"plan-release-{hold_id}")
    row.hold_ids = []


# ---- approval ----


def _filed_plan(actor: Actor, plan_id: int) -> Plan:
    plan = Plan.objects.select_for_update(of=("self",)).select_related("school").filter(pk=plan_id).first()
    if plan is None:
        raise Forbidden("approve_plan")
    for unit in Unit.objects.filter(pk__in=plan_classes(plan)):
        require(actor, "approve_plan", unit)
    return plan


def _may_approve_herself(actor: Actor, plan: Plan) -> bool:
    """The author is the approver, or there is nobody who could approve (a village point): the step collapses."""
    units = list(Unit.objects.filter(pk__in=plan_classes(plan)))
    nobody = not any(who_may("approve_plan", unit).exists() for unit in units)
    return nobody or all(may(actor, "approve_plan", unit) for unit in units)


def _approve(actor: Actor, plan: Plan) -> None:
    """Hold the minutes of every item that is still to come, in its author's name, all or none."""
    author = actor_of(plan.author_id)
    mine = targets(author)
    with transaction.atomic():
        rows = list(
            plan.items.select_for_update()
            .filter(state=PlanItem.State.PLANNED, day__gte=timezone.localdate())
            .order_by("pk")
        )
        for row, hold_id in zip(rows, _held(author, plan, rows, mine), strict=True):
            row.hold_ids = [hold_id]
            row.save(update_fields=["hold_ids"])
        plan.state, plan.note = Plan.State.APPROVED, ""
        plan.save(update_fields=["state", "note"])
        audit(actor, "approve_plan", kind="plan", object_id=plan.pk, unit_id=plan.school_id)


def _held(author: Actor, plan: Plan, rows: Sequence[PlanItem], mine: Sequence[Target]) -> Sequence[int]:
    """The holds of the items, asked for in one request: so two plans for one class never lock each other out."""
    if not rows:
        return ()
    for row in rows:
        row.plan = plan
    several = [
        Reserve(
            drafts_of(Posting(row.day, tuple(items_of_plan([row], mine)), reason=gettext("周计划已审批"))),
            end_of(row.day), purpose=PURPOSE,
        )
        for row in rows
    ]  # fmt: skip
    answer = ledger.hold_all(author, several, f"plan-{plan.pk}-{timezone.now():%Y%m%d%H%M%S%f}")
    if not answer.ok:
        raise DoesNotFit(_first_in_the_way(rows, several, answer), answer)
    return answer.hold_ids


def _first_in_the_way(rows: Sequence[PlanItem], several: Sequence[Reserve], answer: Answer) -> PlanItem:
    """The item that the gravest refusal is about."""
    drafts = [n for refusal in answer.refusals[:1] for n in refusal.drafts]
    whose = [row for row, one in zip(rows, several, strict=True) for _ in one.drafts]
    return whose[max(drafts, default=0)]


def end_of(day: date) -> datetime:
    """The midnight that ends a day here."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
