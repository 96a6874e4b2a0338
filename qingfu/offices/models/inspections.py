"""督查检查考核: the yearly list, visits in their windows, sealed ones, merged plans, and what was asked for wrongly."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.offices.models.asks import Ask
from qingfu.units.models import Person, TenantModel, Unit


class Listed(TenantModel):
    """检查事项: one line of the yearly list. Filing it tells those below its content and scope, never day and place."""

    class Type(models.TextChoices):
        """As the rulebook's vocabulary has them (``visit_type``)."""

        COMPREHENSIVE = "comprehensive", _("综合性")
        SPECIAL = "special", _("专项")
        QUALIFICATION = "qualification", _("办学资质")
        GRADING = "grading", _("评级")
        APPRAISAL = "appraisal", _("职务评审")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待备案")
        FILED = "filed", _("已备案")
        RETURNED = "returned", _("已退回")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="who inspects")
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60)
    visit_type = models.CharField(max_length=13, choices=Type, default=Type.SPECIAL)
    content = models.CharField(max_length=300, help_text="what is looked at, and how")
    kinds = models.JSONField(default=list, help_text="kinds of unit that it goes to: its scope")
    basis = models.CharField(max_length=120, blank=True, help_text="the law it rests on; enterprises need one")
    own_item = models.BooleanField(default=False, help_text="set up by the unit itself, nobody above asks for it")
    minutes = models.PositiveSmallIntegerField(help_text="of one visit")
    teams = models.PositiveSmallIntegerField(default=1, help_text="places that can be visited in one day")
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    proposer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    filer = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=300, blank=True)
    announced_on = models.DateField(null=True, blank=True, help_text="when content and scope were made known")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "unit", "year", "title"], name="listed_once"),
        ]


class Visit(TenantModel):
    """One announced visit to one place: a window first, a day by merging, then asked of the place (``ask``)."""

    TAKEN_BACK = (Ask.State.DECLINED, Ask.State.WITHDRAWN)
    """States of an Ask that leave the visit as if it had never been asked."""

    listed = models.ForeignKey(Listed, models.PROTECT, related_name="visits")
    place = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    day = models.DateField(null=True, blank=True)
    ask = models.ForeignKey(Ask, models.PROTECT, null=True, blank=True, related_name="visits")
    answered = models.BooleanField(default=False, help_text="the checklist was answered; not how")

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "place", "first"], name="visit_place")]

    @property
    def is_asked(self) -> bool:
        """Whether the place bears it, or the two offices have it: it is moved no more."""
        return self.ask_id is not None and self.ask.state not in self.TAKEN_BACK


class SealedVisit(TenantModel):
    """An unannounced visit. Place and day stand nowhere: only the hash, and the code on the inspectors' paper."""

    listed = models.ForeignKey(Listed, models.PROTECT, related_name="sealed")
    sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(auto_now_add=True)
    void = models.CharField(max_length=300, blank=True, help_text="why it was not made")
    visit = models.OneToOneField(Visit, models.PROTECT, null=True, blank=True, related_name="sealed")

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be made."""
        return not self.void and self.visit_id is None


class QuietDays(TenantModel):
    """不安排检查的日子: exam weeks, weeks without visits. ``kinds`` are the kinds of unit that are left in peace."""

    first = models.DateField()
    last = models.DateField()
    why = models.CharField(max_length=40)
    kinds = models.JSONField(default=list)


class MergedPlan(TenantModel):
    """A proposal of ``planning/merge`` with its certificate, and whether it was taken."""

    first = models.DateField()
    last = models.DateField()
    published = models.JSONField(help_text="request, days, unplaced, certificate; `qingfu merge check` reads it")
    maker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    adopted = models.BooleanField(default=False)


class ChecklistTally(TenantModel):
    """What visitors asked for that they may not, as counts alone: no answer, no place and no moment is kept.

    ``listed`` is null in the county's pool. What pages show moves in batches (``actions.inspections``).
    """

    listed = models.ForeignKey(Listed, models.PROTECT, null=True, blank=True, related_name="tallies")
    year = models.PositiveSmallIntegerField()
    answers = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    shown_answers = models.PositiveIntegerField(default=0)
    shown = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "listed", "year"], name="tally_once", nulls_distinct=False
            ),
        ]  # fmt: skip
