from pathlib import Path

import django.db.models
from django.db import migrations

import qingfu.units.tenancy
from qingfu.units.rls import append_only, tenant_table

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("units", "0005_actor")]

    operations = [
        migrations.CreateModel(
            name="PublishedHead",
            fields=[
                ("id", django.db.models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID",
                )),
                ("tenant_id", django.db.models.BigIntegerField(
                    default=qingfu.units.tenancy.tenant_of_new_row, editable=False,
                )),
                ("day", django.db.models.DateField()),
                ("head", django.db.models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    django.db.models.UniqueConstraint(fields=("tenant_id", "day"), name="published_head_once"),
                ],
            },
        ),
        tenant_table("units_publishedhead", app_may="SELECT"),
        append_only("units_publishedhead"),
        migrations.RunSQL((SQL / "heads.sql").read_text(), migrations.RunSQL.noop),
    ]  # fmt: skip
