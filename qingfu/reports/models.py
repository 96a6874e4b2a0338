"""工作报告: a report from its draft to its signature, what was left out of it and why, and figures given by a link."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Person, TenantModel, Unit


class WorkReport(TenantModel):
    """A report of a unit on a period. ``content`` is what the program put together (``composing.compose``), ``written``
    what a person wrote into its places, ``read`` what the report reader and the rules said of all of it when it was
    saved (``queries.work.Read``)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("撰稿")
        SUBMITTED = "submitted", _("待审核")
        CHECKED = "checked", _("待签发")
        SIGNED = "signed", _("已签发")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    template = models.CharField(max_length=20)
    first = models.DateField()
    last = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    content = models.JSONField()
    written = models.JSONField(default=dict)
    read = models.JSONField(default=dict)
    author = models.ForeignKey(Person, models.PROTECT, related_name="+")
    checker = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    signer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    signed_day = models.DateField(null=True)
    key = models.CharField(max_length=32, blank=True, help_text="of the form that asked for it: a double post is one")

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "unit", "-made_at"], name="work_report_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "author", "key"], condition=~models.Q(key=""), name="work_report_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.content["title"].replace("\n", "")

    @property
    def is_open(self) -> bool:
        """Whether its text may still change."""
        return self.state == self.State.DRAFT


class LeftOut(TenantModel):
    """A problem that a report does not name, and the reason, which stays inside. ``back`` when it was put in again."""

    report = models.ForeignKey(WorkReport, models.PROTECT, related_name="left_out")
    key = models.CharField(max_length=160)
    problem = models.CharField(max_length=300)
    reason = models.CharField(max_length=200)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    back = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "report", "key"], condition=models.Q(back=False), name="left_out_once"
            ),
        ]


class ReportStep(TenantModel):
    """One step of a report's way: who did what, with which note."""

    class What(models.TextChoices):
        COMPOSED = "composed", _("取数成稿")
        SUBMITTED = "submitted", _("送审")
        RETURNED = "returned", _("退回")
        CHECKED = "checked", _("审核同意")
        SIGNED = "signed", _("签发")

    report = models.ForeignKey(WorkReport, models.PROTECT, related_name="steps")
    at = models.DateTimeField(auto_now_add=True)
    what = models.CharField(max_length=10, choices=What)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "report"], name="report_step")]


class Spared(TenantModel):
    """免报: a superior's request answered by a dated link with figures, without a document. The link is a Token."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    asked_by = models.CharField(max_length=40, help_text="the office that asked; no person")
    first = models.DateField()
    last = models.DateField()
    figures = models.JSONField(help_text="as they were when the link was made")
    digest = models.CharField(max_length=120)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=32, blank=True, help_text="as WorkReport.key")

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "unit", "-made_at"], name="spared_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "person", "key"], condition=~models.Q(key=""), name="spared_once"
            ),
        ]
