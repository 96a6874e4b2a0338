from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("homework", "0002_row_security"), ("ledger", "0002_functions"), ("units", "0004_trail_and_codes")]

    operations = [migrations.RunSQL((SQL / "desk.sql").read_text(), migrations.RunSQL.noop)]
