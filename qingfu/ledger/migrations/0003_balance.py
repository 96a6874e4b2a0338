from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_functions")]

    operations = [
        migrations.AddIndex(
            model_name="demand",
            index=models.Index(fields=["bearer_id"], name="demand_asked", condition=models.Q(state="asked")),
        ),
        migrations.RunSQL((SQL / "post.sql").read_text(), migrations.RunSQL.noop),  # a cheaper require_reckoned
        migrations.RunSQL((SQL / "balance.sql").read_text(), migrations.RunSQL.noop),
    ]
