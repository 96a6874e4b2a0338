from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offices", "0101_channels_security")]

    operations = [
        migrations.RemoveConstraint(model_name="handeddown", name="handed_down_once"),
        migrations.AddConstraint(
            model_name="handeddown",
            constraint=models.UniqueConstraint(
                fields=["tenant_id", "unit", "receiver", "item"], condition=models.Q(("ended_on", None)),
                name="handed_down_once",
            ),
        ),
    ]  # fmt: skip
