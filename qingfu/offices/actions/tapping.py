"""Two taps on one button are one deed, even at once: the second waits for the first and finds what it made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.db import transaction

from qingfu.ledger.drafts import in_order
from qingfu.offices.models import Tap
from qingfu.units.queries import Actor
from qingfu.units.tenancy import as_tenant

KEPT_DAYS = 7
"""A form that stood open longer than this and is sent twice makes two things; nobody waits a week for a button."""


def once(actor: Actor, key: str, deed: str, typed: Iterable, make: Callable[[], list[int]]) -> list[int]:
    """The ids that ``make`` returned, now or when the form with this ``key`` and what was ``typed`` was sent before.

    Without a key nothing is remembered. What ``make`` raises undoes the tap too.
    """
    if not key:
        return make()
    said = in_order([deed, key, [str(one) for one in typed]])
    with transaction.atomic():
        tap, is_first = Tap.objects.get_or_create(
            person_id=actor.person_id, mark=hashlib.sha256(said.encode()).hexdigest()
        )
        if is_first:
            tap.object_ids = make()
            tap.save(update_fields=["object_ids"])
    return tap.object_ids


def sweep_taps(tenant_id: int, today: date) -> int:
    """Forget the taps of forms that nobody sends any more; how many."""
    with as_tenant(tenant_id):
        return Tap.objects.filter(day__lt=today - timedelta(days=KEPT_DAYS)).delete()[0]
