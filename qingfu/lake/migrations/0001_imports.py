import django.db.models.deletion
from django.db import migrations, models

import qingfu.units.tenancy


class Migration(migrations.Migration):
    initial = True

    dependencies = [("units", "0009_enterprises")]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant_id", models.BigIntegerField(default=qingfu.units.tenancy.tenant_of_new_row, editable=False)),
                ("person_id", models.BigIntegerField(null=True)),
                ("name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField(null=True)),
                ("mapping", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待确认"), ("taking", "正在导入"), ("done", "已导入"),
                            ("withdrawing", "正在撤回"), ("withdrawn", "已撤回"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("rows", models.IntegerField(default=0)),
                ("taken", models.IntegerField(default=0)),
                ("added", models.IntegerField(default=0)),
                ("known", models.IntegerField(default=0)),
                ("left_out", models.IntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant_id", models.BigIntegerField(default=qingfu.units.tenancy.tenant_of_new_row, editable=False)),
                ("key", models.CharField(max_length=32)),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imported", to="lake.import"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["tenant_id", "unit", "-made_at"], name="import_unit"),
        ),
        migrations.AddConstraint(
            model_name="importedrow",
            constraint=models.UniqueConstraint(fields=("tenant_id", "key"), name="imported_row_once"),
        ),
    ]  # fmt: skip
