from django.db import migrations

from qingfu.units.rls import referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0005_documents")]

    operations = [
        referable("offices_project"),
        same_tenant("offices_project", "unit_id", "units_unit"),
        same_tenant("offices_project", "author_id", "units_person"),
        same_tenant("offices_project", "decider_id", "units_person"),
        same_tenant("offices_project", "merged_into_id", "offices_project"),
        same_tenant("offices_project", "ask_id", "offices_ask"),
        tenant_table("offices_project"),
        same_tenant("offices_draftcheck", "project_id", "offices_project"),
        same_tenant("offices_draftcheck", "checker_id", "units_person"),
        tenant_table("offices_draftcheck"),
        referable("offices_receipt"),
        same_tenant("offices_receipt", "unit_id", "units_unit"),
        same_tenant("offices_receipt", "ask_id", "offices_ask"),
        tenant_table("offices_receipt"),
        same_tenant("offices_reader", "receipt_id", "offices_receipt"),
        same_tenant("offices_reader", "person_id", "units_person"),
        tenant_table("offices_reader"),
    ]
