from django.apps import AppConfig
from django.db.models.signals import post_migrate


class NoticesConfig(AppConfig):
    name = "qingfu.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "公示与反馈"

    def ready(self) -> None:
        post_migrate.connect(after_migrate, sender=self)


def after_migrate(using: str, **_) -> None:
    """Tell the database by which rule it counts what families answer."""
    if using == "owner":
        from qingfu.notices.actions import install_rule

        install_rule()
