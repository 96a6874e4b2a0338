"""借调: posts and numbers, no person."""

from __future__ import annotations

from django.db import models

from qingfu.offices.models.asks import Ask
from qingfu.units.models import TenantModel, Unit


class Secondment(TenantModel):
    """People of one post who are away from ``lender``. No name, no free text.

    ``ask`` is what the ledger was asked: its unit borrows; of an arrival (上级来借) its ``source`` does.
    Its last day is worked out (``lending.standing``): an extension counts once it is posted.
    """

    ask = models.OneToOneField(Ask, models.PROTECT, related_name="secondment")
    lender = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="place of origin")
    post = models.CharField(max_length=16, help_text="a code of data/lending.toml")
    task = models.CharField(max_length=16, help_text="a code of data/lending.toml")
    people = models.PositiveSmallIntegerField()
    starts = models.DateField()
    months = models.PositiveSmallIntegerField(help_text="as first agreed")
    unit_consent = models.BooleanField(default=False)
    person_consent = models.BooleanField(default=False)
    returned_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "lender"], name="secondment_lender")]


class Extension(TenantModel):
    """延期: asked of the ledger like a secondment; it counts once it is posted."""

    secondment = models.ForeignKey(Secondment, models.PROTECT, related_name="extensions")
    ask = models.OneToOneField(Ask, models.PROTECT, related_name="extension")
    months = models.PositiveSmallIntegerField()
