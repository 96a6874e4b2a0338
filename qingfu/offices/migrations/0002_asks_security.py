from django.db import migrations

from qingfu.units.rls import referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0001_asks"), ("units", "0007_office_roles")]

    operations = [
        referable("offices_ask"),
        same_tenant("offices_ask", "unit_id", "units_unit"),
        same_tenant("offices_ask", "asker_id", "units_person"),
        same_tenant("offices_ask", "reviewer_id", "units_person"),
        same_tenant("offices_ask", "origin_id", "offices_ask"),
        tenant_table("offices_ask"),
    ]
