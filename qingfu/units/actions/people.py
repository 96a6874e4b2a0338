"""People and their roles."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from qingfu.units.actions.trail import audit
from qingfu.units.actions.tree import pinyin
from qingfu.units.models import Membership, Person, Token, Unit
from qingfu.units.queries import SIGN_IN_KINDS, Actor, require, tokens_of


def add_person(actor: Actor, unit: Unit, account: str, name: str) -> Person:
    """A new account at a school or office, without a password until one is issued. Needs ``manage_people``."""
    require(actor, "manage_people", unit)
    person = Person.objects.create(unit=unit, account=account, name=name, pinyin=pinyin(name))
    audit(actor, "add_person", kind="person", object_id=person.pk, unit_id=unit.pk)
    return person


def appoint(
    actor: Actor,
    person: Person,
    unit: Unit,
    role: str,
    *,
    subject: str = "",
    starts: date,
    ends: date | None = None,
) -> Membership:
    """Give ``person`` a role at ``unit``. Needs ``manage_people`` there."""
    require(actor, "manage_people", unit)
    membership = Membership.objects.create(
        person=person, unit=unit, role=role, subject=subject, starts=starts, ends=ends
    )
    audit(actor, "appoint", kind="person", object_id=person.pk, unit_id=unit.pk, role=role, subject=subject)
    return membership


def end_role(actor: Actor, membership: Membership, last_day: date) -> None:
    """End a role after ``last_day``. Needs ``manage_people`` at its unit."""
    require(actor, "manage_people", membership.unit)
    membership.ends = last_day
    membership.save(update_fields=["ends"])
    audit(
        actor,
        "end_role",
        kind="person",
        object_id=membership.person_id,
        unit_id=membership.unit_id,
        role=membership.role,
        subject=membership.subject,
        last_day=last_day.isoformat(),
    )


def leave(actor: Actor, person: Person, last_day: date) -> int:
    """The person leaves after ``last_day``: roles end, sessions end (at once if that day is over or today).

    Needs ``manage_people`` at the person's unit. Returns how many sessions were cut.
    """
    require(actor, "manage_people", person.unit)
    person.left_on = last_day
    person.save(update_fields=["left_on"])
    person.memberships.filter(ends=None).update(ends=last_day)
    person.memberships.filter(ends__gt=last_day).update(ends=last_day)
    count = 0
    if last_day <= timezone.localdate():  # else the sessions end with the last day, see queries.actor_of
        count = tokens_of(person).filter(revoked_at=None).update(revoked_at=timezone.now())
    audit(
        actor,
        "leave",
        kind="person",
        object_id=person.pk,
        unit_id=person.unit_id,
        last_day=last_day.isoformat(),
    )
    return count


def forget_left_people(today: date) -> int:
    """Take name and account off whoever left more than a year ago; what they posted stays. For the nightly job."""
    gone = Person.objects.filter(left_on__lt=today - timedelta(days=365)).exclude(name="")
    return gone.update(name="", pinyin="", password="", account=F("id"))


def forget_sessions(before: datetime) -> int:
    """Remove sessions that ended before the moment ``before``. For the nightly job."""
    ended = Token.objects.filter(kind__in=SIGN_IN_KINDS)
    return (ended.filter(expires_at__lt=before) | ended.filter(revoked_at__lt=before)).delete()[0]
