"""收文办理: a document that came in, who is to read it, and by when it is to be handled."""

from __future__ import annotations

from django.db import models

from qingfu.offices.models.asks import Ask
from qingfu.units.models import Person, TenantModel, Unit


class Receipt(TenantModel):
    """One document that came to one office. Its arrival is the Ask; nothing of it is repeated.

    Who read it is known only while it goes round; once it is handled the readers are forgotten: what stays is whether
    it was in time.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    ask = models.ForeignKey(Ask, models.PROTECT, related_name="+")
    handle_by = models.DateField()
    handled_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "unit", "ask"], name="receipt_once")]


class Reader(TenantModel):
    """谁在谁先阅办: one person whom it is passed to. Who is away is passed over; there is no order and no time."""

    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="readers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    away = models.BooleanField(default=False)
    done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receipt", "person"], name="reader_once")]
