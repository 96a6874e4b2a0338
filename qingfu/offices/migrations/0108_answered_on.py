from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offices", "0107_channel_names_taps")]

    operations = [
        migrations.AddField(
            model_name="complaint",
            name="answered_on",
            field=models.DateField(
                blank=True, help_text="of the first answer; in time in the month of release", null=True
            ),
        ),
    ]
