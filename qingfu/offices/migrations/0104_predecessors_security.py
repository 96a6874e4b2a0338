from django.db import migrations

from qingfu.units.rls import append_only, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0103_predecessors")]

    operations = [
        same_tenant("offices_predecessor", "unit_id", "units_unit"),
        same_tenant("offices_predecessor", "before_id", "units_unit"),
        tenant_table("offices_predecessor", app_may="SELECT, INSERT"),
        append_only("offices_predecessor"),
    ]
