from django.db import migrations

from qingfu.units.rls import append_only, referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0007_forms")]

    operations = [
        referable("offices_dataform"),
        same_tenant("offices_dataform", "unit_id", "units_unit"),
        same_tenant("offices_dataform", "asker_id", "units_person"),
        same_tenant("offices_dataform", "ask_id", "offices_ask"),
        tenant_table("offices_dataform", "SELECT, INSERT"),
        referable("offices_datafield"),
        same_tenant("offices_datafield", "form_id", "offices_dataform"),
        tenant_table("offices_datafield", "SELECT, INSERT"),
        same_tenant("offices_figure", "unit_id", "units_unit"),
        same_tenant("offices_figure", "field_id", "offices_datafield"),
        same_tenant("offices_figure", "giver_id", "units_person"),
        tenant_table("offices_figure", "SELECT, INSERT"),
        append_only("offices_figure"),
    ]
