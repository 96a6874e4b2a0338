import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offices", "0106_taps_security")]

    operations = [
        migrations.RemoveConstraint(model_name="channel", name="channel_once"),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.UniqueConstraint(
                fields=["tenant_id", "unit", "carrier", "name"], condition=models.Q(state="kept"), name="channel_once"
            ),
        ),
        migrations.AddField(
            model_name="tap",
            name="day",
            field=models.DateField(default=django.utils.timezone.localdate, help_text="it is swept some days later"),
        ),
        migrations.RunSQL("GRANT DELETE ON offices_tap TO qingfu_app", migrations.RunSQL.noop),
    ]
