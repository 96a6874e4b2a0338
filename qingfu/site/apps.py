from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "qingfu.site"
    label = "site"
    verbose_name = "轻负"
