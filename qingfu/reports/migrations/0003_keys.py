from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_security")]

    operations = [
        migrations.AddField(
            "workreport", "key",
            models.CharField(
                blank=True, default="", help_text="of the form that asked for it: a double post is one", max_length=32
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "spared", "key",
            models.CharField(blank=True, default="", help_text="as WorkReport.key", max_length=32),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "workreport",
            models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True), fields=("tenant_id", "author", "key"),
                name="work_report_once",
            ),
        ),
        migrations.AddConstraint(
            "spared",
            models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True), fields=("tenant_id", "person", "key"),
                name="spared_once",
            ),
        ),
    ]
