from pathlib import Path

from django.db import migrations

from qingfu.units.rls import append_only, same_tenant, tenant_table

SQL = Path(__file__).parent.parent / "sql"

TABLES = (
    "head", "pack", "calendarchange", "attempt", "demand", "budget", "entry", "hold", "holdentry", "waiver",
    "baseline", "outbox", "refusal",
)


def sql(name: str) -> migrations.RunSQL:
    return migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)


def inside_doors(table: str) -> migrations.RunSQL:
    """The tenant that ledger.enter() verified, for the owner's functions; the signed token for everybody else."""
    condition = "tenant_id = (SELECT current_setting('ledger.tenant')::bigint)"
    return migrations.RunSQL(
        f"""
        ALTER POLICY tenant ON {table} TO qingfu_app, qingfu_backup;
        CREATE POLICY door ON {table} TO qingfu_owner USING ({condition}) WITH CHECK ({condition});
        """,
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("units", "0002_tenancy"), ("findings", "0002_security")]

    operations = [
        same_tenant("ledger_pack", "unit_id", "units_unit"),
        same_tenant("ledger_calendarchange", "unit_id", "units_unit"),
        same_tenant("ledger_waiver", "bearer_id", "units_unit"),
        same_tenant("ledger_baseline", "bearer_id", "units_unit"),
        sql("tables.sql"),
        *[tenant_table(f"ledger_{table}", app_may="SELECT") for table in TABLES],
        *[inside_doors(f"ledger_{table}") for table in TABLES],
        *[append_only(f"ledger_{table}") for table in ("entry", "pack", "calendarchange")],
        sql("post.sql"),
        sql("verbs.sql"),
    ]
