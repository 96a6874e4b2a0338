from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("units", "0004_trail_and_codes")]

    operations = [migrations.RunSQL((SQL / "actor.sql").read_text(), migrations.RunSQL.noop)]
