from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "open_finding": _("登记问题"),
    "assigned_finding": _("交办问题"),
    "rectified_finding": _("整改"),
    "kept_finding": _("回头看：已做到"),
    "again_finding": _("回头看：又出现"),
    "climbed_finding": _("到期转上一级"),
    "closed_finding": _("销号"),
}
"""What the deeds of this room are called in the audit trail."""


class FindingsConfig(AppConfig):
    name = "qingfu.findings"
    label = "findings"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "问题与整改"

    def ready(self) -> None:
        from qingfu.units import permissions

        permissions.DEEDS.update(DEEDS)
