from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    """Statistics of the planner after a large import."""

    dependencies = [("units", "0012_enter")]
    operations = [migrations.RunSQL((SQL / "statistics.sql").read_text(), migrations.RunSQL.noop)]
