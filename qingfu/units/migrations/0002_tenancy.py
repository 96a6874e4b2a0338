from pathlib import Path

from django.db import migrations

from qingfu.units.rls import append_only, owner_may_read, referable, same_tenant, tenant_table

SQL = Path(__file__).parent.parent / "sql"

SAME_TENANT = [
    ("units_person", "unit_id", "units_unit"),
    ("units_membership", "person_id", "units_person"),
    ("units_membership", "unit_id", "units_unit"),
    ("units_group", "school_id", "units_unit"),
    ("units_groupclass", "group_id", "units_group"),
    ("units_groupclass", "unit_id", "units_unit"),
    ("units_seat", "unit_id", "units_unit"),
    ("units_seat", "family_id", "units_family"),
]


class Migration(migrations.Migration):
    dependencies = [("units", "0001_initial")]

    operations = [
        migrations.RunSQL((SQL / "tenancy.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO qingfu_app"),
        referable("units_unit"),
        referable("units_person"),
        referable("units_group"),
        referable("units_family"),
        *[same_tenant(*reference) for reference in SAME_TENANT],
        tenant_table("units_unit"),
        tenant_table("units_person"),
        tenant_table("units_membership"),
        tenant_table("units_group"),
        tenant_table("units_groupclass"),
        tenant_table("units_family"),
        tenant_table("units_seat"),
        tenant_table("units_token"),
        tenant_table("units_auditrecord", app_may="SELECT, INSERT"),
        tenant_table("units_auditseal", app_may="SELECT, INSERT"),
        append_only("units_auditrecord"),
        append_only("units_auditseal"),
        owner_may_read("units_unit"),
        owner_may_read("units_person"),
        owner_may_read("units_token"),
        migrations.RunSQL((SQL / "sign_in.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "lookups.sql").read_text(), migrations.RunSQL.noop),
    ]
