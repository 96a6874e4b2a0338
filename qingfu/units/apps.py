from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class UnitsConfig(AppConfig):
    name = "qingfu.units"
    label = "units"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "单位与人员"

    def ready(self) -> None:
        post_migrate.connect(after_migrate, sender=self)


def after_migrate(using: str, **_) -> None:
    """What migrations leave to do on the owner's connection: the signing key, the job queue's grants, and what the
    backup role may read."""
    if using != "owner":
        return
    from qingfu.server.backup import grant_reading
    from qingfu.units.actions import install_signing_key

    install_signing_key()
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO qingfu_app', tablename) FROM pg_tables "
            "WHERE schemaname = 'public' AND (tablename LIKE 'procrastinate%' OR tablename = 'django_migrations')"
        )
        for (grant,) in cursor.fetchall():
            cursor.execute(grant)
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO qingfu_app")
    grant_reading(connections[using].connection)
