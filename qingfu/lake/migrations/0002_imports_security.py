from django.db import migrations

from qingfu.units.rls import referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("lake", "0001_imports")]

    operations = [
        referable("lake_import"),
        same_tenant("lake_import", "unit_id", "units_unit"),
        same_tenant("lake_importedrow", "of_id", "lake_import"),
        tenant_table("lake_import"),
        tenant_table("lake_importedrow"),
    ]
