from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("homework", "0003_desk"), ("ledger", "0003_balance")]

    operations = [migrations.RunSQL((SQL / "desk.sql").read_text(), migrations.RunSQL.noop)]
