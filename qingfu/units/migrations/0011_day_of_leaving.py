from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    """Who has left may sign in to the end of her last day in Asia/Shanghai."""

    dependencies = [("units", "0010_figures_link")]
    operations = [migrations.RunSQL((SQL / "sign_in.sql").read_text(), migrations.RunSQL.noop)]
