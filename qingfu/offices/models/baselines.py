"""基数 of units that were merged or split. The figures themselves are the ledger's (Baseline)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from qingfu.units.models import TenantModel, Unit


class Predecessor(TenantModel):
    """``share`` percent of what ``before`` did until ``since`` counts as done by ``unit``. Never changed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="predecessors")
    before = models.ForeignKey(Unit, models.PROTECT, related_name="successors")
    share = models.PositiveSmallIntegerField(help_text="percent")
    since = models.DateField()
    person_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "unit", "before"], name="predecessor_once"),
            models.CheckConstraint(condition=Q(share__range=(1, 100)), name="predecessor_share"),
        ]
