from django.db import migrations

from qingfu.units.rls import referable, same_tenant, tenant_table


class Migration(migrations.Migration):
    dependencies = [("offices", "0011_below")]

    operations = [
        referable("offices_phonesample"),
        same_tenant("offices_complaint", "issuer_id", "units_unit"),
        same_tenant("offices_phonecall", "sample_id", "offices_phonesample"),
        same_tenant("offices_phonecall", "unit_id", "units_unit"),
        tenant_table("offices_complaint"),
        tenant_table("offices_phonesample"),
        tenant_table("offices_phonecall"),
    ]
