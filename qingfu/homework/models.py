"""What comes before a posting: the week plan, a request to a colleague, the school's list of material.

What was posted is the ledger's (Demand); nothing of it is repeated here.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Person, TenantModel, Unit


class Plan(TenantModel):
    """周计划: what one teacher means to set in one subject in one week, for the classes that she names.

    Filing (备案) is enough. Where the school has switched approval on, an approved plan holds its minutes.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        FILED = "filed", _("已备案")
        APPROVED = "approved", _("已审批")
        RETURNED = "returned", _("已退回")

    school = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    author = models.ForeignKey(Person, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=16)
    week_starts = models.DateField(help_text="Monday")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    note = models.CharField(max_length=300, blank=True, help_text="why it was returned")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "author", "week_starts"], name="plan_author_week")]


class PlanItem(TenantModel):
    """计划项: one homework of the plan, on one day, for one or several classes of one grade."""

    class State(models.TextChoices):
        PLANNED = "planned", _("待确认")
        POSTED = "posted", _("已公示")
        DROPPED = "dropped", _("不布置了")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items")
    day = models.DateField()
    due_day = models.DateField(null=True, blank=True)
    classes = models.JSONField(help_text="ids of the classes")
    text = models.CharField(max_length=500)
    form = models.CharField(max_length=10)
    required = models.BooleanField(default=True)
    place = models.CharField(max_length=8, blank=True)
    minutes = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    hold_ids = models.JSONField(default=list, help_text="the ledger's holds of an approved plan")
    demand_ids = models.JSONField(default=list, help_text="the ledger's demands once posted")

    class Meta:
        ordering = ["day", "id"]
        indexes = [models.Index(fields=["tenant_id", "day"], name="planitem_day")]


class YieldRequest(TenantModel):
    """协商: a teacher asks a colleague to give up minutes of a posted item, so that her own item fits.

    Asking holds what is free for a day; accepting trims the colleague's item and posts hers in one transaction.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("等待答复")
        ACCEPTED = "accepted", _("已同意")
        DECLINED = "declined", _("未同意")
        WITHDRAWN = "withdrawn", _("已撤回")

    asker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked = models.ForeignKey(Person, models.PROTECT, related_name="+")
    class_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    demand_id = models.BigIntegerField(help_text="the colleague's posted item")
    minutes = models.PositiveSmallIntegerField(help_text="how many of its minutes are asked for")
    draft = models.JSONField(help_text="the asker's item, as it will be posted")
    message = models.CharField(max_length=200, blank=True)
    hold_ids = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    answer = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "asked", "state"], name="yield_asked")]

    @property
    def is_over(self) -> bool:
        """Whether nobody can answer any more, by the clock."""
        return self.expires_at <= timezone.now()


class Material(TenantModel):
    """教辅清单: commercial material that the school has listed for a subject and grade in a school year."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    subject = models.CharField(max_length=16)
    grade = models.PositiveSmallIntegerField()
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "school", "name", "subject", "grade", "starts"], name="material_once"
            ),
        ]
