"""Imports of old registers: the file until it is taken, how far it is, and which rows are in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import TenantModel, Unit


class Import(TenantModel):
    """A register of past years on its way into the ledger. ``content`` is the file; it goes when all rows are in.

    ``taken`` rows of the file have been dealt with; ``added`` demands came of them, ``known`` rows were in before.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待确认")
        TAKING = "taking", _("正在导入")
        DONE = "done", _("已导入")
        WITHDRAWING = "withdrawing", _("正在撤回")
        WITHDRAWN = "withdrawn", _("已撤回")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    mapping = models.TextField()
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    rows = models.IntegerField(default=0)
    taken = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    left_out = models.IntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "unit", "-made_at"], name="import_unit")]

    @property
    def share(self) -> int:
        """How much of it is done, in percent."""
        return 100 * self.taken // self.rows if self.rows else 0


class ImportedRow(TenantModel):
    """A row that is in, by a digest of what it says: the same row of the same register is never taken twice."""

    of = models.ForeignKey(Import, models.PROTECT, related_name="imported")
    key = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "key"], name="imported_row_once")]


class Trial(TenantModel):
    """先看影响: a limit with another number, run over the past of a unit by the worker. ``result`` is a
    ``trials.summing.Summary``, ``chart`` its SVG; ``digest`` says which exported records it was run over."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等着算")
        RUNNING = "running", _("正在算")
        DONE = "done", _("算好了")
        FAILED = "failed", _("没有算成")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person_id = models.BigIntegerField(null=True)
    limit_id = models.CharField(max_length=120)
    number = models.IntegerField()
    grades = models.JSONField(default=list)
    first = models.DateField()
    last = models.DateField()
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    result = models.JSONField(null=True)
    chart = models.TextField(blank=True)
    digest = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "unit", "-made_at"], name="trial_unit")]
