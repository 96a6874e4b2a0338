"""The sheets of the workbook as data: one table that the template, the reader and the messages share."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Membership, Unit

SCHOOLS, OFFICES_AND_VILLAGES, CLASSES, PEOPLE, TEACHING = "学校", "单位", "年级班级", "人员", "任课"

YES, NO = "是", "否"
SYSTEMS = {"六三制": Unit.System.SIX_THREE, "五四制": Unit.System.FIVE_FOUR}
OFFICES = {
    "校长": Membership.Role.PRINCIPAL,
    "教务主任": Membership.Role.DEAN,
    "教育局业务科室": Membership.Role.COUNTY_OFFICER,
    "县级管理员": Membership.Role.COUNTY_ADMIN,
    "文秘": Membership.Role.CLERK,
    "单位负责人": Membership.Role.OFFICE_HEAD,
    "两办审核": Membership.Role.TWO_OFFICES,
    "督查计划管理员": Membership.Role.INSPECTION_PLANNER,
    "减负专班": Membership.Role.RELIEF_TEAM,
    "村（社区）干部": Membership.Role.VILLAGE,
}
UNIT_KINDS = {
    "局": Unit.Kind.BUREAU,
    "乡镇（街道）": Unit.Kind.TOWNSHIP,
    "科室": Unit.Kind.OFFICE,
    "村（社区）": Unit.Kind.VILLAGE,
    "企业": Unit.Kind.ENTERPRISE,
}
RISKS = {"低": "low", "中": "middle", "高": "high"}
ABOVE = {
    Unit.Kind.BUREAU: (Unit.Kind.COUNTY,),
    Unit.Kind.TOWNSHIP: (Unit.Kind.COUNTY,),
    Unit.Kind.OFFICE: (Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP),
    Unit.Kind.VILLAGE: (Unit.Kind.TOWNSHIP,),
    Unit.Kind.ENTERPRISE: (Unit.Kind.COUNTY, Unit.Kind.TOWNSHIP),
}
"""Below what a unit of each kind may stand."""
DUTIES = {
    "任课教师": Membership.Role.TEACHER,
    "班主任": Membership.Role.CLASS_TEACHER,
    "年级组长": Membership.Role.GRADE_HEAD,
}
SUBJECTS = (
    "语文", "数学", "英语", "道德与法治", "科学", "信息科技", "体育与健康", "音乐", "美术", "艺术", "劳动",
    "综合实践活动",    "物理", "化学", "生物学", "历史", "地理", "日语", "俄语", "心理健康", "书法", "校本课程",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its head, the ``field`` of the record, the reader (a name in ``reading.READERS``)."""

    name: str
    field: str
    reader: str
    help: str
    example: str
    required: bool = False
    choices: tuple[str, ...] = ()
    strict: bool = True


@dataclass(frozen=True)
class Sheet:
    name: str
    columns: tuple[Column, ...]
    examples: tuple[tuple[str, ...], ...] = ()


SCHOOL_CODE = Column(
    "学校代码", "school", "code", _("学校的标识码或自定的代码，全国唯一；登录时要输。"), "QH0012", True
)

SHEETS = (
    Sheet(
        SCHOOLS,
        (
            SCHOOL_CODE,
            Column("学校名称", "name", "name", _("公章上的全称。"), "青禾县实验小学", True),
            Column("年级范围", "grades", "grade_range", _("从几年级到几年级，如 1-6、7-9、1-9、1-3。"), "1-6", True),
            Column("学制", "system", "choice", _("不填就是六三制。"), "六三制", choices=tuple(SYSTEMS)),
            Column("寄宿制", "boarding", "yes_no", _("有住校生填“是”。"), "否", choices=(YES, NO)),
            Column("教学点", "teaching_point", "yes_no", _("村小、教学点填“是”。"), "否", choices=(YES, NO)),
        ),
        (("QH0031", "柳湾教学点", "1-3", "六三制", "否", "是"),),
    ),
    Sheet(
        OFFICES_AND_VILLAGES,
        (
            Column("单位代码", "unit", "code", _("统一社会信用代码的后几位或自定的代码，全国唯一；登录时要输。"),
                   "QHZ03", True),
            Column("单位名称", "name", "name", _("公章上的全称。"), "清水镇人民政府", True),
            Column("类别", "kind", "choice", "", "乡镇（街道）", True, choices=tuple(UNIT_KINDS)),
            Column("上级代码", "above", "code", _("村填所在乡镇的代码，科室填所在局或乡镇的代码；其余不填。"), ""),
            Column("风险等级", "risk", "choice", _("只有企业填：检查次数的上限按它分级。"), "", choices=tuple(RISKS)),
        ),
        (("QHZ0301", "清水镇柳湾村", "村（社区）", "QHZ03", ""), ("QHQ01", "青禾面粉厂", "企业", "QHZ03", "中")),
    ),
    Sheet(
        CLASSES,
        (
            SCHOOL_CODE,
            Column("年级", "grades", "grades", _("1 到 9。复式班写全各年级，如 3、4。"), "3", True),
            Column("班号", "number", "number", _("1、2、3 …"), "2", True),
            Column("班名", "name", "name", _("不填就叫“三(2)班”。"), ""),
            Column("人数", "seats", "seats", _("复式班按年级分开写，如 9、7。"), "45", True),
        ),
        (("QH0031", "3、4", "1", "", "9、7"),),
    ),
    Sheet(
        PEOPLE,
        (
            Column("学校代码", "school", "code", _("所在学校或单位的代码；县里的人填县的代码。"), "QH0012", True),
            Column("账号", "account", "account", _("工号或姓名拼音，同一学校内不重复。"), "wangli", True),
            Column("姓名", "name", "name", "", "王丽", True),
            Column("职务", "office", "choice", _("普通教师不填。"), "", choices=tuple(OFFICES)),
        ),
        (("QH0012", "sunguoqiang", "孙国强", "校长"),),
    ),
    Sheet(
        TEACHING,
        (
            SCHOOL_CODE,
            Column("账号", "account", "account", _("“人员”表里的账号。"), "wangli", True),
            Column("职责", "duty", "choice", "", "任课教师", True, choices=tuple(DUTIES)),
            Column("年级", "grades", "grades", _("复式班写全各年级，如 3、4。"), "3", True),
            Column("班号", "numbers", "numbers", _("几个班一起写，如 1、2。年级组长不填。"), "1、2"),
            Column("学科", "subjects", "subjects", _("任课教师必填；包班写全各科，如 语文、数学。"), "语文",
                   choices=SUBJECTS, strict=False),
        ),
        (("QH0012", "liqiang", "班主任", "3", "1", ""),),
    ),
)  # fmt: skip

NOT_COLLECTED = ("身份证", "证件号", "手机", "电话", "学籍号", "成绩", "分数", "家长", "住址", "银行")
"""Heads that say personal data which Qingfu does not take, not even to throw it away."""
