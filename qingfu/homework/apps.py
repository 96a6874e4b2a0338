from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "file_plan": _("备案周计划"),
    "approve_plan": _("批准周计划"),
    "return_plan": _("退回周计划"),
    "switch_plan_approval": _("改周计划要不要审批"),
    "confirm_plan_item": _("确认计划里的一项"),
    "drop_plan_item": _("计划里的一项不布置了"),
    "list_material": _("登记教辅"),
    "unlist_material": _("取消教辅"),
    "ask_colleague": _("请同事让时间"),
    "yield_accepted": _("同意让时间"),
    "yield_declined": _("没有同意让时间"),
    "yield_withdrawn": _("收回让时间的请求"),
}
"""What the deeds of this room are called in the audit trail."""


class HomeworkConfig(AppConfig):
    name = "qingfu.homework"
    label = "homework"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "作业"

    def ready(self) -> None:
        from qingfu.units import permissions

        permissions.DEEDS.update(DEEDS)
