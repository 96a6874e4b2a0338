from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

SQL = Path(__file__).parent.parent / "sql"

FORMER_DOORS = """
DROP FUNCTION IF EXISTS ledger.waivers(bigint, bigint, text, date, date);
DROP FUNCTION IF EXISTS ledger.grant_waiver(bigint, text, date, date, int, bigint, text, text, timestamptz);
"""


def sql(name: str) -> migrations.RunSQL:
    return migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_baseline_versions")]

    operations = [
        migrations.AlterField(
            model_name="waiver",
            name="expires_at",
            field=models.DateTimeField(null=True, help_text="null where it names its attempt"),
        ),
        migrations.AddField(
            model_name="waiver",
            name="attempt_issuer_id",
            field=models.BigIntegerField(null=True, help_text="Person whose attempt it serves"),
        ),
        migrations.AddField(
            model_name="waiver",
            name="attempt_key",
            field=models.CharField(max_length=80, db_collation="C", blank=True, default=""),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=Q(expires_at=None, attempt_issuer_id__isnull=False, attempt_key__gt="")
                | Q(expires_at__isnull=False, attempt_issuer_id=None, attempt_key=""),
                name="waiver_ends_or_names_its_attempt",
            ),
        ),
        migrations.RunSQL(FORMER_DOORS, migrations.RunSQL.noop),
        sql("post.sql"),
        sql("verbs.sql"),
        sql("balance.sql"),
    ]
