"""What families answered, as counts and as nothing else.

There is no table of notices: a Notice (公示) is a view of the ledger's demands. That a family counts once a
day is seen to by two unlogged tables that the application cannot read (see ``sql/answers.sql``).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Unit
from qingfu.units.tenancy import tenant_of_new_row


class FamilyCount(models.Model):
    """家庭反馈人数: how many families of a class gave one answer on one evening.

    One row for an answer that many gave: no row of a single answer, no time of day, no order. ``unit`` is the
    class, or the county where the class is too small for anybody to stay unknown.
    """

    class Kind(models.TextChoices):
        TIME = "time", _("写了多久")
        UNPOSTED = "unposted", _("有没公示的作业")
        BEDTIME = "bedtime", _("到点停笔")

    pk = models.CompositePrimaryKey("tenant_id", "unit_id", "day", "kind", "band")
    tenant_id = models.BigIntegerField(default=tenant_of_new_row, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    day = models.DateField(help_text="the evening, see answers.evening_of")
    kind = models.CharField(max_length=8, choices=Kind)
    band = models.CharField(max_length=12, blank=True, help_text="code of a band of data/answers.toml")
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(count__gt=0), name="family_count_of_somebody"),
        ]
