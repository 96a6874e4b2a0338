"""发文: what an office means to issue in the year, what the check said of its drafts, and what it issued."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.offices.models.asks import Ask
from qingfu.units.models import Person, TenantModel, Unit

SUBJECT_LENGTH = 120


class Project(TenantModel):
    """发文立项: one document of the year's plan. ``bearers`` are ids of the units that it is meant for.

    ``subject`` is kept only where the unit keeps titles; the field of work (``topic``) is always there.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待立项")
        APPROVED = "approved", _("已立项")
        RETURNED = "returned", _("不同意立项")
        MERGED = "merged", _("并入另一件")
        DROPPED = "dropped", _("不发了")
        ISSUED = "issued", _("已提交发出")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    author = models.ForeignKey(Person, models.PROTECT, related_name="+")
    month = models.DateField(help_text="the first day of the month in which it is to be issued")
    topic = models.CharField(max_length=16)
    subject = models.CharField(max_length=SUBJECT_LENGTH, blank=True, help_text="only where the unit keeps titles")
    bearers = models.JSONField(default=list)
    required = models.BooleanField(default=False, help_text="a superior expressly asked for it")
    state = models.CharField(max_length=8, choices=State)
    note = models.CharField(max_length=300, blank=True, help_text="why it was returned or dropped")
    decider = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    ask = models.ForeignKey(Ask, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "unit", "month"], name="project_unit_month")]

    @property
    def is_open(self) -> bool:
        """Whether it may still be issued, merged or dropped: also after the two offices said no, or a withdrawal."""
        if self.state == self.State.ISSUED:
            return self.ask.state in (Ask.State.DECLINED, Ask.State.WITHDRAWN)
        return self.state == self.State.APPROVED

    @property
    def stands(self) -> str:
        """Where it stands, as people say it."""
        return self.ask.get_state_display() if self.state == self.State.ISSUED else self.get_state_display()


class DraftCheck(TenantModel):
    """What the check of one draft said: counts, kind and hash. Its title and text only where the unit keeps them."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="checks")
    checker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    form = models.CharField(max_length=16, blank=True)
    carrier = models.CharField(max_length=8)
    kind = models.CharField(max_length=16, help_text="the kind of demand that it is posted as")
    attributes = models.JSONField(default=dict, help_text="what the rulebook is told of it")
    characters = models.PositiveIntegerField()
    attachments = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    pages_from = models.CharField(max_length=9)
    verdict = models.CharField(max_length=12)
    signs = models.JSONField(default=list, help_text="codes of what it demands and how it is disguised")
    new_share = models.FloatField(null=True, help_text="of the letters, where it was laid beside a superior's document")
    flaws = models.PositiveIntegerField(help_text="departures from GB/T 9704")
    title = models.CharField(max_length=SUBJECT_LENGTH, blank=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
