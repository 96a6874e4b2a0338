"""收文办理 by 谁在谁先阅办: whoever is in reads first, whoever is away is passed over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger.queries import calendar_for
from qingfu.offices.actions.posting import NotInPlace
from qingfu.offices.models import Reader, Receipt
from qingfu.offices.queries.receipts import arrival_at, handle_by
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, people_of, require
from qingfu.units.tenancy import as_tenant

VERB = "post_document"


def circulate(actor: Actor, unit: Unit, ask_id: int, person_ids: Iterable[int], until: date | None = None) -> Receipt:
    """Pass a document round: to people of the office, to be handled by a day (its own deadline, else the usual one).

    Raises Forbidden, NotInPlace without readers, for a day before today, or for what is handled already.
    """
    with as_tenant(actor.tenant_id):
        require(actor, VERB, unit)
        arrival = arrival_at(unit, ask_id)
        if arrival is None:
            raise Forbidden(VERB)
        wanted = set(person_ids)
        readers = [one for one in people_of(unit) if one.pk in wanted]
        if not readers:
            raise NotInPlace(gettext("请选传给谁"))
        if until and until < timezone.localdate():
            raise NotInPlace(gettext("办结的期限不能早于今天"))
        receipt, _new = Receipt.objects.select_for_update(of=("self",)).get_or_create(
            unit=unit, ask_id=ask_id, defaults={"handle_by": until or handle_by(arrival, calendar_for(unit))}
        )
        if receipt.handled_on:
            raise NotInPlace(gettext("这一件已经办结"))
        if until and until != receipt.handle_by:
            receipt.handle_by = until
            receipt.save(update_fields=["handle_by"])
        known = set(receipt.readers.values_list("person_id", flat=True))
        Reader.objects.bulk_create(Reader(receipt=receipt, person=one) for one in readers if one.pk not in known)
        audit(actor, "circulate", kind="receipt", object_id=receipt.pk, unit_id=unit.pk)
        return receipt


def mark_read(actor: Actor, receipt_id: int) -> None:
    """The actor has read what was passed to her. Raises Forbidden where it was not."""
    with as_tenant(actor.tenant_id):
        receipt = one_receipt(actor, receipt_id)
        if not receipt.readers.filter(person_id=actor.person_id).update(done=True, away=False):
            raise Forbidden(VERB)


def pass_over(actor: Actor, receipt_id: int, person_id: int, away: bool = True) -> None:
    """Somebody is away: the others go on. ``away=False`` when she is back. Raises Forbidden."""
    with as_tenant(actor.tenant_id):
        receipt = one_receipt(actor, receipt_id)
        if not receipt.readers.filter(person_id=person_id, done=False).update(away=away):
            raise Forbidden(VERB)


def handle_receipt(actor: Actor, unit: Unit, ask_id: int) -> Receipt:
    """It is handled (批转办理): today is noted, who read it is forgotten. A repetition changes nothing.

    Raises Forbidden.
    """
    with as_tenant(actor.tenant_id):
        require(actor, VERB, unit)
        arrival = arrival_at(unit, ask_id)
        if arrival is None:
            raise Forbidden(VERB)
        receipt, _new = Receipt.objects.select_for_update(of=("self",)).get_or_create(
            unit=unit, ask_id=ask_id, defaults={"handle_by": handle_by(arrival, calendar_for(unit))}
        )
        if not receipt.handled_on:
            receipt.handled_on = timezone.localdate()
            receipt.save(update_fields=["handled_on"])
            receipt.readers.all().delete()
            audit(actor, "handle_receipt", kind="receipt", object_id=receipt.pk, unit_id=unit.pk)
        return receipt


def one_receipt(actor: Actor, receipt_id: int) -> Receipt:
    """A receipt of an office in whose name the actor writes. Raises Forbidden."""
    found = Receipt.objects.filter(pk=receipt_id).select_related("unit").first()
    if found is None:
        raise Forbidden(VERB)
    require(actor, VERB, found.unit)
    return found
