from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "qingfu.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "减负台账"
