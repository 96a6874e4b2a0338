"""放权赋能: approvals handed down with their support, and months of counts. No case, no applicant."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingfu.units.models import TenantModel, Unit


class HandedDown(TenantModel):
    """One approval that one office has handed to one unit below, to be done within so many workdays."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="who hands it down")
    receiver = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="who handles it now")
    item = models.CharField(max_length=60)
    since = models.DateField()
    workdays = models.PositiveSmallIntegerField(help_text="time limit")
    people = models.BooleanField(default=False, help_text="support given with it")
    money = models.BooleanField(default=False)
    training = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True, help_text="taken back")
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "unit", "receiver", "item"], condition=Q(ended_on=None), name="handed_down_once"
            ),
        ]  # fmt: skip


class CaseCount(TenantModel):
    """The cases of one month: begun, done in time, done late, and the workdays that those done took on average."""

    handed = models.ForeignKey(HandedDown, models.PROTECT, related_name="counts")
    month = models.DateField(help_text="its first day")
    begun = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    average = models.DecimalField(
        max_digits=5, decimal_places=1, null=True, help_text="workdays of those done; null where none was"
    )

    @property
    def done(self) -> int:
        """Cases that were done, in time or late."""
        return self.in_time + self.late

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "handed", "month"], name="case_count_once")]
