from django.db import migrations

from qingfu.units.rls import referable, same_tenant, tenant_table

SAME_TENANT = [
    ("homework_plan", "school_id", "units_unit"),
    ("homework_plan", "author_id", "units_person"),
    ("homework_planitem", "plan_id", "homework_plan"),
    ("homework_yieldrequest", "asker_id", "units_person"),
    ("homework_yieldrequest", "asked_id", "units_person"),
    ("homework_yieldrequest", "class_unit_id", "units_unit"),
    ("homework_material", "school_id", "units_unit"),
]


class Migration(migrations.Migration):
    dependencies = [("homework", "0001_initial"), ("units", "0002_tenancy")]

    operations = [
        referable("homework_plan"),
        *[same_tenant(*reference) for reference in SAME_TENANT],
        tenant_table("homework_plan"),
        tenant_table("homework_planitem"),
        tenant_table("homework_yieldrequest"),
        tenant_table("homework_material"),
    ]
