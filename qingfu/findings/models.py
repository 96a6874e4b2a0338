"""问题: a breach or weakness that was found, who puts it right by when, and every step it went through."""

from __future__ import annotations

from django.db import models

from qingfu.units.models import Person, TenantModel, Unit


class Finding(TenantModel):
    """One problem of one bearer. ``object_kind`` and ``object_ids`` name the records that show it."""

    class State(models.TextChoices):
        OPEN = "open", "待整改"
        RECTIFIED = "rectified", "已整改"
        RECHECKED = "rechecked", "已回头看"
        CLOSED = "closed", "已销号"

    bearer = models.ForeignKey(Unit, models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=40)
    limit_id = models.CharField(max_length=120, blank=True)
    object_kind = models.CharField(max_length=30, blank=True)
    object_ids = models.JSONField(default=list)
    summary = models.CharField(max_length=300)
    opened_at = models.DateTimeField(auto_now_add=True)
    responsible_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    responsible = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    due_day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    level = models.PositiveSmallIntegerField(default=0, help_text="how often it climbed for being late")

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "bearer", "state"], name="finding_bearer"),
            models.Index(fields=["tenant_id", "state", "due_day"], name="finding_due"),
        ]

    def __str__(self) -> str:
        return self.summary


class FindingStep(TenantModel):
    """One step of a Finding's history: who moved it where, with what note."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="steps", db_constraint=False)
    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=Finding.State)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "finding"], name="finding_step")]
