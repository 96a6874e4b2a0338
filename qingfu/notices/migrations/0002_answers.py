from pathlib import Path

from django.db import migrations

from qingfu.units.rls import same_tenant, tenant_table

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("units", "0002_tenancy")]

    operations = [
        same_tenant("notices_familycount", "unit_id", "units_unit"),
        tenant_table("notices_familycount", app_may="SELECT"),
        migrations.RunSQL((SQL / "answers.sql").read_text(), migrations.RunSQL.noop),
    ]
