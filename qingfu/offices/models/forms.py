"""报表: what data was asked, field by field, and the figures that were given."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from qingfu.offices.models.asks import Ask
from qingfu.units.models import Person, TenantModel, Unit


class DataForm(TenantModel):
    """One request for data, registered with its fields. ``ask`` is how it was sent; none: everything was known, and
    nobody was asked.

    ``asked_of`` are the units that had something left to say. ``tally`` holds, by the id of each unit that it was meant
    for, ``[cells asked, cells not asked again, minutes saved]`` as they were on the day.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="who asks")
    asker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ask = models.OneToOneField(Ask, models.PROTECT, null=True, related_name="data_form")
    title = models.CharField(max_length=120, blank=True, help_text="only where the unit keeps titles")
    due_day = models.DateField()
    asked_of = ArrayField(models.BigIntegerField(), default=list)
    tally = models.JSONField(default=dict)
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "asker", "key"], name="data_form_key_once")]
        indexes = [models.Index(fields=["tenant_id", "unit", "due_day"], name="data_form_unit_due")]

    def _sum(self, place: int) -> int:
        return sum(counts[place] for counts in self.tally.values())

    @property
    def asked(self) -> int:
        """Cells that were asked, of all units together."""
        return self._sum(0)

    @property
    def avoided(self) -> int:
        """Cells that nobody had to fill in again."""
        return self._sum(1)

    @property
    def saved(self) -> int:
        """Minutes that this saved, by the tariff."""
        return self._sum(2)


class DataField(TenantModel):
    """One field of a form, as it was written. What it means is read from its words (``text.fields``)."""

    form = models.ForeignKey(DataForm, models.CASCADE, related_name="fields")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    measure = models.CharField(max_length=20, blank=True, help_text="its unit: 人, 亩, 万元")
    period = models.CharField(max_length=40, help_text="of what time: 2025年末, 2025年1-9月")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="data_field_number_once")]

    @property
    def words(self) -> tuple[str, str, str]:
        """What it says: name, measure, period."""
        return self.name, self.measure, self.period


class Figure(TenantModel):
    """What a unit has said of a fact, once. The latest of the same words holds; none is changed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="of whom")
    name = models.CharField(max_length=200)
    measure = models.CharField(max_length=20, blank=True)
    period = models.CharField(max_length=40)
    value = models.CharField(max_length=200)
    field = models.ForeignKey(DataField, models.PROTECT, related_name="+", help_text="whose question it answered")
    giver = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "unit", "name"], name="figure_unit_name")]

    @property
    def words(self) -> tuple[str, str, str]:
        return self.name, self.measure, self.period
