from django.db import migrations

from qingfu.units.rls import append_only, referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("findings", "0001_initial"), ("units", "0002_tenancy")]

    operations = [
        referable("findings_finding"),
        same_tenant("findings_finding", "bearer_id", "units_unit"),
        same_tenant("findings_finding", "responsible_unit_id", "units_unit"),
        same_tenant("findings_finding", "responsible_id", "units_person"),
        same_tenant("findings_findingstep", "finding_id", "findings_finding"),
        tenant_table("findings_finding", app_may="SELECT, INSERT, UPDATE"),
        tenant_table("findings_findingstep", app_may="SELECT, INSERT"),
        append_only("findings_findingstep"),
    ]
