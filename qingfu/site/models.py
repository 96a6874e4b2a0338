"""What the site itself keeps: how long it keeps its users."""

from __future__ import annotations

from django.db import models

from qingfu.units.models import TenantModel, Unit


class Usage(TenantModel):
    """Seconds that the program took from all holders of one role at one school on one day.

    A sum, never a person's: who was here, and when, is not kept. Weeks that are over go to the ledger, and the
    rows go.
    """

    school = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    role = models.CharField(max_length=16)
    day = models.DateField()
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "school", "role", "day"], name="usage_once")]
