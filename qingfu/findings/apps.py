from django.apps import AppConfig


class FindingsConfig(AppConfig):
    name = "qingfu.findings"
    label = "findings"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "问题与整改"
