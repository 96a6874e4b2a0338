"""发起 and 来件: one row for each thing that an office asked of others, or that came to it from above."""

from __future__ import annotations

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from qingfu.ledger.models import Demand
from qingfu.rulebook.words import word
from qingfu.units.models import Person, TenantModel, Unit


class Ask(TenantModel):
    """One asking: its demands are those of one attempt of the ledger (``attempt_id``).

    ``origin`` is the first Ask of a relay (county → township → village): all of a relay is one thing asked.
    While it waits for the two offices, ``drafts`` is what will be posted and ``over`` what they must allow.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待两办审核")
        POSTED = "posted", _("已发出")
        DECLINED = "declined", _("未批准")
        WITHDRAWN = "withdrawn", _("已撤回")
        RECEIVED = "received", _("上级来件")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="who asks; of an arrival: who got it")
    asker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    day = models.DateField()
    title = models.CharField(max_length=120, blank=True, help_text="only where the unit keeps titles")
    source = models.CharField(max_length=80, blank=True, help_text="of an arrival: who sent it")
    origin = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="passed_on")
    state = models.CharField(max_length=9, choices=State)
    emergency = models.BooleanField(default=False)
    attempt_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    bearers = models.PositiveIntegerField(default=0, help_text="how many units bear it")
    minutes = models.PositiveIntegerField(default=0, help_text="estimated, of all bearers together")
    reason = models.CharField(max_length=300, blank=True)
    drafts = models.JSONField(default=list)
    over = models.JSONField(default=list)
    reviewer = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "asker", "key"], name="ask_key_once")]
        indexes = [
            models.Index(fields=["tenant_id", "unit", "day"], name="ask_unit_day"),
            models.Index(fields=["tenant_id", "state"], name="ask_state"),
            models.Index(fields=["attempt_id"], name="ask_attempt"),
        ]

    @property
    def kind_name(self) -> str:
        """Its kind, as people call it."""
        return word("kinds", self.kind)

    @property
    def root_id(self) -> int:
        """The first Ask of the relay that this one belongs to: itself, if it passes nothing on."""
        return self.origin_id or self.pk

    def demands(self) -> QuerySet[Demand]:
        """Its demands in the ledger; the issuer's own account (attribute ``account``) among them."""
        return Demand.objects.filter(attempt_id=self.attempt_id) if self.attempt_id else Demand.objects.none()
