from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "qingfu.site"
    label = "site"
    verbose_name = "轻负"

    def ready(self) -> None:
        from qingfu.findings.records import register
        from qingfu.site.home import records

        register("demand", records.demands)
        register("window", records.windows)
        register("calendar_change", records.calendar_changes)
