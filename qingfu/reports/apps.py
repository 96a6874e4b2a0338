from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "composed_report": _("工作报告取数成稿"),
    "write_report": _("撰写工作报告"),
    "leave_out_problem": _("报告不写某个问题"),
    "put_back_problem": _("报告重新写某个问题"),
    "submitted_report": _("工作报告送审"),
    "returned_report": _("工作报告退回"),
    "checked_report": _("工作报告审核同意"),
    "signed_report": _("工作报告签发"),
    "spare_report": _("免报：给出数据链接"),
    "withdraw_figures": _("收回数据链接"),
}
"""What the deeds of this room are called in the audit trail."""


class ReportsConfig(AppConfig):
    name = "qingfu.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "报告"

    def ready(self) -> None:
        from qingfu.units import permissions

        permissions.DEEDS.update(DEEDS)
