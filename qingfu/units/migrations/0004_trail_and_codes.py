from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("units", "0003_sign_in_import_terms")]

    operations = [
        migrations.AddField(
            model_name="token",
            name="code_given",
            field=models.BooleanField(default=False, help_text="whether a one-time code was given for it"),
        ),
        migrations.RunSQL((SQL / "trail.sql").read_text(), migrations.RunSQL.noop),
    ]
