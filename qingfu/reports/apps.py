from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "qingfu.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "审读报告"
