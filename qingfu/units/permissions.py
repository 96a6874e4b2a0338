"""Which role may do what. A role at a unit holds for that unit and everything below it.

View verbs (``see_…``) and capture verbs (everything else) are apart: who may see a school need not be able to
enter anything there. No verb opens another teacher's calibration factor, and none ranks anybody.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from qingfu.units.models import Membership, Unit

TEACHER = Membership.Role.TEACHER
CLASS_TEACHER = Membership.Role.CLASS_TEACHER
GRADE_HEAD = Membership.Role.GRADE_HEAD
DEAN = Membership.Role.DEAN
PRINCIPAL = Membership.Role.PRINCIPAL
COUNTY_OFFICER = Membership.Role.COUNTY_OFFICER
COUNTY_ADMIN = Membership.Role.COUNTY_ADMIN
CLERK = Membership.Role.CLERK
OFFICE_HEAD = Membership.Role.OFFICE_HEAD
TWO_OFFICES = Membership.Role.TWO_OFFICES
INSPECTION_PLANNER = Membership.Role.INSPECTION_PLANNER
VILLAGE = Membership.Role.VILLAGE
RELIEF_TEAM = Membership.Role.RELIEF_TEAM

LEADERS = frozenset({DEAN, PRINCIPAL})
COUNTY = frozenset({COUNTY_OFFICER, COUNTY_ADMIN})
OFFICE = frozenset({CLERK, OFFICE_HEAD})
OVERSIGHT = frozenset({TWO_OFFICES, INSPECTION_PLANNER, RELIEF_TEAM})
"""Who looks after what offices ask, for a whole county."""

GRANTS: dict[str, frozenset[str]] = {
    "see_class": frozenset({TEACHER, CLASS_TEACHER, GRADE_HEAD}) | LEADERS | COUNTY,
    "see_grade": frozenset({GRADE_HEAD}) | LEADERS | COUNTY,
    "see_school": LEADERS | COUNTY,
    "see_county": COUNTY,
    "see_family_counts": frozenset({CLASS_TEACHER}),
    "see_refusal_counts": LEADERS | COUNTY,
    "see_audit": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "see_office": OFFICE | OVERSIGHT,
    "see_below": OFFICE | OVERSIGHT | LEADERS | {VILLAGE},
    "post_homework": frozenset({TEACHER}),
    "post_document": OFFICE,
    "approve_document": frozenset({OFFICE_HEAD}),
    "post_meeting": OFFICE,
    "post_visit": OFFICE,
    "post_form": OFFICE,
    "answer_forms": OFFICE | LEADERS | {VILLAGE},
    "post_creation": OFFICE,
    "register_channel": OFFICE,
    "register_secondment": OFFICE,
    "hand_down": OFFICE,
    "count_cases": OFFICE | LEADERS,
    "record_blame": frozenset({TWO_OFFICES}),
    "review_office_waiver": frozenset({TWO_OFFICES}),
    "keep_inspection_plan": frozenset({INSPECTION_PLANNER}),
    "complain": LEADERS | {VILLAGE},
    "handle_complaints": frozenset({RELIEF_TEAM}),
    "freeze_baselines": frozenset({TWO_OFFICES, PRINCIPAL, COUNTY_ADMIN}),
    "approve_plan": frozenset({GRADE_HEAD, DEAN}),
    "propose_changes": frozenset({CLASS_TEACHER, GRADE_HEAD}) | LEADERS,
    "second_withdrawal": frozenset({CLASS_TEACHER, GRADE_HEAD, TWO_OFFICES}) | LEADERS,
    "grant_waiver": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "publish_pack": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "change_calendar": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "list_materials": LEADERS,
    "print_links": frozenset({CLASS_TEACHER, COUNTY_ADMIN}) | LEADERS,
    "print_family_slips": LEADERS | {COUNTY_ADMIN},
    "see_findings": frozenset({CLASS_TEACHER, GRADE_HEAD, TWO_OFFICES}) | LEADERS | COUNTY | OFFICE,
    "rectify": frozenset({CLASS_TEACHER, GRADE_HEAD, OFFICE_HEAD}) | LEADERS,
    "open_finding": frozenset({GRADE_HEAD}) | LEADERS | COUNTY,
    "recheck": LEADERS | COUNTY | {TWO_OFFICES},
    "review_report": frozenset({TEACHER, CLASS_TEACHER, GRADE_HEAD}) | LEADERS | COUNTY | OFFICE,
    "compose_report": LEADERS | COUNTY | OFFICE,
    "check_report": LEADERS | COUNTY | {OFFICE_HEAD},
    "sign_report": frozenset({PRINCIPAL, COUNTY_ADMIN, OFFICE_HEAD}),
    "spare_report": LEADERS | COUNTY | OFFICE,
    "join_families": LEADERS | {COUNTY_ADMIN},
    "cut_off": LEADERS | {COUNTY_ADMIN},
    "issue_passwords": LEADERS | {COUNTY_ADMIN},
    "recover_deans": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "manage_people": frozenset({COUNTY_ADMIN}),
    "import_workbook": frozenset({COUNTY_ADMIN}),
    "promote_grades": frozenset({COUNTY_ADMIN}),
    "close_term": frozenset({COUNTY_ADMIN}),
    "export_lake": frozenset({COUNTY_ADMIN}),
    "import_records": frozenset({COUNTY_ADMIN}) | LEADERS | OFFICE,
}

PLACES: dict[str, tuple[str, ...]] = {
    TEACHER: (Unit.Kind.CLASS,),
    CLASS_TEACHER: (Unit.Kind.CLASS,),
    GRADE_HEAD: (Unit.Kind.GRADE,),
    DEAN: (Unit.Kind.SCHOOL,),
    PRINCIPAL: (Unit.Kind.SCHOOL,),
    COUNTY_OFFICER: (Unit.Kind.COUNTY,),
    COUNTY_ADMIN: (Unit.Kind.COUNTY,),
    CLERK: (Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.COUNTY),
    OFFICE_HEAD: (Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.COUNTY),
    TWO_OFFICES: (Unit.Kind.COUNTY,),
    INSPECTION_PLANNER: (Unit.Kind.COUNTY,),
    RELIEF_TEAM: (Unit.Kind.COUNTY,),
    VILLAGE: (Unit.Kind.VILLAGE,),
}
"""At which kinds of unit a role is held."""

POSTING_VERBS = {
    "report": "post_document",
    "letter": "post_document",
    "notice": "post_document",
    "call": "post_document",
    "circular": "post_document",
    "speech": "post_meeting",
    "evaluation": "post_visit",
    "plaque": "post_creation",
    "subscription": "post_creation",
    "app": "register_channel",
    "work_group": "register_channel",
    "secondment": "register_secondment",
}
"""Under which verb a kind of demand is asked, where that is not ``post_KIND``."""

OFFICE_KINDS = frozenset({"document", "meeting", "visit", "form", "creation", *POSTING_VERBS})
"""What offices ask. Going over such a limit is for the two offices (两办) to allow, not for a school's principal."""


