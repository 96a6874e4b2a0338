"""One school's term of homework."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from qingfu.ledger.actions.posting import open_findings
from qingfu.ledger.asking import ask
from qingfu.ledger.drafts import Draft
from qingfu.ledger.queries import calendar_for, remaining
from qingfu.site.demo.guests import GRADE, SCHOOL
from qingfu.site.demo.homework import ClassAtWork, day_of
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, system_actor
from qingfu.units.tenancy import as_tenant

BATCH = 400  # drafts in one request


@dataclass(frozen=True)
class SchoolAtWork:
    """A school in the database with its classes."""

    id: int
    name: str
    classes: tuple[ClassAtWork, ...]


def fill_school(tenant_id: int, school: SchoolAtWork, seed: int, today: date) -> int:
    """The homework of one school from the first day of the term until ``today``. Returns how many items."""
    actor = system_actor(tenant_id)
    random = Random(f"{seed}/{school.name}")
    ids = [class_.id for class_ in school.classes]
    count, waiting, serial = 0, [], 0
    with as_tenant(tenant_id):
        calendar = calendar_for(Unit.objects.get(pk=school.id))
        days = _school_days(calendar, today)
        caps = _caps(ids, days)
    for day in days:
        for class_ in school.classes:
            drafts, _ = day_of(class_, day, caps[class_.id], random)
            waiting += [] if is_left_to_visitors(school, class_, day, today) else drafts
            if len(waiting) >= BATCH:
                count += _carry(actor, waiting, f"demo/{school.id}/{serial}")
                waiting, serial = [], serial + 1
    return count + (_carry(actor, waiting, f"demo/{school.id}/{serial}") if waiting else 0)


def is_left_to_visitors(school: SchoolAtWork, class_: ClassAtWork, day: date, today: date) -> bool:
    """Whether what a class gets on a day is posted by whoever tries the demonstration: a day already full would refuse
    the first tap."""
    return (school.name, class_.grade, day) == (SCHOOL, GRADE, today)


def _school_days(calendar, today: date) -> list[date]:
    term = calendar.term(today)
    span = (term.start + timedelta(days=n) for n in range((today - term.start).days + 1))
    return [day for day in span if calendar.day(day).is_school_day]


def _caps(ids: Iterable[int], days: list[date]) -> dict[int, int]:
    """Written minutes that each class may have on a school day; 0 where none."""
    found = remaining(ids, days[:1])
    return {
        bearer_id: min((s.cap for s in states if s.measure == "minutes" and s.cap is not None), default=0)
        for (bearer_id, _), states in found.items()
    }


def _carry(actor: Actor, drafts: list[Draft], key: str) -> int:
    """State what was set, as the import of another system's log would: nothing is refused, what is over opens
    a Finding."""

    def build(request, reckonings) -> None:
        for draft in drafts:
            request.add_draft(draft, reckonings[draft.bearer_id], draft.issuer_unit_id)

    bearer_ids = {draft.bearer_id for draft in drafts}
    with as_tenant(actor.tenant_id):
        answer = ask(actor, "record", key, key, bearer_ids, build)  # the key names the content
        if not answer.repeated:
            open_findings(actor, "recorded_over", answer)
    return len(drafts)
