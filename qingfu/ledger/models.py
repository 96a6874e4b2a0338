"""What the ledger keeps. The application reads these tables; only the functions in ``sql/`` write them.

The tables that grow with every post have the tenant first in their key, so that they can be spread over servers.
Their other indexes do not: a planner that has no statistics yet would take any of them for a look-up by key.
Numbers of limits (caps) are not here: they stand in the packs, dated and cited (see docs/ledger.md).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingfu.units.models import TenantModel, Unit

KEY = 120  # longest limit id
WINDOW = 200  # longest window key: a term and the name of a competition


class Head(models.Model):
    """The version of everything that decides what a post costs at one unit: packs, calendar, classes, waivers.

    There is one for the tenant and one for each school, township, bureau and institution. ``post()`` takes the heads
    that it reckoned with FOR SHARE and says "retry" if they moved.
    """

    pk = models.CompositePrimaryKey("tenant_id", "unit_id")
    tenant_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()
    version = models.BigIntegerField(default=1)


class Pack(TenantModel):
    """One version of a file of limits, as a unit published it. Never changed or removed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="packs")
    pack_id = models.CharField(max_length=KEY, db_collation="C")
    version = models.PositiveIntegerField()
    level = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    toml = models.TextField()
    sha256 = models.CharField(max_length=64)
    starts = models.DateField(null=True, help_text="the first day that one of its values is in force")
    ends = models.DateField(null=True, help_text="the last such day; empty if open")
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "unit", "pack_id", "version"], name="pack_version_once"),
        ]


class CalendarChange(TenantModel):
    """A span of days that a county or school declares to be of another kind, or the dates of a term.

    The later row wins. Rows are never changed: who takes a change back adds another.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="calendar_changes")
    starts = models.DateField()
    ends = models.DateField()
    day_kind = models.CharField(max_length=12, blank=True, help_text="empty for the dates of a term")
    term_id = models.CharField(max_length=12, blank=True)
    name = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=200)
    provisional = models.BooleanField(default=False)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=models.F("starts")), name="calendar_change_in_order"),
            models.CheckConstraint(condition=~Q(day_kind="", term_id=""), name="calendar_change_says_what"),
        ]


class Attempt(models.Model):
    """提交: one call that asked to change the ledger, under its idempotency key, and what was answered.

    Refused ones too; those are deleted after 30 days.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.BigIntegerField()
    id = models.BigIntegerField()
    issuer_id = models.BigIntegerField(help_text="Person; 0 for the program")
    key = models.CharField(max_length=80, db_collation="C")
    request_hash = models.CharField(max_length=64, db_collation="C")
    verb = models.CharField(max_length=12)
    outcome = models.CharField(max_length=12, blank=True)
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "issuer_id", "key"], name="attempt_key_once"),
        ]


class Demand(models.Model):
    """事项: one thing asked of one bearer. A posting to twelve classes is twelve rows with one ``attempt_id``."""

    class State(models.TextChoices):
        POSTED = "posted", _("已公示")
        WITHDRAWN = "withdrawn", _("已撤回")
        WITHDRAWAL_ASKED = "asked", _("待同意撤回")
        CORRECTED = "corrected", _("已更正")

    class Origin(models.TextChoices):
        POST = "post", _("布置")
        RECORD = "record", _("登记")

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.BigIntegerField()
    id = models.BigIntegerField()
    attempt_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    issuer_unit_id = models.BigIntegerField(null=True)
    issuer_id = models.BigIntegerField(help_text="Person; 0 for the program")
    bearer_id = models.BigIntegerField(help_text="Unit")
    group_id = models.BigIntegerField(null=True, help_text="Group, where it was asked of one")
    subject = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    attributes = models.JSONField(default=dict)
    day = models.DateField(help_text="the day, for homework the evening, that it is to be done")
    due_day = models.DateField(null=True)
    starts = models.CharField(max_length=5, blank=True)
    ends = models.CharField(max_length=5, blank=True)
    amounts = models.JSONField(default=dict, help_text="stated, by measure")
    stated_minutes = models.IntegerField(null=True)
    factor = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    factor_version = models.CharField(max_length=20, blank=True)
    charged_minutes = models.IntegerField(null=True)
    split = models.JSONField(null=True, help_text="charged minutes by day")
    origin = models.CharField(max_length=6, choices=Origin)
    state = models.CharField(max_length=10, choices=State, default=State.POSTED)
    revision = models.IntegerField(default=0, help_text="rises with every correction")
    late = models.BooleanField(default=False, help_text="补登: entered after its lesson or day")
    emergency = models.BooleanField(default=False)
    verdict = models.CharField(max_length=12, default="pass")
    over = models.JSONField(null=True, help_text="limits it went over, and how that was allowed")
    reason = models.CharField(max_length=300, blank=True)
    withdrawal = models.JSONField(null=True, help_text="who asked, why, who agreed")
    posted_at = models.DateTimeField()
    # Local columns, written once, so that no later reading depends on a time zone or a changed calendar.
    posted_day = models.DateField()
    minute_of_day = models.SmallIntegerField()
    school_seq = models.IntegerField(null=True)
    week_id = models.CharField(max_length=10)
    term_id = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(fields=["bearer_id", "day"], name="demand_bearer_day"),
            models.Index(fields=["issuer_id", "day"], name="demand_issuer_day"),
            models.Index(fields=["attempt_id"], name="demand_attempt"),
            models.Index(fields=["bearer_id"], name="demand_asked", condition=Q(state="asked")),
        ]


