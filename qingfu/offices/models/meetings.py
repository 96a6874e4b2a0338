"""会议: what those invited must know of one, how long it really took, and the plan of the year."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.offices.models.asks import Ask
from qingfu.units.models import TenantModel, Unit


class MeetingType(models.TextChoices):
    """As the rulebook's vocabulary has them (``meeting_type``)."""

    GENERAL = "general", _("一般会议")
    SPECIAL = "special", _("专项会议")
    SYSTEM = "system", _("全系统综合性会议")
    WEEKLY = "weekly", _("例会")


class PlannedMeeting(TenantModel):
    """年度会议计划的一行. What is not held by the end of the year is saved for those below."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60)
    meeting_type = models.CharField(max_length=8, choices=MeetingType, default=MeetingType.GENERAL)
    minutes = models.PositiveSmallIntegerField(help_text="planned length")
    people = models.PositiveSmallIntegerField(help_text="planned scale")
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "unit", "year"], name="planned_meeting_year")]


class Meeting(TenantModel):
    """One meeting: its ``ask`` says who is invited and what the ledger was asked; here is the rest.

    Title and place are for the organiser and those invited; whoever else plans sees a half-day that is taken.
    """

    ask = models.OneToOneField(Ask, models.PROTECT, related_name="meeting")
    plan = models.ForeignKey(PlannedMeeting, models.PROTECT, null=True, blank=True, related_name="meetings")
    title = models.CharField(max_length=60)
    place = models.CharField(max_length=60, blank=True)
    starts = models.CharField(max_length=5)
    ends = models.CharField(max_length=5)
    minutes = models.PositiveSmallIntegerField(help_text="planned length")
    people = models.PositiveSmallIntegerField(help_text="of all units together")
    video = models.BooleanField(default=False)
    actual_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    actual_at = models.DateTimeField(null=True, blank=True)

    @property
    def overran(self) -> int:
        """By how many minutes it took longer than planned; below nought if it was shorter."""
        return 0 if self.actual_minutes is None else self.actual_minutes - self.minutes
