from django.apps import AppConfig


class HomeworkConfig(AppConfig):
    name = "qingfu.homework"
    label = "homework"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "作业"
