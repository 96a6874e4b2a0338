from django.db import migrations

from qingfu.units.rls import referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0009_inspections")]

    operations = [
        referable("offices_listed"),
        referable("offices_visit"),
        same_tenant("offices_listed", "unit_id", "units_unit"),
        same_tenant("offices_listed", "proposer_id", "units_person"),
        same_tenant("offices_listed", "filer_id", "units_person"),
        same_tenant("offices_visit", "listed_id", "offices_listed"),
        same_tenant("offices_visit", "place_id", "units_unit"),
        same_tenant("offices_visit", "ask_id", "offices_ask"),
        same_tenant("offices_sealedvisit", "listed_id", "offices_listed"),
        same_tenant("offices_sealedvisit", "visit_id", "offices_visit"),
        same_tenant("offices_mergedplan", "maker_id", "units_person"),
        same_tenant("offices_checklisttally", "listed_id", "offices_listed"),
        tenant_table("offices_listed"),
        tenant_table("offices_visit"),
        tenant_table("offices_sealedvisit"),
        tenant_table("offices_quietdays"),
        tenant_table("offices_mergedplan"),
        tenant_table("offices_checklisttally"),
    ]
