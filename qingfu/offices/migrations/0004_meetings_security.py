from django.db import migrations

from qingfu.units.rls import referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0003_meetings")]

    operations = [
        referable("offices_plannedmeeting"),
        same_tenant("offices_plannedmeeting", "unit_id", "units_unit"),
        same_tenant("offices_meeting", "ask_id", "offices_ask"),
        same_tenant("offices_meeting", "plan_id", "offices_plannedmeeting"),
        tenant_table("offices_plannedmeeting"),
        tenant_table("offices_meeting"),
    ]
