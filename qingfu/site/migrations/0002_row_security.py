from django.db import migrations

from qingfu.units.rls import same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("site", "0001_usage"), ("units", "0003_sign_in_import_terms")]

    operations = [
        same_tenant("site_usage", "school_id", "units_unit"),
        tenant_table("site_usage"),
    ]