def posting_verb(kind: str) -> str:
    """The verb that a person needs at a bearer to ask a demand of this kind."""
    return POSTING_VERBS.get(kind, f"post_{kind}")


def waiver_verb(kind: str) -> str:
    """The verb that lets a person allow going over a limit on demands of this kind."""
    return "review_office_waiver" if kind in OFFICE_KINDS else "grant_waiver"


ADMINISTERING = frozenset({
    # who gets in, and as whom
    "manage_people", "import_workbook", "issue_passwords", "recover_deans", "cut_off", "print_family_slips",
    "join_families",
    # what holds for others
    "publish_pack", "change_calendar", "promote_grades", "close_term", "freeze_baselines",
    # going over it
    "grant_waiver", "review_office_waiver",
    # what is approved in an institution's name
    "approve_document", "sign_report",
    # what leaves the county as records, and the trail of who did what
    "export_lake", "see_audit",
})  # fmt: skip
"""The verbs that make a role one that administers. ``approve_plan`` is none: a week plan stays inside every limit."""

ADMINISTRATORS = frozenset().union(*(GRANTS[verb] for verb in ADMINISTERING))
"""Roles that sign in with a one-time code (TOTP) beside the password: whoever holds one of ADMINISTERING."""

RECOVERED_UNDER = {DEAN: "recover_deans"}
"""Under which verb somebody who administers gets a new password or authenticator; all others: ``manage_people``."""

