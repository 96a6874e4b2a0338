"""What a form that was sent has made, so that a second tap on its button makes nothing."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from qingfu.units.models import TenantModel


class Tap(TenantModel):
    """One form of one person, by a hash of its key and of what was typed: the key itself is not kept."""

    person_id = models.BigIntegerField()
    mark = models.CharField(max_length=64)
    object_ids = models.JSONField(default=list)
    day = models.DateField(default=timezone.localdate, help_text="it is swept some days later")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "person_id", "mark"], name="tap_once")]
