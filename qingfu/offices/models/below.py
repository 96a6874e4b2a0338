"""The view from below: what is complained of by a tap, and the villages that are telephoned."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import TenantModel, Unit


def unordered() -> int:
    """An id that says nothing of what came before it."""
    return secrets.randbelow(2**62)


class Complaint(TenantModel):
    """反映: one tap of somebody who bears it. It goes to the county's relief team, never to the issuer's line.

    Kept without time of day, person and unit: ``bearer_mark`` only tells units apart until it is released, and is
    emptied then; ``once_mark`` keeps a tap from counting twice, and is overwritten then. Nobody sees it before its
    month is released. Its id is random: ids in a row would tell the order.
    """

    class What(models.TextChoices):
        REPEAT = "repeat", _("重复")
        UNREASONABLE = "unreasonable", _("不合理")
        TOO_MUCH = "too_much", _("做不完")

    id = models.BigIntegerField(primary_key=True, default=unordered, editable=False)
    month = models.CharField(max_length=7, help_text="such as 2026-11")
    what = models.CharField(max_length=12, choices=What)
    kind = models.CharField(max_length=20, blank=True, help_text="kind of demand; empty for what nobody registered")
    issuer = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=80, blank=True, help_text="who asked, where that is no unit of the county")
    sentence = models.CharField(max_length=200, blank=True)
    picture = models.BinaryField(null=True, blank=True, help_text="a forwarded screenshot, PNG or JPEG")
    bearer_mark = models.CharField(max_length=64, blank=True)
    once_mark = models.CharField(max_length=64)
    released_on = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    answered_on = models.DateField(
        null=True, blank=True, help_text="of the first answer; in time in the month of release"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "once_mark"], name="complaint_once")]
        indexes = [models.Index(fields=["tenant_id", "released_on"], name="complaint_released")]


class PhoneSample(TenantModel):
    """电话核实: the villages of one month, drawn by lot. ``request`` is published before the seed is known."""

    month = models.CharField(max_length=7)
    request = models.JSONField()
    committed = models.CharField(max_length=64)
    drawn = models.JSONField(null=True, blank=True, help_text="picks and certificate, once the seed is known")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "month"], name="phone_sample_month")]


class PhoneCall(TenantModel):
    """What one village of a sample said of the month before: how long it really took, and what nobody registered."""

    sample = models.ForeignKey(PhoneSample, models.PROTECT, related_name="calls")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    reached = models.BooleanField(default=True)
    registered = models.PositiveIntegerField(help_text="demands that the ledger has for that month")
    estimated_minutes = models.PositiveIntegerField(help_text="what the tariff says they take")
    real_minutes = models.PositiveIntegerField(null=True, blank=True)
    unregistered = models.JSONField(default=dict, help_text="number by kind, see data/below.toml")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "sample", "unit"], name="phone_call_once")]
