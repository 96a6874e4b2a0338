"""The tree of units, the people in it, their roles, and how they and the families are recognised."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from qingfu.units.tenancy import tenant_of_new_row

TENANT_KINDS = ("nation", "province", "city", "county")


class TenantModel(models.Model):
    """A row that belongs to one tenant. Row-level security in the migration keeps it there."""

    tenant_id = models.BigIntegerField(default=tenant_of_new_row, editable=False)

    class Meta:
        abstract = True


class Unit(MP_Node):
    """A node of the tree province → city → county → bureau/school/township → grade/office → class/village.

    A class holds pupils of exactly one grade; a class of several grades (复式班) is a Group over such classes.
    """

    class Kind(models.TextChoices):
        NATION = "nation", _("全国")
        PROVINCE = "province", _("省")
        CITY = "city", _("市")
        COUNTY = "county", _("县（市、区）")
        BUREAU = "bureau", _("局")
        SCHOOL = "school", _("学校")
        TOWNSHIP = "township", _("乡镇（街道）")
        GRADE = "grade", _("年级")
        OFFICE = "office", _("科室")
        CLASS = "class", _("班")
        VILLAGE = "village", _("村（社区）")
        INSTITUTION = "institution", _("校外培训机构")
        ENTERPRISE = "enterprise", _("企业")

    class System(models.TextChoices):
        SIX_THREE = "6-3", _("六三制")
        FIVE_FOUR = "5-4", _("五四制")

    tenant_id = models.BigIntegerField(default=tenant_of_new_row, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=80)
    pinyin = models.CharField(max_length=160, blank=True)
    code = models.CharField(max_length=32, blank=True)
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    entered = models.PositiveSmallIntegerField(null=True, blank=True, help_text="year of entry of a class")
    number = models.PositiveSmallIntegerField(null=True, blank=True, help_text="班号 of a class")
    seats = models.PositiveSmallIntegerField(default=0)
    system = models.CharField(max_length=3, choices=System, default=System.SIX_THREE)
    attributes = models.JSONField(default=dict, blank=True)
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)

    node_order_by = []

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "path"], name="unit_tenant_path"),
            models.Index(fields=["tenant_id", "kind", "path"], name="unit_tenant_kind_path"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="unit_code_once"),
            models.CheckConstraint(condition=~Q(kind="class") | Q(grade__isnull=False), name="unit_class_has_grade"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_tenant(self) -> bool:
        return self.kind in TENANT_KINDS

    @property
    def path_end(self) -> str:
        """The last path that any unit below this one can have: ``path BETWEEN path AND path_end``."""
        return self.path + "Z" * (255 - len(self.path))


class Person(TenantModel):
    """Somebody who signs in. ``unit`` is the school or office whose account this is."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="people")
    name = models.CharField(max_length=40)
    pinyin = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=40)
    password = models.CharField(max_length=200, blank=True)
    totp_generation = models.PositiveIntegerField(default=1, help_text="rises when the one-time code is reset")
    totp_since = models.DateTimeField(null=True, blank=True)
    totp_step = models.BigIntegerField(default=0, help_text="the last 30-second step that a code was taken for")
    must_change_password = models.BooleanField(default=True)
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "unit", "account"], name="person_account_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(TenantModel):
    """A role of a person at a unit, from ``starts`` to ``ends`` (both inclusive)."""

    class Role(models.TextChoices):
        TEACHER = "teacher", _("任课教师")
        CLASS_TEACHER = "class_teacher", _("班主任")
        GRADE_HEAD = "grade_head", _("年级组长")
        DEAN = "dean", _("教务主任")
        PRINCIPAL = "principal", _("校长")
        COUNTY_OFFICER = "county_officer", _("教育局业务科室")
        COUNTY_ADMIN = "county_admin", _("县级管理员")
        CLERK = "clerk", _("文秘")
        OFFICE_HEAD = "office_head", _("单位负责人")
        TWO_OFFICES = "two_offices", _("两办审核")
        INSPECTION_PLANNER = "inspection_planner", _("督查计划管理员")
        VILLAGE = "village", _("村（社区）干部")
        RELIEF_TEAM = "relief_team", _("减负专班")

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    subject = models.CharField(max_length=16, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "person"], name="membership_person"),
            models.Index(fields=["tenant_id", "unit", "role"], name="membership_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "person", "unit", "role", "subject", "starts"], name="membership_once"
            ),
        ]


