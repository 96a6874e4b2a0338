from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    """Tenant, session and roles of a page in one statement."""

    dependencies = [("units", "0011_day_of_leaving")]
    operations = [migrations.RunSQL((SQL / "enter.sql").read_text(), migrations.RunSQL.noop)]
