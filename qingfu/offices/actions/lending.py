"""借调: borrow, extend, return. Checked through the ledger like every demand; the lender bears it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger.answers import Answer
from qingfu.offices.actions.posting import NotInPlace, Result, ask, receive
from qingfu.offices.lending import AGREED, Terms, asking_of, extending_of, settings, where
from qingfu.offices.models import Ask, Extension, Secondment
from qingfu.offices.queries.lending import secondments
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, require, require_ask
from qingfu.units.tenancy import as_tenant


def borrow(
    actor: Actor, unit: Unit, lender: Unit, post: str, task: str, starts: date, terms: Terms, key: str, *,
    source: str = "", reason: str = "", review: bool = False, emergency: str = "",
) -> Result:  # fmt: skip
    """Borrow people of one post from ``lender``, for ``unit``; see ``posting.ask``. With ``source`` a superior borrows
    them from ``unit`` or a unit in it: that is recorded, never refused, and opens a Finding where it goes over.

    Raises Forbidden, NotInPlace, ledger.KeyReused.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        require(actor, "register_secondment", unit)
        _check(post, task, terms)
        if source.strip():
            require(actor, "register_secondment", lender)
        else:
            require_ask(actor, "register_secondment", lender)
        if lender.pk == unit.pk and not source.strip():
            raise NotInPlace(gettext("不能向自己借人"))
        asking = asking_of(lender, _top(unit), starts, terms, reason)
        if source.strip():
            result = receive(actor, unit, asking, key, source)
        else:
            result = ask(actor, unit, asking, key, review=review, emergency=emergency)
        if result.ask is not None:
            Secondment.objects.get_or_create(
                ask=result.ask,
                defaults={
                    "lender": lender, "post": post, "task": task, "people": terms.people, "starts": starts,
                    "months": terms.months, "unit_consent": terms.unit_consent, "person_consent": terms.person_consent,
                },
            )  # fmt: skip
        return result


def extend(
    actor: Actor, secondment_id: int, terms: Terms, key: str, *, reason: str = "", review: bool = False
) -> Result:
    """延期 by ``terms.months`` from the last day on; all extensions of one secondment are measured together.

    Raises Forbidden, NotInPlace for nobody away or an extension that still waits, ledger.KeyReused.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = _locked(actor, secondment_id)
        earlier = Ask.objects.filter(extension__secondment=found, key=key, asker_id=actor.person_id).first()
        if earlier:  # a second tap
            return Result(Answer("posted", earlier.attempt_id, repeated=True), earlier)
        if any(one.ask.state == Ask.State.WAITING for one in found.extensions.all()):
            raise NotInPlace(gettext("上一次延期还在等两办审核"))
        if terms.months < 1:
            raise NotInPlace(gettext("请写延长几个月"))
        asking = extending_of(found, _top(found.ask.unit), terms, timezone.localdate(), reason)
        if found.ask.source:
            result = receive(actor, found.ask.unit, asking, key, found.ask.source)
        else:
            result = ask(actor, found.ask.unit, asking, key, review=review)
        if result.ask is not None:
            Extension.objects.create(secondment=found, ask=result.ask, months=terms.months)
        return result


def bring_back(actor: Actor, secondment_id: int, day: date) -> Secondment:
    """回原单位 on ``day``. What was charged stays charged. Raises Forbidden, NotInPlace."""
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = _locked(actor, secondment_id)
        if not found.starts <= day <= timezone.localdate():
            raise NotInPlace(gettext("回来的日子在借走那天以后，不晚于今天"))
        found.returned_on = day
        found.save(update_fields=["returned_on"])
        audit(actor, "return_seconded", kind="secondment", object_id=found.pk, unit_id=found.ask.unit_id)
        return found


def _check(post: str, task: str, terms: Terms) -> None:
    if post not in settings()["posts"] or task not in settings()["tasks"]:
        raise NotInPlace(gettext("请选岗位和做什么"))
    if terms.people < 1 or terms.months < 1:
        raise NotInPlace(gettext("请写几个人、几个月"))
    if terms.guise and terms.guise not in settings()["guises"]:
        raise NotInPlace(gettext("请选以什么名义"))


def _locked(actor: Actor, secondment_id: int) -> Secondment:
    """A secondment that is on, registered by the actor's office. Raises Forbidden, NotInPlace."""
    Secondment.objects.select_for_update().filter(pk=secondment_id).first()
    found = secondments().filter(pk=secondment_id).first()
    require(actor, "register_secondment", found.ask.unit if found else Unit.objects.get(pk=actor.tenant_id))
    if found is None or where(found, timezone.localdate()) not in AGREED:
        raise NotInPlace(gettext("没有人在外：没有借成，或者已经回来"))
    return found


def _top(unit: Unit) -> Unit:
    return Unit.objects.get(pk=unit.tenant_id)
