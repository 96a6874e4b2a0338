from django.db import migrations

from qingfu.units.rls import same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("lake", "0003_trials")]

    operations = [same_tenant("lake_trial", "unit_id", "units_unit"), tenant_table("lake_trial")]
