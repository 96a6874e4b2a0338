"""问题: a breach or weakness that was found, who puts it right by when, and every step it went through."""

from __future__ import annotations

import re

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Membership, Person, TenantModel, Unit

CITED = re.compile(r"(.+?)（([^（）]{1,3}规定，依据.+)）")  # as the rulebook ends a sentence


class Finding(TenantModel):
    """One problem of one bearer. ``object_kind`` and ``object_ids`` name the records that show it.

    What goes over the same limit again is gathered here as long as it is open. ``role`` at ``responsible_unit`` is
    the office whose turn it is: to put it right while open, to look back at it once that is done. ``responsible``
    is the person to whom it was given, if to one.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待整改")
        RECTIFIED = "rectified", _("待回头看")
        CLOSED = "closed", _("已销号")

    class Kind(models.TextChoices):
        RECORDED_OVER = "recorded_over", _("登记时超出规定")
        MOVED_OVER = "moved_over", _("校历变动后超出规定")
        CLOSED_SHORT = "closed_short", _("周期结束时没有做到")
        CHECK = "check", _("检查发现")

    bearer = models.ForeignKey(Unit, models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=40, choices=Kind)
    limit_id = models.CharField(max_length=120, blank=True)
    object_kind = models.CharField(max_length=30, blank=True)
    object_ids = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=1, help_text="how many records were gathered")
    summary = models.CharField(max_length=300)
    opened_at = models.DateTimeField(auto_now_add=True)
    gathered_at = models.DateTimeField(default=timezone.now, help_text="when the last record came")
    responsible_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Membership.Role, default=Membership.Role.PRINCIPAL)
    responsible = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    due_day = models.DateField()
    recheck_day = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    level = models.PositiveSmallIntegerField(default=0, help_text="the rung of the ladder whose turn it is")
    rectified_level = models.PositiveSmallIntegerField(null=True, help_text="the rung that put it right")

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "bearer", "state"], name="finding_bearer"),
            models.Index(fields=["tenant_id", "state", "due_day"], name="finding_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "bearer", "kind", "limit_id"],
                condition=Q(state="open") & ~Q(kind="check"),
                name="finding_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def headline(self) -> str:
        """The summary without the document that it cites."""
        found = CITED.fullmatch(self.summary)
        return found[1] if found else self.summary

    @property
    def citation(self) -> str:
        """The document that the summary cites, with its level; empty where it cites none."""
        found = CITED.fullmatch(self.summary)
        return found[2] if found else ""

    @property
    def office(self) -> str:
        """Who answers, as an office: 三(1)班班主任."""
        words = {"place": self.responsible_unit.name, "role": self.get_role_display()}
        return gettext("%(place)s%(role)s") % words


class FindingStep(TenantModel):
    """One step of a Finding's history: what was done in the name of which office, with what note."""

    class What(models.TextChoices):
        OPENED = "opened", _("发现")
        ASSIGNED = "assigned", _("交办")
        RECTIFIED = "rectified", _("整改")
        KEPT = "kept", _("回头看：已做到")
        AGAIN = "again", _("回头看：又出现，重新整改")
        CLIMBED = "climbed", _("到期未整改，转上一级")
        CLOSED = "closed", _("销号")

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="steps", db_constraint=False)
    at = models.DateTimeField(auto_now_add=True)
    what = models.CharField(max_length=10, choices=What, default=What.OPENED)
    office = models.CharField(max_length=100, blank=True)
    actor_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=Finding.State)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "finding"], name="finding_step")]
