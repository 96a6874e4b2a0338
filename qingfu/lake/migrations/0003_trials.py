import django.db.models.deletion
from django.db import migrations, models

import qingfu.units.tenancy


class Migration(migrations.Migration):
    dependencies = [("lake", "0002_imports_security")]

    operations = [
        migrations.CreateModel(
            name="Trial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant_id", models.BigIntegerField(default=qingfu.units.tenancy.tenant_of_new_row, editable=False)),
                ("person_id", models.BigIntegerField(null=True)),
                ("limit_id", models.CharField(max_length=120)),
                ("number", models.IntegerField()),
                ("grades", models.JSONField(default=list)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("title", models.CharField(max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等着算"), ("running", "正在算"), ("done", "算好了"), ("failed", "没有算成"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("result", models.JSONField(null=True)),
                ("chart", models.TextField(blank=True)),
                ("digest", models.CharField(blank=True, max_length=200)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="trial", index=models.Index(fields=["tenant_id", "unit", "-made_at"], name="trial_unit")
        ),
    ]  # fmt: skip
