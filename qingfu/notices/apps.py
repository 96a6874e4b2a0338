from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "qingfu.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "公示与反馈"
