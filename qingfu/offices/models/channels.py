"""应用、小程序、公众号、工作群: the register, and every answer to the yearly questions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingfu.offices.models.asks import Ask
from qingfu.units.models import Person, TenantModel, Unit


class Channel(TenantModel):
    """One app, mini-program, public account or work group that an office keeps.

    ``kinds`` are kinds of unit that use it as a whole, ``unit_ids`` single ones beside them. ``answers`` are the codes
    of the bans that the last answers said yes to; ``reviewed_on`` is null until somebody has answered. ``ask`` is there
    where it was asked of its users through the ledger before it began.
    """

    class Carrier(models.TextChoices):
        """As the rulebook's vocabulary has them (``carrier``)."""

        APP = "app", _("App")
        MINI_PROGRAM = "mini_program", _("小程序")
        ACCOUNT = "account", _("公众号")
        GROUP = "group", _("工作群")

    class Source(models.TextChoices):
        OWN = "own", _("本单位自建")
        COUNTY = "county", _("县里推下来")
        CITY = "city", _("市里推下来")
        PROVINCE = "province", _("省里推下来")
        NATION = "nation", _("国家部委推下来")

    class State(models.TextChoices):
        KEPT = "kept", _("在用")
        MERGED = "merged", _("已合并")
        CLOSED = "closed", _("已停用")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="who keeps it")
    carrier = models.CharField(max_length=12, choices=Carrier)
    name = models.CharField(max_length=60)
    purpose = models.CharField(max_length=12, help_text="a code of data/channels.toml")
    about = models.CharField(max_length=120, blank=True, help_text="what it is for, in a few words")
    kinds = models.JSONField(default=list)
    unit_ids = models.JSONField(default=list)
    headcount = models.PositiveIntegerField(help_text="people who use it")
    source = models.CharField(max_length=8, choices=Source, default=Source.OWN)
    forced = models.BooleanField(default=False, help_text="users must install or join")
    safety = models.BooleanField(default=False, help_text="security or emergency needs it")
    filing_number = models.CharField(max_length=60, blank=True)
    filed_on = models.DateField(null=True, blank=True)
    since = models.DateField(help_text="in use from this day on")
    ask = models.ForeignKey(Ask, models.PROTECT, null=True, blank=True, related_name="channels")
    state = models.CharField(max_length=6, choices=State, default=State.KEPT)
    into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_here")
    answers = models.JSONField(default=list)
    reviewed_on = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True, help_text="when it was kept, merged or closed")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "unit", "carrier", "name"], condition=models.Q(state="kept"), name="channel_once"
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "state", "reviewed_on"], name="channel_review")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_filed(self) -> bool:
        """Whether it has its number with the cyberspace office."""
        return bool(self.filing_number)


class ChannelReview(TenantModel):
    """One answer to the questions, with what was decided; the channel shows the last."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="reviews")
    day = models.DateField()
    answers = models.JSONField(default=list)
    state = models.CharField(max_length=6, choices=Channel.State)
    reason = models.CharField(max_length=200, blank=True)
    reviewer = models.ForeignKey(Person, models.PROTECT, related_name="+")
