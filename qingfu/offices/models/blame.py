"""容错: accountability of one year of a county as numbers."""

from __future__ import annotations

from django.db import models

from qingfu.units.models import TenantModel


class BlameYear(TenantModel):
    """How many were held to account in a year, by distinction, and how appeals ended. Codes of data/blame.toml."""

    year = models.PositiveSmallIntegerField()
    held = models.JSONField(default=dict, help_text="by distinction: held to account")
    spared = models.JSONField(default=dict, help_text="by distinction: exempted or treated more lightly")
    appeals = models.JSONField(default=dict, help_text="by outcome")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "year"], name="blame_year_once")]