class Group(TenantModel):
    """教学班: seats of several classes taught together; with ``combined`` a class of several grades (复式班)."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="groups")
    name = models.CharField(max_length=40)
    subject = models.CharField(max_length=16, blank=True)
    combined = models.BooleanField(default=False)
    classes = models.ManyToManyField(Unit, through="GroupClass", related_name="in_groups")


class GroupClass(TenantModel):
    group = models.ForeignKey(Group, models.CASCADE)
    unit = models.ForeignKey(Unit, models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "group", "unit"], name="group_class_once"),
        ]


class Family(TenantModel):
    """One code for the seats of one household; ``generation`` rises when the code is replaced."""

    generation = models.PositiveIntegerField(default=1)


class Seat(TenantModel):
    """A place in a class: all that Qingfu knows of a pupil."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="seat_set")
    number = models.PositiveSmallIntegerField()
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="seats")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "unit", "number"], name="seat_number_once"),
        ]


class Token(TenantModel):
    """What a cookie or a printed link is recognised by; only the SHA-256 of the secret is kept."""

    class Kind(models.TextChoices):
        SESSION = "session", _("登录")
        SCREEN = "screen", _("公用电脑")
        CODE = "code", _("待输验证码")
        SETUP = "setup", _("待设置")
        FAMILY = "family", _("家庭码")
        CLASS = "class", _("班级公示")
        SCHOOL = "school", _("学校公示")
        BOARD = "board", _("班级屏")
        CALENDAR = "calendar", _("会议日历")
        FIGURES = "figures", _("数据链接")

    hash = models.BinaryField(max_length=32, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    subject_id = models.BigIntegerField(help_text="Person, Family or Unit, by kind")
    device = models.CharField(max_length=60, blank=True)
    code_given = models.BooleanField(default=False, help_text="whether a one-time code was given for it")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "kind", "subject_id"], name="token_subject")]


class AuditRecord(TenantModel):
    """Who did what. Rows are never changed or removed, whatever the role, and ``at`` is the database's own time
    (triggers in the migrations)."""

    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=30, blank=True)
    object_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "id"], name="audit_tenant_id"),
            models.Index(fields=["tenant_id", "object_kind", "object_id"], name="audit_object"),
        ]


class AuditSeal(TenantModel):
    """One link of a tenant's hash chain: its head covers ``record_ids``, in this order, and every seal before.

    The ids are listed because records commit out of order: a late one is covered by the next seal.
    """

    last_id = models.BigIntegerField()
    record_ids = ArrayField(models.BigIntegerField(), default=list)
    head = models.BinaryField(max_length=32)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "last_id"], name="audit_seal_once"),
        ]


class PublishedHead(TenantModel):
    """The head of a tenant's hash chain as it was published on a day: who copied it can show a later rewriting."""

    day = models.DateField()
    head = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "day"], name="published_head_once")]


class Upload(TenantModel):
    """A workbook between its preview and "go on". Removed when taken, and after a day in any case."""

    person_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)


class Promotion(TenantModel):
    """升级: one school's move into ``school_year``; ``before`` is what undoing it puts back."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="promotions")
    school_year = models.PositiveSmallIntegerField(help_text="year in which the school year begins")
    at = models.DateTimeField(auto_now_add=True)
    person_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "school", "school_year"],
                condition=Q(undone_at=None),
                name="promotion_once",
            ),
        ]


class ClosedTerm(TenantModel):
    """A term that the county has closed; ``ended`` lists the memberships that ended with it."""

    term_id = models.CharField(max_length=12, help_text="as in the school calendar, e.g. 2025-2026-1")
    last_day = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    person_id = models.BigIntegerField(null=True)
    ended = models.JSONField(default=list)
    reopened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "term_id"], condition=Q(reopened_at=None), name="closed_term_once"
            ),
        ]


class Tenant(models.Model):
    """The register of tenants. Everybody may read it, since names of counties are public; a tenant enters itself."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
