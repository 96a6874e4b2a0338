"""Migration operations that put a table under row-level security. Every tenant table goes through here."""

from __future__ import annotations

from django.db import migrations

APP_ROLE = "qingfu_app"
OWNER_ROLE = "qingfu_owner"
BACKUP_ROLE = "qingfu_backup"


def tenant_table(table: str, app_may: str = "SELECT, INSERT, UPDATE, DELETE") -> migrations.RunSQL:
    """Security for ``table``: forced on its owner too, rows of the current tenant only, ``app_may`` for the app.

    Functions that must find a row before the tenant is known get a policy of their own (see ``owner_may_read``).
    """
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ALTER COLUMN tenant_id SET DEFAULT tenancy.current();
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON {table}
            USING (tenant_id = (SELECT tenancy.current()))
            WITH CHECK (tenant_id = (SELECT tenancy.current()));
        GRANT {app_may} ON {table} TO {APP_ROLE};
        GRANT SELECT ON {table} TO {BACKUP_ROLE};
        """,
        migrations.RunSQL.noop,
    )


def owner_may_read(table: str) -> migrations.RunSQL:
    """Let functions of the owner (resolve, authenticate) read ``table`` before a tenant is known."""
    return migrations.RunSQL(
        f"CREATE POLICY lookup ON {table} FOR SELECT TO {OWNER_ROLE} USING (true)",
        migrations.RunSQL.noop,
    )


def public_register(table: str, app_may: str = "SELECT, INSERT, UPDATE") -> migrations.RunSQL:
    """Grants for a table that is no tenant's."""
    return migrations.RunSQL(
        f"GRANT {app_may} ON {table} TO {APP_ROLE}; GRANT SELECT ON {table} TO {BACKUP_ROLE};",
        migrations.RunSQL.noop,
    )


def append_only(table: str) -> migrations.RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE of ``table`` for every role, its owner included."""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION tenancy.refuse_change();
        """,
        migrations.RunSQL.noop,
    )


def same_tenant(table: str, column: str, target: str) -> migrations.RunSQL:
    """Make ``table.column`` point into ``target`` within its own tenant: no reference crosses a county.

    Comes before ``tenant_table(table)``. NOT VALID since the owner, under row security herself, could not check
    rows that the new table has not got anyway; every row written later is checked.
    """
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_tenant
            FOREIGN KEY (tenant_id, {column}) REFERENCES {target} (tenant_id, id)
            DEFERRABLE INITIALLY DEFERRED NOT VALID;
        """,
        migrations.RunSQL.noop,
    )


def referable(table: str) -> migrations.RunSQL:
    """Let ``same_tenant`` constraints point at ``table``."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_tenant_key UNIQUE (tenant_id, id);",
        migrations.RunSQL.noop,
    )