class Budget(models.Model):
    """额度: one limit, applied to one bearer in one window. ``used`` is the sum of its entries, kept by a trigger.

    ``held`` counts the pending entries that point here, live or lapsed: zero means there is nothing to look for.
    ``apart`` is what emergencies took: counted, but not against the cap.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.BigIntegerField()
    id = models.BigIntegerField()
    bearer_id = models.BigIntegerField()
    limit_id = models.CharField(max_length=KEY, db_collation="C")
    window_key = models.CharField(max_length=WINDOW, db_collation="C")
    measure = models.CharField(max_length=16)
    starts = models.DateField()
    ends = models.DateField()
    used = models.BigIntegerField(default=0)
    held = models.IntegerField(default=0)
    apart = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "bearer_id", "limit_id", "window_key"], name="budget_key_once"
            ),
        ]


class Entry(models.Model):
    """占用: what one demand takes from one budget. Append-only; a withdrawal reverses it with a negative amount."""

    pk = models.CompositePrimaryKey("tenant_id", "budget_id", "id")
    tenant_id = models.BigIntegerField()
    budget_id = models.BigIntegerField()
    id = models.BigIntegerField()
    demand_id = models.BigIntegerField()
    attempt_id = models.BigIntegerField()
    amount = models.IntegerField()
    apart = models.BooleanField(default=False)
    day = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["demand_id"], name="entry_demand")]


class Hold(models.Model):
    """预留: drafts whose cost is set aside until ``expires_at``. Whether it still counts, the clock says in post()."""

    class State(models.TextChoices):
        LIVE = "live", _("预留中")
        CONVERTED = "converted", _("已布置")
        RELEASED = "released", _("已放弃")
        EXPIRED = "expired", _("已过期")

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.BigIntegerField()
    id = models.BigIntegerField()
    attempt_id = models.BigIntegerField()
    issuer_id = models.BigIntegerField()
    asked_id = models.BigIntegerField(null=True, help_text="Person who may accept it, beside the issuer")
    purpose = models.CharField(max_length=20)
    drafts = models.JSONField()
    first_day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.LIVE)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["asked_id", "state"], name="hold_asked"),
            models.Index(fields=["issuer_id", "state"], name="hold_issuer"),
        ]


class HoldEntry(models.Model):
    """A pending entry: what a hold takes from one budget while it is live. A job removes what has ended."""

    pk = models.CompositePrimaryKey("tenant_id", "budget_id", "hold_id")
    tenant_id = models.BigIntegerField()
    budget_id = models.BigIntegerField()
    hold_id = models.BigIntegerField()
    amount = models.IntegerField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["hold_id"], name="hold_entry_hold")]


class Waiver(TenantModel):
    """报批: permission to go over ONE limit for one bearer in the windows inside ``starts``…``ends``.

    It serves whoever asks until ``expires_at``, or only the attempt that it names by issuer and key, which is
    answered once.
    """

    bearer = models.ForeignKey(Unit, models.PROTECT, related_name="waivers")
    limit_id = models.CharField(max_length=KEY, db_collation="C")
    starts = models.DateField()
    ends = models.DateField()
    extra = models.IntegerField(help_text="in the limit's measure, above the cap")
    person_id = models.BigIntegerField()
    office = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    granted_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, help_text="null where it names its attempt")
    revoked_at = models.DateTimeField(null=True)
    attempt_issuer_id = models.BigIntegerField(null=True, help_text="Person whose attempt it serves")
    attempt_key = models.CharField(max_length=80, db_collation="C", blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "bearer", "limit_id"], name="waiver_bearer_limit")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None, attempt_issuer_id__isnull=False, attempt_key__gt="")
                | Q(expires_at__isnull=False, attempt_issuer_id=None, attempt_key=""),
                name="waiver_ends_or_names_its_attempt",
            )
        ]


class Baseline(TenantModel):
    """基数: last year's figure of one bearer under one limit, frozen on 1 January, and where it is from.

    Versions are only added; the latest counts for whatever is asked after it. Each is signed: ``sha256`` covers it and
    the version before, and stands in the audit trail, whose chain is published daily.
    """

    class Origin(models.TextChoices):
        LEDGER = "ledger", _("台账")
        IMPORT = "import", _("导入")
        CHANGE = "change", _("改动")
        UNITS = "units", _("单位合并、拆分")

    bearer = models.ForeignKey(Unit, models.PROTECT, related_name="baselines")
    limit_id = models.CharField(max_length=KEY, db_collation="C")
    year = models.PositiveSmallIntegerField(help_text="the year it is the baseline for")
    version = models.PositiveSmallIntegerField(default=1)
    amount = models.IntegerField()
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.IMPORT)
    source = models.CharField(max_length=200)
    parts = models.JSONField(default=list, help_text="of predecessors: unit id, name, share in percent, amount")
    person_id = models.BigIntegerField(null=True, help_text="null where the program froze it")
    office = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    frozen_at = models.DateTimeField(null=True)
    after_attempt = models.BigIntegerField(default=0, help_text="what was asked after this attempt meets it")
    sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "bearer", "limit_id", "year", "version"], name="baseline_version_once"
            ),
        ]


class Outbox(models.Model):
    """What others want to hear of: attempts that went through, packs, calendar changes. One job drains it."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.BigIntegerField()
    id = models.BigIntegerField()
    topic = models.CharField(max_length=12)
    object_id = models.BigIntegerField(help_text="Attempt, Pack or CalendarChange, by topic")
    at = models.DateTimeField()


class Refusal(models.Model):
    """放不下: a limit stopped something at a school on a day. Nobody's name and no text: these leave the school,
    as counts, and are kept 30 days. Only ever added to, so that refusals never wait for each other.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    tenant_id = models.BigIntegerField()
    id = models.BigIntegerField()
    school_id = models.BigIntegerField()
    day = models.DateField()
    limit_id = models.CharField(max_length=KEY, db_collation="C")

    class Meta:
        indexes = [models.Index(fields=["school_id", "day"], name="refusal_school_day")]
