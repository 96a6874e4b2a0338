from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

DEEDS = {
    "post": _("公示"),
    "record": _("登记"),
    "hold": _("预留"),
    "release": _("放开预留"),
    "withdraw": _("撤回或更正"),
    "move": _("随校历调整"),
    "change_calendar": _("改校历"),
    "publish_pack": _("发布规定"),
    "grant_waiver": _("报批"),
    "revoke_waiver": _("撤销报批"),
    "freeze_baseline": _("冻结基数"),
    "change_baseline": _("改基数（新版本）"),
}
"""What the deeds of this room are called in the audit trail."""


class LedgerConfig(AppConfig):
    name = "qingfu.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "减负台账"

    def ready(self) -> None:
        from qingfu.units import permissions

        permissions.DEEDS.update(DEEDS)
