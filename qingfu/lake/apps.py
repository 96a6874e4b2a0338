from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "export_lake": _("导出记录"),
    "upload_register": _("上传往年台账"),
    "import_records": _("导入往年台账"),
    "withdraw_import": _("撤回一批导入"),
    "ask_trial": _("先看影响"),
}
"""What the deeds of this room are called in the audit trail."""


class LakeConfig(AppConfig):
    name = "qingfu.lake"
    label = "lake"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "记录湖"

    def ready(self) -> None:
        from qingfu.units import permissions

        permissions.DEEDS.update(DEEDS)
