"""Posting homework and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.homework.items import ALL_SUBJECTS, Item, Posting
from qingfu.homework.models import PlanItem
from qingfu.homework.queries import Board
from qingfu.homework.reading import flags_of
from qingfu.ledger import actions as ledger
from qingfu.ledger.answers import Answer
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Demand
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, require
from qingfu.units.tenancy import as_tenant

LATE = "补登"


class NotHers(Forbidden):
    """A teacher may post only the subjects that she teaches in that very class."""

    def __init__(self, subject: str, unit: Unit):
        super().__init__("post_homework", unit)
        self.args = (gettext("您在%(place)s不教%(subject)s。") % {"place": unit.name, "subject": subject},)


class NothingToPost(ValueError):
    """A posting without an item, or an item without a class. ``str()`` is a sentence for the person."""


def post_homework(actor: Actor, posting: Posting, key: str) -> Answer:
    """Post all items to all their classes, or none. What is for a day gone by is recorded and never refused.

    Items of a week plan (``posting.plan_items``) count as posted with it, and their holds are converted.
    Raises NotHers, Forbidden, NothingToPost, ledger.KeyReused.
    """
    _require_items(posting)
    with as_tenant(actor.tenant_id):
        require_hers(actor, posting.items)
        rows = _lock_plan_items(actor, posting.plan_items)
        done = [row for row in rows if row.state == PlanItem.State.POSTED]
        if done:
            ids = tuple(demand_id for row in done for demand_id in row.demand_ids)
            return Answer("posted", demand_ids=ids, repeated=True)
        answer = _put(actor, posting, key, [hold_id for row in rows for hold_id in row.hold_ids])
        if answer.outcome == "hold_gone":
            answer = _put(actor, posting, f"{key}-anew", [])
        if answer.ok:
            _mark_posted(actor, rows, answer)
        return answer


def _put(actor: Actor, posting: Posting, key: str, holds: Sequence[int]) -> Answer:
    """Post or record, as the clock says now; the same key and the same words are answered as they were then."""
    typed = posting.typed()
    earlier = ledger.answered(actor, key, typed)
    if earlier and earlier.ok:
        return earlier
    drafts = drafts_of(posting)
    if posting.day < timezone.localdate():
        return ledger.record(actor, drafts, key, posting.reason.strip() or LATE, typed=typed)
    return ledger.post(actor, drafts, key, converts=holds, typed=typed)


def drafts_of(posting: Posting) -> list[Draft]:
    """What the ledger is asked: one draft for each item and class, with what its words may not ask there."""
    board = Board(posting.classes())
    return [
        item.draft(
            unit, group_id, posting.day, {flag.code for flag in _flags(board, item, unit, posting)},
            late=board.is_late(unit, posting.day), reason=posting.reason.strip(),
        )
        for item in posting.items
        for unit, group_id in item.classes()
    ]  # fmt: skip


def _flags(board: Board, item: Item, unit: Unit, posting: Posting) -> list:
    return flags_of(item, unit.grade, board.materials(unit, item.subject, posting.day))


def require_hers(actor: Actor, items: Sequence[Item]) -> None:
    """Raise Forbidden or NotHers unless the actor teaches every item's subject in every class of it."""
    for item in items:
        for unit, _ in item.classes():
            require(actor, "post_homework", unit)
            if not {item.subject, ALL_SUBJECTS} & set(actor.subjects_in(unit)):
                raise NotHers(item.subject, unit)


def _require_items(posting: Posting) -> None:
    if not posting.items:
        raise NothingToPost(gettext("没有要公示的作业，请先写一项。"))
    for item in posting.items:
        if not item.classes():
            raise NothingToPost(gettext("“%(text)s”没有选班级。") % {"text": item.text})


# ---- items of a plan ----


def _lock_plan_items(actor: Actor, ids: Sequence[int]) -> list[PlanItem]:
    """Her own plan items, locked, so that a second tap waits for the first. Raises Forbidden for another's."""
    rows = list(
        PlanItem.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, plan__author_id=actor.person_id)
        .order_by("pk")
    )
    if len(rows) != len(set(ids)):
        raise Forbidden("post_homework")
    return rows


def _mark_posted(actor: Actor, rows: Sequence[PlanItem], answer: Answer) -> None:
    """Give each item of the plan the demands that it became."""
    made = list(Demand.objects.filter(id__in=answer.demand_ids))
    for row in rows:
        row.demand_ids = [one.id for one in made if one.text == row.text and one.bearer_id in row.classes]
        row.state, row.hold_ids = PlanItem.State.POSTED, []
        row.save(update_fields=["demand_ids", "state", "hold_ids"])
        audit(actor, "confirm_plan_item", kind="plan_item", object_id=row.pk)


# ---- taking back ----


def withdraw_homework(actor: Actor, demand_ids: Sequence[int], key: str, reason: str = "") -> Answer:
    """Take homework back; see ``ledger.actions.withdraw``. An item of a plan waits for her tap again.

    Raises Forbidden, ledger.KeyReused, ValueError for homework that no longer stands.
    """
    with as_tenant(actor.tenant_id):
        answer = ledger.withdraw(actor, demand_ids, key, reason)
        if answer.ok and not answer.repeated:
            _plan_again(set(demand_ids))
        return answer


def _plan_again(demand_ids: set[int]) -> None:
    gone = set(
        Demand.objects.filter(id__in=demand_ids, state=Demand.State.WITHDRAWN).values_list("id", flat=True)
    )
    touched = reduce(or_, (Q(demand_ids__contains=[one]) for one in gone), Q(pk__in=[]))
    for row in PlanItem.objects.select_for_update().filter(touched, state=PlanItem.State.POSTED):
        row.demand_ids = [one for one in row.demand_ids if one not in gone]
        if not row.demand_ids:
            row.state = PlanItem.State.PLANNED
        row.save(update_fields=["demand_ids", "state"])