ON_SCREENS = frozenset({TEACHER, CLASS_TEACHER})
"""Roles that also count on a classroom computer: a principal's rights do not lie open in a classroom."""

TITLES = {
    "see_class": _("查看班级"),
    "see_grade": _("查看年级"),
    "see_school": _("查看学校"),
    "see_county": _("查看全县"),
    "see_family_counts": _("查看家庭反馈人数"),
    "see_refusal_counts": _("查看放不下的次数"),
    "see_audit": _("查看操作记录"),
    "see_office": _("查看单位台账"),
    "see_below": _("查看基层视角"),
    "post_homework": _("发布作业公示"),
    "post_document": _("登记文件"),
    "approve_document": _("发文立项"),
    "post_meeting": _("登记会议"),
    "post_visit": _("登记督查检查"),
    "post_form": _("登记报表"),
    "answer_forms": _("填一表通"),
    "post_creation": _("登记创建、挂牌、订阅"),
    "register_channel": _("登记应用和工作群"),
    "register_secondment": _("登记借调"),
    "hand_down": _("登记下放的审批"),
    "count_cases": _("填下放审批的办件数"),
    "record_blame": _("填容错情况"),
    "review_office_waiver": _("两办审核"),
    "keep_inspection_plan": _("管理督查检查年度计划"),
    "complain": _("反映负担"),
    "handle_complaints": _("处理基层反映"),
    "freeze_baselines": _("冻结基数"),
    "approve_plan": _("审批周计划"),
    "propose_changes": _("提出调整"),
    "second_withdrawal": _("复核撤回"),
    "grant_waiver": _("审批报批"),
    "publish_pack": _("发布规定"),
    "change_calendar": _("修改校历"),
    "list_materials": _("登记教辅材料"),
    "print_links": _("打印二维码"),
    "print_family_slips": _("打印家庭码"),
    "see_findings": _("查看问题"),
    "rectify": _("整改"),
    "open_finding": _("登记问题"),
    "recheck": _("回头看"),
    "review_report": _("审读报告"),
    "compose_report": _("撰写工作报告"),
    "check_report": _("审核工作报告"),
    "sign_report": _("签发工作报告"),
    "spare_report": _("以数据链接答复上级（免报）"),
    "join_families": _("合并家庭码"),
    "cut_off": _("让人下线"),
    "issue_passwords": _("发初始密码"),
    "recover_deans": _("给教务发初始密码"),
    "manage_people": _("管理人员"),
    "import_workbook": _("导入工作簿"),
    "promote_grades": _("升级"),
    "close_term": _("结束学期"),
    "export_lake": _("导出记录"),
    "import_records": _("导入往年台账"),
}
"""What each verb is called in a sentence for people."""

DEEDS = {
    "found_county": _("建县"),
    "add_person": _("新建账号"),
    "appoint": _("任命"),
    "end_role": _("结束职务"),
    "leave": _("离开"),
    "change_password": _("改密码"),
    "issue_password": _("发初始密码"),
    "enrol_code": _("绑定验证器"),
    "reset_code": _("重置验证器"),
    "sign_in_screen": _("登录教室电脑"),
    "cut_off_session": _("让自己的设备退出"),
    "cut_off_person": _("让人下线"),
    "replace_link": _("换二维码"),
    "print_slips": _("打印家庭码"),
    "replace_family_code": _("换家庭码"),
    "join_family": _("合并家庭码"),
    "split_family": _("分开家庭码"),
    "import_workbook": _("导入工作簿"),
    "promote": _("升级"),
    "undo_promotion": _("撤回升级"),
    "close_term": _("结束学期"),
    "reopen_term": _("重开学期"),
}
"""What each deed of this room is called in the trail. Other rooms add theirs in their apps.py."""

FACTS = {
    "count": _("数量"),
    "new": _("新增"),
    "ended": _("结束"),
    "left_out": _("未导入的行"),
    "school_year": _("学年"),
    "term": _("学期"),
    "subject": _("学科"),
    "last_day": _("最后一天"),
}
"""What the facts of a deed are called in the trail; others are kept but not shown."""
