from django.db import migrations

from qingfu.units.rls import append_only, referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_workreports"), ("units", "0002_tenancy")]

    operations = [
        referable("reports_workreport"),
        same_tenant("reports_workreport", "unit_id", "units_unit"),
        same_tenant("reports_workreport", "author_id", "units_person"),
        same_tenant("reports_workreport", "checker_id", "units_person"),
        same_tenant("reports_workreport", "signer_id", "units_person"),
        same_tenant("reports_leftout", "report_id", "reports_workreport"),
        same_tenant("reports_leftout", "person_id", "units_person"),
        same_tenant("reports_reportstep", "report_id", "reports_workreport"),
        same_tenant("reports_reportstep", "person_id", "units_person"),
        same_tenant("reports_spared", "unit_id", "units_unit"),
        same_tenant("reports_spared", "person_id", "units_person"),
        tenant_table("reports_workreport", app_may="SELECT, INSERT, UPDATE"),
        tenant_table("reports_leftout", app_may="SELECT, INSERT, UPDATE"),
        tenant_table("reports_reportstep", app_may="SELECT, INSERT"),
        append_only("reports_reportstep"),
        tenant_table("reports_spared", app_may="SELECT, INSERT, UPDATE"),
    ]
